"""The sizes of a model of Qwen2.5-VL's architecture, and what follows from them: parameters, memory, arithmetic.

Pure arithmetic over the published configurations or a local `config.json`; nothing is loaded. The sums are those of the
layers as transformers builds them (a test counts), so that 3B and 7B come out at 3,754,622,976 and 8,292,166,656.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from venuefinder.errors import ConfigurationError

MODEL_TYPE = "qwen2_5_vl"
MAX_CONFIG_BYTES = 1_000_000
MERGED = 4
"""Patches in one visual token: 2 x 2."""
PATCH_VALUES = 3 * 2 * 14 * 14
"""Colours x frames x pixels of a patch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
    """How large the parts are: a decoder of `layers`, fed by a vision tower of `vision_layers`."""

    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    vocabulary: int
    tied: bool
    """Whether the same table turns tokens into vectors and back."""
    vision_layers: int = 32
    vision_hidden: int = 1280
    vision_intermediate: int = 3420

    @property
    def head_dim(self) -> int:
        """Values of one head."""
        return self.hidden // self.heads

    def kv_bytes(self, value_bytes: int) -> int:
        """Return the bytes that one token takes in the KV cache: keys and values of every layer and KV head."""
        return 2 * self.layers * self.kv_heads * self.head_dim * value_bytes

    @property
    def decoder_weights(self) -> int:
        """Weights that every token is multiplied with: attention and MLP of every layer, without the vocabulary."""
        attention = 2 * self.hidden**2 + 2 * self.hidden * self.kv_heads * self.head_dim
        return self.layers * (attention + 3 * self.hidden * self.intermediate)

    @property
    def vision_weights(self) -> int:
        """Weights that every patch is multiplied with."""
        layer = 4 * self.vision_hidden**2 + 3 * self.vision_hidden * self.vision_intermediate
        return self.vision_layers * layer + PATCH_VALUES * self.vision_hidden

    @property
    def merger_weights(self) -> int:
        """Weights that every visual token is multiplied with on its way from tower to decoder."""
        merged = MERGED * self.vision_hidden
        return merged * merged + merged * self.hidden

    @property
    def parameters(self) -> int:
        """All of them: weights, biases, norms and vocabulary."""
        weights = self.decoder_weights + self.vision_weights + self.merger_weights
        return weights + self._vocabulary_weights + self._decoder_rest + self._vision_rest

    def weight_bytes(self, value_bytes: int, *, quantised: bool = False) -> float:
        """Return the bytes of the weights.

        `quantised`: what is multiplied takes 4 bits a weight and 4 bytes a block of 64 (NF4, arXiv:2305.14314);
        vocabulary, biases and norms stay as they are.
        """
        if not quantised:
            return self.parameters * value_bytes
        multiplied = self.decoder_weights + self.vision_weights + self.merger_weights
        return multiplied * (0.5 + 4 / 64) + (self.parameters - multiplied) * value_bytes

    def prefill_flops(self, *, visual: int, text: int) -> float:
        """Return about how many operations reading so many tokens takes: two for each weight that a token meets.

        Attention between tokens is left out: below 1 % for a photo of 256 tokens and its prompt.
        """
        seen = visual * (MERGED * self.vision_weights + self.merger_weights)
        return 2.0 * (seen + (visual + text) * self.decoder_weights)

    @property
    def _vocabulary_weights(self) -> int:
        return self.vocabulary * self.hidden * (1 if self.tied else 2)

    @property
    def _decoder_rest(self) -> int:
        return self.layers * (3 * self.hidden + 2 * self.kv_heads * self.head_dim) + self.hidden

    @property
    def _vision_rest(self) -> int:
        hidden = self.vision_hidden
        layer = 7 * hidden + 2 * self.vision_intermediate
        return self.vision_layers * layer + hidden * (1 + MERGED) + self.hidden


KNOWN = {
    "Qwen2.5-VL-3B-Instruct": ModelShape(
        layers=36, hidden=2048, intermediate=11008, heads=16, kv_heads=2, vocabulary=151936, tied=True
    ),
    "Qwen2.5-VL-7B-Instruct": ModelShape(
        layers=28, hidden=3584, intermediate=18944, heads=28, kv_heads=4, vocabulary=152064, tied=False
    ),
}
"""By the last part of the name; sizes: the models' own config.json."""


def shape_of(name: str) -> ModelShape | None:
    """Return the shape of a known model, or of a local folder with a `config.json`; None for any other name.

    Raises ConfigurationError for a folder whose configuration is not of this architecture.
    """
    last = name.rstrip("/").rpartition("/")[2].casefold()
    known = next((shape for model, shape in KNOWN.items() if model.casefold() == last), None)
    config = Path(name) / "config.json"
    return _read(config) if config.is_file() else known


def _read(path: Path) -> ModelShape:
    try:
        with path.open("rb") as file:
            config = json.loads(file.read(MAX_CONFIG_BYTES))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: not readable as JSON ({error}); fetch the model again") from error
    kind = config.get("model_type") if isinstance(config, dict) else None
    if kind != MODEL_TYPE:
        raise ConfigurationError(
            f"{path}: found model_type {kind!r}, expected {MODEL_TYPE!r}, whose tokens and sizes are known here; for "
            f"figures of a known model, add --model {next(reversed(KNOWN))}"
        )
    return _shape(path, config)


def _shape(path: Path, config: Mapping[str, Any]) -> ModelShape:
    text, vision = config.get("text_config", config), config.get("vision_config")
    fields = {
        "layers": (text, "num_hidden_layers"),
        "hidden": (text, "hidden_size"),
        "intermediate": (text, "intermediate_size"),
        "heads": (text, "num_attention_heads"),
        "kv_heads": (text, "num_key_value_heads"),
        "vocabulary": (text, "vocab_size"),
        "vision_layers": (vision, "depth"),
        "vision_hidden": (vision, "hidden_size"),
        "vision_intermediate": (vision, "intermediate_size"),
    }
    sizes = {field: _size(path, part, name) for field, (part, name) in fields.items()}
    tied = config.get("tie_word_embeddings", text.get("tie_word_embeddings", False))
    return ModelShape(**sizes, tied=bool(tied))


def _size(path: Path, part: Any, name: str) -> int:
    found = part.get(name) if isinstance(part, dict) else None
    if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= 10**9:
        raise ConfigurationError(f"{path}: found {name} {found!r}, expected a number from 1 on; fetch the model again")
    return found
