"""Amenities that are wished for, do not matter, or may be meant by a negation: what is doubtful filters nothing."""

from typing import Any

import pytest
from asking import amenities_asked as asked
from asking import ask


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
