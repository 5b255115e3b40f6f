"""How many venues have a word, and how many bear a name: counted by index where that is cheap, estimated where not.

PostgreSQL's statistics list the common words with their share of the venues, as of the last ANALYZE. A word that they
do not list is rare enough to be counted in well under a millisecond.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any

import psycopg

COUNTED = 1_000
"""Venues that are counted at most, so that a count is cheap whatever the statistics know."""
STATISTICS_SECONDS = 60.0
MOST_REMEMBERED = 20_000
"""Words whose counts are remembered until the statistics are read again."""

NAME_WORDS = "strip(to_tsvector('english', v.name))::text"
"""The distinct lexemes of a venue's name, as its index has them."""
STATISTICS = """
SELECT CASE WHEN c.reltuples > %(counted)s THEN c.reltuples::bigint ELSE (SELECT count(*) FROM venues) END,
       s.most_common_elems::text::text[], s.most_common_elem_freqs::float8[]
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = 'search_text'
WHERE c.oid = 'venues'::regclass
"""
WORDS = """
SELECT (SELECT count(*) FROM (SELECT FROM venues v WHERE v.search_text @@ asked.word::tsquery LIMIT %(counted)s) found)
FROM unnest(%(words)s::text[]) WITH ORDINALITY AS asked (word, place) ORDER BY place
"""
NAMES = f"""
SELECT tsvector_to_array(words::tsvector), count(*) FROM (
    SELECT {NAME_WORDS} AS words FROM venues v WHERE {NAME_WORDS} = ANY(%(names)s::tsvector[]::text[])
    AND to_tsvector('english', %(text)s) @@ phraseto_tsquery('english', v.name) LIMIT %(counted)s
) found GROUP BY words
"""  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True)
class Counts:
    """Venues in all, with each word, and of each name."""

    venues: int
    words: Mapping[str, float]
    names: Mapping[frozenset[str], int]


@dataclass(frozen=True, slots=True)
class _Statistics:
    read_at: float
    venues: int
    words: dict[str, float]
    """Venues with each word: the common ones, and those counted since."""


class WordCounts:
    """Counts words, and remembers which are common. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._statistics: _Statistics | None = None

    def of(
        self, cursor: psycopg.Cursor[Any], text: str, words: Sequence[str], names: Collection[frozenset[str]]
    ) -> Counts:
        """Return how many venues have each of `words`, and how many bear each name that `text` says.

        A name is said word by word, as the venue spells it, stop words apart. Only those are looked for whose lexemes
        are among `names`.
        """
        statistics = self._current(cursor)
        counted = {word: count for word in words if (count := statistics.words.get(word)) is not None}
        if unknown := [word for word in words if word not in counted]:
            found = _count(cursor, unknown)
            counted |= found
            if len(statistics.words) < MOST_REMEMBERED:
                statistics.words.update(found)
        spelt = [" ".join(map(quoted, sorted(name))) for name in names]
        asked = {"names": spelt, "text": text, "counted": COUNTED}
        borne = cursor.execute(NAMES.encode(), asked).fetchall() if names else []
        return Counts(statistics.venues, counted, {frozenset(lexemes): count for lexemes, count in borne})

    def _current(self, cursor: psycopg.Cursor[Any]) -> _Statistics:
        with self._lock:
            known = self._statistics
        if known is not None and self._clock() - known.read_at <= STATISTICS_SECONDS:
            return known
        read = _read(cursor, self._clock())
        with self._lock:
            self._statistics = read
        return read


def _read(cursor: psycopg.Cursor[Any], now: float) -> _Statistics:
    row = cursor.execute(STATISTICS.encode(), {"counted": COUNTED}).fetchone()
    venues, words, shares = row or (0, None, None)
    listed = zip(words or (), shares or (), strict=False)  # the least and the greatest share come after the words'
    common = {word: float(round(share * venues)) for word, share in listed} if venues > COUNTED else {}
    return _Statistics(now, venues, common)


def _count(cursor: psycopg.Cursor[Any], words: Sequence[str]) -> dict[str, float]:
    found = cursor.execute(WORDS.encode(), {"words": [quoted(word) for word in words], "counted": COUNTED}).fetchall()
    return {word: float(row[0]) for word, row in zip(words, found, strict=True)}


def quoted(lexeme: str) -> str:
    """Return the lexeme as a tsquery or a tsvector spells it."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
