"""Random venues and filters, and what a filter means said in plain Python: what the database must agree with."""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from venuefinder.domain import LAYOUTS, Venue
from venuefinder.geography import distance_km
from venuefinder.offers import matching_offer
from venuefinder.records import VenueDraft
from venuefinder.request import AttributeRange, Box, Near, VenueFilter
from venuefinder.store.database import Database
from venuefinder.store.spaces import SpaceRepository
from venuefinder.store.venues import VenueRepository
from venuefinder.testing import FakeEncoder

CITIES = ("Bath", "BATH", "Nadi", "Tromsø", "Gießen")
KINDS = ("barn", "hall", "loft")
COUNTRIES = ("GB", "FJ", "NO")
AMENITIES = ("parking", "bar", "garden", "stage", "lift")
VALUES = (True, False, None, 1, 1.0, 0, 2, 2.5, 1e20, "1", "true", "", "oak", 'a"b', "100 %s")
NAMES = ("floor", "rating", "it's", "per cent %(x)s")
UNITS = ("event", "head", "hour", "day")
AMOUNTS = ("0", "0.01", "45", "99.99", "800", "1000", "2500.50", "9999999999.99")
HOURS = (0.5, 1.0, 3.3, 5.0, 24.0, 24.5, 49.0)
GUESTS = (1, 7, 30, 80, 120)
PLACES = ((51.38, -2.36), (-17.8, 177.4), (-16.9, -179.9), (-17.0, 180.0), (90.0, 0.0), (89.9, 120.0), (-89.5, -60.0),
          (69.65, 18.95), (0.0, 0.0))  # fmt: skip


def listed(count: int, seed: int) -> list[Venue]:
    """Make venues of which about half say each thing."""
    chance = random.Random(seed)  # noqa: S311 - test data
    return [Venue.model_validate(_venue(chance, number)) for number in range(count)]


def store(database: Database, venues: Sequence[Venue]) -> None:
    """Write them, without photos."""
    space = SpaceRepository(database).ensure(FakeEncoder().space)
    VenueRepository(database).write([VenueDraft(venue=venue, source=None) for venue in venues], space)


def passes(venue: Venue, where: VenueFilter) -> bool:
    """Return whether a filter lets a venue through."""
    return (
        where.kind in (None, venue.kind)
        and (where.city is None or _same(venue.city, where.city))
        and where.country in (None, venue.country)
        and (where.near is None or _is_near(venue, where.near))
        and (where.box is None or _is_in(venue, where.box))
        and set(where.amenities.all) <= set(venue.amenities)
        and (not where.amenities.any or bool(set(where.amenities.any) & set(venue.amenities)))
        and not set(where.amenities.none) & set(venue.amenities)
        and all(name in venue.attributes and _agrees(venue.attributes[name], test)
                for name, test in where.attributes.items())
        and matching_offer(venue, where) is not None
    )  # fmt: skip


def distance(venue: Venue, near: Near) -> float | None:
    """Return the kilometres between a venue and a point, None without coordinates."""
    if venue.latitude is None or venue.longitude is None or near.latitude is None or near.longitude is None:
        return None
    return distance_km(near.latitude, near.longitude, venue.latitude, venue.longitude)


def _is_near(venue: Venue, near: Near) -> bool:
    away = distance(venue, near)
    if away is None:
        there = near.country is None or venue.country in {None, near.country}
        return there and near.place is not None and _same(venue.city, near.place)
    return away <= (near.radius_km or 25)


def _is_in(venue: Venue, box: Box) -> bool:
    if venue.latitude is None or venue.longitude is None or not box.south <= venue.latitude <= box.north:
        return False
    same_meridians = {venue.longitude, *((-180.0, 180.0) if abs(venue.longitude) == 180 else ())}
    if box.west <= box.east:
        return any(box.west <= longitude <= box.east for longitude in same_meridians)
    return any(longitude >= box.west or longitude <= box.east for longitude in same_meridians)


def _same(city: str | None, other: str) -> bool:
    return city is not None and city.lower() == other.lower()


def _agrees(value: Any, test: Any) -> bool:
    if isinstance(test, AttributeRange):
        number = _number(value)
        return number is not None and (
            (test.min is None or number >= Decimal(str(test.min)))
            and (test.max is None or number <= Decimal(str(test.max)))
        )
    return any(_equal(value, one) for one in (test if isinstance(test, tuple) else (test,)))


def _equal(value: Any, other: Any) -> bool:
    numbers = _number(value), _number(other)
    if None in numbers:
        return type(value) is type(other) and value == other
    return numbers[0] == numbers[1]


def _number(value: Any) -> Decimal | None:
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _venue(chance: random.Random, number: int) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "external_id": f"v{number:04}",
        "name": f"{chance.choice('aAbBcC')}{chance.randrange(30)}",
        "kind": chance.choice((None, *KINDS)),
        "city": chance.choice((None, *CITIES)),
        "country": chance.choice((None, *COUNTRIES)),
        "amenities": chance.sample(AMENITIES, chance.randrange(len(AMENITIES))),
        "attributes": {name: chance.choice(VALUES) for name in NAMES if chance.random() < 0.5},
        "rooms": [{"name": f"room {room}"} | _offer(chance) for room in range(chance.choice((0, 0, 1, 3)))],
    }
    if chance.random() < 0.7:
        latitude, longitude = chance.choice(PLACES)
        fields["latitude"] = max(-90, min(90, latitude + chance.choice((0, chance.gauss(0, 0.3)))))
        fields["longitude"] = (longitude + chance.choice((0, chance.gauss(0, 0.3))) + 180) % 360 - 180
        if longitude == 180 and chance.random() < 0.5:
            fields["longitude"] = 180.0
    return fields | _offer(chance)


def _offer(chance: random.Random) -> dict[str, Any]:
    offer: dict[str, Any] = {
        "capacity": {layout: chance.choice(GUESTS) for layout in LAYOUTS if chance.random() < 0.3},
    }
    if chance.random() < 0.6:
        offer["price"] = {
            "amount": Decimal(chance.choice(AMOUNTS)),
            "currency": chance.choice(("GBP", "GBP", "EUR")),
            "unit": chance.choice(UNITS),
            "minimum_spend": chance.choice((None, None, Decimal(500), Decimal(3000))),
            "minimum_hours": chance.choice((None, None, *HOURS)),
        }
    return offer


def _maybe(strategy: Any) -> Any:
    return st.none() | strategy


def _some(fields: dict[str, Any]) -> Any:
    return st.fixed_dictionaries({}, optional=fields)


_money = st.sampled_from((*AMOUNTS, "500", "3000", "3000.01", "5400", "12000")).map(Decimal)
_people = st.sampled_from((*GUESTS, 2, 119, 121))


def _in_order(fields: dict[str, Any]) -> dict[str, Any]:
    if "min" in fields and "max" in fields and fields["min"] > fields["max"]:
        return fields | {"min": fields["max"], "max": fields["min"]}
    return fields


_prices = (
    _some(
        {
            "max": _money,
            "min": _money,
            "max_minimum_spend": _money,
            "hours": st.sampled_from(HOURS) | st.floats(0.01, 100),
            "per": st.sampled_from(("event", "head", "hour")),
            "currency": st.sampled_from(("GBP", "EUR")),
        }
    )
    .filter(lambda price: price.keys() - {"per", "currency"})
    .map(_in_order)
)
_points = st.sampled_from(PLACES) | st.tuples(st.floats(-90, 90), st.floats(-180, 180))
_named = st.builds(
    lambda place, country: {"place": place, "country": country},
    st.sampled_from(CITIES),
    _maybe(st.sampled_from(COUNTRIES)),
)
_nears = (
    st.builds(
        lambda point, radius, named: {"latitude": point[0], "longitude": point[1], "radius_km": radius, **named},
        _points,
        _maybe(st.sampled_from((0.001, 1.0, 30.0, 500.0, 9000.0, 20_000.0, 20_038.0))),
        st.just({}) | _named,
    )
    | _named
)
_boxes = st.builds(
    lambda latitudes, west, east: {"south": min(latitudes), "north": max(latitudes), "west": west, "east": east},
    st.tuples(st.floats(-90, 90), st.floats(-90, 90)),
    st.sampled_from((-180.0, 180.0, 177.0)) | st.floats(-180, 180),
    st.sampled_from((-180.0, 180.0, -179.0)) | st.floats(-180, 180),
)
_terms = st.lists(st.sampled_from(AMENITIES), max_size=2)
_amenities = st.builds(
    lambda every, some, none: {
        "all": every,
        "any": some,
        "none": [] if set(some) and set(some) <= set(none) else [term for term in none if term not in every],
    },
    _terms,
    _terms,
    _terms,
)
_ends = st.sampled_from((-1, 0, 1, 1.0, 2.4, 1e20))
_tests = st.sampled_from(VALUES) | st.lists(st.sampled_from(VALUES), min_size=1, max_size=3) | _some(
    {"min": _ends, "max": _ends}
).filter(bool).map(_in_order)  # fmt: skip

FIELDS: dict[str, Any] = {
    "kind": st.sampled_from(KINDS),
    "city": st.sampled_from(CITIES),
    "country": st.sampled_from(COUNTRIES),
    "near": _nears,
    "box": _boxes,
    "guests": _people,
    "price": _prices,
    "amenities": _amenities,
    "attributes": st.dictionaries(st.sampled_from(NAMES), _tests, min_size=1, max_size=2),
}


@st.composite
def filters(draw: Any, most: int = 4) -> VenueFilter:
    """Draw filters of a few fields."""
    names = draw(st.sets(st.sampled_from(sorted(FIELDS)), max_size=most))
    fields = {name: draw(FIELDS[name]) for name in sorted(names)}
    if "guests" in fields:
        fields["layout"] = draw(_maybe(st.sampled_from(LAYOUTS)))
    return VenueFilter.model_validate(fields)
