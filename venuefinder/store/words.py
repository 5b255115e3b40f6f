"""The words leg: how much of what a query says in words a venue's name, kind, city, description and amenities say.

Rare words tell more than common ones. A word that `n` of `N` venues have is worth `ln((N + 1) / (n + 1/2))` nats, the
information of Robertson and Spärck Jones (1976), "Relevance weighting of search terms". A venue is worth

    value = found² / asked + name

nats: `found` sums over the distinct words of the query that the venue has, `asked` over all of them, so that the first
part is the information found times its share of the query. `name` is for a venue whose whole name the query says, in
words that stand together: `(named / asked)² * ln((N + 1) / (n + 1/2))` with the nats of the name's words and the `n`
venues of that name. Without a word found, the value is 0. What a phrase that should not be there is worth, by the first
part alone, is taken away. docs/decisions/0008 has the measurements.

Words are PostgreSQL's English lexemes: "weddings" is `wed`, "the" is nothing.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from math import log, prod
from threading import Lock
from time import monotonic
from typing import Any

import psycopg

from venuefinder.store.cursors import rows
from venuefinder.store.filters import Condition
from venuefinder.store.word_counts import NAME_WORDS, Counts, WordCounts, quoted

MOST_WORDS = 32
"""Distinct lexemes of a query that count, the first ones."""
MOST_NAME_WORDS = 8
"""Distinct lexemes of a name that is looked for within a query."""
MOST_NAMES = 4
"""Names within a query that count, those worth most."""
MOST_UNWANTED = 8
MOST_RETRIEVED = 500
"""Venues that telling words may bring in, and as many again that names may."""
MOST_TOGETHER, WORDS_TOGETHER = 6, 3
"""The rarest words of a query are looked for together too: so many of them, so many at once."""
MOST_READ = 20_000
"""Venues with a word up to which it is looked for together with another: an index reads them all."""
REMEMBERED = 1_000
REMEMBERED_SECONDS = 60.0

LEXEMES = "SELECT lexeme FROM unnest(to_tsvector('english', %(text)s)) ORDER BY positions[1], lexeme LIMIT %(most)s"
BY_WORDS = "v.search_text @@ %(telling_words)s::tsquery"
BY_NAME = f"{NAME_WORDS} = ANY(%(whole_names)s::tsvector[]::text[])"


@dataclass(frozen=True, slots=True)
class Name:
    """The name of some venue that a query says: its distinct lexemes, and what saying it is worth."""

    lexemes: frozenset[str]
    nats: float


@dataclass(frozen=True)
class Words:
    """A query's words, and what they are worth in this catalogue."""

    lexemes: tuple[str, ...] = ()
    """Every distinct lexeme of the query, in its order."""
    nats: Mapping[str, float] | None = None
    """Of those that some venue has."""
    asked: float = 0.0
    """Nats of all."""
    telling: tuple[frozenset[str], ...] = ()
    """Sets of them, each so rare together that every venue that has all of one may be scored."""
    names: tuple[Name, ...] = ()
    unwanted: "tuple[Words, ...]" = ()
    """Phrases that should not be there: their values are taken away."""

    def __bool__(self) -> bool:
        """Whether any venue has any of the words, wanted or not."""
        return bool(self.nats) or any(self.unwanted)

    @cached_property
    def value(self) -> str:
        """The value of `venues v` in SQL, double precision; `parameters` are bound with it."""
        values = [self._value("word"), *(phrase._value(f"not_{i}") for i, phrase in enumerate(self.unwanted))]
        return f"({' - '.join(values)})"

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """What `value` binds."""
        bound = self._parameters("word")
        for i, phrase in enumerate(self.unwanted):
            bound |= phrase._parameters(f"not_{i}")
        return bound

    def _value(self, prefix: str) -> str:
        if not self.nats:
            return "0::float8"
        found = " + ".join(
            f"CASE WHEN v.search_text @@ %({prefix}_{i})s::tsquery THEN %({prefix}_nats_{i})s::float8 ELSE 0 END"
            for i in range(len(self.nats))
        )
        value = f"power({found}, 2) / %({prefix}_asked)s::float8"
        if self.names:
            names = (_name_value(f"{prefix}_name_{i}", name) for i, name in enumerate(self.names))
            value += f" + greatest(0, {', '.join(names)})"
        return f"CASE WHEN v.search_text @@ %({prefix}_any)s::tsquery THEN {value} ELSE 0 END"

    def _parameters(self, prefix: str) -> dict[str, Any]:
        if not self.nats:
            return {}
        bound: dict[str, Any] = {f"{prefix}_asked": self.asked, f"{prefix}_any": _any(self.nats)}
        for i, (lexeme, nats) in enumerate(self.nats.items()):
            bound |= {f"{prefix}_{i}": quoted(lexeme), f"{prefix}_nats_{i}": nats}
        for i, name in enumerate(self.names):
            spelt = " & ".join(f"{quoted(lexeme)}:A" for lexeme in sorted(name.lexemes))
            bound |= {f"{prefix}_name_{i}": spelt, f"{prefix}_name_{i}_nats": name.nats}
        return bound


class WordLeg:
    """Reads queries as words, and finds venues by the telling ones. One for a process; thread-safe."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._counts = WordCounts(clock)
        self._remembered: OrderedDict[str, tuple[float, Words]] = OrderedDict()
        self._lock = Lock()

    def words_of(self, cursor: psycopg.Cursor[Any], text: str, without: Sequence[str] = ()) -> Words:
        """Return the words of `text` and their worth, as it was at most a minute ago.

        without: phrases that should not be there; names that they say are not looked for.
        """
        words = self._of(cursor, text)
        phrases = (self._of(cursor, phrase) for phrase in without[:MOST_UNWANTED])
        unwanted = tuple(replace(phrase, names=()) for phrase in phrases if phrase)
        return replace(words, unwanted=unwanted) if unwanted else words

    def _of(self, cursor: psycopg.Cursor[Any], text: str) -> Words:
        with self._lock:
            known = self._remembered.get(text)
        if known is not None and self._clock() - known[0] <= REMEMBERED_SECONDS:
            return known[1]
        words = self._read(cursor, text)
        with self._lock:
            self._remembered[text] = (self._clock(), words)
            self._remembered.move_to_end(text)
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return words

    def _read(self, cursor: psycopg.Cursor[Any], text: str) -> Words:
        found = cursor.execute(LEXEMES.encode(), {"text": text, "most": MOST_WORDS}).fetchall()
        lexemes = tuple(row[0] for row in found)
        return weighed(lexemes, self._counts.of(cursor, text, lexemes, runs(lexemes))) if lexemes else Words()


def retrieve(cursor: psycopg.Cursor[Any], words: Words, condition: Condition, limit: int) -> list[int]:
    """Return the ids of at most `limit` venues that pass, the most valuable first, of equals those stored first.

    Only venues that have a rare word of the query, or several that are rare together, or whose whole name it says: the
    cost is bounded however large the catalogue is.
    """
    ways = [way for way, wanted in ((BY_WORDS, words.telling), (BY_NAME, words.names)) if wanted]
    if not ways:
        return []
    found = " UNION ALL ".join(
        f"(SELECT v.id FROM venues v WHERE {way} AND {condition.sql()} LIMIT %(most_retrieved)s)"  # noqa: S608 - bound
        for way in ways
    )
    statement = (
        f"SELECT v.id FROM venues v WHERE v.id IN ({found}) "  # noqa: S608 - values are bound
        f"ORDER BY {words.value} DESC, v.id LIMIT %(most_wanted)s"
    )
    wanted = {
        "telling_words": " | ".join(f"({' & '.join(map(quoted, sorted(words)))})" for words in words.telling),
        "whole_names": [" ".join(map(quoted, sorted(name.lexemes))) for name in words.names],
        "most_retrieved": MOST_RETRIEVED,
        "most_wanted": limit,
    }
    return [row[0] for row in rows(cursor, statement, {**condition.parameters, **words.parameters, **wanted})]


def runs(lexemes: Sequence[str]) -> set[frozenset[str]]:
    """Return the lexemes of every run of at most `MOST_NAME_WORDS`: what names the query may say."""
    return {
        frozenset(lexemes[start:end])
        for start in range(len(lexemes))
        for end in range(start + 1, min(start + MOST_NAME_WORDS, len(lexemes)) + 1)
    }


def weighed(lexemes: Sequence[str], counts: Counts) -> Words:
    """Return what a query's words are worth."""
    nats = {lexeme: information(counts.words[lexeme], counts.venues) for lexeme in lexemes}
    asked = sum(nats.values())
    known = {lexeme: worth for lexeme, worth in nats.items() if counts.words[lexeme] > 0}
    if not known:
        return Words(tuple(lexemes))
    names = [
        Name(words, (sum(nats[word] for word in words) / asked) ** 2 * information(count, counts.venues))
        for words, count in counts.names.items()
    ]
    names.sort(key=lambda name: (-name.nats, sorted(name.lexemes)))
    return Words(tuple(lexemes), known, asked, _telling(counts, known), tuple(names[:MOST_NAMES]))


def information(count: float, venues: int) -> float:
    """Return what is told by something that `count` of `venues` have, in nats, greater than 0."""
    return log((max(venues, count) + 1) / (count + 0.5))


def _telling(counts: Counts, known: Collection[str]) -> tuple[frozenset[str], ...]:
    """Return the sets of words that bring in `MOST_RETRIEVED` venues at most: single words first, the rarest first.

    Of several words together, as many venues are expected as if they were independent of each other.
    """
    venues = max([counts.venues, *(counts.words[lexeme] for lexeme in known)])  # words may be counted after the venues
    rarest = sorted(known, key=lambda lexeme: (counts.words[lexeme], lexeme))[:MOST_TOGETHER]
    readable = [lexeme for lexeme in rarest if counts.words[lexeme] <= MOST_READ]
    chosen: list[frozenset[str]] = []
    room = float(MOST_RETRIEVED)
    for size in range(1, WORDS_TOGETHER + 1):
        for words in map(frozenset, combinations(readable, size)):
            expected = venues * prod(counts.words[word] / venues for word in words)
            if expected <= room and not any(some <= words for some in chosen):
                chosen.append(words)
                room -= expected
    return tuple(chosen)


def _any(lexemes: Mapping[str, float] | Sequence[str]) -> str:
    return " | ".join(map(quoted, lexemes))


def _name_value(parameter: str, name: Name) -> str:
    whole = f"length(ts_filter(v.search_text, '{{a}}')) = {len(name.lexemes)}"
    return (
        f"CASE WHEN v.search_text @@ %({parameter})s::tsquery AND {whole} THEN %({parameter}_nats)s::float8 ELSE 0 END"
    )
