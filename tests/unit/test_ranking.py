"""From cosines to ranked venues."""

import pytest

from venuefinder.calibration import QUANTILES, Background
from venuefinder.ranking import rank
from venuefinder.records import VenueScores

PHOTO = Background(tuple(i / QUANTILES for i in range(QUANTILES)), mean=0.2, std=0.1, pairs=100)
TEXT = Background(tuple(i / QUANTILES for i in range(QUANTILES)), mean=0.4, std=0.2, pairs=100)


def venue(name: str, *cosines: float, description: float | None = None) -> VenueScores:
    photos = tuple((number, cosine) for number, cosine in enumerate(cosines))
    return VenueScores(venue_id=hash(name), external_id=name, photos=photos, description=description)


def order(*venues: VenueScores, limit: int = 10) -> list[int]:
    return [found.venue_id for found in rank(venues, photo=PHOTO, description=TEXT, limit=limit)]


def test_the_best_photo_decides() -> None:
    one, many = venue("one", 0.5), venue("many", 0.45, 0.45, 0.45)
    assert order(many, one) == [one.venue_id, many.venue_id]


def test_ties_are_broken_by_the_other_photos_then_by_id() -> None:
    a, b, c = venue("a", 0.5, 0.1), venue("b", 0.5, 0.4), venue("c", 0.5, 0.1)
    assert order(c, a, b) == [b.venue_id, a.venue_id, c.venue_id]


def test_a_description_lifts_its_venue() -> None:
    told, untold = venue("told", 0.4, description=0.8), venue("untold", 0.4)
    assert order(untold, told) == [told.venue_id, untold.venue_id]


def test_a_missing_leg_counts_as_unrelated() -> None:
    below, without = venue("below", 0.4, description=0.1), venue("without", 0.4)
    assert order(below, without) == [without.venue_id, below.venue_id]


def test_the_score_is_a_weighted_sum_of_standard_scores() -> None:
    (found,) = rank([venue("a", 0.5, description=0.6)], photo=PHOTO, description=TEXT, weight=0.25, limit=1)
    assert found.score == pytest.approx(0.75 * (0.5 - 0.2) / 0.1 + 0.25 * (0.6 - 0.4) / 0.2)
    assert (found.photo_id, found.cosine) == (0, 0.5)


def test_a_venue_without_photos_ranks_by_its_description() -> None:
    (found,) = rank([venue("a", description=0.9)], photo=None, description=TEXT, limit=1)
    assert found.photo_id is None
    assert found.score > 0


def test_limit_keeps_the_best() -> None:
    venues = [venue(f"v{number}", number / 10) for number in range(9)]
    assert order(*venues, limit=2) == [venues[8].venue_id, venues[7].venue_id]
