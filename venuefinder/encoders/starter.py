"""The starter encoder: real, modest image-text search from weights that ship as Python packages.

For demos, tests and machines without a model hub. It is not CLIP and far from it; `docs/models/starter.md` has figures.
"""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from venuefinder.domain import EmbeddingSpace, ModelFacts
from venuefinder.encoders.checked import checked
from venuefinder.errors import ConfigurationError, EncoderUnavailableError
from venuefinder.protocols import Embeddings, Pixels
from venuefinder.settings import Device, Dtype

if TYPE_CHECKING:
    from venuefinder.encoders.conse import Conse
    from venuefinder.encoders.efficientnet import EfficientNetLite0
    from venuefinder.encoders.minilm import MiniLM

SIZE = 224
VIEWS_READ = 2
"""What the tower sees of one photo, averaged into one embedding: the centre square, and the whole photo squashed."""
FACTS = ModelFacts(
    image_size=SIZE,
    resize_mode="centre+squash",
    interpolation="bicubic",
    views=1,
    context_length=256,
    pads_text=False,
    lower_cases=True,
)


class StarterEncoder:
    """EfficientNet-Lite0 photos and MiniLM texts in one space. Loaded by `load_starter`."""

    def __init__(self, image_tower: "EfficientNetLite0", text_tower: "MiniLM", joint: "Conse", weights: str) -> None:
        self._image_tower = image_tower
        self._text_tower = text_tower
        self._joint = joint
        self.space = EmbeddingSpace(encoder="starter", weights=weights, dimension=joint.dimension, facts=FACTS)

    def prepare(self, image: Image.Image) -> Pixels:
        """Take one RGB image to its centre square and the whole squashed: `uint8 [2, 224, 224, 3]`."""
        image = _reduced(image.convert("RGB"))
        views = [image.resize((SIZE, SIZE), Image.Resampling.BICUBIC, box) for box in (_centre(image), None)]
        return np.stack([np.asarray(view, dtype=np.uint8) for view in views])

    def encode_prepared(self, prepared: Sequence[Pixels]) -> Embeddings:
        """Encode N prepared photos: `float32 [N, 1, D]`, L2 norm 1."""
        if not prepared:
            return np.empty((0, 1, self.space.dimension), dtype=np.float32)
        features, probabilities = self._image_tower(np.concatenate(prepared))
        shape = (len(prepared), VIEWS_READ, -1)
        vectors = self._joint.photos(features.reshape(shape).mean(1), probabilities.reshape(shape).mean(1))
        return checked(vectors[:, None], self.space, what=f"{len(prepared)} photos")

    def encode_images(self, images: Sequence[Image.Image]) -> Embeddings:
        """Prepare, then encode N photos: `float32 [N, 1, D]`, L2 norm 1."""
        return self.encode_prepared([self.prepare(image) for image in images])

    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        """Encode N texts, cut after 256 tokens: `float32 [N, D]`, L2 norm 1."""
        return checked(self._joint.texts(self._text_tower(texts)), self.space, what=f"{len(texts)} texts")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count tokens, special ones included, nothing cut."""
        return self._text_tower.count_tokens(texts)


def load_starter(*, device: Device = "auto", dtype: Dtype = "auto") -> StarterEncoder:
    """Load the starter encoder from installed packages; never touches the network.

    `dtype` is the photo tower's; `auto` is float32 everywhere, so that one space holds on every machine. Raises
    EncoderUnavailableError if a package is missing or its weights are not the ones we know, ConfigurationError if
    the device is not there.
    """
    try:
        from venuefinder.encoders import efficientnet, minilm
        from venuefinder.encoders.conse import Conse
    except ImportError as error:
        raise EncoderUnavailableError(
            f"encoder 'starter': found no package {error.name}; run: pip install 'venuefinder[starter]'"
        ) from error
    place = _resolved(device)
    image_tower = efficientnet.EfficientNetLite0(device=place, dtype=_torch_dtype(dtype))
    text_tower = minilm.MiniLM(device=place)
    parts = [efficientnet.WEIGHTS.sha256, minilm.WEIGHTS.sha256, minilm.TOKENIZER.sha256, "conse"]
    weights = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return StarterEncoder(image_tower, text_tower, Conse.from_names(text_tower), weights)


def _resolved(device: Device) -> str:
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if device == "auto":
        return next(name for name, here in present.items() if here)
    if not present.get(device, False):
        usable = ", ".join(name for name, here in present.items() if here)
        raise ConfigurationError(
            f"VENUEFINDER_DEVICE: found {device!r}, this machine has {usable}; set one of these or 'auto'"
        )
    return device


def _torch_dtype(dtype: Dtype) -> Any:
    import torch

    return torch.float32 if dtype == "auto" else getattr(torch, dtype)


def _reduced(image: Image.Image) -> Image.Image:
    """Average whole blocks of large photos first: twice the final size is enough for the bicubic resize."""
    factor = min(image.size) // (2 * SIZE)
    return image.reduce(factor) if factor > 1 else image


def _centre(image: Image.Image) -> tuple[float, float, float, float]:
    side = min(image.size)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    return (left, top, left + side, top + side)
