"""Runs the model: photos in batches to prefixes, and questions in batches of branches that continue them.

A branch continues a copy of its photo's prefix, so nothing that is asked or written touches what is kept.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from venuefinder.errors import VisionUnavailableError
from venuefinder.vlm.chat import PreparedPhoto
from venuefinder.vlm.loading import LoadedModel
from venuefinder.vlm.prefixes import Prefix, prefix_of, stacked

if TYPE_CHECKING:
    import torch


class Engine:
    """One model. Not thread-safe: it keeps positions of its last request, so one thread at a time owns it."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._model: Any = loaded.model
        self._device = loaded.device
        self._dtype = loaded.dtype
        text = loaded.model.config.get_text_config()
        self.vocabulary = int(text.vocab_size)
        """Logits a token."""
        self.context = int(getattr(text, "max_position_embeddings", 1 << 30))
        """Tokens that a prompt with its answer may have."""
        self.padding = int(loaded.processor.tokenizer.pad_token_id or 0)

    @property
    def is_exact(self) -> bool:
        """Whether it computes in float32."""
        return str(self._dtype) == "torch.float32"

    @property
    def model(self) -> Any:
        """The transformers model; VisionUnavailableError once it is closed."""
        self.check_open()
        return self._model

    def prefixes(self, photos: Sequence[PreparedPhoto]) -> list[Prefix]:
        """Read photos of one `shape` in one batch."""
        import torch

        with torch.inference_mode():
            cache = self.model(**self._collated(photos), use_cache=True, logits_to_keep=1).past_key_values
            layers = [(layer.keys, layer.values) for layer in cache.layers]
            rows = enumerate(zip(photos, self._deltas(len(photos)), strict=True))
            return [prefix_of(layers, row, photo.length, delta) for row, (photo, delta) in rows]

    def whole(self, inputs: Mapping[str, "torch.Tensor"]) -> "torch.Tensor":
        """Run a whole prompt as the processor made it; return `float32 [1, V]`, the logits of the next token."""
        import torch

        with torch.inference_mode():
            moved = {name: self._moved(value) for name, value in inputs.items()}
            logits: torch.Tensor = self.model(**moved, use_cache=False, logits_to_keep=1).logits[:, -1].float()
            return logits

    def tensor(self, values: list[list[int]] | list[int]) -> "torch.Tensor":
        """Return `int64` values where the model is."""
        import torch

        return torch.tensor(values, dtype=torch.long, device=self._device)

    def forward(
        self, tokens: "torch.Tensor", positions: "torch.Tensor", mask: "torch.Tensor", cache: Any
    ) -> "torch.Tensor":
        """Run `[B, L]` tokens after what the cache holds; return `float32 [B, V]`, the logits of the next token."""
        import torch

        if self._has_axes:
            positions = positions.expand(3, -1, -1)
        with torch.inference_mode():
            found = self.model(
                input_ids=tokens,
                position_ids=positions,
                attention_mask=mask,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            )
            logits: torch.Tensor = found.logits[:, -1].float()
            return logits

    def check_open(self) -> None:
        """Raise VisionUnavailableError once the model is closed."""
        if self._model is None:
            raise VisionUnavailableError("the vision-language model was closed; start VenueFinder again")

    def release(self) -> None:
        """Give memory back to the device that no tensor uses."""
        import torch

        if self._device == "cuda":
            torch.cuda.empty_cache()

    def close(self) -> None:
        """Let go of the model."""
        self._model = None
        self.release()

    @property
    def _has_axes(self) -> bool:
        """Whether positions are time, row and column."""
        return hasattr(self.model.base_model, "rope_deltas")

    def _deltas(self, rows: int) -> list[int]:
        if not self._has_axes:
            return [0] * rows
        return [int(delta) for delta in self.model.base_model.rope_deltas.flatten().tolist()]

    def _collated(self, photos: Sequence[PreparedPhoto]) -> dict[str, "torch.Tensor"]:
        """Join photos: tokens padded behind, where causal attention does not look; pixels one after the other."""
        import torch

        longest = max(photo.length for photo in photos)
        joined: dict[str, torch.Tensor] = {}
        for name in photos[0].sequences:
            fill = self.padding if name == "input_ids" else 0
            rows = [photo.sequences[name][0] for photo in photos]
            padded = [torch.nn.functional.pad(row, (0, longest - len(row)), value=fill) for row in rows]
            joined[name] = torch.stack(padded).to(self._device)
        for name in photos[0].pixels:
            whole = torch.cat([photo.pixels[name] for photo in photos])
            joined[name] = self._moved(whole)
        return joined

    def _moved(self, value: "torch.Tensor") -> "torch.Tensor":
        return value.to(self._device, self._dtype if value.is_floating_point() else None)


class Branches:
    """B answers in the making, one token at a time for all of them.

    A row is `[prefix][padding][suffix][answer]`: padded in between, on the left of what is asked, so that the rows end
    together. The mask hides the padding, and positions count without it.
    """

    def __init__(self, engine: Engine, prefixes: Sequence[Prefix], suffixes: Sequence[Sequence[int]]) -> None:
        from transformers import DynamicCache

        self._engine = engine
        longest, widest = max(prefix.length for prefix in prefixes), max(map(len, suffixes))
        self._cache = DynamicCache(stacked(prefixes))
        tokens, mask, positions = [], [], []
        for prefix, suffix in zip(prefixes, suffixes, strict=True):
            gap = widest - len(suffix)
            start = prefix.length + prefix.delta
            tokens.append([engine.padding] * gap + list(suffix))
            mask.append([1] * prefix.length + [0] * (longest - prefix.length + gap) + [1] * len(suffix))
            positions.append([start] * gap + list(range(start, start + len(suffix))))
        self._mask = engine.tensor(mask)
        self._next = engine.tensor([row[-1] + 1 for row in positions])
        self.logits = engine.forward(engine.tensor(tokens), engine.tensor(positions), self._mask, self._cache)
        """`float32 [B, V]`, of the next token."""

    def advance(self, tokens: "torch.Tensor") -> None:
        """Add one token to each branch: `int64 [B]`."""
        import torch

        self._mask = torch.cat([self._mask, self._mask.new_ones((len(tokens), 1))], dim=1)
        self.logits = self._engine.forward(tokens[:, None], self._next[:, None], self._mask, self._cache)
        self._next = self._next + 1
