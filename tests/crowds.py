"""Catalogues of thousands of photos that were never photos: random embeddings, in a moment."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from venuefinder.bootstrap import Services
from venuefinder.records import IndexKind, StoredSpace

VENUES = "INSERT INTO venues (external_id, name) SELECT %s || n, 'V' FROM generate_series(1, %s) n RETURNING id"
PHOTOS = """
INSERT INTO photos (venue_id, position, uri, location, content_hash, file_bytes, width, height, format)
SELECT id, p, p::text, '/x', sha256(id::text::bytea), 1, 1, 1, 'JPEG'
FROM unnest(%s::bigint[]) id, generate_series(1, %s) p RETURNING id, venue_id
"""
EMBEDDINGS = "COPY photo_embeddings (space_id, photo_id, view, venue_id, embedding) FROM STDIN"
TOLD = "COPY description_embeddings (space_id, venue_id, chunk, content, embedding) FROM STDIN"


def vectors(
    count: int, dimension: int = 16, *, seed: int = 0, offset: float = 0.0, spread: float = 0.5
) -> NDArray[np.float32]:
    """Return unit vectors in clusters, `float32 [N, D]`.

    offset: how far they lean to one side, as CLIP's do. spread: how far they lie from the middle of their cluster;
    from about 5 on there are no clusters, and no two vectors of one picture.
    """
    random = np.random.default_rng(seed)
    centres = random.normal(size=(max(count // 50, 1), dimension))
    middles = centres[random.integers(len(centres), size=count)]
    found = middles + spread * random.normal(size=(count, dimension)) + offset
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def add_venues(
    services: Services,
    venues: int,
    *,
    photos: int = 8,
    seed: int = 0,
    offset: float = 0.0,
    spread: float = 0.5,
    described: bool = False,
) -> StoredSpace:
    """Store venues with so many photos each, embedded in the space of the services' encoder, which is returned.

    Photos have as many views as the encoder gives. described: with the embedding of a description each.
    """
    space = services.catalogue.space
    views = space.space.facts.views
    dimension = space.space.dimension
    embeddings = vectors(venues * photos * views, dimension, seed=seed, offset=offset, spread=spread)
    embeddings = embeddings.reshape(-1, views, dimension)
    told = vectors(venues if described else 0, dimension, seed=seed + 1, offset=offset, spread=spread)
    with services.database.begin() as connection:
        driver: Any = connection.connection.driver_connection
        ids = [row[0] for row in driver.execute(VENUES, [f"crowd-{seed}-", venues])]
        rows = driver.execute(PHOTOS, [ids, photos]).fetchall()
        with driver.cursor() as cursor, cursor.copy(EMBEDDINGS) as copy:
            for (photo_id, venue_id), seen in zip(rows, embeddings, strict=True):
                for view, embedding in enumerate(seen):
                    copy.write_row((space.id, photo_id, view, venue_id, str(embedding.tolist())))
        with driver.cursor() as cursor, cursor.copy(TOLD) as copy:
            for venue_id, embedding in zip(ids, told, strict=False):
                copy.write_row((space.id, venue_id, 0, "Told.", str(embedding.tolist())))
        driver.execute("SELECT pg_stat_force_next_flush()")  # else statistics learn of the rows a second later
    return space


def with_index(services: Services, kind: IndexKind) -> Services:
    """Return services over the same catalogue that search it by another index."""
    settings = services.settings.model_copy(update={"index": kind})
    return Services(settings, encoder=services.encoder, database=services.database)
