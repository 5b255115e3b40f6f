"""Ways to order venues by the cosines of their photos and descriptions. Pure: numbers in, external ids out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from venuefinder.calibration import Background
from venuefinder.ranking import DESCRIPTION_WEIGHT, rank
from venuefinder.records import VenueScores

WEIGHTS = tuple(sorted({DESCRIPTION_WEIGHT, *(tenths / 10 for tenths in range(1, 8))}))
RRF_K = 60
"""Cormack, Clarke and Büttcher (2009), "Reciprocal rank fusion outperforms Condorcet"."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Every venue's cosines with one query, and how unrelated pairs score."""

    venues: Sequence[VenueScores]
    photo: Background
    description: Background


Order = Callable[[Candidates], list[str]]
Score = Callable[[VenueScores], float]


def best_photo(venue: VenueScores) -> float:
    """Return the greatest cosine."""
    return venue.photos[0][1]


def top_photos(venue: VenueScores) -> float:
    """Return the mean of the three greatest cosines, or of as many as there are."""
    return fmean(cosine for _, cosine in venue.photos)


def best_and_top(venue: VenueScores) -> float:
    """Return half of one and half of the other."""
    return (best_photo(venue) + top_photos(venue)) / 2


def told(venue: VenueScores) -> float:
    """Return the best description chunk's cosine, -1 without a description."""
    return -1.0 if venue.description is None else venue.description


def by(*scores: Score) -> Order:
    """Order by the first score; equal ones by the next, then by external id."""

    def order(candidates: Candidates) -> list[str]:
        def place(venue: VenueScores) -> tuple[float | str, ...]:
            return (*(-score(venue) for score in scores), venue.external_id)

        return [venue.external_id for venue in sorted(candidates.venues, key=place)]

    return order


def summed(weight: float) -> Order:
    """Order as search does, by `venuefinder.ranking`."""

    def order(candidates: Candidates) -> list[str]:
        ids = {venue.venue_id: venue.external_id for venue in candidates.venues}
        photo, description = candidates.photo, candidates.description
        ranked = rank(candidates.venues, photo=photo, description=description, weight=weight, limit=len(ids))
        return [ids[venue.venue_id] for venue in ranked]

    return order


def summed_with(photos: Score, weight: float) -> Order:
    """Order as `summed` does, with another score of the photos than the best one's."""

    def order(candidates: Candidates) -> list[str]:
        def score(venue: VenueScores) -> float:
            seen = candidates.photo.standardise(photos(venue))
            return (1 - weight) * seen + weight * candidates.description.standardise(told(venue))

        return by(score)(candidates)

    return order


def fused(candidates: Candidates) -> list[str]:
    """Order by the sum of 1 / (60 + place) in the order by photos and that by descriptions."""
    scores: dict[str, float] = {venue.external_id: 0.0 for venue in candidates.venues}
    for order in (by(best_photo), by(told)):
        for place, name in enumerate(order(candidates), start=1):
            scores[name] += 1 / (RRF_K + place)
    return sorted(scores, key=lambda name: (-scores[name], name))


PHOTOS: dict[str, Score] = {"best": best_photo, "half best, half mean of 3": best_and_top, "mean of 3": top_photos}
SHIPPED = f"sum, weight {DESCRIPTION_WEIGHT}"
VARIANTS: dict[str, Order] = {
    "photos: best": by(best_photo),
    "photos: best, ties by mean of 3": by(best_photo, top_photos),
    **{f"photos: {name}": by(score) for name, score in PHOTOS.items() if score is not best_photo},
    "description": by(told),
    **{f"sum, weight {weight}": summed(weight) for weight in WEIGHTS},
    **{
        f"sum, photos: {name}, weight {DESCRIPTION_WEIGHT}": summed_with(score, DESCRIPTION_WEIGHT)
        for name, score in PHOTOS.items()
        if score is not best_photo
    },
    "reciprocal ranks": fused,
}
"""Each by its name; the sums are of the best photo and the best description chunk, unless they say otherwise."""
GRID: dict[tuple[str, float], Order] = {
    (name, weight): summed_with(score, weight) for name, score in PHOTOS.items() for weight in WEIGHTS
}
"""Sums by what they take of the photos, and the weight of the description."""
