"""Search latency, text encoding apart, against the bare nearest-neighbour statement in the same run.

Fills an embedded Postgres with venues of 8 photos each, as clustered unit vectors of 512 dimensions (CLIP's geometry:
photos of a venue lie together), and half of them with a description. The ratio is the whole search, page loaded, over
the bare pgvector statement that reads the same number of photo rows.

    python -m benchmarks.search_latency [--photos 10000] [--queries 300]
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlalchemy import text

from venuefinder.bootstrap import Services
from venuefinder.domain import Capacity, EmbeddingSpace, ModelFacts, Price, Venue
from venuefinder.protocols import Embeddings
from venuefinder.records import Chunk, PhotoContent, PhotoDraft, PhotoFile, VenueDraft
from venuefinder.request import SearchRequest, VenueFilter
from venuefinder.settings import Settings
from venuefinder.store.nearest import LEAST_CANDIDATES, ROWS_PER_CANDIDATE
from venuefinder.store.schema import upgrade
from venuefinder.testing import FakeEncoder

DIMENSION = 512
PHOTOS_PER_VENUE = 8
CITIES = ("Bath", "Bristol", "London", "Leeds", "York", "Ghent", "Lyon", "Porto", "Turin", "Graz")
FILTERS = {
    "none": {},
    "city, 10 %": {"city": "Bath"},
    "guests, 50 %": {"guests": 150},
    "price and guests": {"guests": 100, "price": {"max": 4000}},
    "kind, 1 %": {"kind": "kind 7"},
}


class VectorEncoder(FakeEncoder):
    """Texts as random unit vectors of CLIP's dimension; no model, so that only the search is timed."""

    def __init__(self) -> None:
        super().__init__()
        facts = ModelFacts(image_size=224, resize_mode="shortest")
        self.space = EmbeddingSpace(encoder="vectors", weights="0" * 64, dimension=DIMENSION, facts=facts)

    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        """Return a direction of its own for every text: `float32 [N, 512]`."""
        seeds = [abs(hash(text)) % 2**32 for text in texts]
        return unit(np.stack([np.random.default_rng(seed).normal(size=DIMENSION) for seed in seeds]))


def unit(vectors: NDArray[Any]) -> Embeddings:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=300)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        settings = Settings(data_dir=Path(data), database_url=None)
        with Services(settings, encoder=VectorEncoder()) as services:
            upgrade(services.unchecked_database)
            fill(services, arguments.photos // PHOTOS_PER_VENUE)
            show(services, arguments.photos, [f"query {number}" for number in range(arguments.queries)])


def fill(services: Services, venues: int) -> None:
    random = np.random.default_rng(1)
    space = services.catalogue.space
    clusters = unit(random.normal(size=(100, DIMENSION)))
    for start in track(range(0, venues, 100), "filling", console=Console(stderr=True)):
        drafts = [draft(number, random, clusters) for number in range(start, min(start + 100, venues))]
        services.venues.write(drafts, space)
    with services.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def draft(number: int, random: np.random.Generator, clusters: Embeddings) -> VenueDraft:
    centre = clusters[number % len(clusters)] + 0.03 * random.normal(size=DIMENSION)
    vectors = unit(centre + 0.03 * random.normal(size=(PHOTOS_PER_VENUE, DIMENSION)))
    venue = Venue(
        external_id=f"venue-{number}",
        name=f"Venue {number}",
        description="A place with a stage. " * 10,
        kind=f"kind {number % 100}",
        city=CITIES[number % 10],
        capacity=Capacity(seated=int(random.integers(10, 300))),
        price=Price(amount=Decimal(int(random.integers(500, 9000))), currency="GBP"),
        amenities=("parking", "bar"),
    )
    photos = tuple(photo(position, vector) for position, vector in enumerate(vectors))
    chunks = (Chunk(content="told", embedding=unit(centre)),) if number % 2 else ()
    return VenueDraft(venue=venue, source=None, photos=photos, chunks=chunks)


def photo(position: int, vector: NDArray[np.float32]) -> PhotoDraft:
    content = PhotoContent(content_hash=position.to_bytes(32, "big"), width=800, height=600, format="JPEG")
    file = PhotoFile(location=f"/photos/{position}.jpg", size=1, mtime_ns=1)
    return PhotoDraft(uri=f"{position}.jpg", file=file, position=position, content=content, embeddings=vector[None])


def timed(action: Callable[[str], object], queries: Sequence[str]) -> NDArray[np.float64]:
    seconds = []
    for query in queries:
        started = time.perf_counter()
        action(query)
        seconds.append(time.perf_counter() - started)
    return 1000 * np.array(seconds)


def show(services: Services, photos: int, queries: Sequence[str]) -> None:
    search, vectors = services.search, dict(zip(queries, services.encoder.encode_texts(queries), strict=True))
    for query in queries:
        search.answer(SearchRequest(query=query))
    rows = LEAST_CANDIDATES * ROWS_PER_CANDIDATE
    bare = timed(lambda query: knn(services, vectors[query], rows), queries)
    title = f"{photos:,} photos x {DIMENSION}; bare statement for {rows} rows: p50 {np.median(bare):.2f} ms"
    table = Table(title=title)
    for name in ("filter", "p50, ms", "p95, ms", "p50 over the bare statement"):
        table.add_column(name, justify="right")
    for name, filters in FILTERS.items():
        where = VenueFilter.model_validate(filters)
        taken = timed(lambda query, where=where: search.answer(SearchRequest(query=query, filters=where)), queries)
        p50, p95 = np.percentile(taken, [50, 95])
        table.add_row(name, f"{p50:.2f}", f"{p95:.2f}", f"{p50 / np.median(bare):.2f}")
    Console().print(table)


def knn(services: Services, vector: NDArray[np.float32], rows: int) -> None:
    statement = (
        f"SELECT photo_id, venue_id FROM photo_embeddings WHERE space_id = %s "  # noqa: S608 - a number of ours
        f"ORDER BY (embedding::halfvec({DIMENSION})) <#> %s LIMIT %s"
    )
    with services.database.connect() as connection:
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor:
            cursor.execute(f"SET LOCAL hnsw.ef_search = {rows}")
            cursor.execute(statement, (services.catalogue.space.id, HalfVector(vector), rows)).fetchall()


if __name__ == "__main__":
    main()
