"""Which originals in our own store are needed: let go of in the transaction that ends their use, deleted by a sweep.

Whoever puts an original into the store holds a shared lock until its photo is written. A sweep takes the lock alone, or
leaves what it would delete to the next one: so nothing is deleted that somebody found to be there already.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import ColumnElement, Connection, delete, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from venuefinder.errors import DatabaseUnavailableError, ImageError
from venuefinder.store.among import among
from venuefinder.store.database import Database
from venuefinder.store.original_tables import unused_originals
from venuefinder.store.tables import photos

SWEPT_AT_ONCE = 500
LOCK = "hashtextextended('venuefinder: originals in the store', 0)"


def kept() -> ColumnElement[bool]:
    """Return the condition that a photo's bytes are in our own store: `PhotoFile.kept`."""
    return or_(photos.c.copied, photos.c.location.startswith("upload:"))


def release(connection: Connection, chosen: ColumnElement[bool]) -> None:
    """Note that these photos need their originals in the store no more, within a transaction of the caller's."""
    contents = select(photos.c.content_hash).where(chosen, kept()).distinct().order_by(photos.c.content_hash)
    noted = insert(unused_originals).from_select(["content_hash"], contents)
    connection.execute(noted.on_conflict_do_nothing())


class OriginalRepository:
    """The originals that one database needs of our store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Keep sweeps away while originals are put into the store and their photos written."""
        with self._database.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text(f"SELECT pg_advisory_lock_shared({LOCK})"))
            try:
                yield
            finally:
                with suppress(DatabaseUnavailableError, SQLAlchemyError):  # a lost connection has let go of it already
                    connection.execute(text(f"SELECT pg_advisory_unlock_shared({LOCK})"))

    def forget(self, contents: Collection[bytes]) -> None:
        """Note that nobody may need these originals: their photos were not written after all."""
        rows = [{"content_hash": content} for content in sorted(contents)]
        if rows:
            with self._database.begin() as connection:
                connection.execute(insert(unused_originals).on_conflict_do_nothing(), rows)

    def sweep(self, forget: Callable[[bytes], None]) -> int:
        """Delete, by `forget`, what was let go of and no photo has; return how many.

        Deletes nothing while somebody puts originals into the store, and stops where store or database fail: the next
        sweep goes on.
        """
        with suppress(DatabaseUnavailableError), self._database.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            if connection.execute(select(unused_originals).limit(1)).first() is None:
                return 0
            if not connection.scalar(text(f"SELECT pg_try_advisory_lock({LOCK})")):
                return 0
            try:
                return _sweep(connection, forget)
            except (ImageError, OSError):
                return 0
            finally:
                connection.execute(text(f"SELECT pg_advisory_unlock({LOCK})"))
        return 0


def _sweep(connection: Connection, forget: Callable[[bytes], None]) -> int:
    deleted = 0
    while noted := connection.scalars(select(unused_originals.c.content_hash).limit(SWEPT_AT_ONCE)).all():
        needed = select(photos.c.content_hash).where(among(photos.c.content_hash, noted), kept()).distinct()
        unused = set(map(bytes, noted)) - set(map(bytes, connection.scalars(needed)))
        for content in sorted(unused):
            forget(content)
        connection.execute(delete(unused_originals).where(among(unused_originals.c.content_hash, noted)))
        deleted += len(unused)
    return deleted
