"""The learned part of the starter: joins photo features and sentence embeddings in one space.

With F the photo's pooled features, p its ImageNet class probabilities, e the embedding of a text:

    photo = unit(unit(z A) + c unit(top(p) N))      z = unit((sqrt(F) - m) / s)
    text  = unit((e - mu) W)

A (`weights`) is a ridge regression from photo features to whitened texts, N the whitened embeddings of the class
names, so that the second term is ConSE (Norouzi et al. 2013, arXiv:1312.5650). `starter_fit` makes all of them.
"""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from venuefinder.errors import EncoderUnavailableError

Floats = NDArray[np.floating[Any]]
SHIPPED = "starter_projection.safetensors"
VERSION = 1
SHAPES = {
    "feature_mean": (1280,),
    "feature_scale": (1280,),
    "weights": (1280, 384),
    "class_names": (1000, 384),
    "text_mean": (384,),
    "whitening": (384, 384),
}
"""Shapes of the arrays in the file; `weights` and `class_names` are int8 with a float16 scale a row."""
QUANTISED = ("weights", "class_names")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a projection besides its arrays; the file's metadata."""

    conse_weight: float
    """c: the share of ConSE, next to the regression's 1."""
    conse_top: int
    """Likeliest classes that ConSE takes."""
    recipe: str = ""
    """How it was fitted, for people."""
    data: str = ""
    """SHA-256 of the photos and texts it was fitted on, 64 hexadecimal digits."""
    version: int = VERSION


@dataclass(frozen=True, kw_only=True)
class Projection:
    """Arrays of the formula above; shapes in `SHAPES`."""

    feature_mean: Floats
    feature_scale: Floats
    weights: Floats
    class_names: Floats
    text_mean: Floats
    whitening: Floats
    facts: Facts

    @property
    def dimension(self) -> int:
        """Values an embedding."""
        return int(self.whitening.shape[1])

    def photos(self, features: Floats, probabilities: Floats) -> Floats:
        """Map features `[N, 1280]`, none negative, and class probabilities `[N, 1000]` to unit rows `[N, 384]`."""
        regressed = unit(standardised(features, self.feature_mean, self.feature_scale) @ self.weights)
        return unit(regressed + self.facts.conse_weight * self._conse(probabilities))

    def texts(self, embedded: Floats) -> Floats:
        """Map sentence embeddings `[N, 384]` to unit rows `[N, 384]`."""
        return unit((embedded - self.text_mean) @ self.whitening)

    def _conse(self, probabilities: Floats) -> Floats:
        threshold = np.partition(probabilities, -self.facts.conse_top, axis=1)[:, -self.facts.conse_top, None]
        return unit(np.where(probabilities >= threshold, probabilities, 0) @ self.class_names)

    @cached_property
    def file(self) -> bytes:
        """The projection as a safetensors file of 1.2 MB, the same bytes for the same values."""
        arrays: dict[str, NDArray[Any]] = {}
        for name in SHAPES:
            value = getattr(self, name)
            if name in QUANTISED:
                arrays[name], arrays[f"{name}_scale"] = _quantised(value)
            else:
                arrays[name] = value.astype(np.float16)
        return save(arrays, metadata={"facts": json.dumps(asdict(self.facts), sort_keys=True)})


def read_projection(data: bytes, *, name: str = SHIPPED) -> Projection:
    """Read the bytes of `Projection.file`; EncoderUnavailableError, with `name`, if they are anything else."""
    try:
        arrays = load(data)
        facts = Facts(**json.loads(_metadata(data)["facts"]))
        values = {array: _restored(arrays, array) for array in SHAPES}
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise EncoderUnavailableError(
            f"{name}: found no starter projection ({error}); reinstall venuefinder, or fit it again"
        ) from error
    wrong = [f"{array} {values[array].shape}" for array, shape in SHAPES.items() if values[array].shape != shape]
    if wrong or facts.version != VERSION or not all(np.isfinite(value).all() for value in values.values()):
        raise EncoderUnavailableError(
            f"{name}: found version {facts.version}, wrong shapes: {', '.join(wrong) or 'none'}; expected version "
            f"{VERSION} and finite numbers; reinstall venuefinder, or fit it again"
        )
    return Projection(**values, facts=facts)


def shipped_file() -> bytes:
    """Return the bytes of the projection that ships with VenueFinder; EncoderUnavailableError if it is gone."""
    try:
        return resources.files("venuefinder.encoders").joinpath(SHIPPED).read_bytes()
    except FileNotFoundError as error:
        raise EncoderUnavailableError(f"{SHIPPED}: found no such file; reinstall venuefinder") from error


def standardised(features: Floats, mean: Floats, scale: Floats) -> Floats:
    """Return z of the formula, `[N, 1280]`: square roots tame the few features that would decide everything."""
    return unit((np.sqrt(features) - mean) / scale)


def unit(rows: Floats) -> Floats:
    """Divide rows by their L2 norm; a row of zeros stays."""
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Floats = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    return scaled


def _quantised(rows: Floats) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    scale = (np.abs(rows).max(axis=1, keepdims=True) / 127).astype(np.float16)
    return np.clip(np.rint(rows / scale), -127, 127).astype(np.int8), scale


def _restored(arrays: dict[str, NDArray[Any]], name: str) -> NDArray[np.float32]:
    value = arrays[name].astype(np.float32)
    return value * arrays[f"{name}_scale"].astype(np.float32) if name in QUANTISED else value


def _metadata(data: bytes) -> dict[str, str]:
    # A safetensors file: 8 bytes of length, little-endian, then a JSON header of that length. `load` proved it.
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    metadata: dict[str, str] = header["__metadata__"]
    return metadata
