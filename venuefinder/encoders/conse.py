"""ConSE (Norouzi et al. 2013, arXiv:1312.5650): a photo is where the names of its likely classes are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from venuefinder.encoders.minilm import MiniLM

Floats = NDArray[np.float32]
TOP = 10


@dataclass(frozen=True, slots=True)
class Conse:
    """Class-name embeddings `names [1000, D]`, centred by `mean [D]`."""

    names: Floats
    mean: Floats

    @classmethod
    def from_names(cls, text_tower: MiniLM) -> "Conse":
        """Embed ImageNet's class names."""
        from torchvision.models import EfficientNet_B0_Weights  # type: ignore[import-untyped]  # ships no types

        embedded = text_tower(EfficientNet_B0_Weights.IMAGENET1K_V1.meta["categories"])
        mean = embedded.mean(axis=0)
        return cls(embedded - mean, mean)

    @property
    def dimension(self) -> int:
        """D."""
        return int(self.names.shape[1])

    def photos(self, _features: Floats, probabilities: Floats) -> Floats:
        """Map probabilities `[N, 1000]` to unit rows `[N, D]`; features are not used."""
        cut = np.partition(probabilities, -TOP, axis=1)[:, -TOP, None]
        return _unit(np.where(probabilities >= cut, probabilities, 0) @ self.names)

    def texts(self, embedded: Floats) -> Floats:
        """Map text embeddings `[N, D]` to unit rows `[N, D]`."""
        return _unit(embedded - self.mean)


def _unit(rows: Floats) -> Floats:
    unit: Floats = rows / np.linalg.norm(rows, axis=-1, keepdims=True)
    return unit
