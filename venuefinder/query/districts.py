"""Two names that mean one place: a district with its town."""

from venuefinder.geography import distance_km
from venuefinder.query.found import Found

MOST_KM_APART = 40


def may_be_district(part: Found, town: Found) -> bool:
    """Return whether the second place may say where the first one is: Peckham, London; not London, Leeds."""
    one, other = _point(part), _point(town)
    return one is None or other is None or distance_km(*one, *other) <= MOST_KM_APART


def _point(part: Found) -> tuple[float, float] | None:
    """Return latitude and longitude of a place that filters."""
    near = part.meaning.get("near") if part.applied else None
    return (near["latitude"], near["longitude"]) if near and "latitude" in near else None
