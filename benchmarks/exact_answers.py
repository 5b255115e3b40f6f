"""The right answers, by brute force: every photo compared with every query, in numpy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.clip_like import DIMENSION, PHOTOS_PER_VENUE, Block

PLACES = 10
TOLERANCE = 1e-4
"""Cosines that differ less are equally good: queries travel in half precision."""

Cosines = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Exact:
    """The cosine of each venue's best photo with each query, `float32 [Q, V]`."""

    best: Cosines

    def recall(self, found: Sequence[Sequence[int]], passing: NDArray[np.bool_]) -> float:
        """Return the mean share of the ten best passing venues, or of all there are, that each query found.

        found: the venues' numbers, best first, for each of the first queries.
        """
        shares = [self._share(query, venues[:PLACES], passing) for query, venues in enumerate(found) if passing.any()]
        return float(np.mean(shares)) if shares else 1.0

    def _share(self, query: int, venues: Sequence[int], passing: NDArray[np.bool_]) -> float:
        cosines = self.best[query][passing]
        places = min(PLACES, len(cosines))
        least = np.partition(cosines, len(cosines) - places)[len(cosines) - places] - TOLERANCE
        return sum(bool(passing[venue]) and self.best[query, venue] >= least for venue in set(venues)) / places


def exact(queries: NDArray[np.float32], blocks: Iterable[Block]) -> Exact:
    """Compare queries `float32 [Q, D]` with all photos, a block at a time."""
    return Exact(np.concatenate([best_of(queries, block) for block in blocks], axis=1))


def best_of(queries: NDArray[np.float32], block: Block) -> Cosines:
    """Return `float32 [Q, V]` for one block."""
    photos = block.photos.reshape(-1, DIMENSION).astype(np.float32)
    return (queries @ photos.T).reshape(len(queries), -1, PHOTOS_PER_VENUE).max(axis=2)
