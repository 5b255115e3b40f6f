"""Percentiles against unrelated pairs, and probabilities fitted on labelled ones."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from venuefinder.calibrating.background_queries import BACKGROUND_QUERIES
from venuefinder.calibrating.calibration import (
    Background,
    Calibrator,
    background_scores,
    fit_calibrator,
    measure_background,
    percentile,
    standardise,
)
from venuefinder.errors import InputError
from venuefinder.testing import FakeEncoder


def unit(*shape: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def test_a_photos_score_is_that_of_its_best_view():
    photo = np.array([[[1, 0], [0, 1]]], dtype=np.float32)
    queries = np.array([[0, 1], [-1, 0], [0.6, 0.8]], dtype=np.float32)

    np.testing.assert_allclose(background_scores(photo, queries), [1, 0, 0.8], atol=1e-6)


def test_quantiles_are_those_of_all_pairs():
    photos, queries = unit(30, 2, 16), unit(20, 16, seed=1)

    quantiles = np.array(measure_background(photos, queries).quantiles)
    scores = background_scores(photos, queries)

    assert quantiles.shape == (101,)
    np.testing.assert_allclose(quantiles[[0, 50, 100]], [scores.min(), np.median(scores), scores.max()], atol=1e-6)


def test_a_percentile_is_the_share_that_scores_lower():
    background = measure_background(unit(40, 3, 32), unit(64, 32, seed=1))
    scores = background_scores(unit(40, 3, 32), unit(64, 32, seed=1))

    assert background.pairs == 40 * 64
    for score in np.quantile(scores, [0.013, 0.27, 0.5, 0.911]):
        assert background.percentile(float(score)) == pytest.approx(100 * (scores < score).mean(), abs=0.2)


@given(st.floats(-2, 2), st.floats(-2, 2))
def test_percentiles_rise_with_the_score_and_stay_in_range(one, other):
    quantiles = np.linspace(-0.1, 0.4, 101) ** 3
    low, high = sorted([one, other])

    assert 0 <= percentile(low, quantiles) <= percentile(high, quantiles) <= 100


def test_beyond_the_background_is_0_or_100():
    quantiles = np.linspace(0.1, 0.3, 101)

    assert percentile(0.0, quantiles) == 0
    assert percentile(0.9, quantiles) == 100
    assert percentile(0.2, quantiles) == pytest.approx(50)
    assert percentile(0.201, quantiles) == pytest.approx(50.5)


def test_standard_scores():
    assert standardise(0.3, 0.2, 0.05) == pytest.approx(2)
    assert standardise(0.3, 0.2, 0.0) == 0
    assert Background(tuple(np.linspace(0, 1, 101)), 0.5, 0.25, 9).standardise(1.0) == pytest.approx(2)


@pytest.mark.parametrize(
    "quantiles",
    [(), (0.1,) * 100, tuple(np.linspace(1, 0, 101)), (0.0,) * 100 + (math.nan,), (0.0,) * 100 + (math.inf,)],
)
def test_a_background_that_is_none_is_refused(quantiles):
    with pytest.raises(InputError, match="expected 101 finite ascending scores"):
        Background(quantiles, 0, 1, 10)


def test_a_background_needs_photos_and_queries():
    with pytest.raises(InputError, match="found 0 photos and 64 queries"):
        measure_background(np.empty((0, 1, 16), dtype=np.float32), unit(64, 16))


def test_the_background_queries_are_many_short_and_different():
    encoder = FakeEncoder()

    assert len(BACKGROUND_QUERIES) == len({query.casefold() for query in BACKGROUND_QUERIES}) == 64
    assert max(encoder.count_tokens(BACKGROUND_QUERIES)) <= 12


def labelled(a: float, b: float, count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    scores = random.normal(0.25, 0.05, count)
    return scores, random.random(count) < 1 / (1 + np.exp(-(a * scores + b)))


def test_a_planted_sigmoid_is_recovered():
    calibrator = fit_calibrator(*labelled(40, -11, 40_000), space_key="k")

    assert (calibrator.space_key, calibrator.pairs) == ("k", 40_000)
    assert calibrator.a == pytest.approx(40, rel=0.05)
    assert calibrator.b == pytest.approx(-11, rel=0.05)
    assert calibrator.probability(11 / 40) == pytest.approx(0.5, abs=0.02)


def test_fitted_probabilities_add_up_to_the_matches():
    scores, labels = labelled(40, -11, 2_000)

    calibrator = fit_calibrator(scores, labels, space_key="k")

    expected = sum(calibrator.probability(score) for score in scores)
    assert expected == pytest.approx(labels.sum(), rel=0.01)


def test_separable_pairs_stay_short_of_certainty():
    """Plain logistic regression would run off to an infinite slope; the smoothed targets of Platt do not."""
    calibrator = fit_calibrator([0.1, 0.12, 0.11, 0.3, 0.31, 0.32], [0, 0, 0, 1, 1, 1], space_key="k")

    assert calibrator.probability(0.31) == pytest.approx(4 / 5, abs=0.03)
    assert calibrator.probability(0.11) == pytest.approx(1 / 5, abs=0.03)


def test_probabilities_do_not_overflow():
    calibrator = Calibrator(1e6, -1e5, "k", 9)

    assert calibrator.probability(-1) == 0
    assert calibrator.probability(1) == 1


@pytest.mark.parametrize(
    ("scores", "labels", "message"),
    [
        ([0.1, 0.2], [1, 1], "found 2 matches in 2 pairs"),
        ([0.1, 0.2], [0, 0], "found 0 matches in 2 pairs"),
        ([], [], "found 0 matches in 0 pairs"),
        ([0.1, math.nan], [0, 1], "NaN or infinity"),
        ([0.1, 0.2, 0.3], [0, 1], "expected two of one length"),
        ([0.3, 0.31, 0.1, 0.11], [0, 0, 1, 1], "higher scores mean fewer matches"),
    ],
)
def test_pairs_that_cannot_tell_are_refused(scores, labels, message):
    with pytest.raises(InputError, match=message):
        fit_calibrator(scores, labels, space_key="k")
