"""Where a venue must be, as SQL on `venues v`.

Ranges of latitude and longitude come before distances: an index answers them, and they cost less.
"""

from venuefinder.geography import EARTH_RADIUS_KM, Bounds, box_bounds, circle_bounds
from venuefinder.request import NEAR_KM, Box, Near
from venuefinder.store.filters.condition import Condition, either

DISTANCE_KM = (
    f"(2 * {EARTH_RADIUS_KM} * asin(sqrt(least(1, (1 - cosd(v.latitude - %(where_latitude)s)) / 2 "
    "+ cosd(%(where_latitude)s) * cosd(v.latitude) * (1 - cosd(v.longitude - %(where_longitude)s)) / 2))))"
)
"""From the point asked for, as `geography.distance_km`; NULL without coordinates.

The haversine formula with (1 - cos x) / 2 for sin² (x / 2): the square of a tiny difference underflows, which
PostgreSQL makes an error. It costs a few centimetres of precision.
"""


def near(found: Condition, where: Near) -> None:
    """Ask to lie within the radius; a venue without coordinates, in the city of that name.

    A place whose coordinates nobody found is a city by its name alone, in its country where that is known of both.
    """
    named, names = "v.city_key = lower(%(where_place)s)", {"where_place": where.place}
    if where.country is not None:
        named += " AND (v.country IS NULL OR v.country = %(where_place_country)s)"
        names["where_place_country"] = where.country
    if where.latitude is None or where.longitude is None:
        found.add(f"({named})", names)
        return
    radius = where.radius_km or NEAR_KM
    inside = _within(found, "near", circle_bounds(where.latitude, where.longitude, radius))
    within = f"({inside} AND {DISTANCE_KM} <= %(where_radius)s)"
    parameters = {"where_latitude": where.latitude, "where_longitude": where.longitude, "where_radius": radius}
    if where.place is None:
        found.add(within, parameters)
    else:
        found.add(f"({within} OR v.latitude IS NULL AND {named})", parameters | names)


def box(found: Condition, where: Box) -> None:
    """Ask to lie within the box."""
    found.add(_within(found, "box", box_bounds(where.south, where.west, where.north, where.east)), {})


def _within(found: Condition, name: str, bounds: Bounds) -> str:
    parameters = {f"where_{name}_south": bounds.south, f"where_{name}_north": bounds.north}
    ranges = []
    for number, (west, east) in enumerate(bounds.meridians):
        parameters |= {f"where_{name}_west_{number}": west, f"where_{name}_east_{number}": east}
        ranges.append(f"v.longitude BETWEEN %(where_{name}_west_{number})s AND %(where_{name}_east_{number})s")
    found.parameters.update(parameters)
    return f"v.latitude BETWEEN %(where_{name}_south)s AND %(where_{name}_north)s AND {either(ranges)}"
