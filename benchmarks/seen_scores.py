"""Ways to score a phrase and a photo. Pure: embeddings in, `float64 [P, N]` for P phrases and N photos out.

Measuring a cosine against the background of the whole space (its mean and standard deviation) is not among them: it
orders all pairs as the cosine does, and so has the same precision at the same recall.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from venuefinder.protocols import Embeddings

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Vectors:
    """Embeddings of P phrases `[P, D]`, of N photos `[N, V, D]`, and of queries that hardly any photo answers."""

    phrases: Embeddings
    photos: Embeddings
    unrelated: Embeddings


def cosine(vectors: Vectors) -> Scores:
    """Return the cosine with the photo's best view."""
    return _cosines(vectors.phrases, vectors.photos)


def above_phrase(vectors: Vectors) -> Scores:
    """Return the cosine less the phrase's mean over the photos: some phrases are near to everything."""
    scores = cosine(vectors)
    above: Scores = scores - scores.mean(axis=1, keepdims=True)
    return above


def standardised(vectors: Vectors) -> Scores:
    """Return how many standard deviations the cosine lies above the phrase's mean over the photos."""
    scores: Scores = above_phrase(vectors) / cosine(vectors).std(axis=1, keepdims=True)
    return scores


def share_beaten(vectors: Vectors) -> Scores:
    """Return the share of the photos whose cosine with the phrase is lower."""
    scores = cosine(vectors)
    beaten: Scores = (scores[:, :, None] > scores[:, None, :]).mean(axis=2)
    return beaten


def above_photo(vectors: Vectors) -> Scores:
    """Return the cosine less the photo's mean over unrelated queries: some photos are near to everything."""
    scores: Scores = cosine(vectors) - _cosines(vectors.unrelated, vectors.photos).mean(axis=0)
    return scores


def above_both(vectors: Vectors) -> Scores:
    """Return the cosine less both means."""
    scores: Scores = above_phrase(vectors) + above_photo(vectors) - cosine(vectors)
    return scores


def above_rival(vectors: Vectors) -> Scores:
    """Return the cosine less half of the best an unrelated query has with the photo."""
    scores: Scores = cosine(vectors) - _cosines(vectors.unrelated, vectors.photos).max(axis=0) / 2
    return scores


def _cosines(texts: Embeddings, photos: Embeddings) -> Scores:
    best: Scores = np.einsum("pd,nvd->pnv", texts, photos).max(axis=2).astype(np.float64)
    return best


WAYS: dict[str, Callable[[Vectors], Scores]] = {
    "cosine": cosine,
    "less the phrase's mean": above_phrase,
    "standardised by phrase": standardised,
    "share of photos beaten": share_beaten,
    "less the photo's mean": above_photo,
    "less both means": above_both,
    "less half the best rival": above_rival,
}
