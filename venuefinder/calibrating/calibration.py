"""What a raw score is worth: its percentile among unrelated pairs, its probability where one was fitted.

Raw cosines are not probabilities, and each model has its own range: CLIP puts a right pair near 0.3, SigLIP near 0.1.
Pure numpy; `store`, `search` and `ingest` may all import it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from venuefinder.calibrating.logistic import fit_logistic, sigmoid
from venuefinder.errors import InputError
from venuefinder.protocols import Embeddings

QUANTILES = 101
"""The 0th, 1st, … 100th percentile."""
PERCENTS = np.linspace(0, 100, QUANTILES)
"""Of each quantile, the share of scores below it."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Background:
    """The scores of `pairs` unrelated photo-query pairs of one embedding space."""

    quantiles: tuple[float, ...]
    """101 ascending scores: the 0th to the 100th percentile."""
    mean: float
    std: float
    pairs: int

    def __post_init__(self) -> None:
        values = np.asarray(self.quantiles, dtype=np.float64)
        if values.shape != (QUANTILES,) or not np.isfinite(values).all() or (np.diff(values) < 0).any():
            raise InputError(f"background: found {len(values)} quantiles, expected {QUANTILES} finite ascending scores")

    def percentile(self, score: float) -> float:
        """Return the share of unrelated pairs that score lower, in [0, 100]."""
        return percentile(score, self.quantiles)

    def standardise(self, score: float) -> float:
        """Return how many standard deviations the score lies above unrelated pairs."""
        return standardise(score, self.mean, self.std)


def measure_background(image_vectors: Embeddings, text_vectors: Embeddings) -> Background:
    """Score every photo against every unrelated query: `[N, V, D]` and `[M, D]`, N * M pairs."""
    return _background(background_scores(image_vectors, text_vectors))


def measure_image_background(image_vectors: Embeddings, venues: NDArray[np.int64]) -> Background | None:
    """Score every photo `[N, V, D]`, asked with by its first view, against those of other venues `[N]`.

    None where all are of one venue: there are no unrelated pairs.
    """
    unrelated = venues[:, None] != venues[None, :]
    if not unrelated.any():
        return None
    cosines = background_scores(image_vectors, image_vectors[:, 0]).reshape(len(venues), -1)
    return _background(cosines[unrelated])


def background_scores(image_vectors: Embeddings, text_vectors: Embeddings) -> Scores:
    """Return the cosine of every photo and query, a photo's being that of its best view: `float64 [N * M]`."""
    photos, views, dimension = image_vectors.shape
    if not image_vectors.size or not text_vectors.size:
        raise InputError(f"background: found {photos} photos and {len(text_vectors)} queries, expected some of each")
    cosines = image_vectors.reshape(-1, dimension) @ text_vectors.T
    best = cosines.reshape(photos, views, -1).max(axis=1)
    scores: Scores = best.astype(np.float64).ravel()
    return scores


def percentile(score: float, quantiles: ArrayLike) -> float:
    """Return where a score lies among `quantiles [101]`, in [0, 100], linear between two of them."""
    return float(np.interp(score, np.asarray(quantiles, dtype=np.float64), PERCENTS))


def standardise(score: float, mean: float, std: float) -> float:
    """Return `(score - mean) / std`; 0 where all unrelated pairs score alike."""
    return (score - mean) / std if std > 0 else 0.0


def _background(scores: Scores) -> Background:
    quantiles = tuple(float(value) for value in _quantiles(scores))
    return Background(quantiles, float(scores.mean()), float(scores.std()), int(scores.size))


def _quantiles(scores: Scores) -> Scores:
    # Rounding may leave neighbours out of order by one unit in the last place.
    return np.maximum.accumulate(np.quantile(scores, np.linspace(0, 1, QUANTILES)))


@dataclass(frozen=True, slots=True)
class Calibrator:
    """Turns a score into the probability of a match: `1 / (1 + exp(-(a * score + b)))` (Platt 1999).

    Good for one embedding space only, the one named by `space_key`. `pairs`: how many labelled pairs it was fitted on.
    """

    a: float
    b: float
    space_key: str
    pairs: int

    def probability(self, score: float) -> float:
        """Return the probability in [0, 1] that a pair with this score is a match."""
        return float(sigmoid(np.float64(self.a * score + self.b)))


def fit_calibrator(scores: ArrayLike, labels: ArrayLike, *, space_key: str) -> Calibrator:
    """Fit a Calibrator on labelled pairs: `scores [N]`, `labels [N]` (true: a match).

    Platt (1999), as `logistic` fits it. Raises InputError where the pairs cannot tell.
    """
    values, matches = checked_pairs(scores, labels)
    a, b = fit_logistic(values[:, None], matches)
    if a <= 0:
        raise InputError(
            f"calibration: slope {a:.3g}, expected > 0: here higher scores mean fewer matches; check labels"
        )
    return Calibrator(float(a), float(b), space_key, matches.size)


def checked_pairs(scores: ArrayLike, labels: ArrayLike) -> tuple[Scores, NDArray[np.bool_]]:
    """Return `float64 [N]` and `bool [N]`; InputError if they differ in length, are not finite, or of one kind only."""
    values = np.asarray(scores, dtype=np.float64)
    matches = np.asarray(labels).astype(bool)
    if values.ndim != 1 or values.shape != matches.shape:
        raise InputError(f"calibration: scores {values.shape} and labels {matches.shape}, expected two of one length")
    if not np.isfinite(values).all():
        raise InputError("calibration: scores hold NaN or infinity")
    if matches.all() or not matches.any():
        raise InputError(f"calibration: found {matches.sum()} matches in {matches.size} pairs, expected both kinds")
    return values, matches
