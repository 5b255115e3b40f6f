"""Loading with the index in place against building it afterwards, in one run.

Two spaces of one embedded database get the same CLIP-like embeddings by the same COPY, some hundred photos a
transaction, as ingestion does it: one has its HNSW index from the start, the other gets it at the end, as a large load
into a small space does (ingest/bulk.py).

    python -m benchmarks.bulk_index [--photos 20000]
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.clip_like import DIMENSION, PHOTOS_PER_VENUE, ClipLike
from venuefinder.bootstrap import Services
from venuefinder.protocols import Embeddings
from venuefinder.records import StoredSpace
from venuefinder.settings import Settings
from venuefinder.store.copying import copy_photos
from venuefinder.store.schema import upgrade
from venuefinder.testing import FakeEncoder

GROUP = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=20_000)
    photos = parser.parse_args().photos
    vectors = vectors_of(photos)
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(data_dir=Path(scratch), database_url=None)
        with Services(settings, encoder=FakeEncoder()) as services:
            upgrade(services.unchecked_database)
            beside = load(services, space_of(services, "beside", indexed=True), vectors)
            later = space_of(services, "after", indexed=False)
            bare = load(services, later, vectors)
            started = time.perf_counter()
            services.indexes.build(later, "hnsw")
            show(photos, beside, bare, time.perf_counter() - started)


def vectors_of(photos: int) -> Embeddings:
    """Return `float32 [photos, D]`."""
    blocks = ClipLike().blocks(-(-photos // PHOTOS_PER_VENUE))
    return np.concatenate([block.photos.reshape(-1, DIMENSION) for block in blocks])[:photos].astype(np.float32)


def space_of(services: Services, weights: str, *, indexed: bool) -> StoredSpace:
    space = replace(FakeEncoder(weights=weights).space, dimension=DIMENSION)
    return services.spaces.ensure(space, indexed=indexed)


def load(services: Services, space: StoredSpace, vectors: Embeddings) -> float:
    started = time.perf_counter()
    for start in range(0, len(vectors), GROUP):
        with services.database.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # photos need not be there
            group = enumerate(vectors[start : start + GROUP], start=start + 1)
            copy_photos(connection, space.id, [(number, number, vector[None]) for number, vector in group])
    return time.perf_counter() - started


def show(photos: int, beside: float, bare: float, build: float) -> None:
    table = Table(title=f"{photos:,} photos of {DIMENSION} values; seconds")
    for name in ("index kept up", "no index", "built after", "together", "kept up / together"):
        table.add_column(name, justify="right")
    after = bare + build
    table.add_row(*(f"{seconds:.1f}" for seconds in (beside, bare, build, after)), f"{beside / after:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
