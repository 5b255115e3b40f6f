"""Any open_clip model as an encoder: CLIP, SigLIP, SigLIP2, MobileCLIP, PE-Core, … from the hub or from a folder."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image

from venuefinder.domain import Dtype, EmbeddingSpace, ModelFacts
from venuefinder.encoders.checked import checked
from venuefinder.encoders.checkpoints import find_checkpoint, lasting_spec
from venuefinder.encoders.device import resolve_dtype
from venuefinder.encoders.preprocessing import Preprocessing, preprocessing_of
from venuefinder.encoders.proven import fingerprint, load_model, load_tokens
from venuefinder.encoders.tokens import Tokens
from venuefinder.errors import EncodingError
from venuefinder.protocols import Embeddings, Pixels

TEXTS_A_FORWARD = 64
"""Bounds memory when many texts come at once."""


@dataclass(frozen=True, slots=True)
class OpenClipModel:
    """A loaded model with all that its inputs and outputs need."""

    network: Any
    """open_clip's CLIP, CustomTextCLIP or CoCa, in eval mode."""
    tokens: Tokens
    preprocessing: Preprocessing
    space: EmbeddingSpace


def load_open_clip(spec: str, *, device: str, dtype: Dtype, views: int) -> "OpenClipEncoder":
    """Load `open_clip:<model>/<pretrained>` or `open_clip:local-dir:<path>` with proven weights.

    `device` is a present one (`cpu`, `cuda`, `mps`), `views` 1 to 5. Raises ConfigurationError for what does not exist,
    EncoderUnavailableError for weights or a tokenizer that cannot be had.
    """
    compute_dtype = resolve_dtype(dtype, device)
    checkpoint = find_checkpoint(spec)
    network: Any = load_model(checkpoint)
    preprocessing = preprocessing_of(network.visual.preprocess_cfg, views=views)
    tokens = load_tokens(checkpoint, network)
    space = EmbeddingSpace(
        encoder=lasting_spec(spec),
        weights=fingerprint(checkpoint, network, preprocessing, tokens),
        dimension=_dimension(checkpoint.model),
        facts=_facts(preprocessing, tokens),
    )
    return OpenClipEncoder(OpenClipModel(network, tokens, preprocessing, space), device=device, dtype=compute_dtype)


def _dimension(model: str) -> int:
    import open_clip

    return int(open_clip.get_model_config(model)["embed_dim"])


def _facts(preprocessing: Preprocessing, tokens: Tokens) -> ModelFacts:
    return ModelFacts(
        image_size=preprocessing.size,
        resize_mode=preprocessing.resize_mode,
        interpolation=preprocessing.interpolation,
        views=preprocessing.views,
        context_length=tokens.context_length,
        pads_text=tokens.ids(["hall"]).shape[1] == tokens.context_length,
        lower_cases=tokens.lower_cases(),
        text_template=tokens.template,
    )


class OpenClipEncoder:
    """Both towers of an open_clip model. Thread-safe: photos are prepared in parallel, one forward runs at a time.

    The dtype is no part of the space: half precision moves a vector by far less than two photos differ.
    """

    def __init__(self, model: OpenClipModel, *, device: str, dtype: torch.dtype) -> None:
        self.space = model.space
        self.device = device
        self._model = model
        self._device = torch.device(device)
        self._dtype = dtype
        self._network = model.network.to(device=self._device, dtype=dtype)
        self._mean = torch.tensor(model.preprocessing.mean, device=self._device).view(1, 3, 1, 1)
        self._std = torch.tensor(model.preprocessing.std, device=self._device).view(1, 3, 1, 1)
        self._lock = threading.Lock()

    def prepare(self, image: Image.Image) -> Pixels:
        """Resize and crop one upright RGB image: `uint8 [V, S, S, 3]`."""
        return self._model.preprocessing.prepare(image)

    def encode_prepared(self, prepared: Sequence[Pixels]) -> Embeddings:
        """Encode N prepared images in one forward: `float32 [N, V, D]`, L2 norm 1 on the last axis."""
        views = self.space.facts.views
        if not prepared:
            return np.empty((0, views, self.space.dimension), dtype=np.float32)
        self._check_shapes(prepared)
        with self._lock, torch.inference_mode():
            features = self._network.encode_image(self._normalised(np.concatenate(prepared)))
            vectors = _unit_rows(features)
        return checked(vectors.reshape(len(prepared), views, -1), self.space, what=f"{len(prepared)} photos")

    def encode_images(self, images: Sequence[Image.Image]) -> Embeddings:
        """Encode N upright RGB images: `float32 [N, V, D]`, L2 norm 1 on the last axis."""
        return self.encode_prepared([self.prepare(image) for image in images])

    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        """Encode N texts: `float32 [N, D]`, L2 norm 1 on the last axis. Longer than the context: cut."""
        vectors = np.empty((len(texts), self.space.dimension), dtype=np.float32)
        for start in range(0, len(texts), TEXTS_A_FORWARD):
            batch = texts[start : start + TEXTS_A_FORWARD]
            vectors[start : start + len(batch)] = self._encode_tokens(self._model.tokens.ids(batch))
        return checked(vectors, self.space, what=f"{len(texts)} texts")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, special tokens included and nothing cut."""
        return self._model.tokens.count(texts)

    def _encode_tokens(self, ids: torch.Tensor) -> Embeddings:
        with self._lock, torch.inference_mode():
            return _unit_rows(self._network.encode_text(ids.to(self._device)))

    def _normalised(self, pixels: Pixels) -> torch.Tensor:
        """Turn `uint8 [B, S, S, 3]` into the network's `[B, 3, S, S]`: the arithmetic is float32, as in open_clip."""
        values = torch.from_numpy(pixels).to(self._device).permute(0, 3, 1, 2).float().div_(255)
        return values.sub_(self._mean).div_(self._std).to(self._dtype).contiguous()

    def _check_shapes(self, prepared: Sequence[Pixels]) -> None:
        facts = self.space.facts
        expected = (facts.views, facts.image_size, facts.image_size, 3)
        for pixels in prepared:
            if pixels.shape != expected or pixels.dtype != np.uint8:
                raise EncodingError(
                    f"a prepared photo is {pixels.dtype} {pixels.shape}, space {self.space.name!r} expects uint8 "
                    f"{expected}; prepare it with this encoder"
                )


def _unit_rows(features: torch.Tensor) -> Embeddings:
    rows: Embeddings = torch.nn.functional.normalize(features.float(), dim=-1).cpu().numpy()
    return rows
