"""What has no embeddings in a space, in the order of ids, and writing those embeddings once they are made.

Writing takes the venues' locks first, as every writer of photos does, and then looks again: what was changed, removed
or embedded by others meanwhile is left alone.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, exists, select

from venuefinder.descriptions import told_by
from venuefinder.domain import Venue
from venuefinder.protocols import Embeddings
from venuefinder.records import Chunk, StoredSpace
from venuefinder.spaces.space_states import Undescribed, Unembedded
from venuefinder.store.among import among
from venuefinder.store.copying import copy_chunks, copy_photos
from venuefinder.store.database import Database
from venuefinder.store.rows import photo_from
from venuefinder.store.tables import description_embeddings, photo_embeddings, photos, venues

TOLD = (venues.c.id, venues.c.external_id, venues.c.name, venues.c.kind, venues.c.description)


class BackfillRepository:
    """The missing embeddings of one database. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def photos_after(self, photo_id: int, space: StoredSpace, *, limit: int) -> list[Unembedded]:
        """Return the next photos by id without embeddings in `space`."""
        held = photo_embeddings.c
        embedded = exists().where(held.space_id == space.id, held.photo_id == photos.c.id)
        query = (
            select(photos, venues.c.external_id)
            .join(venues, venues.c.id == photos.c.venue_id)
            .where(photos.c.id > photo_id, ~embedded)
            .order_by(photos.c.id)
            .limit(limit)
        )
        with self._database.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            Unembedded(photo=photo_from(dict(row)), venue_id=row["venue_id"], external_id=row["external_id"])
            for row in rows
        ]

    def descriptions_after(self, venue_id: int, space: StoredSpace, *, limit: int) -> list[Undescribed]:
        """Return the next venues by row id whose description has no embeddings in `space`."""
        held = description_embeddings.c
        described = exists().where(held.space_id == space.id, held.venue_id == venues.c.id)
        missing = select(*TOLD).where(venues.c.id > venue_id, venues.c.description != "", ~described)
        with self._database.connect() as connection:
            rows = connection.execute(missing.order_by(venues.c.id).limit(limit)).all()
        return [Undescribed(venue_id=row.id, venue=_venue(row)) for row in rows]

    def write_photos(self, space: StoredSpace, embedded: Sequence[tuple[Unembedded, Embeddings]]) -> int:
        """Store embeddings `float32 [V, D]`; return of how many photos. Raises SpaceGoneError."""
        ids = [one.photo.id for one, _ in embedded]
        held = photo_embeddings.c
        have = select(held.photo_id).where(held.space_id == space.id, among(held.photo_id, ids))
        with self._database.begin() as connection:
            _lock(connection, {one.venue_id for one, _ in embedded})
            now = select(photos.c.id, photos.c.content_hash).where(among(photos.c.id, ids))
            hashes = {row.id: bytes(row.content_hash) for row in connection.execute(now)}
            done = set(connection.scalars(have))
            due = [
                (one.photo.id, one.venue_id, vectors)
                for one, vectors in embedded
                if one.photo.id not in done and hashes.get(one.photo.id) == one.photo.content.content_hash
            ]
            copy_photos(connection, space.id, due)
        return len(due)

    def write_descriptions(self, space: StoredSpace, described: Sequence[tuple[Undescribed, Sequence[Chunk]]]) -> int:
        """Store the chunks of descriptions; return of how many venues. Raises SpaceGoneError."""
        ids = [one.venue_id for one, _ in described]
        held = description_embeddings.c
        have = select(held.venue_id).where(held.space_id == space.id, among(held.venue_id, ids))
        with self._database.begin() as connection:
            _lock(connection, ids)
            now = select(*TOLD).where(among(venues.c.id, ids))
            told = {row.id: told_by(_venue(row)) for row in connection.execute(now)}
            done = set(connection.scalars(have))
            due = [
                (one.venue_id, chunks)
                for one, chunks in described
                if chunks and one.venue_id not in done and told.get(one.venue_id) == told_by(one.venue)
            ]
            copy_chunks(connection, space.id, due)
        return len(due)


def _venue(row: Row[*tuple[Any, ...]]) -> Venue:
    return Venue(external_id=row.external_id, name=row.name, kind=row.kind, description=row.description)


def _lock(connection: Connection, venue_ids: Collection[int]) -> None:
    """Lock venues in the order in which their other writers do."""
    query = select(venues.c.id).where(among(venues.c.id, venue_ids)).order_by(venues.c.external_id)
    connection.execute(query.with_for_update())
