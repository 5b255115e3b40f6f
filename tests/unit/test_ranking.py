"""From what the index found to ranked venues."""

import pytest

from venuefinder.records import VenueScores
from venuefinder.searching.ranking import Formula, Leg, rank

FORMULA = Formula(
    photo=Leg(weight=0.7, scale=10, offset=2),
    description=Leg(weight=0.3, scale=5, offset=2),
    words=Leg(weight=0.4),
)


def venue(name: str, *cosines: float, description: float | None = None, words: float | None = None) -> VenueScores:
    photos = tuple((number, cosine) for number, cosine in enumerate(cosines))
    return VenueScores(venue_id=hash(name), external_id=name, photos=photos, description=description, words=words)


def order(*venues: VenueScores) -> list[str]:
    return [found.scores.external_id for found in rank(venues, FORMULA)]


def test_the_best_photo_decides() -> None:
    assert order(venue("many", 0.45, 0.45, 0.45), venue("one", 0.5)) == ["one", "many"]


def test_equals_are_in_the_order_of_their_ids_whatever_their_other_photos() -> None:
    assert order(venue("c", 0.5, 0.4), venue("a", 0.5, 0.1), venue("b", 0.5, 0.3)) == ["a", "b", "c"]


def test_a_description_and_words_lift_their_venue() -> None:
    told, untold = venue("told", 0.4, description=0.8), venue("untold", 0.4)
    named = venue("named", 0.4, words=3.0)
    assert order(untold, told, named) == ["named", "told", "untold"]


def test_a_missing_leg_counts_as_unrelated() -> None:
    assert order(venue("below", 0.4, description=0.1), venue("without", 0.4)) == ["without", "below"]


def test_the_score_is_a_weighted_sum_of_standard_scores() -> None:
    (found,) = rank([venue("a", 0.5, description=0.6, words=2.0)], FORMULA)
    assert found.score == pytest.approx(0.7 * (10 * 0.5 - 2) + 0.3 * (5 * 0.6 - 2) + 0.4 * 2)
    assert (found.photo_id, found.cosine) == (0, 0.5)


def test_the_parts_of_a_score_add_up_to_it() -> None:
    (found,) = rank([venue("a", 0.5, description=0.6)], FORMULA)
    parts = {name: leg.contribution(value) for name, leg, value in FORMULA.legs(found.scores)}
    assert sum(parts.values()) == pytest.approx(found.score)
    assert parts["words"] == 0


def test_a_venue_without_photos_ranks_by_its_description() -> None:
    (found,) = rank([venue("a", description=0.9)], FORMULA)
    assert (found.photo_id, found.cosine) == (None, None)
    assert found.score > 0


def test_the_value_that_counts_as_nothing() -> None:
    leg = FORMULA.photo
    assert leg.contribution(leg.zero) == leg.contribution(None) == 0
