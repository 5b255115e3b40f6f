"""psycopg's own cursors on connections lent for reading."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg

from venuefinder.store.database import Database


@contextmanager
def reading(database: Database, settings: Mapping[str, str] | None = None) -> "Iterator[psycopg.Cursor[Any]]":
    """Open a cursor for reading, in statements of `sessions.MOST_SECONDS` at most; `settings` of PostgreSQL besides.

    Raises DatabaseError for one that takes longer, DatabaseUnavailableError as `Database.connect`.
    """
    with database.reading() as session:
        session.set(settings or {})
        with session.driver.cursor(binary=True) as cursor:
            yield cursor


def rows(cursor: "psycopg.Cursor[Any]", statement: str, parameters: dict[str, Any]) -> list[Any]:
    """Return all rows. Planned for these values: a plan for any values took a hundred times as long."""
    return cursor.execute(statement.encode(), parameters, prepare=False).fetchall()
