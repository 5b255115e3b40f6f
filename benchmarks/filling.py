"""Fill a database with a catalogue of any size.

Rows go in by binary COPY, past the checks of foreign keys, into leaves without their HNSW indexes, which are built
afterwards from the same definitions: a million photos in minutes. So the server must be ours to command: the embedded
one. A data folder that holds a catalogue of the size asked for is used as it is.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from benchmarks.catalogues import CITIES, descriptions, fields_of, has_description
from benchmarks.clip_like import DIMENSION, PHOTOS_PER_VENUE, Block, ClipLike
from venuefinder.bootstrap import Services
from venuefinder.store.schema import upgrade

FORMAT = 3
"""Of what fills a folder; another number there and it must be filled anew."""
FACTS = "filled.json"
MAINTENANCE_MEMORY = "3GB"
"""A million half vectors of 512 with their graph take 2 GB; what does not fit is built many times slower."""
COPY_HEAD, COPY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
VENUE_COLUMNS = {
    "id": "int8",
    "external_id": "text",
    "name": "text",
    "description": "text",
    "kind": "text",
    "city": "text",
    "latitude": "float8",
    "longitude": "float8",
    "capacity_seated": "int4",
    "amenities": "text[]",
}
PHOTOS = f"""
INSERT INTO photos (id, venue_id, position, uri, location, content_hash, file_bytes, width, height, format)
OVERRIDING SYSTEM VALUE
SELECT n, (n - 1) / {PHOTOS_PER_VENUE} + 1, (n - 1) %% {PHOTOS_PER_VENUE}, n || '.jpg', '/photos/' || n || '.jpg',
       sha256(n::text::bytea), 1, 800, 600, 'JPEG'
FROM generate_series(%s, %s::bigint) n
"""  # noqa: S608 - a number of ours
NEXT_ID = "SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"


@dataclass(frozen=True, slots=True)
class Filled:
    """What filling took, in seconds, and what it takes on disk, in bytes."""

    format: int
    photos: int
    load_seconds: float
    index_seconds: float
    index_bytes: int
    table_bytes: int


def fill(services: Services, world: ClipLike, photos: int) -> Filled:
    """Fill the services' empty database; or return what filling it took, if it holds `photos` photos already."""
    upgrade(services.unchecked_database)
    facts = services.settings.data_dir / FACTS
    if facts.exists():
        filled = Filled(**json.loads(facts.read_text()))
        if (filled.format, filled.photos) != (FORMAT, photos):
            raise SystemExit(f"{facts.parent}: holds {filled}, expected {photos} photos of format {FORMAT}; remove it")
        return filled
    filled = _fill(services, world, photos)
    facts.write_text(json.dumps(asdict(filled)))
    return filled


def _fill(services: Services, world: ClipLike, photos: int) -> Filled:
    space_id = services.catalogue.space.id
    leaves = tuple(f"{table}_{space_id}" for table in ("photo_embeddings", "description_embeddings"))
    with services.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver: Any = connection.connection.driver_connection
        started = time.perf_counter()
        indexes = _drop_indexes(driver, leaves)
        driver.execute("SET session_replication_role = replica")
        for block in world.blocks(photos // PHOTOS_PER_VENUE):
            _load(driver, world, block, space_id)
        for table in ("venues", "photos"):
            driver.execute(NEXT_ID.format(table=table))
        driver.execute("RESET session_replication_role")
        loaded = time.perf_counter()
        build_indexes(driver, indexes)
        indexed = time.perf_counter()
        driver.execute("VACUUM ANALYZE")
        return Filled(
            format=FORMAT,
            photos=photos,
            load_seconds=loaded - started,
            index_seconds=indexed - loaded,
            index_bytes=sum(_size(driver, name, "pg_relation_size") for name in indexes if leaves[0] in name),
            table_bytes=_size(driver, leaves[0], "pg_table_size"),
        )


def build_indexes(driver: "psycopg.Connection[Any]", definitions: dict[str, str]) -> None:
    """Build with all that the machine has: the memory for the whole graph, a worker beside the leader."""
    driver.execute(f"SET maintenance_work_mem = '{MAINTENANCE_MEMORY}'")
    driver.execute("SET max_parallel_maintenance_workers = 1")
    for definition in definitions.values():
        driver.execute(definition.encode())
    driver.execute("RESET maintenance_work_mem")
    driver.execute("RESET max_parallel_maintenance_workers")


def hnsw_indexes(driver: "psycopg.Connection[Any]", leaves: tuple[str, ...]) -> dict[str, str]:
    """Return the definitions of the leaves' HNSW indexes, by name."""
    query = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexdef LIKE '%%USING hnsw%%'"
    return dict(driver.execute(query, [list(leaves)]).fetchall())


def _drop_indexes(driver: "psycopg.Connection[Any]", leaves: tuple[str, ...]) -> dict[str, str]:
    found = hnsw_indexes(driver, leaves)
    for name in found:
        driver.execute(f"DROP INDEX {name}".encode())
    return found


def _load(driver: "psycopg.Connection[Any]", world: ClipLike, block: Block, space_id: int) -> None:
    first, size = block.first, len(block.styles)
    with driver.cursor() as cursor:
        names = ", ".join(VENUE_COLUMNS)
        with cursor.copy(f"COPY venues ({names}) FROM STDIN (FORMAT binary)".encode()) as copy:
            copy.set_types(list(VENUE_COLUMNS.values()))
            for row in _venue_rows(world, block):
                copy.write_row(row)
        cursor.execute(PHOTOS.encode(), [first * PHOTOS_PER_VENUE + 1, (first + size) * PHOTOS_PER_VENUE])
        ids = np.arange(first * PHOTOS_PER_VENUE, (first + size) * PHOTOS_PER_VENUE)
        vectors = block.photos.reshape(-1, DIMENSION)
        rows = packed(
            space_id=space_id, photo_id=ids + 1, view=0, venue_id=ids // PHOTOS_PER_VENUE + 1, vectors=vectors
        )
        copy_rows(cursor, f"photo_embeddings_{space_id} (space_id, photo_id, view, venue_id, embedding)", rows)
        told = has_description(block)
        owners, vectors = block.venues[told] + 1, block.told[told]
        rows = packed(space_id=space_id, chunk=0, venue_id=owners, content=b"told", vectors=vectors)
        copy_rows(cursor, f"description_embeddings_{space_id} (space_id, chunk, venue_id, content, embedding)", rows)


def _venue_rows(world: ClipLike, block: Block) -> Iterator[tuple[Any, ...]]:
    fields, told, first = fields_of(world, block), descriptions(block), block.first
    for number in range(len(fields.city)):
        amenities = ["parking", *(name for name in ("sauna", "helipad") if getattr(fields, name)[number])]
        yield (
            first + number + 1,
            f"venue-{first + number}",
            f"Venue {first + number}",
            told[number],
            str(fields.kind[number]),
            CITIES[fields.city[number]],
            40.0 + fields.city[number],
            float(fields.city[number]),
            int(fields.capacity[number]),
            amenities,
        )


TYPES = {"space_id": ">i4", "photo_id": ">i8", "view": ">i2", "venue_id": ">i8", "chunk": ">i2", "content": "S4"}


def packed(*, vectors: NDArray[np.float16], **columns: Any) -> bytes:
    """Return rows as binary COPY wants them: a count of fields, then each field after its length in bytes.

    A half vector is its dimension, two unused bytes, and its numbers, the high byte first (pgvector: halfvec_recv).
    """
    fields: list[tuple[Any, ...]] = [("fields", ">i2")]
    for name in columns:
        fields += [(f"{name}_length", ">i4"), (name, TYPES[name])]
    fields += [("vector_length", ">i4"), ("dimension", ">i2"), ("unused", ">i2"), ("vector", ">f2", DIMENSION)]
    rows = np.zeros(len(vectors), dtype=fields)
    for name, values in columns.items():
        rows[f"{name}_length"], rows[name] = np.dtype(TYPES[name]).itemsize, values
    rows["fields"], rows["dimension"], rows["vector"] = len(columns) + 1, DIMENSION, vectors
    rows["vector_length"] = 4 + 2 * DIMENSION
    return rows.tobytes()


def copy_rows(cursor: "psycopg.Cursor[Any]", target: str, rows: bytes) -> None:
    """Copy packed rows into a table, named with its columns."""
    with cursor.copy(f"COPY {target} FROM STDIN (FORMAT binary)".encode()) as copy:
        copy.write(COPY_HEAD)
        for start in range(0, len(rows), 1 << 20):
            copy.write(rows[start : start + (1 << 20)])
        copy.write(COPY_END)


def _size(driver: "psycopg.Connection[Any]", name: str, how: str) -> int:
    row = driver.execute(f"SELECT {how}(%s::regclass)".encode(), [name]).fetchone()
    return int(row[0]) if row else 0
