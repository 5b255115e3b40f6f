"""Which photos of one venue are the same picture, and which of them is shown. Pure.

Copies are told by their perceptual hashes; where these are near but not near enough, or say too little, the embeddings
must agree. Every copy is linked to a photo that is shown, never to another copy, so it does not matter in which order
photos came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from venuefinder.searching.near_duplicates import DUPLICATE

SURE_BITS: Final = 6
"""Bits of the hash up to which two photos are copies; docs/decisions/0015 has the figures."""
LIKELY_BITS: Final = 14
"""Bits up to which they are where their embeddings agree."""
LEAST_SET: Final = 8
"""Bits that a hash has of either value, at least, to be proof: plain walls of two rooms have hashes of few ones."""
ROWS: Final = 1024
"""Photos compared with all others at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A photo of a venue, as far as it matters which others repeat it."""

    id: int
    uri: str
    position: int
    pixels: int
    content_hash: bytes
    perceptual_hash: int | None
    """64 bits; None where nobody looked: then only the same bytes are a copy."""
    flagged: bool = False


Vectors = Mapping[int, Mapping[int, NDArray[np.float32]]]
"""Embeddings `float32 [D]`, unit norm, by photo and space."""


def doubtful(photos: Sequence[Picture]) -> set[int]:
    """Return the photos whose embeddings `links` needs."""
    looked = [photo for photo in photos if photo.perceptual_hash is not None]
    hashes = _hashes(looked)
    proof = proves(hashes)
    found: set[int] = set()
    for start in range(0, len(looked), ROWS):
        rows = slice(start, start + ROWS)
        bits = np.bitwise_count(hashes[rows, None] ^ hashes[None, :])
        near = (bits <= LIKELY_BITS) & ~((bits <= SURE_BITS) & proof[rows, None] & proof[None, :])
        near[np.arange(near.shape[0]), np.arange(start, start + near.shape[0])] = False
        found |= {looked[start + place].id for place in np.flatnonzero(near.any(axis=1))}
    return found


def links(photos: Sequence[Picture], vectors: Vectors) -> dict[int, int | None]:
    """Return for each photo of one venue the one that is shown instead, None for those shown.

    Of copies the first one is shown of: those without a flag, the largest, the listing's order. vectors: of the photos
    that `doubtful` names; one without an embedding is like none.
    """
    shown = _Shown(len(photos), vectors)
    of: dict[int, int | None] = {}
    by_content: dict[bytes, int] = {}
    for photo in sorted(photos, key=lambda photo: (photo.flagged, -photo.pixels, photo.position, photo.uri)):
        alike = by_content.get(photo.content_hash) or shown.like(photo)
        by_content.setdefault(photo.content_hash, alike or photo.id)
        of[photo.id] = alike
        if alike is None:
            shown.add(photo)
    return of


class _Shown:
    """The photos that are shown so far, `most` at most."""

    def __init__(self, most: int, vectors: Vectors) -> None:
        self._hashes = np.empty(most, dtype=np.uint64)
        self._ids: list[int] = []
        self._vectors = vectors

    def add(self, photo: Picture) -> None:
        if photo.perceptual_hash is not None:
            self._hashes[len(self._ids)] = photo.perceptual_hash
            self._ids.append(photo.id)

    def like(self, photo: Picture) -> int | None:
        """Return the first one that is the same picture."""
        if photo.perceptual_hash is None:
            return None
        own = _hashes([photo])
        shown = self._hashes[: len(self._ids)]
        bits = np.bitwise_count(shown ^ own)
        sure = (bits <= SURE_BITS) & proves(shown) & proves(own)
        near = ((self._ids[place], sure[place]) for place in np.flatnonzero(bits <= LIKELY_BITS))
        return next((other for other, is_sure in near if is_sure or self._agree(photo.id, other)), None)

    def _agree(self, one: int, other: int) -> bool:
        """Return whether the embeddings say so in any space that has both."""
        first, second = self._vectors.get(one, {}), self._vectors.get(other, {})
        return any(float(first[space] @ second[space]) >= DUPLICATE for space in first.keys() & second.keys())


def _hashes(photos: Sequence[Picture]) -> NDArray[np.uint64]:
    return np.array([photo.perceptual_hash for photo in photos], dtype=np.uint64)


def proves(hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which hashes, `uint64 [N]`, say enough for being near to be proof."""
    ones = np.bitwise_count(hashes)
    enough: NDArray[np.bool_] = (ones >= LEAST_SET) & (ones <= 64 - LEAST_SET)
    return enough
