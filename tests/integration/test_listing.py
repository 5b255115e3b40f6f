"""Totals, what is left out, orders and facets on a real Postgres, against plain Python over the same venues."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.filtering import distance, filters, listed, passes, store
from venuefinder.domain import LAYOUTS, Capacity, Price, Venue
from venuefinder.errors import QueryError
from venuefinder.offers import matching_offer, price_total
from venuefinder.request import AmenityFilter, PriceLimit, Sort, VenueFilter
from venuefinder.store.database import Database
from venuefinder.store.facets import FacetRepository
from venuefinder.store.listing import VenueOrder

VENUES = listed(250, seed=11)
EVERYTHING = ("kind", "country", "city", "amenities", "layouts", "attributes.floor", "attributes.per cent %(x)s")
thorough = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@pytest.fixture(scope="module")
def catalogue(module_database: Database) -> Database:
    """A database of 250 random venues, numbered from 1 in their order, for all tests here."""
    store(module_database, VENUES)
    return module_database


def of(**fields: Any) -> VenueFilter:
    return VenueFilter.model_validate(fields)


def offers(venue: Venue) -> list[tuple[Capacity, Price | None]]:
    return [(venue.capacity, venue.price), *((room.capacity, room.price or venue.price) for room in venue.rooms)]


def said(venue: Venue, where: VenueFilter) -> tuple[bool, bool, bool]:
    """Return whether a price is in another currency, whether none is known, whether no capacity is."""
    limit = where.price
    prices = [price for _, price in offers(venue) if price]
    asked = limit is not None and limit.limits()
    ours = [price for price in prices if limit and price.currency == limit.currency]
    by_rate = limit is not None and not limit.max is limit.min is None and (
        (limit.per == "head" and where.guests is None and "head")
        or (limit.per == "hour" and limit.hours is None and "hour")
    )  # fmt: skip
    telling = [price for price in ours if not by_rate or price.unit == by_rate]
    held = [getattr(capacity, where.layout) if where.layout else capacity.largest() for capacity, _ in offers(venue)]
    return (
        asked and bool(prices) and not ours,
        asked and not telling and (bool(ours) or not prices),
        where.guests is not None and not any(held),
    )


@thorough
@given(where=filters())
def test_the_tally_counts_what_passes_and_what_is_left_out(catalogue: Database, where: VenueFilter) -> None:
    plain = where.model_copy(update={"guests": None, "layout": None, "price": None})
    left_out = [said(venue, where) for venue in VENUES if passes(venue, plain)]
    total, counted = VenueOrder(catalogue).tally(where)
    assert total == VenueOrder(catalogue).count(where) == sum(passes(venue, where) for venue in VENUES)
    found = (counted.other_currency, counted.unknown_price, counted.unknown_capacity)
    assert found == tuple(sum(column) for column in zip(*left_out, strict=True)) or (not left_out and not any(found))


def key(venue: Venue, where: VenueFilter, by: str) -> Any:
    if by == "name":
        return venue.name.lower()
    if by == "distance":
        return where.near and distance(venue, where.near)
    if by == "guests":
        held = [
            getattr(capacity, where.layout) if where.layout else capacity.largest() for capacity, _ in offers(venue)
        ]
        return max((people for people in held if people), default=None)
    own = least_total(venue.model_copy(update={"rooms": ()}), where)
    return least_total(venue, where) if own is None else own


def least_total(venue: Venue, where: VenueFilter) -> Decimal | None:
    """Return the least total of the venue or one room by itself, each of which must pass."""
    currency = where.price.currency if where.price else "GBP"
    hours = where.price.hours if where.price else None
    alone = [
        Venue(external_id="x", name="x", capacity=capacity, price=price)
        for capacity, price in offers(venue)
        if price and price.currency == currency
    ]
    only = VenueFilter().model_copy(update={"guests": where.guests, "layout": where.layout, "price": where.price})
    totals = [price_total(one.price, where.guests, hours) for one in alone if one.price and passes(one, only)]
    return min(totals, default=None)


@thorough
@given(
    where=filters(most=2),
    sort=st.sampled_from(("name", "-name", "price", "-price", "guests", "-guests", "distance")),
    data=st.data(),
)
def test_orders_are_total_and_pages_equal_one_long_page(
    catalogue: Database, where: VenueFilter, sort: Sort, data: Any
) -> None:
    if sort == "distance" and (where.near is None or where.near.latitude is None):
        where = where.model_copy(update={"near": of(near={"latitude": -17, "longitude": 179.9}).near})
    order = VenueOrder(catalogue)
    whole = order.page(where, sort, offset=0, limit=1000)
    right = [
        (key(venue, where, sort.removeprefix("-")), n) for n, venue in enumerate(VENUES, 1) if passes(venue, where)
    ]
    known = sorted((one for one in right if one[0] is not None), key=lambda one: one[0], reverse=sort.startswith("-"))
    expected = [n for _, n in known] + [n for value, n in right if value is None]
    if sort == "distance":  # what is equally far within a few centimetres may swap
        keys = {n: round(value or -1.0, 2) for value, n in right}
        assert [keys[n] for n in whole] == pytest.approx([keys[n] for n in expected], abs=0.02)
        assert sorted(whole) == sorted(expected)
    else:
        assert whole == expected
    size = data.draw(st.integers(1, 100))
    pages = [order.page(where, sort, offset=offset, limit=size) for offset in range(0, len(whole), size)]
    assert [venue for page in pages for venue in page] == whole
    assert order.page(where, sort, offset=0, limit=1000, without=whole[:3]) == whole[3:]


@thorough
@given(where=filters(most=2))
def test_totals_that_are_shown_stand_in_the_order_of_price(catalogue: Database, where: VenueFilter) -> None:
    price = where.price or PriceLimit(hours=5)
    where = where.model_copy(update={"guests": where.guests or 1, "price": price.model_copy(update={"hours": 5})})
    ids = VenueOrder(catalogue).page(where, "price", offset=0, limit=1000)
    offers_shown = [matching_offer(VENUES[n - 1], where) for n in ids]
    shown = [one.total for one in offers_shown if one and one.total and one.currency == price.currency]
    assert shown == sorted(shown)


def test_distances_from_nowhere_are_refused(catalogue: Database) -> None:
    with pytest.raises(QueryError, match=r"filters\.near has no coordinates"):
        VenueOrder(catalogue).page(of(near={"place": "Bath"}), "distance", offset=0, limit=1)


@thorough
@given(where=filters())
def test_a_facet_counts_what_choosing_its_value_would_leave(catalogue: Database, where: VenueFilter) -> None:
    counted = FacetRepository(catalogue).count(where, EVERYTHING)
    assert list(counted) == list(EVERYTHING)
    for name, values in counted.items():
        assert values == sorted(values, key=lambda one: -one[1])
        if name == "layouts" and not priced_alike(where):
            continue
        for value, count in values:
            chosen = chosen_value(where, name, value)
            assert (name, value, count) == (name, value, sum(passes(venue, chosen) for venue in VENUES))


def chosen_value(where: VenueFilter, name: str, value: Any) -> VenueFilter:
    if name == "amenities":
        terms = {"all": where.amenities.all, "any": (value,), "none": where.amenities.none}
        return where.model_copy(update={"amenities": AmenityFilter.model_construct(**terms)})
    if name == "layouts":  # without guests the price stays as it is; one of any number must fit
        return where.model_copy(update={"layout": value, "guests": where.guests or 1})
    if name.startswith("attributes."):
        return where.model_copy(update={"attributes": {**where.attributes, name.removeprefix("attributes."): value}})
    return where.model_copy(update={name: value})


def priced_alike(where: VenueFilter) -> bool:
    """Return whether naming one guest, to ask for a layout, leaves prices as they were."""
    return where.guests is not None or where.price is None or where.price.per != "head"


def test_values_of_facets_are_complete(catalogue: Database) -> None:
    counted = FacetRepository(catalogue).count(VenueFilter(), ("kind", "country", "city", "amenities", "layouts"))
    assert dict(counted["kind"]) == Counter(venue.kind for venue in VENUES if venue.kind)
    assert dict(counted["country"]) == Counter(venue.country for venue in VENUES if venue.country)
    assert dict(counted["amenities"]) == Counter(term for venue in VENUES for term in venue.amenities)
    assert {layout for layout, _ in counted["layouts"]} == set(LAYOUTS)
    spelt = Counter(venue.city for venue in VENUES if venue.city)
    bath = max(("Bath", "BATH"), key=lambda city: spelt[city])
    assert dict(counted["city"])[bath] == spelt["Bath"] + spelt["BATH"]
    assert len(counted["city"]) == 4


def test_other_filters_narrow_a_facet_and_its_own_does_not(catalogue: Database) -> None:
    facets = FacetRepository(catalogue)
    free = facets.count(VenueFilter(), ("kind",))
    assert facets.count(VenueFilter(kind="barn"), ("kind",)) == free
    narrowed = dict(facets.count(VenueFilter(country="GB"), ("kind",))["kind"])
    assert all(narrowed[kind] < count for kind, count in free["kind"])


@thorough
@given(where=filters(most=2))
def test_price_buckets_hold_every_venue_once_by_its_least_total(catalogue: Database, where: VenueFilter) -> None:
    if where.price is not None:
        where = where.model_copy(update={"price": where.price.model_copy(update={"per": "event"})})
    unlimited = {"max": None, "min": None, "max_minimum_spend": None}
    free = where.model_copy(update={"price": where.price.model_copy(update=unlimited) if where.price else None})
    totals = [least_total(venue, free) for venue in VENUES if passes(venue, free)]
    edges = (0, 500, 1000, 2000, 5000, 10000, 20000, 50000)
    right = Counter(max(edge for edge in edges if edge <= total) for total in totals if total is not None)
    assert dict(FacetRepository(catalogue).count(where, ["price"])["price"]) == right


def test_prices_a_head_have_buckets_a_head(database: Database) -> None:
    prices = {"a": (30, "head", None), "b": (6000, "event", None), "c": (10, "head", 9000), "d": (100, "hour", None)}
    store(database, [
        Venue.model_validate({"external_id": name, "name": name, "price": {
            "amount": amount, "unit": unit, "minimum_spend": spend, "currency": "GBP"}})
        for name, (amount, unit, spend) in prices.items()
    ])  # fmt: skip
    facets = FacetRepository(database)
    asked = {"per": "head", "max": 5}
    for_hundred = facets.count(VenueFilter.model_construct(**of(price=asked).__dict__), ["price"])["price"]
    assert for_hundred == [(0.0, 1), (25.0, 1)]
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE venues SET capacity_seated = 100")
    counted = facets.count(of(guests=100, price=asked | {"hours": 5}), ["price"])["price"]
    assert counted == [(0.0, 1), (25.0, 1), (50.0, 1), (75.0, 1)]


def test_numbers_too_large_for_a_float_are_no_facet(database: Database) -> None:
    store(
        database,
        [
            Venue(external_id="a", name="a", attributes={"n": 10**400}),
            Venue(external_id="b", name="b", attributes={"n": 7}),
        ],
    )
    assert FacetRepository(database).count(VenueFilter(), ["attributes.n"]) == {"attributes.n": [(7, 1)]}
