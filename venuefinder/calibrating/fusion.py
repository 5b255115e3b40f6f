"""Retrieval's score and a model's, made one probability; and whether that orders venues better. Pure numpy.

    fused = 1 / (1 + exp(-(a * retrieval + b * logit(score) + c))),    a >= 0, b >= 0

Logistic regression on labelled pairs (Platt 1999, see `logistic`), of two inputs instead of one. A score counts by its
logit, so that a model that is a probability already has b = 1, and one that is too sure of itself b < 1. Neither input
may count against a venue: where the pairs say so, it is left out (a or b is 0), since that is noise, or wrong labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from venuefinder.calibrating.logistic import fit_logistic, sigmoid
from venuefinder.calibrating.reliability import folds

LEAST_SCORE = 1e-4
"""Nearer to 0 or 1 all scores are alike: yes and no of a model without probabilities have no finite logit."""
DEPTH = 10
"""Venues of an order that are looked at: nDCG@10."""
SURE = 2.0
"""Standard errors above nothing from which on a lift is taken for one."""

Floats = NDArray[np.float64]
Labels = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """How retrieval's score and a model's become one probability. Good for one space and one model."""

    retrieval: float
    """a, at least 0."""
    model: float
    """b, at least 0."""
    intercept: float

    def probability(self, retrieval: float, score: float) -> float:
        """Return the probability in [0, 1] that a venue with these scores is a match. `score` is in [0, 1]."""
        weighed = self.retrieval * retrieval + self.model * float(logit(np.float64(score)))
        return float(sigmoid(np.float64(weighed + self.intercept)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """Mean nDCG@10 of three orders of the same venues, over queries that no order's fit saw."""

    queries: int
    """With venues that match and others: orders of all other queries are equally good."""
    retrieval: float
    model: float
    """By the model's score alone."""
    fused: float
    error: float
    """Standard error of `fused - retrieval`, query by query."""

    @property
    def gain(self) -> float:
        """By how much the fused order is better than retrieval's."""
        return self.fused - self.retrieval

    @property
    def is_sure(self) -> bool:
        """Whether the gain is more than two standard errors."""
        return self.gain > SURE * self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredFusion:
    """A fusion, what it was fitted on, and what it gained there."""

    fusion: Fusion
    lift: Lift
    pairs: int
    photos: int
    """Photos of a venue that the model looked at, at most: the best of more scores higher."""
    setting: str
    """SHA-256 of the setting that names the model, 64 hexadecimal digits: known before the model is loaded."""


def logit(scores: Floats | np.float64) -> Floats:
    """Return `log(p / (1 - p))` of scores in [0, 1], none further out than that of 0.0001."""
    inside = np.clip(scores, LEAST_SCORE, 1 - LEAST_SCORE)
    found: Floats = np.log(inside) - np.log1p(-inside)
    return found


def fit_fusion(retrieval: Floats, scores: Floats, matches: Labels) -> Fusion:
    """Fit to labelled pairs: `float64 [N]`, `float64 [N]` in [0, 1], `bool [N]`, some of each kind."""
    inputs, mean, deviation = _standardised(np.column_stack([retrieval, logit(scores)]))
    used = [0, 1]
    weights = fit_logistic(inputs, matches)
    while used and weights[:-1].min() < 0:
        del used[int(weights[:-1].argmin())]
        weights = fit_logistic(inputs[:, used], matches)
    slopes = np.zeros(2)
    slopes[used] = weights[:-1]
    slopes /= deviation
    return Fusion(retrieval=float(slopes[0]), model=float(slopes[1]), intercept=float(weights[-1] - slopes @ mean))


def held_out(retrieval: Floats, scores: Floats, matches: Labels, queries: Sequence[str]) -> Floats:
    """Return each pair's fused probability by a fit without its whole query: `float64 [N]`; see `reliability.folds`."""
    fold_of = folds(matches, queries)
    fused = np.empty(len(scores))
    for fold in np.unique(fold_of):
        inside = fold_of == fold
        fusion = fit_fusion(retrieval[~inside], scores[~inside], matches[~inside])
        fused[inside] = [fusion.probability(*pair) for pair in zip(retrieval[inside], scores[inside], strict=True)]
    return fused


def measure_lift(retrieval: Floats, scores: Floats, fused: Floats, matches: Labels, queries: Sequence[str]) -> Lift:
    """Compare the orders by retrieval, by the model and by both: `[N]` each, `fused` of queries held out.

    Equal scores stay as retrieval has them. Raises ValueError below two queries with matches and others.
    """
    names = np.asarray(queries)
    telling = [names == name for name in dict.fromkeys(queries) if 0 < matches[names == name].mean() < 1]
    if len(telling) < 2:
        raise ValueError(f"queries: found {len(telling)} with both kinds, expected at least 2")
    values = np.array(
        [[ndcg(matches[of][_order(by[of], retrieval[of])]) for by in (retrieval, scores, fused)] for of in telling]
    )
    gains = values[:, 2] - values[:, 0]
    means = values.mean(axis=0)
    return Lift(
        queries=len(telling),
        retrieval=float(means[0]),
        model=float(means[1]),
        fused=float(means[2]),
        error=float(gains.std(ddof=1) / np.sqrt(len(gains))),
    )


def ndcg(ranked: Labels) -> float:
    """Return the discounted gain of the first ten over that of the best order, in [0, 1]: `bool [N]`, best first.

    A match gains 1, and place i is discounted by log2(i + 1): Järvelin and Kekäläinen (2002), "Cumulated gain-based
    evaluation of IR techniques". Only labelled venues are in the list (Sakai 2007, "Alternatives to bpref").
    """
    discounts = 1 / np.log2(np.arange(2, len(ranked) + 2))
    best = np.sort(ranked)[::-1]
    return float((ranked * discounts)[:DEPTH].sum() / (best * discounts)[:DEPTH].sum())


def _order(scores: Floats, retrieval: Floats) -> NDArray[np.intp]:
    return np.lexsort((-retrieval, -scores))


def _standardised(inputs: Floats) -> tuple[Floats, Floats, Floats]:
    """Return columns of mean 0 and deviation 1, their means and deviations; a constant column becomes 0."""
    mean, deviation = inputs.mean(axis=0), inputs.std(axis=0)
    deviation = np.where(deviation > 1e-9, deviation, np.inf)
    return (inputs - mean) / deviation, mean, deviation
