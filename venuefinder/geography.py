"""Distances and ranges on the globe. Degrees in, kilometres out; plain arithmetic, no projection."""

from dataclasses import dataclass
from math import asin, cos, degrees, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088
"""Mean radius (2a + b) / 3 of the WGS 84 ellipsoid, as the IUGG defines it (Moritz, Geodetic Reference System 1980)."""
SLACK_DEGREES = 1e-6
"""A tenth of a metre that a bounding range is wider, so that rounding never cuts off what lies on its circle."""


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Return the great-circle distance between two points (haversine formula, Sinnott 1984)."""
    across = sin(radians(other_latitude - latitude) / 2) ** 2
    along = sin(radians(other_longitude - longitude) / 2) ** 2
    half_chord = across + cos(radians(latitude)) * cos(radians(other_latitude)) * along
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, half_chord)))


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between two parallels, and within one of some ranges of meridians, (west, east) each with west <= east."""

    south: float
    north: float
    meridians: tuple[tuple[float, float], ...]


def circle_bounds(latitude: float, longitude: float, radius_km: float) -> Bounds:
    """Return bounds that hold every point within `radius_km`; all meridians where the circle reaches a pole."""
    reach = degrees(radius_km / EARTH_RADIUS_KM)
    south, north = latitude - reach - SLACK_DEGREES, latitude + reach + SLACK_DEGREES
    if south <= -90 or north >= 90:
        return Bounds(max(south, -90.0), min(north, 90.0), ((-180.0, 180.0),))
    # The meridians that touch the circle, not those through its easternmost point of the same latitude.
    width = degrees(asin(min(1.0, sin(radians(reach)) / cos(radians(latitude))))) + SLACK_DEGREES
    return Bounds(south, north, _turned(longitude - width, longitude + width))


def box_bounds(south: float, west: float, north: float, east: float) -> Bounds:
    """Return the bounds of a box; `west` greater than `east` crosses the 180th meridian."""
    if west > east:
        return Bounds(south, north, ((west, 180.0), (-180.0, east)))
    # -180 and 180 are one meridian: a box that reaches one holds the other.
    other = ((180.0, 180.0),) * (west == -180) + ((-180.0, -180.0),) * (east == 180)
    return Bounds(south, north, ((west, east), *other))


def _turned(west: float, east: float) -> tuple[tuple[float, float], ...]:
    """Return the ranges within [-180, 180] between two meridians that may lie a turn beyond."""
    ranges = ((west + turn, east + turn) for turn in (-360, 0, 360))
    return tuple((max(start, -180.0), min(end, 180.0)) for start, end in ranges if start <= 180 and end >= -180)
