"""The starter encoder: real, modest image-text search from weights that ship as Python packages.

For demos, tests and machines without a model hub. It is not CLIP and far from it; `docs/models/starter.md` has figures.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from venuefinder.domain import Device, Dtype, EmbeddingSpace, ModelFacts
from venuefinder.encoders.checked import checked
from venuefinder.encoders.device import resolve_device, resolve_dtype
from venuefinder.encoders.starter_views import SIZE, VIEWS, two_views
from venuefinder.errors import EncoderUnavailableError
from venuefinder.protocols import Embeddings, Pixels

if TYPE_CHECKING:
    from venuefinder.encoders.efficientnet import EfficientNetLite0
    from venuefinder.encoders.minilm import MiniLM
    from venuefinder.encoders.starter_projection import Projection

FACTS = ModelFacts(
    image_size=SIZE,
    resize_mode="centre+squash",
    interpolation="bicubic",
    views=1,
    context_length=256,
    pads_text=False,
    lower_cases=True,
)


@dataclass(frozen=True, slots=True)
class Towers:
    """The two pretrained models, which know nothing of each other."""

    image: "EfficientNetLite0"
    text: "MiniLM"
    weights: str
    """SHA-256 over the hashes of their files, 64 hexadecimal digits."""
    device: str

    def see(self, prepared: Sequence[Pixels]) -> tuple[Embeddings, Embeddings]:
        """Run N `two_views`: features `float32 [N, 1280]`, class probabilities `float32 [N, 1000]`, means of both."""
        features, probabilities = self.image(np.concatenate(prepared))
        shape = (len(prepared), VIEWS, -1)
        return features.reshape(shape).mean(axis=1), probabilities.reshape(shape).mean(axis=1)


class StarterEncoder:
    """EfficientNet-Lite0 photos and MiniLM texts in one space. Loaded by `load_starter`."""

    def __init__(self, towers: Towers, projection: "Projection") -> None:
        self.device = towers.device
        self._towers = towers
        self._projection = projection
        weights = hashlib.sha256(f"{towers.weights}\n".encode() + projection.file).hexdigest()
        self.space = EmbeddingSpace(encoder="starter", weights=weights, dimension=projection.dimension, facts=FACTS)

    def prepare(self, image: Image.Image) -> Pixels:
        """Take one upright image to its centre and the whole squashed: `uint8 [2, 224, 224, 3]`. Thread-safe."""
        return two_views(image)

    def encode_prepared(self, prepared: Sequence[Pixels]) -> Embeddings:
        """Encode N prepared photos: `float32 [N, 1, 384]`, L2 norm 1."""
        if not prepared:
            return np.empty((0, 1, self.space.dimension), dtype=np.float32)
        vectors = self._projection.photos(*self._towers.see(prepared))
        return checked(vectors[:, None], self.space, what=f"{len(prepared)} photos")

    def encode_images(self, images: Sequence[Image.Image]) -> Embeddings:
        """Prepare, then encode N photos: `float32 [N, 1, 384]`, L2 norm 1."""
        return self.encode_prepared([self.prepare(image) for image in images])

    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        """Encode N texts, cut after 256 tokens: `float32 [N, 384]`, L2 norm 1."""
        vectors = self._projection.texts(self._towers.text(texts))
        return checked(vectors, self.space, what=f"{len(texts)} texts")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count tokens, special ones included, nothing cut."""
        return self._towers.text.count_tokens(texts)


def load_starter(*, device: Device = "auto", dtype: Dtype = "auto") -> StarterEncoder:
    """Load the starter encoder from installed packages; never touches the network.

    `dtype` is the photo tower's; `auto` is float32 everywhere: the tower is small, and so one space holds on every
    machine. Raises EncoderUnavailableError if a package is missing or its weights are not the ones we know,
    ConfigurationError if the device is not there.
    """
    towers = load_towers(device=device, dtype=dtype)
    from venuefinder.encoders.starter_projection import read_projection, shipped_file

    return StarterEncoder(towers, read_projection(shipped_file()))


def load_towers(*, device: Device = "auto", dtype: Dtype = "auto") -> Towers:
    """Load the two pretrained models alone; arguments and errors as `load_starter`."""
    try:
        from venuefinder.encoders import efficientnet, minilm
    except ModuleNotFoundError as error:
        raise EncoderUnavailableError(
            f"encoder 'starter': found no package {error.name}; run: pip install 'venuefinder[starter]'"
        ) from error
    place = resolve_device(device)
    image = efficientnet.EfficientNetLite0(
        device=place, dtype=resolve_dtype("float32" if dtype == "auto" else dtype, place)
    )
    hashes = (efficientnet.WEIGHTS.sha256, minilm.WEIGHTS.sha256, minilm.TOKENIZER.sha256)
    weights = hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    return Towers(image, minilm.MiniLM(device=place), weights, place)
