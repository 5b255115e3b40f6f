"""Write venues with their rooms, photos and embeddings, within a transaction of the caller's."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from venuefinder.descriptions import told_by
from venuefinder.records import PhotoContent, PhotoDraft, StoredSpace, VenueDraft
from venuefinder.store import looks
from venuefinder.store.among import among
from venuefinder.store.copying import copy_chunks, copy_photos
from venuefinder.store.driver import driver_of
from venuefinder.store.originals import kept as kept_originals
from venuefinder.store.originals import release
from venuefinder.store.rows import photo_row, room_row, venue_row
from venuefinder.store.tables import description_embeddings, photo_embeddings, photos, rooms, venues


class VenueWriter:
    """Writes drafts inside one transaction, a statement for all rather than one for each."""

    def __init__(self, connection: Connection, space: StoredSpace) -> None:
        self._connection = connection
        self._space = space

    @property
    def _driver(self) -> Any:
        return driver_of(self._connection)

    def write(self, drafts: Sequence[VenueDraft]) -> Collection[str]:
        """Insert or update venues, in order of their ids so that two writers never wait for each other.

        Returns those without `chunks` whose description changed: their embeddings are gone.
        """
        drafts = sorted(drafts, key=lambda draft: draft.venue.external_id)
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
            .where(among(venues.c.external_id, [draft.venue.external_id for draft in drafts]))
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
        self._connection.execute(delete(rooms).where(among(rooms.c.venue_id, ids.values())))
        rows = [
            room_row(room, ids[draft.venue.external_id], position)
            for draft in drafts
            for position, room in enumerate(draft.venue.rooms)
        ]
        if rows:
            self._connection.execute(rooms.insert(), rows)

    def write_photos(self, drafts: Sequence[tuple[int, PhotoDraft]]) -> None:
        """Insert or update photos, (venue's row id, draft) each; those without `content` keep what is stored of it.

        Copies among the photos of each of these venues are linked anew.
        """
        self._release_copies(drafts)
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
        if drafts:
            looks.settle(self._driver, {venue_id for venue_id, _ in drafts})

    def _release_copies(self, drafts: Sequence[tuple[int, PhotoDraft]]) -> None:
        """Note the originals in our own store of photos that are read elsewhere from now on."""
        elsewhere = {(venue_id, photo.uri) for venue_id, photo in drafts if not photo.file.kept}
        query = select(photos.c.id, photos.c.venue_id, photos.c.uri).where(
            among(photos.c.venue_id, {venue_id for venue_id, _ in elsewhere}), kept_originals()
        )
        ids = [row.id for row in self._connection.execute(query) if (row.venue_id, row.uri) in elsewhere]
        if ids:
            release(self._connection, among(photos.c.id, ids))

    def _upsert_read_photos(self, read: Sequence[tuple[int, PhotoDraft]]) -> None:
        looks.keep(self._driver, {photo.content_hash: photo.look for photo in _contents(read) if photo.look})
        changed = self._content_changed(read)
        release(self._connection, among(photos.c.id, changed))
        plain = insert(photos)
        rows = [photo_row(photo, venue_id) for venue_id, photo in read]
        statement = plain.on_conflict_do_update(
            index_elements=[photos.c.venue_id, photos.c.uri],
            set_={name: plain.excluded[name] for name in rows[0] if name not in ("venue_id", "uri")},
        ).returning(photos.c.venue_id, photos.c.uri, photos.c.id)
        ids = {(venue_id, uri): photo_id for venue_id, uri, photo_id in self._connection.execute(statement, rows)}
        self._connection.execute(delete(photo_embeddings).where(among(photo_embeddings.c.photo_id, changed)))
        looks.forget_tags(self._driver, changed)
        looks.sweep(self._driver, changed.values())
        self._copy_photo_embeddings(read, ids)

    def _content_changed(self, read: Sequence[tuple[int, PhotoDraft]]) -> dict[int, bytes]:
        """Return the stored photos whose bytes are no longer those embedded, in any space, with their old hash."""
        hashes = {(venue_id, photo.uri): photo.content.content_hash for venue_id, photo in read if photo.content}
        query = select(photos.c.id, photos.c.venue_id, photos.c.uri, photos.c.content_hash).where(
            among(photos.c.venue_id, {venue_id for venue_id, _ in read})
        )
        return {
            row.id: row.content_hash
            for row in self._connection.execute(query)
            if hashes.get((row.venue_id, row.uri), row.content_hash) != row.content_hash
        }

    def _copy_photo_embeddings(self, read: Sequence[tuple[int, PhotoDraft]], ids: dict[tuple[int, str], int]) -> None:
        embedded = [
            (ids[venue_id, photo.uri], venue_id, photo.embeddings)
            for venue_id, photo in read
            if photo.embeddings is not None
        ]
        self._forget(photo_embeddings, photo_embeddings.c.photo_id, {photo_id for photo_id, _, _ in embedded})
        copy_photos(self._connection, self._space.id, embedded)

    def _write_chunks(self, drafts: Sequence[VenueDraft], ids: dict[str, int], retold: Collection[str]) -> None:
        void = among(description_embeddings.c.venue_id, [ids[external_id] for external_id in retold])
        self._connection.execute(delete(description_embeddings).where(void))  # in other spaces too
        described = [(ids[draft.venue.external_id], draft.chunks) for draft in drafts if draft.chunks is not None]
        self._forget(description_embeddings, description_embeddings.c.venue_id, {venue_id for venue_id, _ in described})
        copy_chunks(self._connection, self._space.id, described)

    def _forget(self, table: Any, column: Any, ids: Collection[int]) -> None:
        if ids:
            self._connection.execute(delete(table).where(table.c.space_id == self._space.id, among(column, ids)))


def _contents(read: Sequence[tuple[int, PhotoDraft]]) -> Iterator[PhotoContent]:
    return (photo.content for _, photo in read if photo.content)


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    identity = {"of_venue": row["venue_id"], "of_uri": row["uri"]}
    return identity | {f"new_{name}": value for name, value in row.items() if name not in ("venue_id", "uri")}
