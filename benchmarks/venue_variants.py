"""Ways to order venues by their photos, descriptions and words. Pure: numbers in, external ids out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from venuefinder.calibrating.calibration import Background
from venuefinder.records import VenueScores
from venuefinder.searching.ranking import DESCRIPTION_WEIGHT, WORDS_WEIGHT, Formula, Leg, rank

WEIGHTS = tuple(sorted({DESCRIPTION_WEIGHT, *(tenths / 10 for tenths in range(1, 8))}))
WORD_WEIGHTS = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2, 1.6, 2.4, 3.2)
RRF_KS = (10, 20, 40, 60)
"""60 is that of Cormack, Clarke and Büttcher (2009), "Reciprocal rank fusion outperforms Condorcet"."""
RRF_WEIGHTS = ((1.0, 1.0, 0.5), (1.0, 1.0, 1.0), (0.7, 0.3, 0.3), (0.7, 0.3, 0.5), (0.7, 0.3, 1.0))
RRF_K = 60


@dataclass(frozen=True, slots=True)
class Candidates:
    """Every venue's cosines with one query and the worth of its words, and how unrelated pairs score."""

    venues: Sequence[VenueScores]
    photo: Background
    description: Background
    words: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """What else the words leg might count, by what it is, then by venue."""


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


def worded(venue: VenueScores) -> float:
    """Return what its words are worth, 0 where none were found."""
    return venue.words or 0.0


def by(*scores: Score) -> Order:
    """Order by the first score; equal ones by the next, then by external id."""

    def order(candidates: Candidates) -> list[str]:
        def place(venue: VenueScores) -> tuple[float | str, ...]:
            return (*(-score(venue) for score in scores), venue.external_id)

        return [venue.external_id for venue in sorted(candidates.venues, key=place)]

    return order


def summed(weight: float, words: float = 0.0) -> Order:
    """Order as search does (`searching.ranking`), with these weights of the description and of the words."""

    def order(candidates: Candidates) -> list[str]:
        formula = Formula(
            photo=_leg(1 - weight, candidates.photo),
            description=_leg(weight, candidates.description),
            words=Leg(weight=words),
        )
        return [found.scores.external_id for found in rank(candidates.venues, formula)]

    return order


def summed_with(photos: Score, weight: float) -> Order:
    """Order as `summed` does, with another score of the photos than the best one's."""

    def order(candidates: Candidates) -> list[str]:
        return by(lambda venue: _standardised(candidates, venue, photos, weight))(candidates)

    return order


def summed_with_words(value: str, words: float) -> Order:
    """Order as search does, with another value of the words, times this weight."""

    def order(candidates: Candidates) -> list[str]:
        worth = candidates.words[value]

        def score(venue: VenueScores) -> float:
            return _standardised(candidates, venue, best_photo, DESCRIPTION_WEIGHT) + words * worth[venue.external_id]

        return by(score)(candidates)

    return order


def tied_by_words(candidates: Candidates) -> list[str]:
    """Order by photos and description, equal ones by words."""
    return by(lambda venue: _standardised(candidates, venue, best_photo, DESCRIPTION_WEIGHT), worded)(candidates)


def fused(k: int = RRF_K, weights: tuple[float, float, float] = (1.0, 1.0, 0.0)) -> Order:
    """Order by the sum of weight / (k + place) in the orders by photos, by descriptions, and by words where any are."""

    def order(candidates: Candidates) -> list[str]:
        scores: dict[str, float] = {venue.external_id: 0.0 for venue in candidates.venues}
        without = {venue.external_id for venue in candidates.venues if worded(venue) <= 0}
        for score, weight in zip((best_photo, told, worded), weights, strict=True):
            for place, name in enumerate(by(score)(candidates), start=1):
                if score is not worded or name not in without:
                    scores[name] += weight / (k + place)
        return sorted(scores, key=lambda name: (-scores[name], name))

    return order


def _standardised(candidates: Candidates, venue: VenueScores, photos: Score, weight: float) -> float:
    seen = candidates.photo.standardise(photos(venue))
    return (1 - weight) * seen + weight * candidates.description.standardise(told(venue))


def _leg(weight: float, background: Background) -> Leg:
    return Leg(weight=weight, scale=1 / background.std, offset=background.mean / background.std)


PHOTOS: dict[str, Score] = {"best": best_photo, "half best, half mean of 3": best_and_top, "mean of 3": top_photos}
TWO_LEGS = f"sum, weight {DESCRIPTION_WEIGHT}"
SHIPPED = f"{TWO_LEGS}, words {WORDS_WEIGHT}"
LEGS: dict[str, Order] = {
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
    "reciprocal ranks": fused(),
}
"""Two legs, each by its name; sums are of the best photo and the best description chunk, unless they say otherwise."""
GRID: dict[tuple[str, float], Order] = {
    (name, weight): summed_with(score, weight) for name, score in PHOTOS.items() for weight in WEIGHTS
}
"""Sums by what they take of the photos, and the weight of the description."""
WORD_VALUES = ("share of words", "share of information", "information", "information x share", "ts_rank")
TS_RANK_SCALE = 100
"""Makes ts_rank, hundredths on these venues, as large as the others."""
FUSIONS: dict[str, dict[str, Order]] = {
    **{
        f"sum with {value}": {
            f"{weight}": summed_with_words(value, weight * (TS_RANK_SCALE if value == "ts_rank" else 1))
            for weight in WORD_WEIGHTS
        }
        for value in WORD_VALUES
    },
    "sum with information x share and names": {
        f"{weight}": summed(DESCRIPTION_WEIGHT, weight) for weight in WORD_WEIGHTS
    },
    "reciprocal ranks": {
        f"k {k}, {'/'.join(map(str, weights))}": fused(k, weights) for k in RRF_KS for weights in RRF_WEIGHTS
    },
}
"""Three legs: ways of fusing them, each with the settings to choose from."""
