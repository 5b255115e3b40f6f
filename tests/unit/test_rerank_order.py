"""Scores to an order."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venuefinder.reranking.order import final_order, score_of
from venuefinder.vision.photo_reading import Verdict

scores = st.lists(st.none() | st.floats(0, 1), max_size=60)


@given(scores)
def test_an_order_is_a_permutation_that_falls(given_scores: list[float | None]) -> None:
    order = final_order(given_scores)
    known = [score for place in order if (score := given_scores[place]) is not None]

    assert sorted(order) == list(range(len(given_scores)))
    assert known == sorted(known, reverse=True)


@given(scores)
def test_who_has_no_score_keeps_its_place(given_scores: list[float | None]) -> None:
    order = final_order(given_scores)

    assert all(order[place] == place for place, score in enumerate(given_scores) if score is None)


@given(st.floats(0, 1), st.lists(st.booleans(), max_size=60))
def test_with_equal_scores_it_is_retrievals_order(score: float, known: list[bool]) -> None:
    assert final_order([score if one else None for one in known]) == list(range(len(known)))


def test_the_others_are_ordered_around_one_without() -> None:
    assert final_order([0.1, None, 0.9, 0.5]) == [2, 1, 3, 0]


@pytest.mark.parametrize(
    ("verdict", "score"),
    [
        (Verdict(True, 0.7), 0.7),
        (Verdict(None, 0.4), 0.4),
        (Verdict(True), 1),
        (Verdict(False), 0),
        (Verdict(None), 0.5),
        (Verdict(True, nan), None),
        (Verdict(True, inf), None),
        (Verdict(True, -0.1), None),
        (Verdict(True, grade=0.7), 0.7),
        (Verdict(False, grade=0.0), 0),
        (Verdict(None, grade=0.5), 0.5),
        (Verdict(False, 0.2, grade=0.9), 0.2),
        (Verdict(True, grade=nan), None),
        (Verdict(True, grade=1.1), None),
    ],
)
def test_a_verdict_is_a_score(verdict: Verdict, score: float | None) -> None:
    assert score_of(verdict) == score
