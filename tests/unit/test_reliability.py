"""Figures of probabilities, and calibrators judged on pairs they did not see."""

import numpy as np
import pytest

from venuefinder.calibrating.calibration import fit_calibrator
from venuefinder.calibrating.reliability import FOLDS, brier_score, expected_calibration_error, held_out_probabilities


def booleans(*values: int) -> np.ndarray:
    return np.array(values, dtype=bool)


def test_brier_score() -> None:
    assert brier_score(np.array([1.0, 0.0]), booleans(1, 0)) == 0
    assert brier_score(np.array([1.0, 0.0]), booleans(0, 1)) == 1
    assert brier_score(np.array([0.5, 0.8]), booleans(1, 0)) == pytest.approx((0.25 + 0.64) / 2)


def test_calibration_error_is_zero_where_shares_are_as_said_and_weighs_bins_by_their_pairs() -> None:
    as_said = np.array([0.25] * 4 + [1.0])
    assert expected_calibration_error(as_said, booleans(1, 0, 0, 0, 1)) == pytest.approx(0)
    assert expected_calibration_error(as_said, booleans(0, 0, 0, 0, 0)) == pytest.approx((4 * 0.25 + 1) / 5)


def test_errors_in_one_bin_cancel_and_in_two_do_not() -> None:
    assert expected_calibration_error(np.array([0.51, 0.59]), booleans(1, 0)) == pytest.approx(0.05)
    assert expected_calibration_error(np.array([0.45, 0.65]), booleans(1, 0)) == pytest.approx((0.55 + 0.65) / 2)


def planted(queries: int, each: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[str]]:
    random = np.random.default_rng(seed)
    scores = random.normal(1.0, 1.0, queries * each)
    matches = random.random(len(scores)) < 1 / (1 + np.exp(-(2 * scores - 2)))
    return scores, matches, [f"query {number % queries}" for number in range(len(scores))]


def test_a_planted_sigmoid_is_found_well_calibrated_on_held_out_queries() -> None:
    scores, matches, queries = planted(200, 20)

    held_out = held_out_probabilities(scores, matches, queries)

    np.testing.assert_allclose(held_out, 1 / (1 + np.exp(-(2 * scores - 2))), atol=0.05)
    assert expected_calibration_error(held_out, matches) < 0.03
    assert brier_score(held_out, matches) < matches.mean() * (1 - matches.mean())


def test_no_pair_is_judged_by_a_calibrator_that_saw_its_query() -> None:
    """Turning every label of one query leaves that query's held-out probabilities as they were."""
    scores, matches, queries = planted(12, 20)
    of_one = np.array(queries) == "query 3"
    turned = np.where(of_one, ~matches, matches)

    before, after = (held_out_probabilities(scores, labels, queries) for labels in (matches, turned))

    np.testing.assert_array_equal(before[of_one], after[of_one])
    assert (before[~of_one] != after[~of_one]).any()


@pytest.mark.parametrize("queries", [2, 3, FOLDS + 1])
def test_few_queries_are_dealt_so_that_both_kinds_are_left(queries: int) -> None:
    """Two queries have matches, two have other pairs; dealt carelessly, a fold could hold both queries of a kind."""
    groups, matches, scores = [], [], []
    for number in range(queries):
        matching = (True,) if number < 1 else (False,) if number > 1 else (True, False)
        for kind in matching:
            groups += [f"query {number}"] * 4
            matches += [kind] * 4
            scores += [2.0 + number / 10 if kind else -number / 10] * 4
    if queries == 2:
        groups += ["query 0"]
        matches += [False]
        scores += [-0.5]

    held_out = held_out_probabilities(np.array(scores), np.array(matches), groups)

    assert ((held_out > 0.5) == np.array(matches)).all()


def test_more_labels_make_a_calibrator_surer() -> None:
    few = fit_calibrator([0.0] * 3 + [1.0] * 3, [0] * 3 + [1] * 3, space_key="k")
    many = fit_calibrator([0.0] * 30 + [1.0] * 30, [0] * 30 + [1] * 30, space_key="k")
    assert few.probability(1.0) < many.probability(1.0) < 1
