"""When a photo is said to show a phrase: from a threshold on their cosine on, fitted on pairs that people labelled.

Raw cosines only: they need no background, so a rule holds until the encoder changes. Pure numpy. No rule ships with
VenueFinder: for the starter encoder none reaches the precision asked for (docs/guides/calibration.md has the figures).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import tanh

import numpy as np
from numpy.typing import ArrayLike, NDArray

from venuefinder.calibrating.calibration import Scores, checked_pairs, fit_calibrator

PRECISION = 0.9
"""Of ten photos said to show a phrase, at least nine do."""
SURE = 1.645
"""The standard normal's 95th percentile: how sure the pairs must make us of that, one-sided. For a precision of 0.9 it
takes 25 pairs at or above the threshold, if every one of them is right, or 42 if one is wrong."""
LEAST_SEEN = 20
"""Pairs at or above a threshold, for their precision to be worth a look."""
LEAST_PHRASES = 5
"""Phrases they must be of: pairs of one phrase are right or wrong together."""

Labels = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SeenRule:
    """A photo shows a phrase when their cosine is at least `threshold`. Good for one embedding space only.

    `precision` (right among those said to be seen) and `recall` (said to be seen among those shown) are those of the
    `pairs` of `phrases` phrases it was fitted on. `slope` and `intercept` make a cosine a probability (Platt 1999).
    """

    threshold: float
    precision: float
    recall: float
    pairs: int
    phrases: int
    slope: float
    intercept: float

    def seen(self, score: float) -> bool:
        """Return whether a photo with this cosine is said to show the phrase."""
        return score >= self.threshold

    def probability(self, score: float) -> float:
        """Return the probability in [0, 1] that a photo with this cosine shows the phrase."""
        return 0.5 + 0.5 * tanh((self.slope * score + self.intercept) / 2)  # the logistic function, without overflow


def fit_seen_rule(
    scores: ArrayLike, labels: ArrayLike, groups: Sequence[str], *, precision: float = PRECISION
) -> SeenRule | None:
    """Fit a rule to labelled pairs: cosines `scores [N]`, `labels [N]` (true: shown), each pair's phrase `groups [N]`.

    None where `seen_threshold` finds none. Raises InputError for pairs of one kind, of different lengths, or whose
    higher cosines are shown less.
    """
    values, shown = checked_pairs(scores, labels)
    calibrator = fit_calibrator(values, shown, space_key="")
    threshold = seen_threshold(values, shown, groups, precision=precision)
    if threshold is None:
        return None
    seen = values >= threshold
    return SeenRule(
        threshold=threshold,
        precision=float(shown[seen].mean()),
        recall=float(seen[shown].mean()),
        pairs=len(values),
        phrases=len(set(groups)),
        slope=calibrator.a,
        intercept=calibrator.b,
    )


def seen_threshold(
    scores: Scores, shown: Labels, groups: Sequence[str], *, precision: float = PRECISION
) -> float | None:
    """Return the least cosine from which on pairs are shown often enough, None where there is none.

    Enough: the lower end of the Wilson score interval (1927) of the share of shown pairs among those at or above the
    threshold is at least `precision`, these are of `LEAST_PHRASES` phrases or more, and no higher threshold with
    `LEAST_SEEN` pairs or more has a lower share than `precision`.
    """
    order = np.argsort(-scores, kind="stable")
    descending, right = scores[order], np.cumsum(shown[order], dtype=np.int64)
    pairs = np.arange(1, len(scores) + 1)
    possible = np.append(np.diff(descending) != 0, True) & (pairs >= LEAST_SEEN)  # equal cosines are seen together
    unbroken = np.logical_and.accumulate((right >= precision * pairs) | ~possible)
    enough = (lower_bound(right, pairs) >= precision) & (_distinct(np.asarray(groups)[order]) >= LEAST_PHRASES)
    found = np.flatnonzero(possible & unbroken & enough)
    return float(descending[found[-1]]) if found.size else None


def lower_bound(right: NDArray[np.int64], pairs: NDArray[np.int64]) -> Scores:
    """Return the lower end of the one-sided Wilson score interval of `right / pairs`, as sure as `SURE`."""
    share, square = right / pairs, SURE**2
    spread = SURE * np.sqrt(share * (1 - share) / pairs + square / (4 * pairs**2))
    bound: Scores = (share + square / (2 * pairs) - spread) / (1 + square / pairs)
    return bound


def _distinct(names: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return how many different names there are up to each place."""
    is_first = np.zeros(len(names), dtype=np.int64)
    is_first[np.unique(names, return_index=True)[1]] = 1
    return np.cumsum(is_first)
