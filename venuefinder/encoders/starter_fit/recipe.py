"""The fit: whitening and one ridge regression, in closed form."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from venuefinder.encoders.starter_fit.examples import Examples
from venuefinder.encoders.starter_projection import Facts, Floats, Projection, standardised, unit

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The fit's hyperparameters; all dimensionless."""

    ridge: float = 8.0
    """Added to every squared singular value of the features, whose rows have norm 1."""
    whitening_power: float = 0.2
    """Texts are scaled by eigenvalue ** -power of their covariance: 0 leaves them, 0.5 whitens fully."""
    whitening_floor: float = 0.2
    """Added to every eigenvalue, as a share of their mean."""
    feature_floor: float = 0.1
    """Added to every feature's deviation, as a share of their mean."""
    caption_weight: float = 0.3
    """Of the printed caption, next to the description's 1."""
    photo_weight: float = 1.0
    prototype_weight: float = 0.3
    """Of a class name with its classifier row, next to a photo with its text."""
    conse_weight: float = 0.25
    conse_top: int = 50


@dataclass(frozen=True, slots=True)
class Classes:
    """ImageNet's 1,000 classes as the towers know them."""

    rows: Floats
    """`[1000, 1280]`: the classifier's weights."""
    names: Floats
    """`[1000, 384]`: embeddings of the class names."""


def fit(examples: Examples, classes: Classes, recipe: Recipe) -> Projection:
    """Fit a projection; a second or two, deterministic.

    Two kinds of pairs teach it: photos with their texts, and ImageNet's classes, whose classifier rows serve as a
    thousand further photos ("prototypes") with the class names as texts.
    """
    roots = np.sqrt(examples.features.astype(np.float64))
    mean, deviation = roots.mean(axis=0), roots.std(axis=0)
    scale = deviation + recipe.feature_floor * deviation.mean()
    text_mean, whiten = whitening(examples.sentences, power=recipe.whitening_power, floor=recipe.whitening_floor)
    names = centred(classes.names) @ whiten
    # A class scores high where features lie along its row; in the standardised space that is the row times s * m.
    prototypes = unit(centred(classes.rows) * scale * mean)
    weights = ridge(
        [standardised(examples.features.astype(np.float64), mean, scale), prototypes],
        [_targets(examples, recipe.caption_weight) @ whiten, names],
        weights=[recipe.photo_weight, recipe.prototype_weight],
        penalty=recipe.ridge,
    )
    facts = Facts(
        conse_weight=recipe.conse_weight,
        conse_top=recipe.conse_top,
        recipe=", ".join(f"{name}={value:g}" for name, value in asdict(recipe).items()),
        data=examples.fingerprint,
    )
    return Projection(
        feature_mean=mean,
        feature_scale=scale,
        weights=weights,
        class_names=names,
        text_mean=text_mean,
        whitening=whiten,
        facts=facts,
    )


def whitening(texts: Floats, *, power: float, floor: float) -> tuple[Doubles, Doubles]:
    """Return the mean `[D]` of texts `[N, D]` and `(C + floor mean_eigenvalue I) ** -power [D, D]`.

    C is the texts' covariance; the matrix is scaled to a mean eigenvalue of 1. Partial whitening keeps a few frequent
    topics from deciding every comparison.
    """
    mean = texts.astype(np.float64).mean(axis=0)
    eigenvalues, vectors = np.linalg.eigh(np.cov(texts.astype(np.float64), rowvar=False, bias=True))
    powers = (eigenvalues + floor * eigenvalues.mean()) ** -power
    return mean, (vectors * (powers / powers.mean())) @ vectors.T


def ridge(inputs: list[Floats], targets: list[Floats], *, weights: list[float], penalty: float) -> Doubles:
    """Solve `(sum w X'X + penalty I) A = sum w X'Y` for A `[F, D]`, over pairs of X `[N, F]` and Y `[N, D]`."""
    width = inputs[0].shape[1]
    gram: Doubles = penalty * np.eye(width)
    moment: Doubles = np.zeros((width, targets[0].shape[1]))
    for x, y, weight in zip(inputs, targets, weights, strict=True):
        gram = gram + weight * np.asarray(x.T @ x, dtype=np.float64)
        moment = moment + weight * np.asarray(x.T @ y, dtype=np.float64)
    return np.asarray(np.linalg.solve(gram, moment), dtype=np.float64)


def centred(rows: Floats) -> Doubles:
    """Subtract the mean row, in float64."""
    wide = rows.astype(np.float64)
    middle: Doubles = wide - wide.mean(axis=0)
    return middle


def _targets(examples: Examples, caption_weight: float) -> Doubles:
    return centred(unit(examples.texts + examples.sentences)) + caption_weight * centred(examples.captions)
