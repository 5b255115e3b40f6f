"""Words that mean an amenity, words that only look like one, and what is asked of each."""

from collections.abc import Iterable
from typing import Any

import pytest
from asking import NOTHING, ask, labelled, world

from benchmarks.parser import WrittenCatalogue
from venuefinder.query.interpretation import Interpretation
from venuefinder.query.parse import interpret


def asked(query: str, **without: Any) -> dict[str, list[str]]:
    """Return what the amenities of a venue must be."""
    amenities = ask(query, **without).filters.amenities
    return {name: sorted(terms) for name, terms in amenities.model_dump(exclude_defaults=True).items()}


def ask_with(query: str, more: Iterable[str]) -> Interpretation:
    """Ask a catalogue that has further amenities."""
    known = labelled()[0]
    catalogue = WrittenCatalogue(known.kinds, known.amenities.union(more), known.cities)
    return interpret(query, NOTHING, vocabulary=catalogue, gazetteer=world())


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("a barn easily accessible by public transport for 60", "a barn easily accessible by public transport"),
        ("easily accessible from Bristol", "easily accessible from Bristol"),
        ("accessible by train from London", "accessible by train from London"),
        ("a barn accessible by taxi", None),
        ("accessible luxury", None),
        ("internet of things conference for 80", "internet of things conference"),
        ("internet security conference", None),
        ("blackout party", None),
        ("a Lift Off conference for 80", "a Lift Off conference"),
        ("a chalet with a ski lift", None),
        ("bar with lift music", None),
        ("decor to lift the mood", None),
        ("parking garage", None),
        ("a former car park", None),
        ("view of the car park", None),
        ("next to the car park", None),
        ("a car park for a fashion show", None),
        ("catering college", None),
        ("accommodation wall art", None),
        ("a heated pool", None),
        ("a licensed taxi rank", None),
        ("a barn catering for 60 guests", "a barn catering"),
    ],
)
def test_words_that_only_look_like_an_amenity_stay_a_description(query, text):
    found = ask(query)

    assert asked(query) == {}
    assert not [part for part in found.parts if part.kind == "amenity"]
    assert found.text == (text or query)


@pytest.mark.parametrize(
    ("query", "amenities"),
    [
        ("a hall with ample on-site parking", ["parking"]),
        ("plenty of parking, fast wifi and a lift", ["lift", "parking", "wifi"]),
        ("barn with parking wifi and catering", ["catering", "parking", "wifi"]),
        ("a barn with vegan catering", ["catering"]),
        ("barn wedding, parking for 20 cars", ["parking"]),
        ("hotel, car park, blackout", ["blackout", "parking"]),
        ("lift please", ["lift"]),
        ("fully accessible barn", ["step-free access"]),
        ("a barn that is accessible", ["step-free access"]),
        ("an accessible venue", ["step-free access"]),
        ("wheelchair accessible village hall", ["step-free access"]),
        ("a dog friendly country pub", ["dogs welcome"]),
        ("a hotel with its own catering", ["catering"]),
        ("a venue close to Bath with free parking", ["parking"]),
        ("wifi & aircon", ["air conditioning", "wifi"]),
    ],
)
def test_words_that_mean_an_amenity_filter(query, amenities):
    assert asked(query) == {"all": amenities}


@pytest.mark.parametrize(
    "query",
    [
        "we bring our own catering",
        "bring your own catering",
        "barn with own catering",
        "outside catering allowed",
        "self catering cottage",
        "self-catering cottage",
        "no in-house catering needed",
        "no on-site catering or parking required",
        "we have our own insurance and catering team",
        "an accessible toilet",
    ],
)
def test_an_amenity_that_the_catalogue_lacks_is_not_read_as_a_shorter_one(query):
    assert asked(query) == {}
    assert ask(query).text == query


def test_the_longer_amenity_filters_where_the_catalogue_has_it():
    found = ask_with("a barn, outside catering allowed", ["outside catering"])

    assert found.filters.amenities.all == ("outside catering",)
    assert found.text == "a barn, allowed"
