"""From what the index found to ranked venues. Pure: numbers in, order out.

A venue's score is a weighted sum of legs, each standardised against unrelated pairs of the same space, so that
photo-text and text-text cosines, whose ranges differ by model, can be added:

    score = sum of weight * z(value),    z(v) = scale * v - offset

A leg that a venue, or the whole space, lacks counts as unrelated, 0. The score's unit is thus standard deviations
above unrelated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from venuefinder.records import VenueScores

LegName = Literal["photo", "description", "words"]
DESCRIPTION_WEIGHT = 0.3
"""Weight of the description leg where only words are asked; photos have the rest.

Measured by benchmarks/venue_ranking.py: better than photos alone or weights below it, and no weight up to 0.7 beat it
by more than noise; docs/decisions/0006 has the table. Changing it changes every score: let a migration forget the
calibrators and the fusions of all spaces.
"""
WORDS_WEIGHT = 0.4
"""Weight of the words found in name, kind, city, description and amenities; measured in docs/decisions/0008."""

FLOOR = 0.5
"""Score under which a match is too weak to show unasked.

Measured by benchmarks/relevance_floor.py with the starter encoder: keeps four of five relevant hits of judged queries
and folds half of the others away. The classes overlap: no floor tells them apart well (docs/benchmarks.md)."""


@dataclass(frozen=True, slots=True)
class Leg:
    """How one leg counts: `contribution(v) = weight * (scale * v - offset)`; a weight of 0 leaves it out."""

    weight: float = 0.0
    scale: float = 1.0
    offset: float = 0.0

    def standardised(self, value: float | None) -> float:
        """Return standard deviations above unrelated, 0 for nothing."""
        return 0.0 if value is None else self.scale * value - self.offset

    @property
    def zero(self) -> float:
        """The value that counts as much as nothing."""
        return self.offset / self.scale if self.scale > 0 else 0.0

    def contribution(self, value: float | None) -> float:
        """Return what the value adds to the score."""
        return self.weight * self.standardised(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """How a venue's legs become its score."""

    photo: Leg = Leg()
    description: Leg = Leg()
    words: Leg = Leg()

    def score(self, venue: VenueScores) -> float:
        """Return the venue's score."""
        cosine = venue.photos[0][1] if venue.photos else None
        return (
            self.photo.contribution(cosine)
            + self.description.contribution(venue.description)
            + self.words.contribution(venue.words)
        )

    def legs(self, venue: VenueScores) -> tuple[tuple[LegName, Leg, float | None], ...]:
        """Return each leg with the venue's value for it."""
        cosine = venue.photos[0][1] if venue.photos else None
        return (
            ("photo", self.photo, cosine),
            ("description", self.description, venue.description),
            ("words", self.words, venue.words),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedVenue:
    """A venue in its order: its score, and what that was made of."""

    score: float
    scores: VenueScores

    @property
    def venue_id(self) -> int:
        """The venue's row."""
        return self.scores.venue_id

    @property
    def photo_id(self) -> int | None:
        """The photo that matched, None without photos."""
        return self.scores.photos[0][0] if self.scores.photos else None

    @property
    def cosine(self) -> float | None:
        """That photo's cosine with what was asked."""
        return self.scores.photos[0][1] if self.scores.photos else None


def counting(photos: Sequence[tuple[int, float]], number: int, *, nothing: float) -> tuple[tuple[int, float], ...]:
    """Return a venue's photos that count, best first, of photos and cosines of which the first `number` do.

    The others show little of the venue, or repeat another of its photos. They count only where there is nothing else,
    and then half, as a photo does that another venue shows already (`near_duplicates.uncrowd`). nothing: the cosine
    that counts as much as no photo; what lies at or below it is not lifted.
    """
    if number or not photos:
        return tuple(photos[:number])
    return tuple((photo_id, min(cosine, (cosine + nothing) / 2)) for photo_id, cosine in photos)


def rank(candidates: Sequence[VenueScores], formula: Formula) -> list[RankedVenue]:
    """Return the candidates, best first. Equal scores are ordered by external id."""
    ranked = [RankedVenue(score=formula.score(venue), scores=venue) for venue in candidates]
    return sorted(ranked, key=lambda venue: (-venue.score, venue.scores.external_id))
