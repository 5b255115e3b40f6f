"""Which embedding space serves: activate one, go back, drop one. Each is one transaction."""

from time import sleep
from typing import Any

import psycopg
from sqlalchemy import Connection, Row, delete, insert, select, text
from sqlalchemy.exc import OperationalError

from venuefinder.errors import BusyError, SpaceError, SpaceGoneError
from venuefinder.records import StoredSpace
from venuefinder.spaces.space_states import Missing
from venuefinder.store.database import Database
from venuefinder.store.fills import count_missing
from venuefinder.store.partitions import OWNERS, leaf_of
from venuefinder.store.spaces import SPACE_LOCK, stored_space
from venuefinder.store.tables import embedding_spaces, space_activations

WRITERS_WAIT = "10s"
"""How long activating waits for the writers under way, while others wait behind it."""
DROP_WAIT = "400ms"
"""How long dropping makes readers wait at once: less than the second after which PostgreSQL looks for deadlocks and
ends one of those who wait, which could be a search."""
DROP_TRIES, DROP_PAUSE = 100, 0.2
"""How often dropping tries, and the seconds between."""


class ActivationRepository:
    """The activations of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def active(self) -> StoredSpace | None:
        """Return the space that serves; None in a catalogue without spaces, or without tables yet."""
        with self._database.connect() as connection:
            if connection.scalar(text("SELECT to_regclass('space_activations')")) is None:
                return None
            return _space(connection, active_space_id(connection))

    def active_id(self) -> int | None:
        """Return the number of the space that serves, None where there is none: cheap enough to ask every second."""
        with self._database.connect() as connection:
            return active_space_id(connection)

    def previous(self) -> StoredSpace | None:
        """Return the space that a rollback would return to."""
        with self._database.connect() as connection:
            return _space(connection, _previous_id(connection))

    def activate(self, space: StoredSpace, *, incomplete: bool = False) -> Missing:
        """Let `space` serve from now on; return what is missing in it, counted while nobody adds photos.

        Raises SpaceError, and changes nothing, where anything is missing and not `incomplete`; SpaceGoneError for a
        space that was dropped; BusyError where writers do not come to an end.
        """
        try:
            with self._database.begin() as connection:
                _hold_spaces(connection)
                _require(connection, space)
                missing = self._counted_alone(connection, space)
                if missing and not incomplete:
                    raise SpaceError(
                        f"space {space.space.name!r}: {missing} have no embeddings in it, expected all of them; run: "
                        f"venuefinder spaces backfill {space.space.name}, or add --incomplete"
                    )
                _activate(connection, space.id)
                return missing
        except OperationalError as error:
            raise _explained(error, "photos are being written; wait for the ingestion, or stop it") from error

    def roll_back(self) -> tuple[StoredSpace, Missing]:
        """Let the space serve that served before; return it, and what is missing in it. Raises SpaceError without."""
        with self._database.begin() as connection:
            _hold_spaces(connection)
            previous = _space(connection, _previous_id(connection))
            if previous is None:
                raise SpaceError(
                    "spaces: no other space served before, or it was dropped; see venuefinder spaces list, and run: "
                    "venuefinder spaces activate SPACE"
                )
            _activate(connection, previous.id)
            return previous, count_missing(connection, previous)

    def drop(self, space: StoredSpace) -> None:
        """Drop a space with its embeddings and all that is kept of it, while searches in other spaces go on.

        Raises SpaceError for the one that serves, SpaceGoneError for one that is gone, BusyError where it stays in use.
        """
        for _ in range(DROP_TRIES):
            try:
                with self._database.begin() as connection:
                    return _drop(connection, space)
            except OperationalError as error:
                busy = _explained(error, "it is being written, indexed or searched; end that, and try again")
                sleep(DROP_PAUSE)
        raise busy

    @staticmethod
    def _counted_alone(connection: Connection, space: StoredSpace) -> Missing:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WRITERS_WAIT}'")
        # In the order in which writers take them. Readers go on.
        connection.exec_driver_sql("LOCK TABLE venues, photos IN SHARE MODE")
        return count_missing(connection, space)


def _hold_spaces(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SPACE_LOCK})


def _require(connection: Connection, space: StoredSpace) -> None:
    row = select(embedding_spaces.c.id).where(embedding_spaces.c.id == space.id).with_for_update()
    if connection.scalar(row) is None:
        raise SpaceGoneError(f"space {space.space.name!r}: it was dropped; see venuefinder spaces list")


def _activate(connection: Connection, space_id: int) -> None:
    if active_space_id(connection) != space_id:
        connection.execute(insert(space_activations).values(space_id=space_id))


def _drop(connection: Connection, space: StoredSpace) -> None:
    _hold_spaces(connection)
    _require(connection, space)
    if active_space_id(connection) == space.id:
        raise SpaceError(
            f"space {space.space.name!r}: it serves searches, expected one that does not; activate another first: "
            "venuefinder spaces activate SPACE"
        )
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{DROP_WAIT}'")
    for table in OWNERS:
        connection.exec_driver_sql(f"DROP TABLE {leaf_of(table, space.id)}")
    connection.execute(delete(embedding_spaces).where(embedding_spaces.c.id == space.id))


def active_space_id(connection: Connection) -> int | None:
    """Return the number of the space that serves, None where there is none."""
    newest = select(space_activations.c.space_id).order_by(space_activations.c.id.desc()).limit(1)
    return connection.scalar(newest)


def _previous_id(connection: Connection) -> int | None:
    active = active_space_id(connection)
    others = select(space_activations.c.space_id).where(space_activations.c.space_id != active)
    return connection.scalar(others.order_by(space_activations.c.id.desc()).limit(1))


def _space(connection: Connection, space_id: int | None) -> StoredSpace | None:
    row: Row[Any] | None = connection.execute(
        select(embedding_spaces).where(embedding_spaces.c.id == space_id)
    ).one_or_none()
    return stored_space(row) if row else None


def _explained(error: OperationalError, why: str) -> BusyError:
    """Return what to raise where a lock could not be had; any other error is raised as it is."""
    if not isinstance(error.orig, psycopg.errors.LockNotAvailable):
        raise error
    return BusyError(f"spaces: {why}")
