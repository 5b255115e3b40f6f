"""Results that differ from each other: maximal marginal relevance, and how different a list is. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def diversified(relevance: Floats, alike: Floats, *, diversity: float, limit: int) -> list[int]:
    """Return places of candidates, chosen one after the other by maximal marginal relevance.

    Carbonell & Goldstein 1998: of those left, the one with the most of
    `(1 - diversity) * relevance - diversity * max(alike to one chosen)`. relevance: `float64 [N]`, best first; alike:
    `float64 [N, N]`, in the same unit. diversity: 0 keeps the order, 1 sees nothing but difference, and begins with the
    first all the same. Equal ones stay in their order.
    """
    chosen: list[int] = []
    nearest = np.full(len(relevance), -np.inf)
    left = np.ones(len(relevance), dtype=bool)
    while len(chosen) < min(limit, len(relevance)):
        worth = (1 - diversity) * relevance - (diversity * nearest if chosen and diversity else 0.0)
        if not chosen:
            worth = relevance
        chosen.append(int(np.argmax(np.where(left, worth, -np.inf))))
        left[chosen[-1]] = False
        nearest = np.maximum(nearest, alike[chosen[-1]])
    return chosen


def intra_list_distance(alike: Floats, chosen: Sequence[int]) -> float:
    """Return the mean of `1 - alike` over all pairs of a list (Smyth & McClave 2001); 0 for fewer than two."""
    if len(chosen) < 2:
        return 0.0
    pairs = alike[np.ix_(chosen, chosen)][np.triu_indices(len(chosen), 1)]
    return float(1 - pairs.mean())
