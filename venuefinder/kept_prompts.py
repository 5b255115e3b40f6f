"""A text encoder that keeps in a file what it encoded: hundreds of prompts take seconds, and never change."""

import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from venuefinder.domain import EmbeddingSpace
from venuefinder.protocols import Embeddings, TextEncoder


class KeptPrompts:
    """Encodes texts as `encoder` does; the same texts again are read from `folder`, whichever process asks.

    For a few fixed lists of texts: each has a file of its own, named by space and texts. What is no such file any more
    is encoded anew, and a folder that cannot be written is no error.
    """

    def __init__(self, encoder: TextEncoder, folder: Path) -> None:
        self._encoder = encoder
        self._folder = folder

    @property
    def space(self) -> EmbeddingSpace:
        """The encoder's space."""
        return self._encoder.space

    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        """Encode N texts: `float32 [N, D]`, unit rows."""
        name = sha256("\n".join([self.space.key, *map(repr, texts)]).encode()).hexdigest()
        path = self._folder / f"{name}.npy"
        kept = self._read(path, len(texts))
        if kept is None:
            kept = self._encoder.encode_texts(texts)
            self._write(path, kept)
        return kept

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count as the encoder does."""
        return self._encoder.count_tokens(texts)

    def _read(self, path: Path, count: int) -> Embeddings | None:
        try:
            rows = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        whole = rows.shape == (count, self.space.dimension) and rows.dtype == np.float32 and np.isfinite(rows).all()
        return rows if whole else None

    def _write(self, path: Path, rows: Embeddings) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
                np.save(file, rows)
            Path(file.name).replace(path)
        except OSError:
            return
