"""psycopg's own cursors on pooled connections: SQLAlchemy's text binding costs 0.3 ms a use."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from venuefinder.store.database import Database

MOST_SECONDS = 30
"""A statement may take: what callers can ask for has no end, and each statement holds a connection of a few."""
LIMITS = f"set_config('random_page_cost', '1.1', true), set_config('statement_timeout', '{MOST_SECONDS}s', true)"
"""Pages are in memory: with the stock price of random reads, a few hundred venues' rooms are sought by reading all."""
SESSION = f"SELECT {LIMITS}"


@contextmanager
def reading(database: Database) -> "Iterator[psycopg.Cursor[Any]]":
    """Open a cursor for reading, in statements of `MOST_SECONDS` at most.

    Raises DatabaseError for one that takes longer, DatabaseUnavailableError as `Database.connect`.
    """
    with database.connect() as connection:
        driver: Any = connection.connection.driver_connection
        with driver.cursor(binary=True) as cursor:
            cursor.execute(SESSION)
            yield cursor


def rows(cursor: "psycopg.Cursor[Any]", statement: str, parameters: dict[str, Any]) -> list[Any]:
    """Return all rows. Planned for these values: a plan for any values took a hundred times as long."""
    return cursor.execute(statement.encode(), parameters, prepare=False).fetchall()
