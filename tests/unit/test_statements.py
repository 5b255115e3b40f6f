"""What a listing says of a phrase: never more than it says."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venuefinder.domain import Room, Venue
from venuefinder.english import stem
from venuefinder.statements import Said, Statements


def venue(**fields) -> Venue:
    return Venue(**{"external_id": "v", "name": "Somewhere"} | fields)


def said(description: str, phrase: str) -> Said | None:
    return Statements.of(venue(description=description)).say(phrase)


@pytest.mark.parametrize(
    ("description", "phrase"),
    [
        ("A rustic barn with string lights.", "rustic barn"),
        ("A rustic barn with string lights.", "string lights"),
        ("A rustic stone barn.", "rustic barn"),
        ("Barns for hire", "a barn"),
        ("Rustic BARN", "rustic barn"),
        ("The gallery has three balconies, all open.", "balcony"),
        ("Benches along the walls", "a bench"),
        ("Floor-to-ceiling windows everywhere", "floor to ceiling windows"),
        ("Views of the sea from every room", "sea view"),
        ("A view across the Irish Sea", "sea views"),
        ("The barn seats 120.", "barn"),
        ("Exposed bricks, painted white", "exposed brick"),
        ("A barn converted in 1990", "barn"),
        ("No carpets. A stage.", "stage"),
        ("Near Bath, a barn with beams", "barn"),
        ("The stage’s curtains; the stage.", "stage"),
        ("A barn with no carpets", "barn"),
    ],
)
def test_what_the_listing_says(description, phrase):
    assert said(description, phrase) is Said.HAS


@pytest.mark.parametrize(
    ("description", "phrase"),
    [
        ("No carpets.", "carpets"),
        ("There are no carpets in the hall", "carpet"),
        ("Without a stage", "stage"),
        ("Entirely carpet-free", "carpets"),
        ("Free of carpets", "carpets"),
        ("Free from any carpet", "carpets"),
        ("Parking: none.", "parking"),
        ("Stage: no", "stage"),
        ("It lacks a bar", "bar"),
        ("No parking available", "parking"),
        ("no string lights allowed", "string lights"),
    ],
)
def test_what_the_listing_denies(description, phrase):
    assert said(description, phrase) is Said.HAS_NOT


@pytest.mark.parametrize(
    ("description", "phrase"),
    [
        ("", "barn"),
        ("A pool table", "pool"),
        ("Barn doors open on to the lawn", "barn"),
        ("A barn-style hall", "barn"),
        ("A garden shed", "garden"),
        ("No parking fees", "parking"),
        ("No fitted carpets", "carpets"),
        ("Not only a barn", "barn"),
        ("The hall does not have a stage", "stage"),
        ("Near the beach", "beach"),
        ("Five minutes' walk from the beach", "beach"),
        ("Close to the old park", "park"),
        ("Room for a marquee", "marquee"),
        ("It used to be a tannery", "tannery"),
        ("It was once a chapel", "chapel"),
        ("Could hold a stage", "stage"),
        ("Parking not available", "parking"),
        ("Carpets are prohibited", "carpets"),
        ("A rustic hall. Beside it a barn.", "rustic barn"),
        ("A long hall with a dining table", "long dining table"),
        ("Brick walls, wooden beams", "wooden walls"),
        ("Exposed brick and long tables", "exposed tables"),
        ("A stage in the barn; no stage in the hall", "stage"),
        ("Overlooks a park", "parking"),
        ("Lighting on strings", "string lights"),
        ("barnacles", "barn"),
        ("Ein Saal ohne Teppiche", "teppiche"),
        ("Anything at all", "with the of"),
        ("Anything at all", "…"),
        ("Sea views", "view of the sea"),
        ("A bar with lights", "outside bar"),
        ("The bar has carpets", "without carpets"),
        ("No two rooms are alike, each with a stage", "stage"),
    ],
)
def test_what_it_leaves_open(description, phrase):
    assert said(description, phrase) is None


def test_every_part_of_a_listing_speaks_for_itself():
    listed = venue(
        name="The Old Mill",
        kind="Barn",
        amenities=("dance floor",),
        attributes={"roof terrace": True, "stage": False, "bar": "no", "rooms": 3, "pool": None},
        rooms=(Room(name="Attic"),),
    )
    statements = Statements.of(listed, ["The rose garden", "A chandelier"])

    stated = ("mill", "barn", "dance floors", "roof terrace", "attic", "rose garden", "chandeliers")
    assert {phrase: statements.say(phrase) for phrase in stated} == dict.fromkeys(stated, Said.HAS)
    assert statements.say("stage") is Said.HAS_NOT
    open_ = ("bar", "rooms", "pool", "rose chandelier", "garden a chandelier")
    assert {phrase: statements.say(phrase) for phrase in open_} == dict.fromkeys(open_)


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("lights", "light"),
        ("galleries", "gallery"),
        ("arches", "arch"),
        ("boxes", "box"),
        ("glass", "glass"),
        ("campus", "campus"),
        ("ties", "tie"),
        ("parking", "parking"),
        ("bus", "bus"),
        ("oasis", "oasis"),
    ],
)
def test_a_stem_is_the_singular(plural, singular):
    assert stem(plural) == stem(singular) == singular


@given(st.text(max_size=200), st.text(max_size=60))
def test_any_text_can_be_asked_of_any_listing(description, phrase):
    Statements.of(Venue.model_construct(**dict(venue()) | {"description": description})).say(phrase)


@given(st.lists(st.text(string.ascii_lowercase, min_size=3, max_size=8), min_size=1, max_size=12))
def test_a_word_that_is_not_there_is_never_said(words):
    assert said(" ".join(words), "zeppelinhangar") is None


def test_a_long_listing_is_read_in_linear_time():
    """Quadratic work here would take minutes, and the suite with it."""
    assert said("a barn " * 7_000, "barn") is Said.HAS
    assert said("barn, " * 8_000, "barn") is Said.HAS
    assert said("no " * 16_000, "no barn") is None
