"""From what a model said of photos to an order of venues. Pure.

A venue's score is that of its best photo. A request is met by one room or one view, and a second photo, of the car
park, must not take it back: with the mean of two a venue would be judged by its least fitting photo as much as by the
one that shows what was asked. It also keeps the evidence exact: the score is that of the photo named beside it.
"""

from collections.abc import Sequence

from venuefinder.vision.photo_reading import Verdict

UNSURE = 0.5
"""The score of a photo of which a model without probabilities will not say yes or no."""


def score_of(verdict: Verdict) -> float | None:
    """Return a verdict as a score in [0, 1]: its probability, else its grade, else 1 for yes and 0 for no.

    None for what is no number in that range.
    """
    number = verdict.grade if verdict.probability is None else verdict.probability
    if number is not None:
        return number if 0 <= number <= 1 else None  # NaN is in no range
    return UNSURE if verdict.yes is None else float(verdict.yes)


def final_order(scores: Sequence[float | None]) -> list[int]:
    """Return the places of retrieval's order in their final order: best score first, ties as retrieval has them.

    Who has no score keeps its place, and the others are ordered around it.
    """
    scored = [(-score, place) for place, score in enumerate(scores) if score is not None]
    best = iter(place for _, place in sorted(scored))
    return [place if score is None else next(best) for place, score in enumerate(scores)]
