"""Venues with their rooms, photos and embeddings: read many at once, write a batch atomically."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, func, select

from venuefinder.domain import Venue
from venuefinder.errors import NotFoundError
from venuefinder.records import PhotoDraft, StoredPhoto, StoredSpace, StoredVenue, VenueDraft
from venuefinder.store import looks
from venuefinder.store.among import among
from venuefinder.store.database import Database
from venuefinder.store.driver import driver_of
from venuefinder.store.look_tables import photo_tags
from venuefinder.store.originals import release
from venuefinder.store.refusals import refusals_explained
from venuefinder.store.rows import photo_from, venue_from
from venuefinder.store.tables import description_embeddings, photo_embeddings, photos, rooms, venues
from venuefinder.store.venue_writer import VenueWriter


class VenueRepository:
    """All that is stored of venues. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, external_ids: Collection[str], space: StoredSpace | None = None) -> dict[str, StoredVenue]:
        """Return those of the venues that are stored, by external id.

        `embedded`, `described` and tags tell of `space`; without one they are False and none.
        """
        with self._database.connect() as connection:
            return load_venues(connection, among(venues.c.external_id, external_ids), space.id if space else 0)

    def shown(self, photo_of: Mapping[int, int | None]) -> dict[int, tuple[Venue, StoredPhoto | None]]:
        """Return each venue, by row id, with the one photo asked for. Venues gone meanwhile are absent."""
        of_photos = select(photos).where(among(photos.c.id, {photo for photo in photo_of.values() if photo}))
        with self._database.connect() as connection:
            found = connection.execute(select(venues).where(among(venues.c.id, photo_of))).mappings().all()
            rooms_of = rooms_by_venue(connection, photo_of)
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
        with refusals_explained(_named(drafts)), self._database.begin() as connection:
            return VenueWriter(connection, space).write(drafts)

    def add_photos(self, external_id: str, drafts: Sequence[PhotoDraft], space: StoredSpace) -> None:
        """Insert or update photos of one venue, which stays locked meanwhile.

        Raises NotFoundError without it, ListingError when the database refuses a photo.
        """
        with refusals_explained(f"venue {external_id!r}"), self._database.begin() as connection:
            query = select(venues.c.id).where(venues.c.external_id == external_id).with_for_update()
            venue_id = connection.scalar(query)
            if venue_id is None:
                raise NotFoundError(f"venue {external_id!r}: not in this catalogue; PUT it first, or ingest it")
            VenueWriter(connection, space).write_photos([(venue_id, photo) for photo in drafts])

    def remove(self, external_ids: Collection[str]) -> int:
        """Remove venues with all that belongs to them; return how many there were."""
        chosen = among(venues.c.external_id, external_ids)
        contents = select(photos.c.content_hash).join(venues).where(chosen).distinct()
        with self._database.begin() as connection:
            looked = connection.scalars(contents).all()
            release(connection, photos.c.venue_id.in_(select(venues.c.id).where(chosen)))
            removed = int(connection.execute(delete(venues).where(chosen)).rowcount)
            looks.sweep(driver_of(connection), looked)
        return removed

    def remove_photos(self, photo_ids: Collection[int]) -> int:
        """Remove photos with their embeddings; return how many there were. Their copies are linked anew."""
        chosen = among(photos.c.id, photo_ids)
        of_venues = select(venues.c.id).where(venues.c.id.in_(select(photos.c.venue_id).where(chosen)))
        with self._database.begin() as connection:
            venue_ids = connection.scalars(of_venues.order_by(venues.c.external_id).with_for_update()).all()
            release(connection, chosen)
            removed = connection.scalars(delete(photos).where(chosen).returning(photos.c.content_hash)).all()
            looks.sweep(driver_of(connection), removed)
            looks.settle(driver_of(connection), venue_ids)
        return len(removed)

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

    def names_after(self, external_id: str, limit: int) -> list[str]:
        """Return the external ids that follow one in their order, at most `limit`."""
        query = select(venues.c.external_id).where(venues.c.external_id > external_id)
        with self._database.connect() as connection:
            return list(connection.scalars(query.order_by(venues.c.external_id).limit(limit)))

    def originals(self) -> Iterable[tuple[str, StoredPhoto]]:
        """Yield every photo with the external id of its venue, in batches from the server."""
        query = select(venues.c.external_id, photos).join(venues)
        with self._database.connect() as connection:
            for row in connection.execution_options(yield_per=5000).execute(query).mappings():
                yield row["external_id"], photo_from(dict(row))


def _named(drafts: Sequence[VenueDraft]) -> str:
    first = f"venue {drafts[0].venue.external_id!r}"
    return first if len(drafts) == 1 else f"{first} or one of the {len(drafts) - 1} venues written with it"


def load_venues(connection: Connection, condition: Any, space_id: int) -> dict[str, StoredVenue]:
    """Return the venues for which a condition holds, as `VenueRepository.known` does."""
    described = select(description_embeddings.c.venue_id).where(
        description_embeddings.c.space_id == space_id, description_embeddings.c.venue_id == venues.c.id
    )
    query = select(venues, described.exists().label("described")).where(condition)
    found = {row["id"]: row for row in connection.execute(query).mappings()}
    rooms_of = rooms_by_venue(connection, found)
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


def rooms_by_venue(connection: Connection, venue_ids: Iterable[int]) -> dict[int, list[Any]]:
    """Return the rows of the rooms of venues, in order."""
    in_order = select(rooms).where(among(rooms.c.venue_id, venue_ids)).order_by(rooms.c.venue_id, rooms.c.position)
    rooms_of: dict[int, list[Any]] = defaultdict(list)
    for room in connection.execute(in_order).mappings():
        rooms_of[room["venue_id"]].append(room)
    return rooms_of


def _photos_of(venue_ids: Iterable[int], space_id: int) -> Any:
    embedded = select(photo_embeddings.c.photo_id).where(
        photo_embeddings.c.space_id == space_id, photo_embeddings.c.photo_id == photos.c.id
    )
    told = and_(photo_tags.c.photo_id == photos.c.id, photo_tags.c.space_id == space_id)
    return (
        select(photos, embedded.exists().label("embedded"), photo_tags.c.tags, photo_tags.c.probabilities)
        .outerjoin(photo_tags, told)
        .where(among(photos.c.venue_id, venue_ids))
        .order_by(photos.c.venue_id, photos.c.position, photos.c.id)
    )
