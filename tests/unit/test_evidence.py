"""When a photo is said to show a phrase: thresholds whose answers are known, and what they promise for any pairs."""

from math import exp, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from venuefinder.calibrating.evidence import (
    LEAST_PHRASES,
    LEAST_SEEN,
    PRECISION,
    SURE,
    SeenRule,
    fit_seen_rule,
    seen_threshold,
)
from venuefinder.calibrating.reliability import held_out_seen
from venuefinder.errors import InputError

RULE = SeenRule(threshold=0.3, precision=0.95, recall=0.5, pairs=100, phrases=10, slope=20.0, intercept=-6.0)


def phrases(pairs: int, number: int = LEAST_PHRASES) -> list[str]:
    return [f"phrase {place % number}" for place in range(pairs)]


def ladder(*labels: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores that fall step by step, from 1 down, with these labels."""
    return np.linspace(1, 0, len(labels)), np.array(labels, dtype=bool)


def lower_bound(right: int, pairs: int) -> float:
    """Wilson's interval as Brown, Cai and DasGupta (2001) write it: centre less half the width."""
    square = SURE**2
    centre = (right + square / 2) / (pairs + square)
    share = right / pairs
    return centre - SURE * sqrt(pairs) / (pairs + square) * sqrt(share * (1 - share) + square / (4 * pairs))


def test_25_right_pairs_are_enough_and_24_are_not() -> None:
    for right, expected in ((24, None), (25, 24 / 54)):
        scores, shown = ladder(*[1] * right, *[0] * (55 - right))
        assert seen_threshold(scores, shown, phrases(55)) == (expected and pytest.approx(1 - expected))


def test_one_wrong_pair_takes_42() -> None:
    for pairs, found in ((41, False), (42, True)):
        scores, shown = ladder(0, *[1] * (pairs - 1), *[0] * 50)
        assert (seen_threshold(scores, shown, phrases(len(shown))) is not None) is found


def test_equal_cosines_are_seen_together() -> None:
    scores = np.array([0.5] * 30 + [0.4] * 30)
    shown = np.array([True] * 30 + [True] * 10 + [False] * 20)
    assert seen_threshold(scores, shown, phrases(60)) == 0.5
    assert seen_threshold(np.full(60, 0.5), shown, phrases(60)) is None


def test_pairs_of_few_phrases_are_not_enough() -> None:
    scores, shown = ladder(*[1] * 40, *[0] * 40)
    assert seen_threshold(scores, shown, phrases(80, LEAST_PHRASES)) is not None
    assert seen_threshold(scores, shown, phrases(80, LEAST_PHRASES - 1)) is None


def test_wrong_pairs_at_the_top_are_not_outvoted_by_right_ones_below() -> None:
    scores, shown = ladder(*[0] * 3, *[1] * 300, *[0] * 50)
    assert (shown[:303].mean(), shown[:20].mean()) == (pytest.approx(0.99, abs=0.001), 0.85)
    assert seen_threshold(scores, shown, phrases(353)) is None


def test_a_rule_says_how_right_and_how_complete_it_is() -> None:
    scores, shown = ladder(*[1] * 30, *[0, 1] * 30)
    rule = fit_seen_rule(scores, shown, phrases(90))
    assert rule is not None
    seen = scores >= rule.threshold
    assert (rule.precision, rule.recall) == (shown[seen].mean(), seen.sum() * rule.precision / 60)
    assert (rule.pairs, rule.phrases) == (90, LEAST_PHRASES)
    assert rule.slope > 0
    assert fit_seen_rule(scores, shown, phrases(90), precision=0.99) is None


def test_pairs_of_one_kind_or_upside_down_are_refused() -> None:
    scores, shown = ladder(*[1] * 30, *[0] * 30)
    with pytest.raises(InputError, match="found 60 matches in 60 pairs, expected both kinds"):
        fit_seen_rule(scores, shown | True, phrases(60))
    with pytest.raises(InputError, match="higher scores mean fewer matches"):
        fit_seen_rule(-scores, shown, phrases(60))


def test_seen_from_the_threshold_on() -> None:
    assert [RULE.seen(score) for score in (0.2999, 0.3, 0.9)] == [False, True, True]


@pytest.mark.parametrize("score", [-1.0, 0.0, 0.25, 0.3, 1.0])
def test_probability_is_the_logistic_function(score: float) -> None:
    assert RULE.probability(score) == pytest.approx(1 / (1 + exp(-(20 * score - 6))))


def test_probability_does_not_overflow() -> None:
    steep = SeenRule(threshold=0, precision=1, recall=1, pairs=50, phrases=9, slope=1e6, intercept=0)
    assert (steep.probability(-1), steep.probability(1)) == (0, 1)


patiently = settings(deadline=None, max_examples=40)
labelled = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9), st.integers(0, 7)), min_size=60, max_size=120)
"""Cosines in steps of 1/30, shown the likelier the higher they are (0 to 9 against the cosine), and phrases."""


def arrays(pairs: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, list[str]]:
    scores = np.array([step / 30 for step, _, _ in pairs])
    shown = np.array([step > 12 or (step > 6 and luck == 0) for step, luck, _ in pairs])
    return scores, shown, [f"phrase {number}" for _, _, number in pairs]


@patiently
@given(labelled)
def test_a_threshold_keeps_its_promise_on_the_pairs_it_was_fitted_on(pairs: list[tuple[int, int, int]]) -> None:
    scores, shown, names = arrays(pairs)
    threshold = seen_threshold(scores, shown, names)

    def promised(least: float) -> bool:
        seen = scores >= least
        if seen.sum() < LEAST_SEEN or len({n for n, s in zip(names, seen, strict=True) if s}) < LEAST_PHRASES:
            return False
        higher = [shown[scores >= other] for other in np.unique(scores[seen])]
        unbroken = all(labels.mean() >= PRECISION for labels in higher if len(labels) >= LEAST_SEEN)
        return unbroken and lower_bound(int(shown[seen].sum()), int(seen.sum())) >= PRECISION

    assert threshold == min((score for score in np.unique(scores) if promised(score)), default=None)


@patiently
@given(labelled, st.floats(0.5, 0.95), st.floats(0.5, 0.95))
def test_more_precision_asks_for_a_higher_threshold(pairs: list[tuple[int, int, int]], a: float, b: float) -> None:
    scores, shown, names = arrays(pairs)
    low, high = (seen_threshold(scores, shown, names, precision=precision) for precision in sorted((a, b)))
    assert high is None or (low is not None and low <= high)


@patiently
@given(labelled, st.randoms(use_true_random=False))
def test_the_order_of_pairs_is_irrelevant(pairs: list[tuple[int, int, int]], random) -> None:
    shuffled = random.sample(pairs, len(pairs))
    assert seen_threshold(*arrays(pairs)) == seen_threshold(*arrays(shuffled))


def planted(seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """60 phrases of 20 photos each, of which a fifth are shown, three standard deviations above the others."""
    random = np.random.default_rng(seed)
    shown = random.random(1200) < 0.2
    return random.normal(0, 1, 1200) + 3 * shown, shown, phrases(1200, 60)


def test_a_planted_rule_holds_for_phrases_it_did_not_see() -> None:
    scores, shown, names = planted()
    rule, fresh, seen = fit_seen_rule(scores, shown, names), planted(1), held_out_seen(scores, shown, names)

    assert rule is not None
    assert fresh[1][fresh[0] >= rule.threshold].mean() >= PRECISION
    assert shown[seen].mean() >= PRECISION
    assert seen[shown].mean() > 0.5


def test_no_pair_is_marked_by_a_threshold_that_saw_its_phrase() -> None:
    """With every label of one phrase turned, its own marks stay as they were; others' change."""
    scores, shown, names = planted()
    of_one = np.array(names) == "phrase 3"

    before, after = (held_out_seen(scores, labels, names) for labels in (shown, np.where(of_one, ~shown, shown)))

    np.testing.assert_array_equal(before[of_one], after[of_one])
    assert (before[~of_one] != after[~of_one]).any()


def test_where_the_other_phrases_give_no_threshold_nothing_is_seen() -> None:
    scores, shown = ladder(*[1] * 26, *[0] * 26)
    assert seen_threshold(scores, shown, phrases(52)) is not None
    assert not held_out_seen(scores, shown, phrases(52)).any()
