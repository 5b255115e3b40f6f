"""How wide an index is searched: rising with the space, and not trusted once outgrown."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from venuefinder.calibrating.calibration import measure_image_background
from venuefinder.records import StoredSpace, Tuning
from venuefinder.spaces.tuning import LADDER, default_ef_search, ef_search_of, outgrown
from venuefinder.testing import FakeEncoder

UNTUNED = StoredSpace(id=1, space=FakeEncoder().space)
TUNED = replace(UNTUNED, tuned=Tuning(ef_search=280, recall=0.993, photos=1000))


@given(st.integers(0, 10**8), st.integers(0, 10**8))
def test_the_default_rises_with_the_space_within_what_the_index_allows(one: int, other: int) -> None:
    few, many = sorted([one, other])

    assert LADDER[0] <= default_ef_search(few) <= default_ef_search(many) <= LADDER[-1]


@pytest.mark.parametrize(
    ("space", "photos", "expected"),
    [(UNTUNED, 0, True), (TUNED, 1000, False), (TUNED, 1999, False), (TUNED, 2000, True), (TUNED, 10, False)],
)
def test_outgrown_at_twice_the_photos(space: StoredSpace, photos: int, expected: bool) -> None:
    assert outgrown(space, photos) is expected


def test_an_outgrown_tuning_is_the_least_that_is_searched() -> None:
    assert ef_search_of(TUNED, 1500) == 280
    assert ef_search_of(TUNED, 2000) == 280
    assert ef_search_of(TUNED, 1_000_000) == default_ef_search(1_000_000) > 280
    assert ef_search_of(UNTUNED, 5000) == default_ef_search(5000)


def test_several_views_are_one_photo() -> None:
    views = StoredSpace(id=1, space=FakeEncoder(views=3).space, tuned=TUNED.tuned)

    assert ef_search_of(views, 3 * 1999) == 280
    assert outgrown(views, 2000)


def test_unrelated_photos_are_those_of_different_venues() -> None:
    photos = np.array([[[1, 0]], [[0.6, 0.8]], [[0, 1]]], dtype=np.float32)

    background = measure_image_background(photos, np.array([7, 7, 9]))

    assert background is not None
    assert background.pairs == 4  # each way: 0-2 and 1-2
    assert background.mean == pytest.approx((0 + 0.8) / 2)
    assert background.std == pytest.approx(0.4)


def test_a_photo_asked_with_is_its_first_view_found_by_the_best() -> None:
    photos = np.array([[[1, 0], [0, 1]], [[0, 1], [-1, 0]]], dtype=np.float32)

    background = measure_image_background(photos, np.array([1, 2]))

    assert background is not None
    assert (background.quantiles[0], background.quantiles[-1]) == (0, 1)


@pytest.mark.parametrize("venues", [[], [3], [3, 3]])
def test_photos_of_one_venue_have_no_background(venues: list[int]) -> None:
    photos = np.ones((len(venues), 1, 1), dtype=np.float32)

    assert measure_image_background(photos, np.array(venues, dtype=np.int64)) is None
