"""Filters in words, and taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venuefinder.request import VenueFilter
from venuefinder.searching import wording
from venuefinder.searching.relaxing import constraints

EVERYTHING = {
    "kind": "Barn",
    "city": "Bath",
    "country": "GB",
    "near": {"place": "Bath", "radius_km": 25},
    "box": {"south": 51.2, "west": -2.5, "north": 51.5, "east": -2.2},
    "guests": 120,
    "layout": "seated",
    "price": {"max": 5000},
    "amenities": {"all": ["parking", "stage"], "any": ["bar", "kitchen"], "none": ["carpets"]},
    "attributes": {"floor": 2, "licensed": True},
}


def where(**fields) -> VenueFilter:
    return VenueFilter.model_validate(fields)


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"kind": "barn"}, "kind: barn"),
        ({"city": "Bath"}, "in Bath"),
        ({"country": "GB"}, "country: GB"),
        ({"near": {"place": "Bath"}}, "near Bath"),
        ({"near": {"place": "Bath", "radius_km": 7.5}}, "within 7.5 km of Bath"),
        ({"near": {"latitude": 51.38, "longitude": -2.36, "radius_km": 1200}}, "within 1,200 km of 51.3800, -2.3600"),
        (
            {"box": {"south": 51.2, "west": -2.5, "north": 51.5, "east": -2}},
            "between latitudes 51.2 and 51.5, longitudes -2.5 and -2",
        ),
        ({"guests": 1}, "1 guest"),
        ({"guests": 1200}, "1,200 guests"),
        ({"guests": 120, "layout": "seated"}, "120 guests seated"),
        ({"guests": 120, "layout": "theatre"}, "120 guests, theatre style"),
        ({"price": {"max": 5000}}, "at most £5,000"),
        ({"price": {"min": 12.5, "currency": "CHF"}}, "at least 12.50 CHF"),
        ({"price": {"min": 2000, "max": 3000, "currency": "EUR"}}, "€2,000 to €3,000"),
        ({"price": {"max": 50, "per": "head"}}, "at most £50 a head"),
        ({"price": {"max": 200, "per": "hour", "hours": 6}}, "at most £200 an hour for 6 hours"),
        ({"price": {"max": 200, "hours": 1}}, "at most £200 for 1 hour"),
        ({"price": {"max_minimum_spend": 0}}, "no minimum spend"),
        ({"price": {"max_minimum_spend": 900, "hours": 2.5}}, "minimum spend at most £900 for 2.5 hours"),
        ({"price": {"max": 50, "max_minimum_spend": 0, "hours": 6}}, "at most £50 for 6 hours, no minimum spend"),
        ({"amenities": {"all": ["parking"]}}, "has parking"),
        ({"amenities": {"any": ["bar", "stage"]}}, "has bar or stage"),
        ({"amenities": {"any": ["a", "b", "c", "d", "e"]}}, "has a, b or 3 others"),
        ({"amenities": {"none": ["carpets"]}}, "no carpets"),
        ({"attributes": {"floor": 2}}, "floor: 2"),
        ({"attributes": {"licensed": True}}, "licensed: yes"),
        ({"attributes": {"grains": 10**400}}, "grains: 1e+400"),
        ({"attributes": {"licensed": [False, None]}}, "licensed: no or nothing"),
        ({"attributes": {"style": ["rustic", "modern", "old"]}}, "style: rustic, modern or old"),
        ({"attributes": {"area": {"min": 200}}}, "area: at least 200"),
        ({"attributes": {"area": {"max": 0.5}}}, "area: at most 0.5"),
        ({"attributes": {"area": {"min": 0, "max": 1e12}}}, "area: 0 to 1e+12"),
    ],
)
def test_a_constraint_in_words(filters, words):
    assert [constraint.words for constraint in constraints(where(**filters))] == [words]


def test_hostile_words_stay_short():
    filters = where(attributes={"n" * 500: ["v\n" * 2500] * 50})

    (constraint,) = constraints(filters)

    assert len(constraint.words) < 300
    assert "\n" not in constraint.words


def test_hours_alone_limit_nothing():
    assert constraints(where(price={"hours": 6})) == []


def test_a_filter_comes_apart_into_all_it_asks():
    names = [constraint.name for constraint in constraints(where(**EVERYTHING))]

    assert names == [
        "kind",
        "city",
        "country",
        "near",
        "box",
        "guests",
        "price",
        "amenities.all.parking",
        "amenities.all.stage",
        "amenities.any",
        "amenities.none.carpets",
        "attributes.floor",
        "attributes.licensed",
    ]


def test_guests_go_with_their_layout_and_stay_with_a_price_alone():
    guests, price = constraints(where(guests=120, layout="seated", price={"max": 5000}))

    assert guests.without == where(price={"max": 5000})
    assert guests.only == where(guests=120, layout="seated")
    assert price.without == where(guests=120, layout="seated")
    assert price.only == where(guests=120, layout="seated", price={"max": 5000})


@given(st.sets(st.sampled_from(sorted(EVERYTHING))))
def test_taking_all_constraints_away_one_by_one_leaves_nothing(fields):
    filters = where(**{name: EVERYTHING[name] for name in fields if name != "layout" or "guests" in fields})

    while found := constraints(filters):
        relaxed = found[0].without
        assert VenueFilter.model_validate(relaxed.model_dump()) == relaxed
        assert [one.name for one in constraints(relaxed)] == [one.name for one in found[1:]]
        filters = relaxed

    assert filters == VenueFilter()


def test_every_field_of_a_filter_can_be_relaxed():
    """A new field must get its words and its mark."""
    kinds = {constraint.name.split(".")[0] for constraint in constraints(where(**EVERYTHING))}

    assert kinds | {"layout"} == set(VenueFilter.model_fields)


def test_numbers_and_texts_are_cut_to_what_people_read():
    assert wording.number(25.0) == "25"
    assert wording.shortened("a  b\nc") == "a b c"
    assert len(wording.shortened("a" * 100)) == wording.SHOWN
