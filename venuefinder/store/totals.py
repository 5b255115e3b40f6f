"""What a search knows of whole tables, without counting a large catalogue each time. Ten seconds old at most."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any

import psycopg

COUNTED = 5_000
"""Venues up to which they are counted anew each time: a fifth of a millisecond."""
REMEMBERED_SECONDS = 10.0
USUAL_PHOTOS = 8.0
"""Photos a venue, where statistics were never gathered."""
COUNT = "SELECT count(*) FROM venues"
FACTS = """
SELECT (SELECT reltuples FROM pg_class WHERE oid = 'venues'::regclass),
       (SELECT reltuples FROM pg_class WHERE oid = %(leaf)s::regclass),
       (SELECT array_agg(indexrelid::regclass::text || pg_relation_filenode(indexrelid) ORDER BY indexrelid)
        FROM pg_index WHERE indrelid = %(leaf)s::regclass AND indisvalid)
"""


@dataclass(frozen=True, slots=True)
class LeafFacts:
    """What is known of a leg's table."""

    rows_a_venue: float
    """About how many rows it has for each venue, by the planner's statistics."""
    built: tuple[str, ...]
    """Its valid indexes, each by its name and the file it is in: another file once it is built anew."""


class Totals:
    """Looks at whole tables. One for a process; thread-safe."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._counted: tuple[float, int] | None = None
        self._facts: dict[str, tuple[float, LeafFacts]] = {}
        self._lock = Lock()

    def venues(self, cursor: "psycopg.Cursor[Any]") -> int:
        """Return how many venues there are; of a large catalogue, how many there were at most ten seconds ago."""
        with self._lock:
            known = self._counted
        if known is not None and known[1] > COUNTED and self._is_fresh(known[0]):
            return known[1]
        row = cursor.execute(COUNT).fetchone()
        total: int = row[0] if row else 0
        with self._lock:
            self._counted = (self._clock(), total)
        return total

    def facts(self, cursor: "psycopg.Cursor[Any]", leaf: str) -> LeafFacts:
        """Return what is known of a leg's table."""
        with self._lock:
            known = self._facts.get(leaf)
        if known is not None and self._is_fresh(known[0]):
            return known[1]
        found = _facts(cursor.execute(FACTS, {"leaf": leaf}).fetchone())
        with self._lock:
            self._facts[leaf] = (self._clock(), found)
        return found

    def _is_fresh(self, time: float) -> bool:
        return self._clock() - time <= REMEMBERED_SECONDS


def _facts(row: Any) -> LeafFacts:
    venues, rows, built = row
    return LeafFacts(rows / venues if venues > 0 and rows > 0 else USUAL_PHOTOS, tuple(built or ()))
