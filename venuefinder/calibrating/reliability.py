"""How far probabilities and marks can be trusted: judged on labelled pairs that their fit did not see. Pure numpy."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from venuefinder.calibrating.calibration import Scores, fit_calibrator
from venuefinder.calibrating.evidence import Labels, seen_threshold

FOLDS = 5
BINS = 10


def held_out_probabilities(scores: Scores, matches: Labels, groups: Sequence[str]) -> Scores:
    """Return the probability of each pair by a calibrator fitted without its whole group: `float64 [N]`.

    scores: `float64 [N]`, matches: `bool [N]`, groups: N names. Cross-validation over up to 5 folds, no group in two of
    them. Matches and other pairs must each be in two groups or more, so that no fold takes all of a kind. Raises
    InputError where the pairs of the other folds cannot tell.
    """
    fold_of = folds(matches, groups)
    probabilities = np.empty(len(scores))
    for fold in np.unique(fold_of):
        inside = fold_of == fold
        calibrator = fit_calibrator(scores[~inside], matches[~inside], space_key=f"all but fold {fold}")
        probabilities[inside] = [calibrator.probability(score) for score in scores[inside]]
    return probabilities


def held_out_seen(scores: Scores, shown: Labels, phrases: Sequence[str]) -> Labels:
    """Return which pairs are said to be seen by a threshold fitted without their whole phrase: `bool [N]`.

    Arguments and folds as `held_out_probabilities`. Where the other folds give no threshold, none of the fold is.
    """
    fold_of = folds(shown, phrases)
    seen = np.zeros(len(scores), dtype=bool)
    for fold in np.unique(fold_of):
        inside = fold_of == fold
        others = [phrase for phrase, held_out in zip(phrases, inside, strict=True) if not held_out]
        threshold = seen_threshold(scores[~inside], shown[~inside], others)
        seen[inside] = threshold is not None and scores[inside] >= threshold
    return seen


def brier_score(probabilities: Scores, matches: Labels) -> float:
    """Return the mean squared difference of probability and outcome, in [0, 1], 0 best (Brier 1950, one class)."""
    return float(np.mean((probabilities - matches) ** 2))


def expected_calibration_error(probabilities: Scores, matches: Labels) -> float:
    """Return by how much mean probability and share of matches differ, in [0, 1], 0 best.

    The mean over 10 equally wide bins of probability, each weighted by its pairs (Naeini, Cooper and Hauskrecht 2015,
    "Obtaining well calibrated probabilities using Bayesian binning"). Few pairs make it too large.
    """
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    surplus = np.bincount(bins, weights=probabilities - matches, minlength=BINS)
    return float(np.abs(surplus).sum() / len(probabilities))


def folds(matches: Labels, groups: Sequence[str]) -> NDArray[np.int64]:
    """Return the fold of each pair, `int64 [N]`, no group in two of them.

    The groups are dealt in turn: those with matches only, then with both kinds, then with none. Groups of one kind are
    thus neighbours, and two neighbours never share a fold.
    """
    names = np.asarray(groups)
    kinds = {name: matches[names == name] for name in dict.fromkeys(groups)}
    in_turn = sorted(kinds, key=lambda name: int((~kinds[name]).any()) - int(kinds[name].any()))
    fold_of = {name: place % FOLDS for place, name in enumerate(in_turn)}
    return np.array([fold_of[name] for name in groups])
