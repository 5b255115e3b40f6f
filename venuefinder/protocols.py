"""The seams: what use cases ask of models. Fakes for these ship in `venuefinder.testing`."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from venuefinder.domain import EmbeddingSpace

Embeddings = NDArray[np.float32]
Pixels = NDArray[np.uint8]


@runtime_checkable
class ImageEncoder(Protocol):
    """Turns photos into embeddings, in two steps so that the first can run beside decoding.

    `prepare` is thread-safe and takes one upright RGB image to `uint8 [P, S, S, 3]`: P model inputs of S pixels a
    side. `encode_prepared` takes N of those to `float32 [N, V, D]`: V embeddings a photo (`space.facts.views`), each
    with L2 norm 1. `encode_images` is one after the other.
    """

    @property
    def space(self) -> EmbeddingSpace:
        """The embedding space of every vector this encoder returns."""

    @property
    def device(self) -> str:
        """Where the forward pass runs: `cpu`, `cuda` or `mps`."""

    def prepare(self, image: Image.Image) -> Pixels:
        """Resize and crop one upright RGB image: `uint8 [P, S, S, 3]`."""

    def encode_prepared(self, prepared: Sequence[Pixels]) -> Embeddings:
        """Encode N prepared images: `float32 [N, V, D]`, L2 norm 1 on the last axis."""

    def encode_images(self, images: Sequence[Image.Image]) -> Embeddings:
        """Encode N upright RGB images: `float32 [N, V, D]`, L2 norm 1 on the last axis."""


@runtime_checkable
class TextEncoder(Protocol):
    """Turns texts into embeddings of the same space as the photos'."""

    @property
    def space(self) -> EmbeddingSpace:
        """The embedding space of every vector this encoder returns."""

    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        """Encode N texts: `float32 [N, D]`, L2 norm 1 on the last axis. Longer than the context: cut."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, special tokens included and nothing cut.

        A count above `space.facts.context_length` means that `encode_texts` would cut that text.
        """


@runtime_checkable
class Encoder(ImageEncoder, TextEncoder, Protocol):
    """Both towers of one model."""
