"""What a venue offers a party, by hand-made examples: the totals, the room, and how the total came about."""

from decimal import Decimal
from typing import Any

import pytest

from venuefinder.domain import Price, Venue
from venuefinder.offers import Offer, matching_offer, price_total
from venuefinder.request import VenueFilter


def price(amount: Any, unit: str = "event", **more: Any) -> Price:
    return Price.model_validate({"amount": Decimal(str(amount)), "currency": "GBP", "unit": unit} | more)


def venue(**fields: Any) -> Venue:
    return Venue.model_validate({"external_id": "v", "name": "V"} | fields)


def offer(listing: Venue, **filters: Any) -> Offer | None:
    return matching_offer(listing, VenueFilter.model_validate(filters))


@pytest.mark.parametrize(
    ("asked", "guests", "hours", "total"),
    [
        (price(2500), None, None, "2500"),
        (price(2500), 120, 6, "2500"),
        (price(500, minimum_spend=800), None, None, "800"),
        (price(45, "head"), 120, None, "5400"),
        (price(45, "head"), None, None, "45"),
        (price(45, "head", minimum_spend=6000), 120, None, "6000"),
        (price(100, "hour"), None, None, "100"),
        (price(100, "hour"), None, 3.5, "350"),
        (price(100, "hour", minimum_hours=4), None, None, "400"),
        (price(100, "hour", minimum_hours=4), None, 3, "400"),
        (price(100, "hour", minimum_hours=4), None, 5, "500"),
        (price(100, "hour", minimum_hours=0.5), None, None, "50"),
        (price(800, "day"), None, None, "800"),
        (price(800, "day"), None, 24, "800"),
        (price(800, "day"), None, 24.5, "1600"),
        (price(800, "day"), None, 1e-320, "800"),
        (price("9999999999.99", "hour"), None, 8759.99999999999, "87599999999912.3000000000001"),
    ],
)
def test_totals(asked: Price, guests: int | None, hours: float | None, total: str) -> None:
    assert price_total(asked, guests, hours) == Decimal(total)


@pytest.mark.parametrize(
    ("asked", "filters", "total", "basis"),
    [
        (price(2500), {"guests": 10}, "2500", "£2,500 for the event"),
        (
            price(45, "head", minimum_spend=3000),
            {"guests": 120},
            "5400",
            "£45 a head × 120 guests, at least £3,000 spend",
        ),
        (price("45.50", "head"), {"guests": 1}, "45.5", "£45.50 a head × 1 guest"),
        (price(45, "head"), {}, None, "£45 a head"),
        (price(45, "head"), {"price": {"max": 50}}, "45", "£45 a head × 1 guest"),
        (price(100, "hour", minimum_hours=4), {"price": {"hours": 3}}, "400", "£100 an hour × 4 hours"),
        (price(100, "hour"), {"guests": 9}, None, "£100 an hour"),
        (price("0.01", "hour"), {"price": {"hours": 0.5}}, "0.01", "£0.01 an hour × 0.5 hours"),
        (price(800, "day", currency="CHF"), {"price": {"hours": 30}}, "1600", "800 CHF a day × 2 days"),
    ],
)
def test_the_total_says_how_it_came_about(asked: Price, filters: dict[str, Any], total: str | None, basis: str) -> None:
    found = offer(venue(price=asked, capacity={"seated": 200}), **filters)
    assert found is not None
    assert found.total == (None if total is None else Decimal(total))
    assert found.basis == basis
    assert found.currency == asked.currency


ROOMS = [
    {"name": "Hall", "capacity": {"seated": 200}, "price": price(3000)},
    {"name": "Attic", "capacity": {"seated": 60, "standing": 100}, "price": price(900)},
    {"name": "Nook", "capacity": {"seated": 50}, "price": price(900)},
    {"name": "Lawn", "capacity": {"seated": 90}},
]


@pytest.mark.parametrize(
    ("own", "filters", "room", "total"),
    [
        ({"capacity": {"seated": 80}, "price": price(2000)}, {"guests": 70}, None, "2000"),
        ({"capacity": {"seated": 80}, "price": price(2000)}, {"guests": 85, "layout": "seated"}, "Lawn", "2000"),
        ({"capacity": {"seated": 80}, "price": price(2000)}, {"guests": 150}, "Hall", "3000"),
        ({"capacity": {"seated": 80}, "price": price(2000)}, {"guests": 50, "price": {"max": 1000}}, "Nook", "900"),
        ({}, {"guests": 50}, "Nook", "900"),
        ({}, {"guests": 55}, "Attic", "900"),
        ({}, {"guests": 95, "layout": "standing"}, "Attic", "900"),
        ({}, {"guests": 70, "layout": "seated"}, "Hall", "3000"),
        ({}, {}, None, None),
        ({}, {"price": {"max": 1000}}, "Nook", "900"),
    ],
)
def test_a_room_is_named_where_the_venue_itself_does_not_do(
    own: dict[str, Any], filters: dict[str, Any], room: str | None, total: str | None
) -> None:
    """The cheapest, then the smallest that holds the guests."""
    found = offer(venue(rooms=ROOMS, **own), **filters)
    assert found is not None
    assert (found.room, found.total) == (room, None if total is None else Decimal(total))


def test_equal_rooms_are_taken_in_the_order_of_the_listing() -> None:
    twins = [{"name": name, "capacity": {"seated": 40}, "price": price(100)} for name in ("B", "A")]
    found = offer(venue(rooms=twins), guests=30)
    assert found is not None
    assert found.room == "B"


@pytest.mark.parametrize(
    "filters",
    [
        {"guests": 201},
        {"guests": 201, "layout": "standing"},
        {"guests": 10, "layout": "theatre"},
        {"price": {"max": 899}},
        {"price": {"min": 3001}},
        {"price": {"max": 5000, "currency": "EUR"}},
        {"guests": 61, "layout": "seated", "price": {"max": 1000}},
        {"price": {"max": 5, "per": "head"}},
        {"price": {"max": 5000, "per": "hour"}},
    ],
)
def test_what_no_room_meets_is_no_offer(filters: dict[str, Any]) -> None:
    assert offer(venue(rooms=ROOMS), **filters) is None


@pytest.mark.parametrize(
    ("asked", "filters", "passes"),
    [
        (price(6000), {"guests": 100, "price": {"max": 60, "per": "head"}}, True),
        (price(6000), {"guests": 99, "price": {"max": 60, "per": "head"}}, False),
        (price(6000), {"price": {"max": 6000, "per": "head"}}, False),
        (price(60, "head"), {"price": {"max": 60, "per": "head"}}, True),
        (price(60, "head", minimum_spend=5000), {"price": {"max": 60, "per": "head"}}, True),
        (price(60, "head", minimum_spend=5000), {"guests": 50, "price": {"max": 60, "per": "head"}}, False),
        (price(100), {"guests": 3, "price": {"max": "33.33", "per": "head"}}, False),
        (price(100), {"guests": 3, "price": {"max": "33.34", "per": "head"}}, True),
        (price(90, "hour"), {"price": {"max": 100, "per": "hour"}}, True),
        (price(90, "hour", minimum_hours=8), {"price": {"max": 100, "per": "hour", "hours": 4}}, False),
        (price(500), {"price": {"min": 100, "max": 200, "per": "hour", "hours": 4}}, True),
        (price(500), {"price": {"max_minimum_spend": 0}}, True),
        (price(500, minimum_spend=400), {"price": {"max_minimum_spend": 399}}, False),
        (price(500, minimum_spend=400), {"price": {"max_minimum_spend": 400, "per": "head"}}, True),
        (None, {"price": {"max_minimum_spend": 400}}, False),
        (None, {"price": {"hours": 4}}, True),
        (price(1e9), {"price": {"hours": 4, "currency": "EUR"}}, True),
    ],
)
def test_prices_a_head_and_an_hour(asked: Price | None, filters: dict[str, Any], *, passes: bool) -> None:
    assert (offer(venue(price=asked, capacity={"seated": 500}), **filters) is not None) is passes


def test_a_total_is_assumed_where_it_orders_the_answer() -> None:
    listing = venue(price=price(45, "head").model_dump())
    without = matching_offer(listing, VenueFilter())
    assert without is not None
    assert without.total is None
    counted = matching_offer(listing, VenueFilter(), assumed=True)
    assert counted is not None
    assert counted.total == 45
