"""Cheaper, nearer, larger: what filters become, and what is refused."""

from decimal import Decimal

import pytest

from venuefinder.domain import Venue
from venuefinder.errors import QueryError
from venuefinder.offers import matching_offer
from venuefinder.recommending.recommendation import Relative
from venuefinder.recommending.relative import narrowed
from venuefinder.request import NarrowedFilter, VenueFilter

BATH = {"latitude": 51.38, "longitude": -2.36}


def venue(external_id="other", **fields):
    return Venue.model_validate({"external_id": external_id, "name": external_id.title()} | fields)


def price(amount, unit="event", currency="GBP", **more):
    return {"amount": amount, "unit": unit, "currency": currency} | more


def cheaper(where, **fields):
    return narrowed(VenueFilter.model_validate(where), Relative(cheaper_than="other"), {"other": venue(**fields)})


@pytest.mark.parametrize(
    ("where", "fields", "most"),
    [
        ({}, {"price": price(900)}, "899.99"),
        ({"guests": 80}, {"capacity": {"seated": 100}, "price": price("45.50", "head")}, "3639.99"),
        ({"price": {"hours": 6}}, {"price": price(100, "hour", minimum_hours=8)}, "799.99"),
        ({"guests": 10}, {"price": price(45, "head", minimum_spend=3000)}, "2999.99"),
        ({"price": {"max": 500, "currency": "GBP"}}, {"price": price(900)}, "500"),
        ({"guests": 30, "price": {"max": 40, "per": "head"}}, {"price": price(900)}, "29.99"),
        ({"price": {"max": 40, "per": "head"}}, {"price": price(30, "head")}, "29.99"),
        ({}, {"rooms": [{"name": "A", "price": price(300, currency="EUR")}]}, "299.99"),
        (
            {"guests": 50},
            {"price": price(900), "rooms": [{"name": "A", "capacity": {"seated": 60}, "price": price(400)}]},
            "399.99",
        ),
    ],
)
def test_cheaper_is_a_price_below_that_of_the_other_for_the_same_party(where, fields, most):
    found, _ = cheaper(where, **fields)

    assert found.price.max == Decimal(most)
    assert matching_offer(venue(**fields), found) is None  # never the other itself


def test_cheaper_takes_the_currency_of_the_other():
    found, (other,) = cheaper({"price": {"hours": 5}}, price=price(900, currency="EUR"))

    assert (found.price.currency, found.price.hours, other.total, other.currency) == ("EUR", 5, Decimal(900), "EUR")


@pytest.mark.parametrize(
    ("where", "fields", "says"),
    [
        ({}, {}, "says no price"),
        ({}, {"price": price(0)}, "cheaper than nothing is asked for; no venue is both"),
        ({"price": {"min": 900}}, {"price": price(900)}, "costs £900, and at least £900 is asked for"),
        ({"price": {"max": 900}}, {"price": price(900, currency="EUR")}, "priced in EUR, filters.price is in GBP"),
        ({"price": {"max": 40, "per": "head"}}, {"price": price(900)}, "no price per head"),
    ],
)
def test_what_cannot_be_cheaper(where, fields, says):
    with pytest.raises(QueryError, match=says):
        cheaper(where, **fields)


def test_nearer_is_a_circle_that_the_other_lies_on():
    where = VenueFilter.model_validate({"near": {"place": "Bath", "radius_km": 50} | BATH})
    found, (other,) = narrowed(where, Relative(nearer_than="other"), {"other": venue(latitude=51.5, longitude=-2.36)})

    assert found.near.place is None  # the name of a city would let those in whose coordinates nobody knows
    assert other.distance_km == pytest.approx(13.34, abs=0.01)
    assert found.near.radius_km == pytest.approx(other.distance_km, abs=0.002)
    assert found.near.radius_km < other.distance_km


@pytest.mark.parametrize(
    ("near", "fields", "says"),
    [
        (None, {"latitude": 51.5, "longitude": -2.36}, "nearer to what"),
        ({"place": "Nowhere-by-Sea"}, {"latitude": 51.5, "longitude": -2.36}, "nearer to what"),
        (BATH, {}, "says no coordinates"),
        (BATH, BATH, "at that very point"),
    ],
)
def test_what_cannot_be_nearer(near, fields, says):
    with pytest.raises(QueryError, match=says):
        narrowed(VenueFilter.model_validate({"near": near}), Relative(nearer_than="other"), {"other": venue(**fields)})


@pytest.mark.parametrize(
    ("layout", "people"), [(None, 200), ("seated", 120), ("theatre", 90)], ids=["any", "seated", "theatre"]
)
def test_larger_counts_the_layout_and_the_rooms(layout, people):
    where = VenueFilter(guests=50, layout=layout)
    other = venue(capacity={"seated": 120, "standing": 200}, rooms=[{"name": "A", "capacity": {"theatre": 90}}])
    found, _ = narrowed(where, Relative(larger_than="other"), {"other": other})

    assert isinstance(found, NarrowedFilter)
    assert (found.more_people_than, found.guests, found.layout) == (people, 50, layout)


def test_larger_than_what_does_not_say():
    where, venues = VenueFilter(guests=5, layout="boardroom"), {"other": venue(capacity={"seated": 120})}

    with pytest.raises(QueryError, match="does not say how many it holds boardroom"):
        narrowed(where, Relative(larger_than="other"), venues)
