"""What updates and deletions do to an index: a tenth of the venues goes, a tenth gets other photos."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.catalogues import VectorEncoder
from benchmarks.clip_like import DIMENSION, PHOTOS_PER_VENUE, VENUES_PER_BLOCK, Block, ClipLike
from benchmarks.exact_answers import Exact, best_of
from benchmarks.filling import copy_rows, fill, packed
from benchmarks.search_legs import PhotoLeg
from venuefinder.bootstrap import Services
from venuefinder.records import StoredSpace
from venuefinder.settings import Settings

OF_TEN, GONE, CHANGED = 10, 3, 7
"""Of ten venues in a row, the fourth goes and the eighth gets other photos."""
ANOTHER = 10_000_000
"""Venues so far on are none of the catalogue's: where other photos come from."""
REPLACE = """
UPDATE photo_embeddings_{space} e SET embedding = n.embedding FROM new_photos n
WHERE e.photo_id = n.photo_id AND e.view = 0
"""


def measure(world: ClipLike, photos: int, texts: Sequence[str]) -> dict[str, Any]:
    """Fill a database, change it, and return the recall and the sizes at each step."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), database_url=None)
        with Services(settings, encoder=VectorEncoder(world)) as services:
            fill(services, world, photos)
            return _steps(services, world, photos, texts)


def _steps(services: Services, world: ClipLike, photos: int, texts: Sequence[str]) -> dict[str, Any]:
    queries = np.stack([query.vector for query in services.queries.encode_all(texts)])
    numbers = np.arange(photos // PHOTOS_PER_VENUE)
    gone, changed = numbers % OF_TEN == GONE, numbers % OF_TEN == CHANGED
    blocks = list(world.blocks(len(numbers)))
    before = Exact(np.concatenate([best_of(queries, block) for block in blocks], axis=1))
    after = Exact(np.concatenate([best_of(queries, _changed(world, block)) for block in blocks], axis=1))
    space = services.catalogue.space
    services.indexing.bring(space, print_nothing)
    space = services.spaces.require(space.space)
    steps = {"before": _look(services, space, before, texts, np.ones(len(numbers), dtype=bool))}
    services.venues.remove([f"venue-{number}" for number in numbers[gone]])
    for block in blocks:
        _replace(services, _changed(world, block), space.id)
    steps["after"] = _look(services, space, after, texts, ~gone)
    services.indexes.vacuum(space)
    steps["vacuumed"] = _look(services, space, after, texts, ~gone)
    services.indexes.reindex(space, "hnsw")
    steps["reindexed"] = _look(services, space, after, texts, ~gone)
    changes = {"deleted": round(float(gone.mean()), 3), "updated": round(float(changed.mean()), 3)}
    return {"photos": photos, "shares": changes, "steps": steps}


def print_nothing(_: str) -> None:
    """Take what is being done, for those who want to hear it."""


def _changed(world: ClipLike, block: Block) -> Block:
    """Return the block as it is after the updates."""
    other = world.block(ANOTHER + block.first).photos[: len(block.styles)]
    chosen = (block.venues % OF_TEN == CHANGED)[:, None, None]
    return replace(block, photos=np.where(chosen, other, block.photos))


def _replace(services: Services, block: Block, space_id: int) -> None:
    """Write the embeddings of the block's changed venues over those stored."""
    chosen = block.venues % OF_TEN == CHANGED
    ids = (block.venues[chosen][:, None] * PHOTOS_PER_VENUE + np.arange(1, PHOTOS_PER_VENUE + 1)).reshape(-1)
    with services.database.begin() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("CREATE TEMP TABLE new_photos (photo_id bigint, embedding halfvec) ON COMMIT DROP")
        rows = packed(photo_id=ids, vectors=block.photos[chosen].reshape(-1, DIMENSION))
        with driver.cursor() as cursor:
            copy_rows(cursor, "new_photos (photo_id, embedding)", rows)
        driver.execute(REPLACE.format(space=space_id))


def _look(
    services: Services, space: StoredSpace, right: Exact, texts: Sequence[str], there: NDArray[np.bool_]
) -> dict[str, Any]:
    leg = PhotoLeg(services, space, {})
    facts = services.indexes.facts(space, "hnsw")
    recall = right.recall([leg(text) for text in texts], there)
    return {"recall": round(recall, 4), "index_bytes": facts.index_bytes, "dead_rows": facts.dead}


assert ANOTHER % VENUES_PER_BLOCK == 0  # noqa: S101 - blocks begin at multiples
