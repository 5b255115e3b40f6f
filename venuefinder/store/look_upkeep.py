"""Looks and links as wholes: which photos nobody looked at lately, and bringing links to what looks and embeddings say.

Writers of photos keep both in order as they write. This is for another version of looks, for embeddings that came
later, and for what was left behind.
"""

from collections.abc import Collection, Mapping

from venuefinder.domain import LOOK_VERSION, PhotoLook
from venuefinder.records import StoredPhoto
from venuefinder.store import looks
from venuefinder.store.database import Database
from venuefinder.store.driver import driver_of
from venuefinder.store.rows import photo_from
from venuefinder.store.tables import photos

# Looked up by key, not joined: see `tags`.
DUE = """
FROM photos p WHERE p.id > %(after)s
    AND (SELECT l.version FROM photo_looks l WHERE l.content_hash = p.content_hash) IS DISTINCT FROM %(version)s
"""
COLUMNS = ", ".join(f"p.{column.name}" for column in photos.columns)
NEXT = f"SELECT {COLUMNS} {DUE} ORDER BY p.id LIMIT %(limit)s"
COUNT = f"SELECT count(*) {DUE}"
VENUES_OF = "SELECT DISTINCT venue_id FROM photos WHERE content_hash = ANY(%s::bytea[])"
VENUES = "SELECT id FROM venues WHERE id > %s ORDER BY id LIMIT %s"


class LookUpkeep:
    """The looks and links of one database. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due_after(self, photo_id: int, *, limit: int) -> list[StoredPhoto]:
        """Return the next photos by id whose content has no look, or one of another version."""
        parameters = {"after": photo_id, "version": LOOK_VERSION, "limit": limit}
        with self._database.connect() as connection:
            cursor = looks.named_rows(driver_of(connection))
            return [photo_from(row) for row in cursor.execute(NEXT, parameters)]

    def count_due(self) -> int:
        """Return how many photos these are."""
        with self._database.connect() as connection:
            driver = driver_of(connection)
            return int(driver.execute(COUNT, {"after": 0, "version": LOOK_VERSION}).fetchone()[0])

    def keep(self, found: Mapping[bytes, PhotoLook]) -> int:
        """Store looks by content hash, and bring flags and links of their venues in order; return the links changed."""
        with self._database.begin() as connection:
            driver = driver_of(connection)
            venues = [row[0] for row in driver.execute(VENUES_OF, [list(found)])]
            driver.execute(looks.LOCK, {"venues": venues})  # before looks are written, as other writers do
            looks.keep(driver, found)
            return looks.settle(driver, venues)

    def venues_after(self, venue_id: int, *, limit: int) -> list[int]:
        """Return the next rows of venues by id."""
        with self._database.connect() as connection:
            driver = driver_of(connection)
            return [row[0] for row in driver.execute(VENUES, [venue_id, limit])]

    def settle(self, venue_ids: Collection[int], *, dry: bool = False) -> int:
        """Bring flags and links of these venues in order; return how many links changed. `dry`: would change."""
        with self._database.rehearse() if dry else self._database.begin() as connection:
            return looks.settle(driver_of(connection), venue_ids)

    def sweep(self, *, dry: bool = False) -> int:
        """Delete looks of contents that no photo has any more; return how many. `dry`: only count them."""
        with self._database.rehearse() if dry else self._database.begin() as connection:
            return looks.sweep(driver_of(connection))
