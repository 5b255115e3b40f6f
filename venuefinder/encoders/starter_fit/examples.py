"""Captioned photos, read from a manifest and seen by the starter's towers."""

import csv
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from venuefinder.encoders.starter import Towers
from venuefinder.encoders.starter_projection import Floats
from venuefinder.encoders.starter_views import two_views
from venuefinder.errors import ListingError
from venuefinder.images import decode_photo, read_photo

MAX_BYTES = 60_000_000
MAX_PIXELS = 100_000_000
COLUMNS = ("photo", "text", "source")
BATCH = 8
SENTENCE = re.compile(r".+?[.!?](?=\s+[^a-z]|$)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """N photos with their texts, as the towers see them; all float32."""

    features: Floats
    """`[N, 1280]`, mean of the two views."""
    probabilities: Floats
    """`[N, 1000]`, mean of the two views."""
    texts: Floats
    """`[N, 384]`: descriptions of what is to be seen."""
    sentences: Floats
    """`[N, 384]`: their first sentences, which are as long as a query."""
    captions: Floats
    """`[N, 384]`: what is printed below the photo; the description where nothing is."""
    books: NDArray[np.str_]
    """`[N]`: `source` up to its `@`. Photos of one book are alike, so books are never divided between folds."""
    fingerprint: str = ""
    """SHA-256 of photos and texts, 64 hexadecimal digits."""

    def __len__(self) -> int:
        return len(self.books)

    def where(self, chosen: NDArray[np.bool_]) -> "Examples":
        """Return the examples that `chosen [N]` marks."""
        rows = {name: getattr(self, name)[chosen] for name in self.__slots__ if name != "fingerprint"}
        return replace(self, **rows)


def read_examples(manifest: Path, towers: Towers) -> Examples:
    """Read a CSV of `photo` (path beside the manifest), `text`, `source` and optional `caption`.

    ListingError names a missing column or an empty field, ImageError a photo that cannot be used.
    """
    rows = _rows(manifest)
    files = [read_photo(manifest.parent / row["photo"], max_bytes=MAX_BYTES, root=manifest.parent) for row in rows]
    features, probabilities = _seen(files, towers)
    return Examples(
        features=features,
        probabilities=probabilities,
        texts=towers.text([row["text"] for row in rows]),
        sentences=towers.text([first_sentence(row["text"]) for row in rows]),
        captions=towers.text([row.get("caption") or row["text"] for row in rows]),
        books=np.array([row["source"].split("@")[0] for row in rows]),
        fingerprint=_fingerprint(rows, files),
    )


def first_sentence(text: str) -> str:
    """Return the first sentence, or all of a text without an end."""
    found = SENTENCE.match(text.strip())
    return found.group() if found else text.strip()


def _rows(manifest: Path) -> list[dict[str, str]]:
    with manifest.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise ListingError(f"{manifest}:1: found no column {', '.join(missing)}; expected {', '.join(COLUMNS)}")
        rows = list(reader)
    for number, row in enumerate(rows, start=1):
        for name in COLUMNS:
            if not row[name]:
                raise ListingError(f"{manifest}: photo {number}: found no {name}; fill it in or remove the line")
    return rows


def _seen(files: Sequence[bytes], towers: Towers) -> tuple[Floats, Floats]:
    batches = [
        towers.see(
            [two_views(decode_photo(data, max_pixels=MAX_PIXELS).image) for data in files[start : start + BATCH]]
        )
        for start in range(0, len(files), BATCH)
    ]
    features, probabilities = zip(*batches, strict=True)
    return np.concatenate(features), np.concatenate(probabilities)


def _fingerprint(rows: Sequence[dict[str, str]], files: Sequence[bytes]) -> str:
    parts = [
        "\0".join((hashlib.sha256(data).hexdigest(), row["text"], row.get("caption") or ""))
        for row, data in zip(rows, files, strict=True)
    ]
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()
