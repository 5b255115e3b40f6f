"""Distances that are known, and bounds that hold the circles they were made for."""

from math import asin, atan2, cos, degrees, radians, sin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venuefinder.geography import EARTH_RADIUS_KM, box_bounds, circle_bounds, distance_km

latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)


@pytest.mark.parametrize(
    ("one", "other", "kilometres"),
    [
        ((51.5, 7), (52.5, 7), 111.195),
        ((0, 0), (45, 90), 10007.557),
        ((0, 0), (0, 180), 20015.115),
        ((90, 0), (-90, 123), 20015.115),
        ((0, 179.5), (0, -179.5), 111.195),
        ((12.3, 45.6), (12.3, 45.6), 0),
    ],
)
def test_known_distances(one: tuple[float, float], other: tuple[float, float], kilometres: float) -> None:
    assert distance_km(*one, *other) == pytest.approx(kilometres, abs=0.01)
    assert distance_km(*other, *one) == pytest.approx(kilometres, abs=0.01)


@given(latitudes, longitudes, st.floats(0.001, 20_000), st.floats(0, 360), st.floats(0, 1))
@example(89.9, 10.0, 50.0, 0.0, 1.0)
@example(-17.0, 179.9, 30.0, 90.0, 1.0)
@example(60.0, 0.0, 3000.0, 60.0, 1.0)
def test_bounds_hold_their_circle(lat: float, lon: float, radius: float, bearing: float, share: float) -> None:
    """The point at some share of the radius in some direction (spherical direct formula) lies within the bounds."""
    bounds = circle_bounds(lat, lon, radius)
    reach, course = share * radius / EARTH_RADIUS_KM, radians(bearing)
    height = sin(radians(lat)) * cos(reach) + cos(radians(lat)) * sin(reach) * cos(course)
    there = degrees(asin(max(-1.0, min(1.0, height))))
    turn = atan2(sin(course) * sin(reach) * cos(radians(lat)), cos(reach) - sin(radians(lat)) * height)
    east = (lon + degrees(turn) + 180) % 360 - 180
    assert bounds.south <= there <= bounds.north
    assert abs(there) > 89.999 or any(start <= east <= end for start, end in bounds.meridians)


@given(latitudes, longitudes, st.floats(0.001, 20_038))
def test_ranges_are_on_the_globe(lat: float, lon: float, radius: float) -> None:
    bounds = circle_bounds(lat, lon, radius)
    assert -91 < bounds.south <= lat <= bounds.north < 91
    assert all(-180 <= west <= east <= 180 for west, east in bounds.meridians)


def test_a_small_circle_far_from_the_poles_bounds_little() -> None:
    bounds = circle_bounds(51.38, -2.36, 10)
    assert bounds.north - bounds.south == pytest.approx(0.18, abs=0.001)
    assert len(bounds.meridians) == 1
    west, east = bounds.meridians[0]
    assert east - west == pytest.approx(0.288, abs=0.001)


@pytest.mark.parametrize(
    ("west", "east", "ranges"),
    [
        (-10, 20, {(-10, 20)}),
        (170, -170, {(170, 180), (-180, -170)}),
        (170, 180, {(170, 180), (-180, -180)}),
        (-180, -170, {(-180, -170), (180, 180)}),
        (20, -10, {(20, 180), (-180, -10)}),
        (5, 5, {(5, 5)}),
    ],
)
def test_boxes(west: float, east: float, ranges: set[tuple[float, float]]) -> None:
    assert set(box_bounds(-1, west, 1, east).meridians) == ranges
