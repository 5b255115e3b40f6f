"""Measures of a ranked list against graded judgements, and how sure their means are. Pure numpy.

`ranked` are ids, best first; `relevant` maps the ids that answer the query to a grade above 0. A query with nothing
relevant has no measures.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000

Judgements = Mapping[str, int]


def ndcg(ranked: Sequence[str], relevant: Judgements, k: int) -> float:
    """Return the discounted gain of the first k over that of the best possible order, in [0, 1].

    The grade is the gain, and place i is discounted by log2(i + 1), as in trec_eval's `ndcg_cut`, after Järvelin and
    Kekäläinen (2002), "Cumulated gain-based evaluation of IR techniques".
    """
    best = sorted(relevant.values(), reverse=True)[:k]
    return _discounted([relevant.get(name, 0) for name in ranked[:k]]) / _discounted(best)


def recall(ranked: Sequence[str], relevant: Judgements, k: int) -> float:
    """Return the share of the relevant that are among the first k, of any grade (trec_eval's `recall`)."""
    return len(set(ranked[:k]) & relevant.keys()) / len(relevant)


def reciprocal_rank(ranked: Sequence[str], relevant: Judgements) -> float:
    """Return 1 over the place of the first relevant one, 0 without any (trec_eval's `recip_rank`)."""
    return next((1 / place for place, name in enumerate(ranked, start=1) if name in relevant), 0.0)


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of the mean of `values [N]`, one value a query.

    Efron and Tibshirani (1993), "An introduction to the bootstrap", chapter 13. Two methods are compared by the
    interval of their differences, query by query. The same resamples each time.
    """
    chosen = np.random.default_rng(0).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.percentile(values[chosen].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def _discounted(gains: Sequence[int]) -> float:
    return float(np.sum(np.array(gains) / np.log2(np.arange(len(gains)) + 2)))
