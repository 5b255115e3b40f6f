"""Questions as things to look for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.asking import NOTHING, labelled, world
from venuefinder.amenity_words import KNOWN
from venuefinder.describing.asked_words import MOST_CHARACTERS, opened, pieces, question_of
from venuefinder.describing.attribute_questions import VALUES, question_for
from venuefinder.query.parse import interpret

OWN = {question_for(attribute, value) for attribute, values in VALUES.items() for value in values}
OWN |= {question_for("amenities", name) for name in KNOWN}


def looked_for(question: str) -> list[str | None]:
    """Return the phrases that photos are asked for, None for what they are not."""
    about = opened(question)
    assert about is not None
    text = interpret(about.rest, NOTHING, vocabulary=labelled()[0], gazetteer=world()).text
    return [piece.question and piece.question.phrase for piece in pieces(text, about.form)]


@pytest.mark.parametrize(
    ("question", "phrases"),
    [
        ("is there a stage?", ["a stage"]),
        ("Is there a stage", ["a stage"]),
        ("Isn’t there a stage?", ["a stage"]),
        ("does it have a fireplace?", ["a fireplace"]),
        ("Do they have any beams?", ["beams"]),
        ("Has it got a balcony?", ["a balcony"]),
        ("does the venue have string lights and a dance floor?", ["string lights", "a dance floor"]),
        ("could 80 people dine outside?", ["a place to dine outside"]),
        ("can we see the sea from the terrace?", ["a place to see the sea from the terrace"]),
        ("would this venue suit a wedding?", ["a place that suits a wedding"]),
        ("is it bright?", ["a place that looks bright"]),
        ("is it haunted?", ["a place that is haunted"]),
        ("would it suit a coven?", ["a place suitable for a coven"]),
        ("is it a barn?", ["a barn"]),
        ("is the garden lit at night?", ["the garden lit at night"]),
        ("piano stool", ["piano stool"]),
        ("is it near Bath?", []),
        ("is it?", []),
    ],
)
def test_a_question_names_what_a_photo_would_show(question: str, phrases: list[str]) -> None:
    assert looked_for(question) == phrases


@pytest.mark.parametrize(
    "question", ["what is the capacity?", "How many people fit?", "who owns it", "Where's the bar?"]
)
def test_a_question_that_yes_or_no_does_not_answer_is_told_apart(question: str) -> None:
    assert opened(question) is None


@pytest.mark.parametrize(
    "words",
    [
        "room for 12 tables",
        "a dozen chairs",
        "free on Saturday",
        "cheap",
        "a low price",
        "wifi",
        "wheelchair accessible",
    ],
)
def test_what_no_photo_shows_is_never_asked_of_one(words: str) -> None:
    assert question_of(words) is None


def test_what_descriptions_ask_too_is_asked_in_the_same_words() -> None:
    assert question_of("the stage") == question_for("amenities", "stage")
    assert question_of("countryside") == question_for("setting", "countryside")


@given(st.text(max_size=400))
def test_a_strangers_words_stay_between_the_marks(words: str) -> None:
    question = question_of(words)
    if question is not None and question not in OWN:
        before, inside = question.text.split("<request>")
        assert before == "Does this photo show this? "
        assert inside == f"{question.phrase}</request>"
        assert not {"<", ">", "\n"} & set(question.phrase)
        assert len(question.phrase) <= MOST_CHARACTERS
