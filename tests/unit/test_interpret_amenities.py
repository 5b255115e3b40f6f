"""Words that mean an amenity, words that only look like one, and what is asked of each."""

from collections.abc import Iterable
from typing import Any

import pytest
from asking import NOTHING, ask, labelled, world

from benchmarks.parser import WrittenCatalogue
from venuefinder.query.interpretation import Interpretation
from venuefinder.query.parse import interpret
from venuefinder.request import VenueFilter


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


@pytest.mark.parametrize(
    "query",
    [
        "parking would be nice",
        "parking and wifi would be nice",
        "wifi, parking and a lift would be a bonus",
        "it would be nice to have parking",
        "would be great if there was parking",
        "preferably wifi",
        "preferably wifi and parking",
        "parking if possible",
        "must have a stage if possible",
        "parking, if available",
        "parking, ideally",
        "parking preferred",
        "wifi a plus",
        "optional parking",
        "parking is optional",
        "parking (optional)",
        "parking would help",
    ],
)
def test_what_is_wished_for_filters_nothing_and_stays(query: str) -> None:
    found = ask(query)

    assert asked(query) == {}
    assert found.text == query
    assert {part.note for part in found.parts if part.kind == "amenity"} <= {
        "a wish, no condition; filters.amenities requires it"
    }


@pytest.mark.parametrize(
    "query",
    [
        "parking is not a problem",
        "parking isn't a deal breaker",
        "parking isn't important",
        "parking and wifi not needed",
        "step-free access not needed",
        "doesn't matter about parking",
        "we don't mind if there is parking",
        "not fussed about wifi",
        "dog friendly or not",
        "parking or no parking",
        "with or without parking",
        "with or without catering",
        "regardless of parking",
        "whether or not there is parking",
        "no need for parking",
        "wifi unnecessary",
        "parking (not essential)",
        "not necessarily with parking",
        "fine without parking",
        "no parking is fine",
        "don't worry about parking",
    ],
)
def test_what_does_not_matter_is_neither_asked_for_nor_excluded(query: str) -> None:
    found = ask(query)

    assert (asked(query), found.negatives, found.parts) == ({}, (), ())
    assert found.text == query


@pytest.mark.parametrize(
    ("query", "amenities"),
    [
        ("a barn with parking, wifi would be nice", ["parking"]),
        ("must have parking, ideally wifi and catering", ["parking"]),
        ("wifi optional, parking required", ["parking"]),
        ("preferably rustic, parking essential", ["parking"]),
        ("parking a must", ["parking"]),
        ("we do not care about parking but must have wifi", ["wifi"]),
        ("ideally near Bath, with parking", ["parking"]),
    ],
)
def test_what_is_required_beside_a_wish_still_filters(query: str, amenities: Any) -> None:
    assert asked(query) == {"all": amenities}


@pytest.mark.parametrize(
    ("query", "none", "text"),
    [
        ("with no steps and parking", {}, "parking"),
        ("no stage and wifi", {"none": ["stage"]}, "wifi"),
        ("no stage and a lift", {"none": ["stage"]}, "lift"),
        ("no stage and air conditioning", {"none": ["stage"]}, "air conditioning"),
        ("no stage and wifi and parking", {"none": ["stage"]}, "wifi and parking"),
        ("no stage, parking or wifi", {"none": ["stage"]}, "parking or wifi"),
    ],
)
def test_an_amenity_that_a_negation_may_reach_is_neither_excluded_nor_asked_for(
    query: str, none: Any, text: str
) -> None:
    found = ask(query)

    assert asked(query) == none
    assert found.text == text
    assert next(part.note for part in found.parts if part.kind == "amenity").startswith("may be excluded as well")


@pytest.mark.parametrize(
    ("query", "amenities"),
    [
        ("no steps and must have parking", {"all": ["parking"]}),
        ("no stage and ample parking", {"all": ["parking"], "none": ["stage"]}),
        ("no stage, parking", {"all": ["parking"], "none": ["stage"]}),
        ("without a stage and with wifi", {"all": ["wifi"], "none": ["stage"]}),
        ("no catering, parking or wifi", {"none": ["catering", "parking", "wifi"]}),
        ("no stage, with parking or wifi", {"any": ["parking", "wifi"], "none": ["stage"]}),
        ("no parking or wifi", {"none": ["parking", "wifi"]}),
        ("no parking and no wifi", {"none": ["parking", "wifi"]}),
    ],
)
def test_what_is_said_plainly_beside_a_negation_filters(query: str, amenities: Any) -> None:
    assert asked(query) == amenities


@pytest.mark.parametrize(
    ("query", "negatives", "text"),
    [
        ("no stage, bar or camping", ("stage", "bar", "camping"), ""),
        ("barn, no stage, bar, or camping, near Bath", ("stage", "bar", "camping"), "barn"),
        ("without a stage, a bar or any camping", ("stage", "bar", "camping"), ""),
        (
            "no carpets, pillars, mirrors or low ceilings in London",
            ("carpets", "pillars", "mirrors", "low ceilings"),
            "",
        ),
        ("no carpets, warehouse or loft", ("carpets",), "warehouse or loft"),
        ("no stage, with a bar or a terrace", ("stage",), "bar or a terrace"),
        ("no carpets, long tables", ("carpets",), "long tables"),
        ("not modern, rustic or industrial", ("modern",), "rustic or industrial"),
        ("dogs not allowed", ("dogs",), ""),
        ("a pub, dogs are not allowed", ("dogs",), "a pub"),
        ("smoking isn't permitted", ("smoking",), ""),
        ("no dogs allowed", ("dogs",), ""),
        ("outside catering not allowed", ("outside catering",), ""),
        ("we are not allowed to smoke", (), "we are not allowed to smoke"),
    ],
)
def test_all_that_a_list_excludes_is_excluded_and_not_searched_for(query: str, negatives: Any, text: str) -> None:
    found = ask(query)

    assert found.negatives == negatives
    assert found.text == text


def test_dogs_that_are_allowed_filter_and_dogs_that_are_not_do_not() -> None:
    assert asked("dogs not allowed") == asked("no dogs allowed") == {}
    assert asked("a pub, dogs allowed") == {"all": ["dogs welcome"]}


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
