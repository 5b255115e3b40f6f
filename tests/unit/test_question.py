"""Texts and pictures folded into one vector, whose cosine is the mean of their standard scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from venuefinder.calibrating.calibration import Background
from venuefinder.errors import QueryError
from venuefinder.records import StoredSpace
from venuefinder.searching.question import NEGATIVE_WEIGHT, Term, Wording, question_of
from venuefinder.searching.ranking import DESCRIPTION_WEIGHT
from venuefinder.testing import FakeEncoder

SIZE = 16


def background(mean: float, std: float) -> Background:
    return Background(tuple(np.linspace(-1, 1, 101)), mean, std, 100)


SPACE = StoredSpace(
    id=1,
    space=FakeEncoder().space,
    photo_background=background(0.2, 0.05),
    text_background=background(0.4, 0.1),
    image_background=background(0.5, 0.2),
)


def vector(seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=SIZE)
    return (drawn / np.linalg.norm(drawn)).astype(np.float32)


def words(text: int, negative: int | None = None) -> Wording:
    negatives = {} if negative is None else {"carpets": vector(negative)}
    return Wording(text="barn", term=Term(vector(text)), negatives=negatives)


seeds = st.integers(0, 10_000)
weights = st.floats(0.1, 5) | st.floats(-5, -0.1)


def test_words_alone_count_in_their_own_standard_deviations() -> None:
    asked = question_of(words(1), [], SPACE)
    assert asked.photo is not None
    assert asked.photo == pytest.approx(vector(1), abs=1e-6)
    assert asked.formula.photo.standardised(0.2) == pytest.approx(0, abs=1e-6)
    assert asked.formula.photo.standardised(0.25) == pytest.approx(1, abs=1e-5)
    assert asked.formula.description.weight == DESCRIPTION_WEIGHT
    assert asked.words == "barn"


@given(text=seeds, negative=seeds, images=st.lists(st.tuples(seeds, weights), max_size=4), photo=seeds)
def test_the_cosine_is_the_mean_of_the_terms_standard_scores(
    text: int, negative: int, images: list[tuple[int, float]], photo: int
) -> None:
    terms = [Term(vector(seed + 20_000), weight) for seed, weight in images]
    asked = question_of(words(text, negative + 40_000), terms, SPACE)
    seen = vector(photo + 60_000)
    total = 1 + sum(abs(term.weight) for term in terms)
    expected = (float(vector(text) @ seen) - 0.2) / 0.05
    expected -= NEGATIVE_WEIGHT * (float(vector(negative + 40_000) @ seen) - 0.2) / 0.05
    expected += sum(term.weight * (float(term.vector @ seen) - 0.5) / 0.2 for term in terms)
    assert asked.photo is not None
    standard = asked.formula.photo.standardised(float(asked.photo @ seen))
    assert standard == pytest.approx(expected / total, abs=1e-3)


@given(
    images=st.lists(st.tuples(seeds, weights), min_size=1, max_size=8, unique_by=lambda pair: pair[0]), data=st.data()
)
def test_the_order_of_pictures_changes_nothing(images: list[tuple[int, float]], data: st.DataObject) -> None:
    terms = [Term(vector(seed), weight) for seed, weight in images]
    shuffled = data.draw(st.permutations(terms))
    one, other = question_of(None, terms, SPACE), question_of(None, shuffled, SPACE)
    assert one.photo is not None
    assert other.photo is not None
    assert one.photo.tobytes() == other.photo.tobytes()
    assert one.formula == other.formula


def test_pictures_alone_ask_neither_descriptions_nor_words() -> None:
    asked = question_of(None, [Term(vector(1))], SPACE)
    assert asked.description is None
    assert asked.words == ""
    assert asked.formula.photo.weight == 1


def test_what_cancels_out_is_refused() -> None:
    with pytest.raises(QueryError, match="cancel each other out"):
        question_of(None, [Term(vector(1)), Term(vector(1), -1)], SPACE)


def test_a_space_without_pictures_is_not_asked_for_any() -> None:
    bare = StoredSpace(id=1, space=SPACE.space, text_background=SPACE.text_background)
    asked = question_of(words(1), [], bare)
    assert asked.photo is None
    assert asked.formula.photo.weight == 0


@pytest.mark.parametrize("count", [1, 4, 5, 16])
def test_what_should_not_be_there_never_outweighs_what_should(count: int) -> None:
    """Texts of a model lie close together: each phrase against them takes from what is asked."""
    axis = vector(0)
    near = [(axis + 0.5 * vector(seed)) / np.linalg.norm(axis + 0.5 * vector(seed)) for seed in range(1, 18)]
    negatives = {str(number): near[number].astype(np.float32) for number in range(1, count + 1)}
    asked = question_of(Wording(text="barn", term=Term(near[0].astype(np.float32)), negatives=negatives), [], SPACE)
    assert asked.photo is not None
    assert float(asked.photo @ near[0]) > 0.9
