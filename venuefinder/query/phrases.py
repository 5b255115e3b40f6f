"""A description cut into clauses, each of which one photo could show."""

import re
from collections.abc import Iterable, Iterator

from venuefinder.query.lexicon import EMPTY, EVENTS, GENERIC
from venuefinder.query.sentence import WORD, Range

MOST_CLAUSES = 8
_CUT = re.compile(
    r"[,.;:!?()|&\n]| - |\bw/|/|\b(?:with|and|in|by|under|on|at|near|for|from|to|overlooking|that|which|where|who|plus"
    r"|or|featuring|including|surrounded|beside|next|inside|outside|beneath|above|below|among|amongst|between|behind|against"
    r"|around|has|have|having|is|are|but|full)\b"
)


def clauses(plain: str, ranges: Iterable[Range]) -> list[Range]:
    """Return the ranges of `plain` that are a clause each, of the text's ranges; at most eight."""
    found: dict[str, Range] = {}
    for start, end in ranges:
        for piece in _pieces(plain, start, end):
            if clause := _clause(plain, *piece):
                found.setdefault(plain[clause[0] : clause[1]], clause)
    return list(found.values())[:MOST_CLAUSES]


def _pieces(plain: str, start: int, end: int) -> Iterator[Range]:
    for cut in _CUT.finditer(plain, start, end):
        yield start, cut.start()
        start = cut.end()
    yield start, end


def _clause(plain: str, start: int, end: int) -> Range | None:
    """Return the phrase without empty words at its ends; None when nothing is left that can be seen."""
    words = [(match.start(), match.end()) for match in WORD.finditer(plain, start, end)]
    while words and plain[slice(*words[0])] in EMPTY:
        words.pop(0)
    while words and plain[slice(*words[-1])] in EMPTY:
        words.pop()
    if all(plain[slice(*word)] in GENERIC or plain[slice(*word)] in EVENTS for word in words):
        return None
    return words[0][0], words[-1][1]
