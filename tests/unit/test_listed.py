"""What a listing's fields say of one constraint of a filter."""

from decimal import Decimal

import pytest

from venuefinder.domain import Capacity, Price, Room, Venue
from venuefinder.request import VenueFilter
from venuefinder.searching.listed import listed
from venuefinder.statements import Statements

STATED, CONTRADICTED, UNKNOWN = "stated", "contradicted", "unknown"


def mark(filters: dict[str, object], **fields: object) -> str:
    venue = Venue.model_validate({"external_id": "v", "name": "Somewhere"} | fields)
    return listed(VenueFilter.model_validate(filters), Statements.of(venue))


def price(amount: int, **fields: object) -> Price:
    return Price.model_validate({"amount": Decimal(amount), "currency": "GBP"} | fields)


BATH = {"latitude": 51.38, "longitude": -2.36}
NEAR = {"near": {"place": "Bath", "latitude": 51.38, "longitude": -2.36, "radius_km": 10}}
FIJI = {"box": {"south": -20, "west": 175, "north": -15, "east": -175}}


@pytest.mark.parametrize(
    ("filters", "fields", "expected"),
    [
        ({"kind": "barn"}, {"kind": "Barn"}, STATED),
        ({"kind": "barn"}, {"kind": "wedding venue", "description": "A barn with beams."}, STATED),
        ({"kind": "barn"}, {"kind": "ballroom"}, CONTRADICTED),
        ({"kind": "barn"}, {}, UNKNOWN),
        ({"city": "bath"}, {"city": "Bath"}, STATED),
        ({"city": "Bath"}, {"city": "York"}, CONTRADICTED),
        ({"city": "Bath"}, {}, UNKNOWN),
        ({"country": "GB"}, {"country": "GB"}, STATED),
        ({"country": "GB"}, {"country": "FR"}, CONTRADICTED),
        ({"country": "GB"}, {}, UNKNOWN),
        (NEAR, BATH, STATED),
        (NEAR, {"latitude": 53.8, "longitude": -1.5}, CONTRADICTED),
        (NEAR, {"city": "BATH"}, STATED),
        (NEAR, {"city": "York"}, UNKNOWN),
        (NEAR, {}, UNKNOWN),
        ({"near": {"place": "Cambridge"}}, BATH, UNKNOWN),
        ({"near": {"place": "Bath", "country": "GB"}}, {"city": "Bath", "country": "GB"}, STATED),
        ({"near": {"place": "Bath", "country": "GB"}}, {"city": "Bath", "country": "US"}, CONTRADICTED),
        ({"near": {"place": "Bath", "country": "GB"}}, {"city": "Bath"}, STATED),
        ({"near": {"latitude": 51.3, "longitude": -2.3}}, BATH, STATED),
        ({"near": {"latitude": 52.3, "longitude": -2.3}}, BATH, CONTRADICTED),
        (FIJI, {"latitude": -18, "longitude": 178}, STATED),
        (FIJI, {"latitude": -18, "longitude": -178}, STATED),
        (FIJI, {"latitude": -18, "longitude": 170}, CONTRADICTED),
        (FIJI, {"latitude": 18, "longitude": 178}, CONTRADICTED),
        (FIJI, {}, UNKNOWN),
    ],
)
def test_where_and_what(filters, fields, expected):
    assert mark(filters, **fields) == expected


@pytest.mark.parametrize(
    ("filters", "capacity", "rooms", "expected"),
    [
        ({"guests": 100}, {"standing": 100}, [], STATED),
        ({"guests": 100}, {"standing": 99}, [], CONTRADICTED),
        ({"guests": 100}, {}, [], UNKNOWN),
        ({"guests": 100, "layout": "seated"}, {"standing": 200}, [], UNKNOWN),
        ({"guests": 100, "layout": "seated"}, {"standing": 200, "seated": 80}, [], CONTRADICTED),
        ({"guests": 100}, {"seated": 50}, [120], STATED),
        ({"guests": 100}, {}, [120], STATED),
        ({"guests": 100}, {"seated": 50}, [80], CONTRADICTED),
        ({"guests": 100}, {}, [80], UNKNOWN),
    ],
)
def test_guests(filters, capacity, rooms, expected):
    listed_rooms = [Room(name=f"{seats}", capacity=Capacity(seated=seats)) for seats in rooms]

    assert mark(filters, capacity=capacity, rooms=listed_rooms) == expected


@pytest.mark.parametrize(
    ("filters", "listed_price", "expected"),
    [
        ({"price": {"max": 5000}}, price(5000), STATED),
        ({"price": {"max": 5000}}, price(5001), CONTRADICTED),
        ({"price": {"max": 5000}}, None, UNKNOWN),
        ({"price": {"max": 5000}}, price(10, currency="EUR"), UNKNOWN),
        ({"price": {"min": 100}}, price(99), CONTRADICTED),
        ({"guests": 100, "price": {"max": 5000}}, price(50, unit="head"), STATED),
        ({"guests": 101, "price": {"max": 5000}}, price(50, unit="head"), CONTRADICTED),
        ({"price": {"max": 5000}}, price(50, minimum_spend=Decimal(6000)), CONTRADICTED),
        ({"price": {"max": 50, "per": "head"}}, price(50, unit="head"), STATED),
        ({"price": {"max": 50, "per": "head"}}, price(50), UNKNOWN),
        ({"guests": 100, "price": {"max": 50, "per": "head"}}, price(5000), STATED),
        ({"price": {"max": 900, "hours": 4}}, price(200, unit="hour"), STATED),
        ({"price": {"max": 900, "hours": 4}}, price(200, unit="hour", minimum_hours=6), CONTRADICTED),
        ({"price": {"max_minimum_spend": 0}}, price(200), STATED),
        ({"price": {"max_minimum_spend": 0}}, price(200, minimum_spend=Decimal(1)), CONTRADICTED),
    ],
)
def test_price(filters, listed_price, expected):
    assert mark(filters, price=listed_price) == expected


def test_a_room_that_holds_the_guests_may_be_what_they_can_afford():
    small = Room(name="Small", capacity=Capacity(seated=10), price=price(100))
    large = Room(name="Large", capacity=Capacity(seated=100), price=price(2000))
    venue = {"capacity": {"seated": 300}, "price": price(9000), "rooms": [small, large]}

    assert mark({"guests": 100, "price": {"max": 3000}}, **venue) == STATED
    assert mark({"guests": 100, "price": {"max": 1000}}, **venue) == CONTRADICTED
    assert mark({"price": {"max": 1000}}, **venue) == STATED


@pytest.mark.parametrize(
    ("asked", "fields", "expected"),
    [
        ({"all": ["parking"]}, {"amenities": ["Parking"]}, STATED),
        ({"all": ["parking"]}, {"amenities": ["bar"]}, UNKNOWN),
        ({"all": ["parking"]}, {"description": "There is parking for twenty cars."}, STATED),
        ({"all": ["parking"]}, {"description": "There is no parking."}, CONTRADICTED),
        ({"any": ["bar", "stage"]}, {"amenities": ["stage"]}, STATED),
        ({"any": ["bar", "stage"]}, {"description": "No bar. No stage."}, CONTRADICTED),
        ({"any": ["bar", "stage"]}, {"description": "No bar."}, UNKNOWN),
        ({"none": ["carpets"]}, {"amenities": ["carpets"]}, CONTRADICTED),
        ({"none": ["carpets"]}, {"description": "No carpets."}, STATED),
        ({"none": ["carpets"]}, {"amenities": ["bar"]}, UNKNOWN),
    ],
)
def test_amenities(asked, fields, expected):
    assert mark({"amenities": asked}, **fields) == expected


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        (2, 2, STATED),
        (2, 2.0, STATED),
        (2, 3, CONTRADICTED),
        (1, True, CONTRADICTED),
        (True, 1, CONTRADICTED),
        (True, True, STATED),
        ("1", 1, CONTRADICTED),
        (2, None, UNKNOWN),
        (None, None, STATED),
        (None, 2, CONTRADICTED),
        (["oak", "ash"], "ash", STATED),
        (["oak", "ash"], "elm", CONTRADICTED),
        (["oak", "ash"], None, UNKNOWN),
        ({"min": 2, "max": 4}, 4, STATED),
        ({"min": 2, "max": 4}, 4.5, CONTRADICTED),
        ({"min": 2}, 1, CONTRADICTED),
        ({"min": 2}, "3", CONTRADICTED),
        ({"max": 2}, True, CONTRADICTED),
        ({"max": 2}, None, UNKNOWN),
    ],
)
def test_attributes(test, value, expected):
    assert mark({"attributes": {"it": test}}, attributes={"it": value}) == expected
    assert mark({"attributes": {"it": test}}) == UNKNOWN


def test_a_filter_that_asks_nothing_is_unknown():
    assert mark({}) == UNKNOWN
