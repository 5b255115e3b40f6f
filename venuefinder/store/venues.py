"""Venues with their rooms, photos and embeddings: read many at once, write a batch atomically."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from pgvector import HalfVector
from sqlalchemy import ARRAY, ColumnElement, Connection, any_, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from venuefinder.descriptions import told_by
from venuefinder.domain import Venue
from venuefinder.errors import NotFoundError
from venuefinder.records import PhotoDraft, StoredPhoto, StoredSpace, StoredVenue, VenueDraft
from venuefinder.store.database import Database
from venuefinder.store.refusals import refusals_explained
from venuefinder.store.rows import photo_from, photo_row, room_row, venue_from, venue_row
from venuefinder.store.tables import (
    description_embeddings,
    photo_embeddings,
    photos,
    rooms,
    venues,
)


class VenueRepository:
    """All that is stored of venues. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, external_ids: Collection[str], space: StoredSpace | None = None) -> dict[str, StoredVenue]:
        """Return those of the venues that are stored, by external id.

        `embedded` and `described` tell of `space`; without one they are False.
        """
        with self._database.connect() as connection:
            return _load(connection, _among(venues.c.external_id, external_ids), space.id if space else 0)

    def shown(self, photo_of: Mapping[int, int | None]) -> dict[int, tuple[Venue, StoredPhoto | None]]:
        """Return each venue, by row id, with the one photo asked for. Venues gone meanwhile are absent."""
        of_photos = select(photos).where(_among(photos.c.id, {photo for photo in photo_of.values() if photo}))
        with self._database.connect() as connection:
            found = connection.execute(select(venues).where(_among(venues.c.id, photo_of))).mappings().all()
            rooms_of = _rooms_of(connection, photo_of)
            photo_by_id = {row["id"]: photo_from(dict(row)) for row in connection.execute(of_photos).mappings()}
        return {
            row["id"]: (venue_from(dict(row), rooms_of[row["id"]]), photo_by_id.get(photo_of[row["id"]] or 0))
            for row in found
        }

    def photo(self, photo_id: int) -> StoredPhoto | None:
        """Return one photo, None when there is none by that id."""
        with self._database.connect() as connection:
            row = connection.execute(select(photos).where(photos.c.id == photo_id)).one_or_none()
        return photo_from(dict(row._mapping)) if row else None

    def write(self, drafts: Sequence[VenueDraft], space: StoredSpace) -> Collection[str]:
        """Insert or update these venues in one transaction: all of them, or none.

        Returns those that keep their description's embeddings, but cannot: it was another's meanwhile. They have none
        now, and want writing again with `chunks`. Raises ListingError when the database refuses what one of them holds.
        """
        in_order = sorted(drafts, key=lambda draft: draft.venue.external_id)
        with refusals_explained(_named(in_order)), self._database.begin() as connection:
            return _Writer(connection, space).write(in_order)

    def add_photos(self, external_id: str, drafts: Sequence[PhotoDraft], space: StoredSpace) -> None:
        """Insert or update photos of one venue, which stays locked meanwhile.

        Raises NotFoundError without it, ListingError when the database refuses a photo.
        """
        with refusals_explained(f"venue {external_id!r}"), self._database.begin() as connection:
            query = select(venues.c.id).where(venues.c.external_id == external_id).with_for_update()
            venue_id = connection.scalar(query)
            if venue_id is None:
                raise NotFoundError(f"venue {external_id!r}: not in this catalogue; PUT it first, or ingest it")
            _Writer(connection, space).write_photos([(venue_id, photo) for photo in drafts])

    def locations_in_use(self, locations: Collection[str]) -> set[str]:
        """Return those of the locations that a stored photo has."""
        query = select(photos.c.location).where(_among(photos.c.location, locations)).distinct()
        with self._database.connect() as connection:
            return set(connection.scalars(query))

    def remove(self, external_ids: Collection[str]) -> int:
        """Remove venues with all that belongs to them; return how many there were."""
        with self._database.begin() as connection:
            found = connection.execute(delete(venues).where(_among(venues.c.external_id, external_ids)))
            return int(found.rowcount)

    def remove_photos(self, photo_ids: Collection[int]) -> int:
        """Remove photos with their embeddings; return how many there were."""
        with self._database.begin() as connection:
            return int(connection.execute(delete(photos).where(_among(photos.c.id, photo_ids))).rowcount)

    def of_source(self, source: str) -> dict[str, int]:
        """Return the external ids that came from `source`, each with its number of photos."""
        counted = func.count(photos.c.id)
        query = (
            select(venues.c.external_id, counted)
            .outerjoin(photos, photos.c.venue_id == venues.c.id)
            .where(venues.c.source == source)
            .group_by(venues.c.external_id)
        )
        with self._database.connect() as connection:
            return dict(connection.execute(query).all())

    def counts(self) -> tuple[int, int]:
        """Return how many venues and photos there are."""
        with self._database.connect() as connection:
            found = [connection.scalar(select(func.count()).select_from(table)) or 0 for table in (venues, photos)]
        return found[0], found[1]

    def originals(self) -> Iterable[tuple[str, str, str]]:
        """Yield (external id, uri, location) of every photo, in batches from the server."""
        query = select(venues.c.external_id, photos.c.uri, photos.c.location).join(venues)
        with self._database.connect() as connection:
            for row in connection.execution_options(yield_per=5000).execute(query):
                yield row.external_id, row.uri, row.location


def _among(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """Return `column IN values` with one parameter: PostgreSQL takes 65,535 at most, and a catalogue holds more."""
    found: ColumnElement[bool] = column == any_(literal(list(values), ARRAY(column.type)))
    return found


def _named(drafts: Sequence[VenueDraft]) -> str:
    first = f"venue {drafts[0].venue.external_id!r}"
    return first if len(drafts) == 1 else f"{first} or one of the {len(drafts) - 1} venues written with it"


def _load(connection: Connection, condition: Any, space_id: int) -> dict[str, StoredVenue]:
    described = select(description_embeddings.c.venue_id).where(
        description_embeddings.c.space_id == space_id, description_embeddings.c.venue_id == venues.c.id
    )
    query = select(venues, described.exists().label("described")).where(condition)
    found = {row["id"]: row for row in connection.execute(query).mappings()}
    rooms_of = _rooms_of(connection, found)
    photos_of: dict[int, dict[str, StoredPhoto]] = defaultdict(dict)
    for photo in connection.execute(_photos_of(found, space_id)).mappings():
        photos_of[photo["venue_id"]][photo["uri"]] = photo_from(dict(photo))
    return {
        row["external_id"]: StoredVenue(
            id=venue_id,
            venue=venue_from(dict(row), rooms_of[venue_id]),
            source=row["source"],
            photos=photos_of[venue_id],
            described=row["described"],
        )
        for venue_id, row in found.items()
    }


def _rooms_of(connection: Connection, venue_ids: Iterable[int]) -> dict[int, list[Any]]:
    in_order = select(rooms).where(_among(rooms.c.venue_id, venue_ids)).order_by(rooms.c.venue_id, rooms.c.position)
    rooms_of: dict[int, list[Any]] = defaultdict(list)
    for room in connection.execute(in_order).mappings():
        rooms_of[room["venue_id"]].append(room)
    return rooms_of


def _photos_of(venue_ids: Iterable[int], space_id: int) -> Any:
    embedded = select(photo_embeddings.c.photo_id).where(
        photo_embeddings.c.space_id == space_id, photo_embeddings.c.photo_id == photos.c.id
    )
    return (
        select(photos, embedded.exists().label("embedded"))
        .where(_among(photos.c.venue_id, venue_ids))
        .order_by(photos.c.venue_id, photos.c.position, photos.c.id)
    )


class _Writer:
    """Writes drafts inside one transaction, a statement for all rather than one for each."""

    def __init__(self, connection: Connection, space: StoredSpace) -> None:
        self._connection = connection
        self._space = space

    def write(self, drafts: Sequence[VenueDraft]) -> Collection[str]:
        retold = self._retold(drafts)
        ids = self._upsert_venues(drafts)
        self._replace_rooms(drafts, ids)
        self.write_photos([(ids[draft.venue.external_id], photo) for draft in drafts for photo in draft.photos])
        self._write_chunks(drafts, ids, retold)
        return {draft.venue.external_id for draft in drafts if draft.chunks is None} & retold

    def _retold(self, drafts: Sequence[VenueDraft]) -> set[str]:
        """Return the venues whose description is not the stored one; all that are stored stay locked until the end."""
        query = (
            select(venues.c.external_id, venues.c.name, venues.c.kind, venues.c.description)
            .where(_among(venues.c.external_id, [draft.venue.external_id for draft in drafts]))
            .order_by(venues.c.external_id)
            .with_for_update()
        )
        stored = {external_id: tuple(told) for external_id, *told in self._connection.execute(query)}
        told_now = {draft.venue.external_id: told_by(draft.venue) for draft in drafts}
        return {external_id for external_id, told in told_now.items() if stored.get(external_id) != told}

    def _upsert_venues(self, drafts: Sequence[VenueDraft]) -> dict[str, int]:
        plain = insert(venues)
        fixed = [name for name in venue_row(drafts[0].venue, None) if name != "external_id"]
        statement = plain.on_conflict_do_update(
            index_elements=[venues.c.external_id],
            set_={name: plain.excluded[name] for name in fixed} | {"updated_at": func.now()},
        ).returning(venues.c.external_id, venues.c.id)
        rows = [venue_row(draft.venue, draft.source) for draft in drafts]
        return dict(self._connection.execute(statement, rows).all())

    def _replace_rooms(self, drafts: Sequence[VenueDraft], ids: dict[str, int]) -> None:
        self._connection.execute(delete(rooms).where(_among(rooms.c.venue_id, ids.values())))
        rows = [
            room_row(room, ids[draft.venue.external_id], position)
            for draft in drafts
            for position, room in enumerate(draft.venue.rooms)
        ]
        if rows:
            self._connection.execute(rooms.insert(), rows)

    def write_photos(self, drafts: Sequence[tuple[int, PhotoDraft]]) -> None:
        kept = [photo_row(photo, venue_id) for venue_id, photo in drafts if photo.content is None]
        if kept:
            names: dict[str, Any] = {
                name: bindparam(f"new_{name}") for name in kept[0] if name not in ("venue_id", "uri")
            }
            statement = (
                update(photos)
                .where(photos.c.venue_id == bindparam("of_venue"), photos.c.uri == bindparam("of_uri"))
                .values(names)
            )
            self._connection.execute(statement, [_renamed(row) for row in kept])
        read = [(venue_id, photo) for venue_id, photo in drafts if photo.content is not None]
        if read:
            self._upsert_read_photos(read)

    def _upsert_read_photos(self, read: Sequence[tuple[int, PhotoDraft]]) -> None:
        changed = self._content_changed(read)
        plain = insert(photos)
        rows = [photo_row(photo, venue_id) for venue_id, photo in read]
        statement = plain.on_conflict_do_update(
            index_elements=[photos.c.venue_id, photos.c.uri],
            set_={name: plain.excluded[name] for name in rows[0] if name not in ("venue_id", "uri")},
        ).returning(photos.c.venue_id, photos.c.uri, photos.c.id)
        ids = {(venue_id, uri): photo_id for venue_id, uri, photo_id in self._connection.execute(statement, rows)}
        self._connection.execute(delete(photo_embeddings).where(_among(photo_embeddings.c.photo_id, changed)))
        self._copy_photo_embeddings(read, ids)

    def _content_changed(self, read: Sequence[tuple[int, PhotoDraft]]) -> list[int]:
        """Return the stored photos whose bytes are no longer those embedded, in whichever space."""
        hashes = {(venue_id, photo.uri): photo.content.content_hash for venue_id, photo in read if photo.content}
        query = select(photos.c.id, photos.c.venue_id, photos.c.uri, photos.c.content_hash).where(
            _among(photos.c.venue_id, {venue_id for venue_id, _ in read})
        )
        return [
            row.id
            for row in self._connection.execute(query)
            if hashes.get((row.venue_id, row.uri), row.content_hash) != row.content_hash
        ]

    def _copy_photo_embeddings(self, read: Sequence[tuple[int, PhotoDraft]], ids: dict[tuple[int, str], int]) -> None:
        rows = [
            (self._space.id, ids[venue_id, photo.uri], view, venue_id, HalfVector(vector))
            for venue_id, photo in read
            if photo.embeddings is not None
            for view, vector in enumerate(photo.embeddings)
        ]
        self._forget(photo_embeddings, photo_embeddings.c.photo_id, {row[1] for row in rows})
        columns = "space_id, photo_id, view, venue_id, embedding"
        self._copy(f"photo_embeddings ({columns})", ["int4", "int8", "int2", "int8", "halfvec"], rows)

    def _write_chunks(self, drafts: Sequence[VenueDraft], ids: dict[str, int], retold: Collection[str]) -> None:
        void = _among(description_embeddings.c.venue_id, [ids[external_id] for external_id in retold])
        self._connection.execute(delete(description_embeddings).where(void))  # in other spaces too
        described = [(ids[draft.venue.external_id], draft) for draft in drafts if draft.chunks is not None]
        self._forget(description_embeddings, description_embeddings.c.venue_id, {venue_id for venue_id, _ in described})
        rows = [
            (self._space.id, venue_id, number, chunk.content, HalfVector(chunk.embedding))
            for venue_id, draft in described
            for number, chunk in enumerate(draft.chunks or ())
        ]
        columns = "space_id, venue_id, chunk, content, embedding"
        self._copy(f"description_embeddings ({columns})", ["int4", "int8", "int2", "text", "halfvec"], rows)

    def _forget(self, table: Any, column: Any, ids: Collection[int]) -> None:
        if ids:
            self._connection.execute(delete(table).where(table.c.space_id == self._space.id, _among(column, ids)))

    def _copy(self, target: str, types: list[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """COPY rows in binary: the fastest way in, and halfvec needs no text form."""
        if not rows:
            return
        driver: Any = self._connection.connection.driver_connection
        with driver.cursor().copy(f"COPY {target} FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    identity = {"of_venue": row["venue_id"], "of_uri": row["uri"]}
    return identity | {f"new_{name}": value for name, value in row.items() if name not in ("venue_id", "uri")}
