"""Two scores made one probability, and the measure of what that lifts."""

from math import log2

import numpy as np
import pytest

from venuefinder.calibrating.fusion import Fusion, Lift, fit_fusion, held_out, logit, measure_lift, ndcg
from venuefinder.calibrating.logistic import sigmoid
from venuefinder.calibrating.reliability import folds


def drawn(count: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return retrieval's scores and a model's."""
    random = np.random.default_rng(seed)
    return random.normal(1.0, 2.0, count), sigmoid(random.normal(-1.0, 1.5, count))


def test_the_fit_finds_the_numbers_that_labels_were_drawn_with() -> None:
    retrieval, scores = drawn(40_000)
    true = Fusion(retrieval=0.7, model=1.3, intercept=-0.4)
    probabilities = [true.probability(*pair) for pair in zip(retrieval, scores, strict=True)]
    matches = np.random.default_rng(1).random(len(scores)) < probabilities

    found = fit_fusion(retrieval, scores, matches)

    assert (found.retrieval, found.model, found.intercept) == pytest.approx((0.7, 1.3, -0.4), abs=0.06)


def test_a_probability_is_the_formula() -> None:
    fusion = Fusion(retrieval=0.5, model=2.0, intercept=-1.0)

    assert fusion.probability(2.0, 0.5) == pytest.approx(0.5)
    assert fusion.probability(0.0, 0.9) == pytest.approx(81 / (81 + np.e))
    assert 0 < fusion.probability(0.0, 0.0) < fusion.probability(0.0, 1.0) < 1


def test_yes_and_no_without_probabilities_have_logits() -> None:
    assert logit(np.array([0.0, 0.5, 1.0])) == pytest.approx([-9.21, 0, 9.21], abs=0.01)


@pytest.mark.parametrize("name", ["retrieval", "model"])
def test_what_counts_against_venues_is_left_out(name: str) -> None:
    retrieval, scores = drawn(4_000)
    upside_down = -retrieval if name == "retrieval" else retrieval
    matches = (upside_down + logit(scores) * (-1 if name == "model" else 1)) > 0

    found = fit_fusion(retrieval, scores, matches)

    assert getattr(found, name) == 0
    assert found.retrieval + found.model > 0


@pytest.mark.parametrize("score", [0.0, 0.3, 1.0])
def test_a_model_that_always_says_the_same_adds_nothing(score: float) -> None:
    retrieval, _ = drawn(200)
    found = fit_fusion(retrieval, np.full(200, score), retrieval > 1)

    assert found.model == 0
    assert found.probability(5.0, score) > 0.9 > 0.1 > found.probability(-5.0, score)


def test_kinds_that_are_told_apart_without_an_error_give_finite_numbers() -> None:
    matches = np.arange(60) % 2 == 0
    found = fit_fusion(np.where(matches, 1.0, -1.0), np.where(matches, 1.0, 0.0), matches)

    assert np.isfinite([found.retrieval, found.model, found.intercept]).all()
    assert found.probability(1.0, 1.0) > 0.9 > 0.1 > found.probability(-1.0, 0.0)


def test_what_is_held_out_is_of_a_fit_that_did_not_see_its_query() -> None:
    retrieval, scores = drawn(120)
    matches = np.arange(120) % 3 == 0
    queries = [f"query {number // 6}" for number in range(120)]
    fused = held_out(retrieval, scores, matches, queries)
    inside = folds(matches, queries) == folds(matches, queries)[0]

    without = fit_fusion(retrieval[~inside], scores[~inside], matches[~inside])

    assert fused[0] == pytest.approx(without.probability(retrieval[0], scores[0]))
    assert fused[0] != pytest.approx(fit_fusion(retrieval, scores, matches).probability(retrieval[0], scores[0]))


@pytest.mark.parametrize(
    ("ranked", "expected"),
    [
        ([True, False], 1.0),
        ([False, True], 1 / log2(3)),
        ([True, False, True], (1 + 1 / 2) / (1 + 1 / log2(3))),
        ([False] * 10 + [True], 0.0),
        ([True] * 10 + [False, True], 1.0),
    ],
)
def test_gain_is_discounted_by_the_place(ranked: list[bool], expected: float) -> None:
    assert ndcg(np.array(ranked)) == pytest.approx(expected)


def test_orders_are_compared_query_by_query() -> None:
    matches = np.array([True, False] * 2 + [True, True])
    queries = ["a", "a", "b", "b", "only matches", "only matches"]
    retrieval = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
    scores = np.array([0.9, 0.1, 0.5, 0.5, 0.1, 0.9])

    lift = measure_lift(retrieval, scores, 1 - scores, matches, queries)

    worst = 1 / log2(3)
    assert lift.queries == 2
    assert lift.retrieval == pytest.approx((worst + 1) / 2)
    assert lift.model == 1.0  # equal scores are as retrieval has them, right in b
    assert lift.fused == pytest.approx((worst + 1) / 2)
    assert lift.gain == pytest.approx(0)
    assert lift.error == 0
    assert not lift.is_sure
    better = measure_lift(retrieval, scores, scores, matches, queries)
    gains = np.array([1 - worst, 0])
    assert better.gain == pytest.approx(gains.mean())
    assert better.error == pytest.approx(gains.std(ddof=1) / 2**0.5)


@pytest.mark.parametrize(("fused", "sure"), [(0.6, False), (0.69, False), (0.71, True)])
def test_a_lift_is_sure_beyond_two_standard_errors(fused: float, *, sure: bool) -> None:
    assert Lift(queries=30, retrieval=0.6, model=0.9, fused=fused, error=0.05).is_sure is sure


def test_one_query_measures_nothing() -> None:
    with pytest.raises(ValueError, match="found 1 with both kinds"):
        measure_lift(np.zeros(2), np.zeros(2), np.zeros(2), np.array([True, False]), ["a", "a"])
