"""What somebody likes and dislikes, and what a venue is worth to them. Pure.

    score = the greatest likeness to something liked - the greatest likeness to something disliked

in standard deviations above unrelated, each likeness times the weight of its example over that of the heaviest liked
one. The greatest, not the mean: who likes a barn and a rooftop does not look for what lies between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from venuefinder.recommending.likeness import Floats, Portraits, Scales, Sitter, likeness


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Opinion:
    """A liked or disliked thing, and how much it counts beside the others, above 0."""

    sitter: Sitter
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taste:
    """All that somebody likes and dislikes."""

    liked: Sequence[Opinion] = ()
    disliked: Sequence[Opinion] = ()

    def likenesses(self, portraits: Portraits, scales: Scales) -> Floats:
        """Return how alike each liked thing and each venue are: `float64 [L, N]`."""
        return _likenesses(self.liked, portraits, scales)

    def scores(self, likenesses: Floats, portraits: Portraits, scales: Scales) -> Floats:
        """Return what each venue is worth: `float64 [N]`. likenesses: as `likenesses` returns them."""
        against = self.aversion(portraits, scales)
        if not self.liked:
            return -against
        weights = np.array([opinion.weight for opinion in self.liked])[:, None]
        found: Floats = (likenesses * weights / weights.max()).max(axis=0) - against
        return found

    def aversion(self, portraits: Portraits, scales: Scales) -> Floats:
        """Return the greatest weighted likeness to something disliked, 0 for what is like none: `float64 [N]`."""
        if not self.disliked:
            return np.zeros(len(portraits.counts))
        heaviest = max((opinion.weight for opinion in self.liked), default=1.0)
        weights = np.array([opinion.weight for opinion in self.disliked])[:, None] / heaviest
        likenesses = _likenesses(self.disliked, portraits, scales)
        found: Floats = np.maximum(likenesses * weights, 0.0).max(axis=0)
        return found


def _likenesses(opinions: Sequence[Opinion], portraits: Portraits, scales: Scales) -> Floats:
    rows = [likeness(opinion.sitter, portraits, scales) for opinion in opinions]
    return np.stack(rows) if rows else np.zeros((0, len(portraits.counts)))
