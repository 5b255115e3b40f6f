"""open_clip's tokenizers behind one face: token ids padded to the context, and counts of what was not cut."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

PROBES = ("a photo of a Barn, at night!", "Café Zürich — 120 guests & co.", "the ballroom's chandeliers", "宴会厅", "")
"""Texts whose token ids tell tokenizers apart: case, punctuation, accents, digits, another script, padding."""


class Tokens:
    """Turns texts into token ids. Thread-safe: the fast tokenizers of transformers by themselves are not."""

    def __init__(self, tokenizer: Any, *, template: str = "{}") -> None:
        self._tokenizer = tokenizer
        self.template = template
        self._lock = threading.Lock()

    @property
    def context_length(self) -> int:
        """Tokens that are read; what is longer is cut."""
        return int(self._tokenizer.context_length)

    def ids(self, texts: Sequence[str]) -> "torch.Tensor":
        """Return `int64 [N, context_length]`: cut and padded."""
        with self._lock:
            ids: torch.Tensor = self._tokenizer([self._filled(text) for text in texts])
        return ids

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text, special tokens included and nothing cut."""
        with self._lock:
            return [self._count(self._filled(text)) for text in texts]

    def lower_cases(self) -> bool:
        """Whether capitals make no difference."""
        as_written, lowered = self.ids(["Grand HALL", "grand hall"])
        return bool((as_written == lowered).all())

    def fingerprint(self) -> str:
        """Return the ids of fixed texts: equal where two tokenizers do the same."""
        return str(self.ids(PROBES).tolist())

    def save(self, folder: Path) -> None:
        """Write the tokenizer's files; CLIP's own comes with open_clip and has none."""
        if hasattr(self._tokenizer, "save_pretrained"):
            self._tokenizer.save_pretrained(str(folder))

    def _filled(self, text: str) -> str:
        # Not str.format: braces in a query are just braces.
        return self.template.replace("{}", text)

    def _count(self, text: str) -> int:
        tokenizer = self._tokenizer
        if hasattr(tokenizer, "encode"):  # open_clip's own, CLIP's byte pairs
            return len(tokenizer.encode(text)) + 2
        cleaned = tokenizer.clean_fn(text)
        if tokenizer.tokenizer_mode == "clips":
            return len(tokenizer.tokenizer(cleaned, add_special_tokens=False, verbose=False).input_ids) + 3
        return len(tokenizer.tokenizer(cleaned, verbose=False).input_ids)
