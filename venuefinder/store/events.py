"""What people did with venues, as rows: the latest ones, for a while."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg

from venuefinder.events import Deed, Event, Recorded
from venuefinder.store.database import Database
from venuefinder.store.driver import driver_of

MOST_FORGOTTEN = 1_000
"""Expired rows that one call deletes: many times what it adds, and never a long wait."""
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%(user)s, 20261130))"
"""Calls of one user wait for each other, or their events could outgrow the most there may be."""
ROWS = "SELECT external_id, id FROM venues WHERE external_id = ANY(%(venues)s) ORDER BY external_id FOR KEY SHARE"
"""In the order in which writers of venues lock them, or each could wait for the other."""
ADD = """
INSERT INTO user_events (user_name, event_id, kind, venue_id, happened_at)
SELECT %(user)s, event_id, kind, venue_id, clock_timestamp()
FROM unnest(%(ids)s::text[], %(kinds)s::text[], %(venues)s::bigint[]) WITH ORDINALITY
     AS given (event_id, kind, venue_id, place)
ORDER BY place
ON CONFLICT (user_name, event_id) WHERE event_id IS NOT NULL DO NOTHING
"""
TRIM = """
DELETE FROM user_events WHERE id IN (
    SELECT id FROM user_events WHERE user_name = %(user)s ORDER BY happened_at DESC, id DESC OFFSET %(most)s)
"""
EXPIRE = """
DELETE FROM user_events WHERE id IN (
    SELECT id FROM user_events WHERE happened_at <= now() - %(kept_for)s::interval
    ORDER BY happened_at LIMIT %(some)s FOR UPDATE SKIP LOCKED)
"""
LATEST = """
SELECT DISTINCT ON (e.venue_id, e.kind) e.venue_id, v.external_id, e.kind, now() - e.happened_at
FROM user_events e JOIN venues v ON v.id = e.venue_id
WHERE e.user_name = %(user)s AND e.happened_at > now() - %(kept_for)s::interval
ORDER BY e.venue_id, e.kind, e.happened_at DESC
"""
FORGET = "DELETE FROM user_events WHERE user_name = %(user)s"


class EventRepository:
    """The events of one database. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, user: str, events: Sequence[Event], *, kept_for: timedelta, most: int) -> Recorded:
        """Store events that were not stored before; forget the user's oldest beyond `most`, and some expired ones."""
        with self._cursor(writing=True) as cursor:
            cursor.execute(LOCK, {"user": user})
            rows = dict(cursor.execute(ROWS, {"venues": [event.venue for event in events]}).fetchall())
            known = [event for event in events if event.venue in rows]
            asked = {
                "user": user,
                "ids": [event.id for event in known],
                "kinds": [event.kind for event in known],
                "venues": [rows[event.venue] for event in known],
            }
            stored = cursor.execute(ADD, asked).rowcount
            cursor.execute(TRIM, {"user": user, "most": most})
            cursor.execute(EXPIRE, {"kept_for": kept_for, "some": MOST_FORGOTTEN})
        unknown = dict.fromkeys(event.venue for event in events if event.venue not in rows)
        return Recorded(stored=stored, repeated=len(known) - stored, unknown=list(unknown))

    def latest(self, user: str, *, kept_for: timedelta) -> list[Deed]:
        """Return the user's latest event of each kind and venue."""
        with self._cursor() as cursor:
            rows = cursor.execute(LATEST, {"user": user, "kept_for": kept_for}).fetchall()
        return [
            Deed(venue_id=venue_id, external_id=external_id, kind=kind, age=age)
            for venue_id, external_id, kind, age in rows
        ]

    def forget(self, user: str) -> int:
        """Delete all events of a user, and return how many there were."""
        with self._cursor(writing=True) as cursor:
            cursor.execute(LOCK, {"user": user})
            return cursor.execute(FORGET, {"user": user}).rowcount

    def expire(self, *, kept_for: timedelta) -> None:
        """Delete all events that are older."""
        with self._cursor(writing=True) as cursor:
            cursor.execute(EXPIRE, {"kept_for": kept_for, "some": None})

    @contextmanager
    def _cursor(self, *, writing: bool = False) -> Iterator[psycopg.Cursor[Any]]:
        with self._database.begin() if writing else self._database.connect() as connection:
            driver = driver_of(connection)
            with driver.cursor() as cursor:
                yield cursor
