"""A pooled connection lent for reading: each statement a transaction of its own, and settings that stay.

A transaction with settings of its own costs three round trips beside the six or so statements of a search. So a session
is set up once and lent again as it is; only what differs is set anew. Before it is lent for anything else, it is reset.

Nothing that only reads ends with a rollback: there psycopg forgets all that it has prepared, and searches plan anew.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection

from venuefinder.store.driver import driver_of

MOST_SECONDS = 30
"""A statement may take: what callers can ask for has no end, and each statement holds a connection of a few."""
READING: Mapping[str, str] = {
    # Pages are in memory: with the stock price of random reads, a few hundred venues' rooms are sought by reading all.
    "random_page_cost": "1.1",
    "enable_seqscan": "on",
    "statement_timeout": f"{MOST_SECONDS}s",
    # Scans go on until a filter has let enough rows through; in relaxed order, since all finds are scored anew, and
    # strict order drops what it finds too late.
    "hnsw.iterative_scan": "relaxed_order",
    "hnsw.max_scan_tuples": "200000",
}
"""What a session is set to, unless its reader asks for something else."""
SET = """
SELECT set_config(name, value, false) FROM unnest(%(names)s::text[], %(values)s::text[]) AS wanted (name, value)
"""
KEPT = "venuefinder.settings"
"""Where a pooled connection keeps what it is set to."""


class ReadingSession:
    """psycopg's own connection, and what it is set to."""

    def __init__(self, connection: Connection) -> None:
        self.driver: psycopg.Connection[Any] = driver_of(connection)
        self._set: dict[str, str] = connection.info.setdefault(KEPT, {})

    def set(self, wanted: Mapping[str, str]) -> None:
        """Change settings; a round trip where any differs."""
        changed = {name: value for name, value in wanted.items() if self._set.get(name) != value}
        if changed:
            with self.driver.cursor() as cursor:
                cursor.execute(SET, {"names": list(changed), "values": list(changed.values())})
            self._set.update(changed)


@contextmanager
def lent(connection: Connection) -> Iterator[ReadingSession]:
    """Set a connection up for reading, without transactions.

    At the end of the block it has them again, but for one that is in the middle of something, which is closed.
    """
    driver = driver_of(connection)
    try:
        driver.autocommit = True
        session = ReadingSession(connection)
        session.set(READING)
        yield session
    finally:
        if driver.info.transaction_status is psycopg.pq.TransactionStatus.IDLE:
            driver.autocommit = False
        else:
            connection.invalidate()


def reset(connection: Connection) -> None:
    """Set a connection to what it was set to when it was opened, where it has been lent."""
    if connection.info.pop(KEPT, None):
        driver = driver_of(connection)
        driver.autocommit = True
        driver.execute("RESET ALL")
        driver.autocommit = False


@contextmanager
def reads_only(connection: Connection) -> Iterator[None]:
    """Have the server refuse writes in transactions of the block, and end them by a commit; by a rollback if it raises.

    A connection that was lost meanwhile is left to the pool, which throws it away.
    """
    driver = driver_of(connection)
    driver.read_only = True
    try:
        yield
        if not (connection.invalidated or driver.closed):
            connection.commit()
            driver.commit()
    finally:
        if not driver.closed:
            driver.rollback()
            driver.read_only = None
