"""Words that mean an amenity, words that only look like one, and what is asked of each."""

from collections.abc import Iterable
from typing import Any

import pytest
from asking import NOTHING, ask, labelled, world
from asking import amenities_asked as asked

from benchmarks.parser import WrittenCatalogue
from venuefinder.query.interpretation import Interpretation
from venuefinder.query.parse import interpret
from venuefinder.request import VenueFilter


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
def test_words_that_only_look_like_an_amenity_stay_a_description(query: str, text: str) -> None:
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
        ("superb catering and loads of parking", ["catering", "parking"]),
        ("there should be parking", ["parking"]),
        ("barn wedding catering", ["catering"]),
        ("photo studio with blackout curtains", ["blackout"]),
        ("wifi & aircon", ["air conditioning", "wifi"]),
    ],
)
def test_words_that_mean_an_amenity_filter(query: str, amenities: Any) -> None:
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
def test_an_amenity_that_the_catalogue_lacks_is_not_read_as_a_shorter_one(query: str) -> None:
    assert asked(query) == {}
    assert ask(query).text == query


def test_the_longer_amenity_filters_where_the_catalogue_has_it() -> None:
    found = ask_with("a barn, outside catering allowed", ["outside catering"])

    assert found.filters.amenities.all == ("outside catering",)
    assert found.text == "a barn, allowed"


@pytest.mark.parametrize(
    ("query", "any_of", "text"),
    [
        ("parking or wifi", ["parking", "wifi"], ""),
        ("wifi or air conditioning", ["air conditioning", "wifi"], ""),
        ("a barn with either parking or wifi near Bath", ["parking", "wifi"], "a barn"),
        ("a barn with parking, wifi or a lift", ["lift", "parking", "wifi"], "a barn"),
        ("parking and/or wifi", ["parking", "wifi"], ""),
        ("must have parking or wifi", ["parking", "wifi"], ""),
        ("must have a stage or a piano", ["piano", "stage"], "stage, piano"),
        ("free parking or good wifi required", ["parking", "wifi"], ""),
    ],
)
def test_of_amenities_with_or_between_them_one_will_do(query: str, any_of: Any, text: str) -> None:
    assert asked(query) == {"any": any_of}
    assert ask(query).text == text


@pytest.mark.parametrize(
    "query",
    [
        "parking or a garden",
        "hotel or parking",
        "parking or something like it",
        "a barn with wifi or a big screen",
        "wifi or parking and catering",
        "wifi and parking or catering",
    ],
)
def test_an_amenity_or_something_else_filters_nothing(query: str) -> None:
    found = ask(query)

    assert asked(query) == {}
    assert found.text == query
    assert any("something else may do" in (part.note or "") for part in found.parts)


@pytest.mark.parametrize(
    ("query", "amenities"),
    [
        ("loft or warehouse with parking", ["parking"]),
        ("Manchester or Liverpool, parking", ["parking"]),
        ("wifi and parking", ["parking", "wifi"]),
        ("parking and a garden or a terrace", ["parking"]),
        ("wifi, parking and catering", ["catering", "parking", "wifi"]),
    ],
)
def test_or_between_other_things_leaves_amenities_alone(query: str, amenities: Any) -> None:
    assert asked(query) == {"all": amenities}


def test_an_amenity_in_several_spellings_filters_by_any_of_them() -> None:
    found = ask_with("a barn with wifi and parking", ["wi-fi"])

    assert (found.filters.amenities.any, found.filters.amenities.all) == (("wi-fi", "wifi"), ("parking",))
    assert found.text == "a barn"


@pytest.mark.parametrize(
    ("query", "any_of", "text"),
    [
        ("with wifi and parking", ("wi-fi", "wifi"), "parking"),
        ("a barn with wifi, wi-fi and free parking", ("wi-fi", "wifi"), "a barn and free parking"),
        ("parking or catering, and wifi", ("on-site parking", "parking", "catering"), "wifi"),
    ],
)
def test_what_cannot_filter_beside_another_choice_stays_in_the_text(query: str, any_of: Any, text: str) -> None:
    found = ask_with(query, ["wi-fi", "on-site parking"])

    assert (found.filters.amenities.any, found.filters.amenities.all) == (any_of, ())
    assert found.text == text
    assert found.parts[-1].note == "one choice of amenities, or of spellings of one, filters at a time"


def test_a_choice_that_is_given_is_not_widened_by_words() -> None:
    given = VenueFilter.model_validate({"amenities": {"any": ["stage", "piano"]}})
    found = ask("a barn with parking or wifi", given)

    assert found.filters.amenities.any == ("stage", "piano")
    assert found.text == "a barn with parking or wifi"


@pytest.mark.parametrize(
    ("query", "off", "text"),
    [
        ("2k budget for 80 ppl", (0, 9), "2k budget"),
        ("2k budget for 80 ppl", (10, 20), "for 80 ppl"),
        ("max 100 guests in London under £10000", (25, 37), "under £10000"),
        ("max 100 guests in London under £10000", (15, 24), "in London"),
        ("under £10000 for 80+ near Bath", (13, 20), "for 80+"),
        ("a barn near Bath under £5k", (7, 16), "a barn near Bath"),
        ("with wifi, near Bath", (5, 9), "with wifi"),
    ],
)
def test_a_part_that_is_switched_off_comes_back_with_every_character(query: str, off: Any, text: str) -> None:
    assert ask(query, switch_off=(off,)).text == text
