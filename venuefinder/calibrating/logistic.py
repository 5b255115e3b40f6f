"""Logistic regression with Platt's smoothed targets. Pure numpy.

Platt (1999) by Newton's method, with the smoothed targets and the line search of Lin, Lin and Weng (2007), "A note on
Platt's probabilistic outputs for support vector machines". The smoothed targets keep the fit finite where the inputs
tell the two kinds apart without an error.
"""

import numpy as np
from numpy.typing import NDArray

NEWTON_STEPS = 100
SHORTEST_STEP = 1e-10
RIDGE = 1e-12
"""The last two keep Newton's method stable, with the values of Lin, Lin and Weng (2007), appendix C."""

Floats = NDArray[np.float64]


def fit_logistic(inputs: Floats, matches: NDArray[np.bool_]) -> Floats:
    """Return the weights of `float64 [N, K]` inputs, then the intercept: `float64 [K + 1]`.

    `matches` is `bool [N]`, some of each kind.
    """
    targets, inputs = _smoothed_targets(matches), np.column_stack([inputs, np.ones(len(inputs))])
    prior, size = targets.mean(), inputs.shape[1]
    weights: Floats = np.append(np.zeros(size - 1), np.log(prior / (1 - prior)))
    for _ in range(NEWTON_STEPS):
        probabilities = sigmoid(inputs @ weights)
        gradient = inputs.T @ (probabilities - targets)
        if np.abs(gradient).max() < 1e-9 * len(inputs):
            break
        curvature = (inputs * (probabilities * (1 - probabilities))[:, None]).T @ inputs + RIDGE * np.eye(size)
        direction: Floats = np.linalg.solve(curvature, gradient).astype(np.float64)
        weights = _descended(weights, direction, inputs, targets)
    return weights


def sigmoid(logits: NDArray[np.float64] | np.float64) -> Floats:
    """Return `1 / (1 + exp(-logits))`."""
    small = np.exp(-np.abs(logits))  # of a negative number only: no overflow at either end
    return np.where(logits >= 0, 1 / (1 + small), small / (1 + small))


def _smoothed_targets(matches: NDArray[np.bool_]) -> Floats:
    positives = int(matches.sum())
    negatives = matches.size - positives
    return np.where(matches, (positives + 1) / (positives + 2), 1 / (negatives + 2))


def _descended(weights: Floats, direction: Floats, inputs: Floats, targets: Floats) -> Floats:
    step, loss = 1.0, _loss(weights, inputs, targets)
    while step > SHORTEST_STEP:
        candidate = weights - step * direction
        if _loss(candidate, inputs, targets) < loss:
            return candidate
        step /= 2
    return weights


def _loss(weights: Floats, inputs: Floats, targets: Floats) -> float:
    logits = inputs @ weights
    return float(np.sum(np.logaddexp(0, logits) - targets * logits))
