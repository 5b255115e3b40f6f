"""Take in venues with their embeddings from another catalogue: a batch is one transaction.

What is stored just so stays as it is. Of a venue or photo that differs, what arrives wins; embeddings of a photo whose
bytes are the same stay, and where there are none in a space, those that arrive are stored.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from venuefinder.carried import CarriedEmbeddings, CarriedVenue, Taken
from venuefinder.records import PhotoDraft, StoredPhoto, StoredSpace, StoredVenue, VenueDraft
from venuefinder.store import looks
from venuefinder.store.among import among
from venuefinder.store.copying import copy_chunks, copy_photos
from venuefinder.store.database import Database
from venuefinder.store.driver import driver_of
from venuefinder.store.look_tables import photo_tags
from venuefinder.store.refusals import refusals_explained
from venuefinder.store.tables import description_embeddings, photo_embeddings, photos, venues
from venuefinder.store.venue_writer import VenueWriter
from venuefinder.store.venues import load_venues


class ArrivalRepository:
    """Where carried venues arrive. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, carried: Sequence[CarriedVenue], spaces: Sequence[StoredSpace]) -> Taken:
        """Store venues with their embeddings in these spaces, all or none of them; return what became of them.

        Raises ListingError when the database refuses what one of them holds, SpaceGoneError.
        """
        first = carried[0].draft.venue.external_id
        with refusals_explained(f"venue {first!r} or one imported with it"), self._database.begin() as connection:
            known = _locked(connection, [one.draft.venue.external_id for one in carried])
            due = [_due(one.draft, known.get(one.draft.venue.external_id)) for one in carried]
            taken = _counted([one.draft for one in carried], known, due)
            written = [draft for draft in due if draft]
            if written:
                VenueWriter(connection, spaces[0]).write(written)
            arrival = _Arrival(connection, carried)
            for space in spaces:
                arrival.embed(space, taken)
            if written or taken.embedded:
                looks.settle(driver_of(connection), arrival.venue_ids)
            for space in spaces:
                arrival.tag(space)
        return taken


class _Arrival:
    """The rows that carried venues have become."""

    def __init__(self, connection: Connection, carried: Sequence[CarriedVenue]) -> None:
        self._connection = connection
        self._carried = carried
        names = [one.draft.venue.external_id for one in carried]
        numbered = connection.execute(
            select(venues.c.external_id, venues.c.id).where(among(venues.c.external_id, names))
        )
        self._ids = dict(numbered.all())
        self._photos = self._photo_ids()

    @property
    def venue_ids(self) -> Collection[int]:
        return self._ids.values()

    def embed(self, space: StoredSpace, taken: Taken) -> None:
        """Store what has no embeddings in `space` yet."""
        held, told = photo_embeddings.c, description_embeddings.c
        done = self._held(held.photo_id, held.space_id == space.id, among(held.photo_id, self._photos.values()))
        due = [
            (photo_id, venue_id, vectors.astype(np.float32))
            for venue_id, embeddings in self._in(space)
            for uri, vectors in embeddings.photos.items()
            if (photo_id := self._photos[venue_id, uri]) not in done
        ]
        copy_photos(self._connection, space.id, due)
        described = self._held(told.venue_id, told.space_id == space.id, among(told.venue_id, self.venue_ids))
        chunks = [(venue_id, one.chunks) for venue_id, one in self._in(space) if one.chunks]
        chunks = [(venue_id, of_venue) for venue_id, of_venue in chunks if venue_id not in described]
        copy_chunks(self._connection, space.id, chunks)
        taken.embedded += len(due)
        taken.described += len(chunks)

    def tag(self, space: StoredSpace) -> None:
        """Store the tags of photos that have none in `space`."""
        rows = [
            {
                "space_id": space.id,
                "photo_id": self._photos[venue_id, uri],
                "version": tags.version,
                "tags": list(tags.tags),
                "probabilities": list(tags.probabilities),
            }
            for venue_id, embeddings in self._in(space)
            for uri, tags in embeddings.tags.items()
        ]
        if rows:
            self._connection.execute(insert(photo_tags).on_conflict_do_nothing(), rows)

    def _in(self, space: StoredSpace) -> Iterator[tuple[int, CarriedEmbeddings]]:
        for one in self._carried:
            if embeddings := one.embeddings.get(space.id):
                yield self._ids[one.draft.venue.external_id], embeddings

    def _photo_ids(self) -> Mapping[tuple[int, str], int]:
        query = select(photos.c.venue_id, photos.c.uri, photos.c.id).where(among(photos.c.venue_id, self._ids.values()))
        return {(row.venue_id, row.uri): row.id for row in self._connection.execute(query)}

    def _held(self, column: Any, *conditions: Any) -> set[int]:
        return set(self._connection.scalars(select(column).where(*conditions)))


def _locked(connection: Connection, external_ids: Sequence[str]) -> dict[str, StoredVenue]:
    """Return those venues that are stored, locked in the order in which their other writers do."""
    chosen = among(venues.c.external_id, external_ids)
    connection.execute(select(venues.c.id).where(chosen).order_by(venues.c.external_id).with_for_update())
    return load_venues(connection, chosen, 0)


def _due(draft: VenueDraft, stored: StoredVenue | None) -> VenueDraft | None:
    """Return what of a venue must be written; None where it is stored just so."""
    if stored is None:
        return draft
    differing = tuple(photo for photo in draft.photos if not _same(photo, stored.photos.get(photo.uri)))
    if not differing and (stored.venue, stored.source) == (draft.venue, draft.source):
        return None
    return replace(draft, photos=differing)


def _same(photo: PhotoDraft, stored: StoredPhoto | None) -> bool:
    if stored is None or photo.content is None:
        return False
    told = (stored.file, stored.room, stored.caption, stored.position, stored.content.content_hash)
    return told == (photo.file, photo.room, photo.caption, photo.position, photo.content.content_hash)


def _counted(drafts: Sequence[VenueDraft], known: Mapping[str, StoredVenue], due: Sequence[VenueDraft | None]) -> Taken:
    taken = Taken()
    for draft, written in zip(drafts, due, strict=True):
        stored = known.get(draft.venue.external_id)
        names = {photo.uri for photo in written.photos} if written else set()
        fresh = names - stored.photos.keys() if stored else names
        taken.photos_new += len(fresh)
        taken.photos_updated += len(names) - len(fresh)
        taken.photos_unchanged += len(draft.photos) - len(names)
        taken.venues_new += stored is None
        taken.venues_updated += stored is not None and written is not None
        taken.venues_unchanged += written is None
    return taken
