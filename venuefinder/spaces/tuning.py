"""Choose how wide to search an approximate index: the least `hnsw.ef_search` whose answers are as good as exact ones.

Measured on queries of both kinds, texts (the background's phrases, descriptions of the space) and photos of the space:
photos lie among the indexed vectors and are found easily, texts lie apart from them and are not.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from math import log10
from time import monotonic
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from venuefinder.calibrating.background_queries import BACKGROUND_QUERIES
from venuefinder.protocols import TextEncoder
from venuefinder.records import SpaceSample, StoredSpace, Tuning

PLACES = 10
DEPTH = 30
"""Venues that a search's first page asks for."""
LADDER = (40, 60, 80, 100, 120, 140, 170, 200, 240, 280, 340, 400, 480, 560, 680, 800, 1000)
"""Widths tried, each about a fifth more than the one before; pgvector allows no more than 1000."""
QUERIES_OF_A_KIND = 64
LEAST_QUERIES = 32
SURE = 2.0
"""Standard errors that the recall must be above its target: the queries are a sample, and others are asked later."""
EXACT_SECONDS = 90.0
"""After these, exact answers to the queries asked so far must do: at a million photos each takes half a second."""
GROWTH = 2
"""Outgrown once the space holds so many times the photos it was tuned at."""
LEAST_PHOTOS = 20_000
"""Smaller spaces are not tuned by themselves: up to about here a search reads every photo, which is sooner done."""
ROUNDING = 1e-6
"""Cosines that differ less are of equally good venues: copies of a photo."""

Vector = NDArray[np.float32]


class TunedSpaces(Protocol):
    """What tuning asks of the spaces."""

    def sample(self, space: StoredSpace, *, photos: int) -> SpaceSample:
        """Return the embeddings of up to `photos` photos and as many descriptions."""

    def count(self, space: StoredSpace) -> int:
        """Return how many photos have embeddings in `space`."""

    def remember_tuning(self, space: StoredSpace, tuned: Tuning) -> StoredSpace:
        """Store the tuning and return the space with it."""


class VenueFinder(Protocol):
    """What finds the venues with the photos nearest to a vector, as search does."""

    def nearest_venues(
        self, vector: Vector, *, space: StoredSpace, depth: int, ef_search: int | None = None, exact: bool = False
    ) -> list[int]:
        """Return about `depth` venues, best first; all rows are read where `exact`."""


class VenueCosines(Protocol):
    """What scores given venues."""

    def best_cosines(self, space: StoredSpace, vector: Vector, venues: Collection[int]) -> Mapping[int, float]:
        """Return the cosine of each venue's best photo with the vector."""


@dataclass(frozen=True, slots=True)
class Ideal:
    """A query with its exact answer: how many venues it has, at most ten, and the cosine that makes one of them."""

    vector: Vector
    worded: bool
    venues: int
    least: float


def outgrown(space: StoredSpace, photos: int) -> bool:
    """Return whether `space` was never tuned, or holds so many photos more that it may need a wider search."""
    return space.tuned is None or photos >= GROWTH * max(space.tuned.photos, 1)


def default_ef_search(rows: int) -> int:
    """Return how wide to search an untuned index of so many rows.

    Measured on CLIP-like vectors of 512 dimensions: a recall of 0.99 takes about 300 at 100,000 rows, and twice that
    at ten times as many.
    """
    return max(LADDER[3], min(round(300 * 2 ** log10(max(rows, 1) / 100_000)), LADDER[-1]))


def ef_search_of(space: StoredSpace, rows: int) -> int:
    """Return how wide to search a space that holds `rows` embeddings: as tuned, and no less than that once outgrown."""
    if space.tuned and not outgrown(space, rows // space.space.facts.views):
        return space.tuned.ef_search
    return max(default_ef_search(rows), space.tuned.ef_search if space.tuned else 0)


class Tuner:
    """The tuning use case."""

    def __init__(
        self, spaces: TunedSpaces, finder: VenueFinder, cosines: VenueCosines, encoder: TextEncoder, target: float
    ) -> None:
        """`target`: the share of the best ten venues of an exact search that are to be found."""
        self._spaces = spaces
        self._finder = finder
        self._cosines = cosines
        self._encoder = encoder
        self._target = target

    def tune(self, space: StoredSpace) -> StoredSpace:
        """Measure, store and return the space's tuning; a space without photos is returned as it is.

        Where no width reaches the target, the widest is stored with the recall that it has.
        """
        ideals = self._ideals(space)
        if not ideals:
            return space
        ef_search, recall = self._least_wide(space, ideals)
        tuned = Tuning(ef_search=ef_search, recall=recall, photos=self._spaces.count(space))
        return self._spaces.remember_tuning(space, tuned)

    def tune_if_outgrown(self, space: StoredSpace) -> StoredSpace:
        """Tune a space that is large, and was never tuned or has outgrown it; else return it as it is."""
        photos = self._spaces.count(space)
        return self.tune(space) if photos > LEAST_PHOTOS and outgrown(space, photos) else space

    def recall(self, space: StoredSpace, ideals: Sequence[Ideal], *, ef_search: int) -> NDArray[np.float64]:
        """Return the share of its ideal venues that each query finds: `float64 [N]`."""
        return np.array([self._share(space, ideal, ef_search) for ideal in ideals])

    def _least_wide(self, space: StoredSpace, ideals: Sequence[Ideal]) -> tuple[int, float]:
        """Return the step of LADDER after the first that finds enough, with its recall of texts or photos, the lower.

        That first one must be above the target by `SURE` standard errors: without a margin half of the choices would be
        too low. The step is for queries that are harder than ours: of 100,000 CLIP-like photos, 280 found .996 of what
        ours ask for and .987 of what other texts do.
        """
        worded = np.array([ideal.worded for ideal in ideals])
        enough = False
        for ef_search in LADDER:
            shares = self.recall(space, ideals, ef_search=ef_search)
            kinds = [shares[of] for of in (worded, ~worded) if of.any()]
            lower = min(float(kind.mean()) for kind in kinds)
            if enough:
                break
            enough = min(float(kind.mean() - SURE * kind.std() / np.sqrt(len(kind))) for kind in kinds) >= self._target
        return ef_search, lower

    def _ideals(self, space: StoredSpace) -> list[Ideal]:
        started, ideals = monotonic(), list[Ideal]()
        for vector, worded in self._queries(space):
            if len(ideals) >= LEAST_QUERIES and monotonic() - started > EXACT_SECONDS:
                break
            best = self._finder.nearest_venues(vector, space=space, depth=PLACES, exact=True)[:PLACES]
            cosines = self._cosines.best_cosines(space, vector, best)
            if cosines:
                ideals.append(Ideal(vector, worded, len(cosines), min(cosines.values())))
        return ideals

    def _queries(self, space: StoredSpace) -> Iterator[tuple[Vector, bool]]:
        """Yield queries, phrases, descriptions and photos by turns, and whether each is a text."""
        phrases = self._encoder.encode_texts(BACKGROUND_QUERIES[:QUERIES_OF_A_KIND])
        sample = self._spaces.sample(space, photos=QUERIES_OF_A_KIND)
        kinds = ((phrases, True), (sample.descriptions[:QUERIES_OF_A_KIND], True), (sample.photos[:, 0], False))
        turns = zip_longest(*(((vector, worded) for vector in vectors) for vectors, worded in kinds))
        return (query for query in chain.from_iterable(turns) if query is not None)

    def _share(self, space: StoredSpace, ideal: Ideal, ef_search: int) -> float:
        found = self._finder.nearest_venues(ideal.vector, space=space, depth=DEPTH, ef_search=ef_search)[:PLACES]
        cosines = self._cosines.best_cosines(space, ideal.vector, found)
        good = sum(cosine >= ideal.least - ROUNDING for cosine in cosines.values())
        return min(good / ideal.venues, 1.0)
