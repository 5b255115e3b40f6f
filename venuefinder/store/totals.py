"""How many venues there are, and how many photos each, without counting a large catalogue for every search."""

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any

import psycopg

COUNTED = 20_000
"""Venues up to which they are counted anew each time: a millisecond."""
REMEMBERED_SECONDS = 10.0
USUAL_PHOTOS = 8.0
"""Photos a venue, where statistics were never gathered."""
STATISTICS = """
SELECT (SELECT reltuples FROM pg_class WHERE oid = 'venues'::regclass),
       (SELECT reltuples FROM pg_class WHERE oid = %(photos)s::regclass)
"""
COUNT = "SELECT count(*) FROM venues"


class Totals:
    """Counts venues. One for a process; thread-safe."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._counted: tuple[float, int] | None = None
        self._lock = Lock()

    def venues(self, cursor: "psycopg.Cursor[Any]") -> int:
        """Return how many venues there are; of a large catalogue, how many there were at most ten seconds ago."""
        with self._lock:
            known = self._counted
        if known is not None and known[1] > COUNTED and self._clock() - known[0] <= REMEMBERED_SECONDS:
            return known[1]
        row = cursor.execute(COUNT).fetchone()
        total: int = row[0] if row else 0
        with self._lock:
            self._counted = (self._clock(), total)
        return total


def photos_a_venue(cursor: "psycopg.Cursor[Any]", photos: str) -> float:
    """Return about how many rows the table `photos` has for each venue, by the planner's statistics."""
    row = cursor.execute(STATISTICS, {"photos": photos}).fetchone()
    venues, rows = row or (0, 0)
    return rows / venues if venues > 0 and rows > 0 else USUAL_PHOTOS
