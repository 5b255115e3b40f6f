"""The whole catalogue as it is at one moment, read in batches by cursors of the server, however large it is."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select

from venuefinder.carried import CarriedFusion, CarriedSpace, HalfVectors, ListedPhoto, ListedTags, ListedVenue, Tags
from venuefinder.carried import Vectors as Batch
from venuefinder.domain import LOOK_VERSION, PhotoLook
from venuefinder.records import PhotoContent, PhotoDraft, StoredSpace
from venuefinder.store.activations import active_space_id
from venuefinder.store.database import Database
from venuefinder.store.driver import driver_of
from venuefinder.store.fusion_tables import rerank_fusions
from venuefinder.store.fusions import measured_fusion
from venuefinder.store.look_tables import photo_looks, photo_tags
from venuefinder.store.partitions import OWNERS, leaf_of
from venuefinder.store.rows import photo_from, venue_from
from venuefinder.store.spaces import stored_space
from venuefinder.store.tables import embedding_spaces, photos, venues
from venuefinder.store.venues import rooms_by_venue
from venuefinder.store.vision_tables import vision_models

VENUE_ROWS, PHOTO_ROWS, VECTOR_ROWS = 500, 2000, 2000
"""Rows that are in memory at once."""
PHOTO_VECTORS = """
SELECT venue_id, photo_id, view, halfvec_send(embedding) FROM {leaf} ORDER BY venue_id, photo_id, view
"""
DESCRIPTION_VECTORS = """
SELECT venue_id, chunk, content, halfvec_send(embedding) FROM {leaf} ORDER BY venue_id, chunk
"""
HEADER = 4
"""Bytes before the values of a halfvec on the wire: its dimension, and nothing (pgvector, src/halfvec.c)."""


class SnapshotRepository:
    """Opens snapshots of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def open(self, keys: Collection[str] | None) -> "Iterator[Snapshot]":
        """Hold still the catalogue, with the spaces of these keys, None: all. Others read and write on meanwhile.

        Spaces cannot be dropped while it is open. Raises SpaceGoneError where one was just before.
        """
        with self._database.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            snapshot = Snapshot(connection, keys)
            for carried in snapshot.spaces:
                for table in OWNERS:
                    connection.exec_driver_sql(f"LOCK TABLE {leaf_of(table, carried.stored.id)} IN ACCESS SHARE MODE")
            yield snapshot


class Snapshot:
    """One moment of a catalogue. Everything comes in the order of the venues' numbers."""

    def __init__(self, connection: Connection, keys: Collection[str] | None) -> None:
        self._connection = connection
        self.spaces = _spaces(connection, keys)
        """Oldest first."""
        serving = active_space_id(connection)
        self.serves = next((one.stored for one in self.spaces if one.stored.id == serving), None)
        """The space that serves, where it is among these."""

    def counts(self) -> tuple[int, int]:
        """Return how many venues and photos there are."""
        found = [self._connection.scalar(select(func.count()).select_from(table)) or 0 for table in (venues, photos)]
        return found[0], found[1]

    def venues(self) -> Iterator[list[ListedVenue]]:
        """Yield all venues with their rooms."""
        query = select(venues).order_by(venues.c.id)
        for rows in self._partitions(query, VENUE_ROWS):
            rooms = rooms_by_venue(self._connection, [row["id"] for row in rows])
            yield [
                ListedVenue(number=row["id"], venue=venue_from(row, rooms[row["id"]]), source=row["source"])
                for row in rows
            ]

    def photos(self) -> Iterator[list[ListedPhoto]]:
        """Yield all photos."""
        look = photo_looks.c
        columns = (look.version, look.perceptual_hash, look.sharpness, look.flags.label("look_flags"))
        query = (
            select(photos, *columns, venues.c.external_id)
            .join(venues, venues.c.id == photos.c.venue_id)
            .outerjoin(photo_looks, look.content_hash == photos.c.content_hash)
            .order_by(photos.c.venue_id, photos.c.id)
        )
        for rows in self._partitions(query, PHOTO_ROWS):
            yield [_photo(row) for row in rows]

    def photo_vectors(self, space: StoredSpace) -> Iterator[Batch]:
        """Yield the embeddings of photos in a space."""
        statement = PHOTO_VECTORS.format(leaf=leaf_of("photo_embeddings", space.id))
        for rows in self._raw(statement):
            numbers, photo_ids, views, sent = zip(*rows, strict=True)
            yield Batch(
                venues=np.array(numbers, dtype=np.int64),
                photos=np.array(photo_ids, dtype=np.int64),
                places=np.array(views, dtype=np.int16),
                embeddings=_half_vectors(sent, space.space.dimension),
            )

    def description_vectors(self, space: StoredSpace) -> Iterator[Batch]:
        """Yield the chunks of descriptions with their embeddings in a space."""
        statement = DESCRIPTION_VECTORS.format(leaf=leaf_of("description_embeddings", space.id))
        for rows in self._raw(statement):
            numbers, chunks, contents, sent = zip(*rows, strict=True)
            yield Batch(
                venues=np.array(numbers, dtype=np.int64),
                photos=None,
                places=np.array(chunks, dtype=np.int16),
                embeddings=_half_vectors(sent, space.space.dimension),
                contents=contents,
            )

    def tags(self, space: StoredSpace) -> Iterator[list[ListedTags]]:
        """Yield what photos are said to be in a space."""
        query = (
            select(photos.c.venue_id, photo_tags)
            .join(photos, photos.c.id == photo_tags.c.photo_id)
            .where(photo_tags.c.space_id == space.id)
            .order_by(photos.c.venue_id, photos.c.id)
        )
        for rows in self._partitions(query, PHOTO_ROWS):
            yield [_tags(row) for row in rows]

    def _partitions(self, query: Any, size: int) -> Iterator[list[dict[str, Any]]]:
        found = self._connection.execute(query, execution_options={"yield_per": size}).mappings()
        for partition in found.partitions():
            yield [dict(row) for row in partition]

    def _raw(self, statement: str) -> Iterator[list[tuple[Any, ...]]]:
        """Yield rows as psycopg reads them, in binary: vectors are never text."""
        with driver_of(self._connection).cursor(name="vectors", binary=True) as cursor:
            cursor.execute(statement.encode())
            while rows := cursor.fetchmany(VECTOR_ROWS):
                yield rows


def _spaces(connection: Connection, keys: Collection[str] | None) -> list[CarriedSpace]:
    rows = connection.execute(select(embedding_spaces).order_by(embedding_spaces.c.id)).all()
    stored = (stored_space(row) for row in rows)
    return [
        CarriedSpace(stored=space, fusions=_fusions(connection, space))
        for space in stored
        if keys is None or space.space.key in keys
    ]


def _fusions(connection: Connection, space: StoredSpace) -> tuple[CarriedFusion, ...]:
    model = vision_models.c
    query = (
        select(model.key, model.backend, model.model, rerank_fusions)
        .join_from(rerank_fusions, vision_models)
        .where(rerank_fusions.c.space_id == space.id)
        .order_by(model.key, rerank_fusions.c.photos)
    )
    return tuple(
        CarriedFusion(key=row.key, backend=row.backend, model=row.model, measured=measured_fusion(row))
        for row in connection.execute(query)
    )


def _photo(row: dict[str, Any]) -> ListedPhoto:
    stored = photo_from(row)
    content = stored.content
    draft = PhotoDraft(
        uri=stored.uri,
        file=stored.file,
        room=stored.room,
        caption=stored.caption,
        position=stored.position,
        content=PhotoContent(
            content_hash=content.content_hash,
            width=content.width,
            height=content.height,
            format=content.format,
            look=_look(row),
        ),
    )
    return ListedPhoto(
        number=stored.id,
        venue=row["venue_id"],
        external_id=row["external_id"],
        draft=draft,
        duplicate_of=stored.duplicate_of,
    )


def _look(row: dict[str, Any]) -> PhotoLook | None:
    if row["version"] != LOOK_VERSION:
        return None
    unsigned = row["perceptual_hash"] % (1 << 64)
    return PhotoLook(perceptual_hash=unsigned, sharpness=row["sharpness"], flags=tuple(row["look_flags"]))


def _tags(row: dict[str, Any]) -> ListedTags:
    tags = Tags(version=row["version"], tags=tuple(row["tags"]), probabilities=tuple(row["probabilities"]))
    return ListedTags(venue=row["venue_id"], photo=row["photo_id"], tags=tags)


def _half_vectors(sent: Collection[bytes], dimension: int) -> HalfVectors:
    """Return vectors as they came over the wire, in this machine's byte order: `float16 [N, D]`."""
    values = np.frombuffer(b"".join(sent), dtype=np.uint8).reshape(len(sent), HEADER + 2 * dimension)[:, HEADER:]
    return np.ascontiguousarray(values).view(">f2").astype(np.float16)
