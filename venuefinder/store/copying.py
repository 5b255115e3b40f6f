"""COPY rows in binary: the fastest way in, and halfvec needs no text form."""

from collections.abc import Sequence
from typing import Any

from pgvector import HalfVector
from sqlalchemy import Connection

from venuefinder.protocols import Embeddings
from venuefinder.records import Chunk
from venuefinder.store.driver import driver_of

PHOTOS = "photo_embeddings (space_id, photo_id, view, venue_id, embedding)"
PHOTO_TYPES = ("int4", "int8", "int2", "int8", "halfvec")
CHUNKS = "description_embeddings (space_id, venue_id, chunk, content, embedding)"
CHUNK_TYPES = ("int4", "int8", "int2", "text", "halfvec")


def copy_photos(connection: Connection, space_id: int, photos: Sequence[tuple[int, int, Embeddings]]) -> None:
    """Write the embeddings `float32 [V, D]` of photos: (photo's id, venue's row id, embeddings) each."""
    rows = [
        (space_id, photo_id, view, venue_id, HalfVector(vector))
        for photo_id, venue_id, views in photos
        for view, vector in enumerate(views)
    ]
    _copy(connection, PHOTOS, PHOTO_TYPES, rows)


def copy_chunks(connection: Connection, space_id: int, described: Sequence[tuple[int, Sequence[Chunk]]]) -> None:
    """Write the chunks of descriptions: (venue's row id, chunks) each."""
    rows = [
        (space_id, venue_id, number, chunk.content, HalfVector(chunk.embedding))
        for venue_id, chunks in described
        for number, chunk in enumerate(chunks)
    ]
    _copy(connection, CHUNKS, CHUNK_TYPES, rows)


def _copy(connection: Connection, target: str, types: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    driver = driver_of(connection)
    with driver.cursor().copy(f"COPY {target} FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)
