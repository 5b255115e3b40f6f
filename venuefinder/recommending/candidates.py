"""Which venues a recommendation looks at: those near what is liked, those that fit the text, and some by chance."""

from collections.abc import Collection
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from venuefinder.recommending.likeness import Vectors
from venuefinder.recommending.wish import Wish
from venuefinder.records import Passing
from venuefinder.searching.ordering import Reading

READ_WHOLE = 150
"""Venues that pass up to which all are candidates."""
MOST_PROTOTYPES = 12
"""Liked things that candidates are looked for by, the weightiest first."""
NEAR_ROWS = 10
"""Photos that each of them brings, for each venue asked for."""
BY_CHANCE = 20
"""Candidates that are chosen by chance."""
DEPTH = 3
"""Venues that the text brings, for each venue asked for."""


class CandidateReading(Reading, Protocol):
    """What finding candidates reads."""

    def near_photos(self, vectors: NDArray[np.float32], passing: Passing, *, rows: int) -> set[int]:
        """Return venues of the photos nearest to each of `[Q, D]`."""

    def near_descriptions(self, vectors: NDArray[np.float32], passing: Passing, *, rows: int) -> set[int]:
        """Return venues of the pieces of descriptions nearest to each of `[Q, D]`."""

    def some(self, passing: Passing, *, limit: int, without: Collection[int], seed: int) -> list[int]:
        """Return up to `limit` venues that pass, chosen and ordered by a seed."""


def candidates(wish: Wish, reading: CandidateReading, passing: Passing) -> list[int]:
    """Return venues that pass, none of them an example: as many as are asked for, where there are so many.

    Those by chance come last, in an order of their own; the others by row.
    """
    request, found = wish.request, set[int]()
    if passing.total > READ_WHOLE:
        found = _near(wish, reading, passing)
        if wish.asked.asks_relevance:
            depth = DEPTH * request.limit + len(wish.excluded)
            found |= {venue.venue_id for venue in reading.candidates(wish.asked.question, passing, depth=depth)}
        found -= wish.excluded
    by_chance = min(passing.total, READ_WHOLE) if not found else max(BY_CHANCE, request.limit - len(found))
    rest = reading.some(passing, limit=by_chance, without=found | wish.excluded, seed=request.seed)
    return [*sorted(found), *rest]


def _near(wish: Wish, reading: CandidateReading, passing: Passing) -> set[int]:
    rows = NEAR_ROWS * (wish.request.limit + len(wish.excluded))
    photos, told = _prototypes(wish)
    return reading.near_photos(photos, passing, rows=rows) | reading.near_descriptions(told, passing, rows=rows)


def _prototypes(wish: Wish) -> tuple[Vectors, Vectors]:
    """Return what to look for: mean photos `float32 [P, D]` and descriptions `float32 [Q, D]` of what is liked."""
    sitters = [known.opinion.sitter for known in sorted(wish.liked, key=lambda known: -known.opinion.weight)]
    photos = [sitter.centre for sitter in sitters if sitter.centre is not None][:MOST_PROTOTYPES]
    told = [sitter.told for sitter in sitters if sitter.told is not None][:MOST_PROTOTYPES]
    nothing = np.empty((0, 0), dtype=np.float32)
    return np.stack(photos) if photos else nothing, np.stack(told) if told else nothing
