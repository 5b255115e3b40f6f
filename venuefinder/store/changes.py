"""What changes whenever the catalogue does, for a tenth of a millisecond: PostgreSQL's own counts of rows written."""

from venuefinder.records import StoredSpace
from venuefinder.store.database import Database
from venuefinder.store.driver import driver_of
from venuefinder.store.partitions import OWNERS, leaf_of

WRITTEN = """
SELECT sum(pg_stat_get_tuples_inserted(t::regclass) + pg_stat_get_tuples_updated(t::regclass)
         + pg_stat_get_tuples_deleted(t::regclass))::text
FROM unnest(%(tables)s::text[]) AS t
"""


class CatalogueChanges:
    """Tells whether venues, rooms, photos or embeddings were written since."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def version(self, space: StoredSpace) -> str:
        """Return what is another text once something was written; up to ten seconds after, which backends take to say.

        It never changes before what was written can be read, so that what was made of an older state is not taken for
        a newer one.
        """
        tables = ["venues", "rooms", "photos", *(leaf_of(table, space.id) for table in OWNERS)]
        with self._database.connect() as connection:
            driver = driver_of(connection)
            row = driver.execute(WRITTEN, {"tables": tables}).fetchone()
        return str(row[0])
