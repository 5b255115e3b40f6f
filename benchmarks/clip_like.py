"""Vectors with the geometry of CLIP's, by a seed: hard for an index where real embeddings are, and no easier.

What is modelled, and from where:

- Photos lie in a narrow cone: unrelated ones have cosine about 0.5 (Liang et al. 2022, "Mind the Gap": 0.56 for CLIP
  on COCO). A few coordinates hold most of the cone's axis, as in ViT-B/32.
- What is left has few effective dimensions: variances fall as 1 / (k + 2), about 70 by the participation ratio.
- Photos gather by the style of their venue (1,000 of Zipf sizes), by subject (60: garden, bar, table…), by venue.
- Texts lie in a cone of their own: cosines of texts with photos are 0.0 to 0.2 for unrelated pairs, 0.25 to 0.45 for
  related ones, and half of what a text says of itself no photo has. An index built from photos sees texts as strangers.

Every vector is rounded to float16 as stored, so that exact results are exact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

DIMENSION = 512
PHOTOS_PER_VENUE = 8
STYLES, SUBJECTS = 1_000, 60
VENUES_PER_BLOCK = 2_500
"""Drawn at once, each block by a seed of its own: a small catalogue is the beginning of a large one."""
PHOTO_CONE, TEXT_CONE = 0.5, 0.6
"""Share of a vector's energy along its cone's axis, which is the cosine of unrelated pairs."""
GAP = 0.2
"""Cosine of the two axes."""
PHOTO_PARTS = {"style": 0.25, "subject": 0.20, "venue": 0.25, "photo": 0.30}
QUERY_PARTS = {"style": 0.25, "subject": 0.15, "venue": 0.10, "words": 0.50}
TOLD_PARTS = {"style": 0.30, "venue": 0.30, "words": 0.40}

Vectors = NDArray[np.float16]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Block:
    """Venues `first` and on. V venues, P photos each."""

    first: int
    styles: Numbers
    """`[V]`"""
    photos: Vectors
    """`[V, P, D]`"""
    told: Vectors
    """`[V, D]`: what each one's description would be."""

    @property
    def venues(self) -> Numbers:
        """The venues' numbers, from 0."""
        return np.arange(self.first, self.first + len(self.styles))


class ClipLike:
    """A world of styles, subjects and cones; catalogues and queries are drawn from it."""

    def __init__(self, seed: int = 7) -> None:
        self._seed = seed
        random = np.random.default_rng(seed)
        self._spread = np.sqrt(1 / (np.arange(1, DIMENSION + 1) + 2)).astype(np.float32)
        self._spread /= np.linalg.norm(self._spread)
        self._turn = np.linalg.qr(random.normal(size=(DIMENSION, DIMENSION)))[0].astype(np.float32)
        axis, other = unit(random.normal(size=(2, DIMENSION)) ** 3)
        self._photo_axis = axis
        self._text_axis = GAP * axis + np.sqrt(1 - GAP**2) * unit(other - (other @ axis) * axis)
        self._styles = self._draw(random, STYLES)
        self._subjects = self._draw(random, SUBJECTS)
        self.style_shares = zipf(STYLES)
        """`float64 [1000]`, the largest first."""
        self.block = lru_cache(maxsize=2)(self._block)
        """Return VENUES_PER_BLOCK venues, the same ones each time for the same `first`."""

    def blocks(self, venues: int) -> Iterator[Block]:
        """Yield the first `venues` venues, in order."""
        for first in range(0, venues, VENUES_PER_BLOCK):
            block = self.block(first)
            keep = min(VENUES_PER_BLOCK, venues - first)
            yield Block(first, block.styles[:keep], block.photos[:keep], block.told[:keep])

    def text(self, text: str, style: int | None = None) -> Vectors:
        """Return `float16 [D]`: a text that asks for a style, by default for one that its bytes decide."""
        random = np.random.default_rng((self._seed, 1, int.from_bytes(sha256(text.encode()).digest()[:8], "big")))
        drawn = int(random.choice(STYLES, p=self.style_shares))
        parts = {
            "style": self._styles[drawn if style is None else style],
            "subject": self._subjects[random.choice(SUBJECTS, p=zipf(SUBJECTS))],
            "venue": self._draw(random),
            "words": flat(random, 1)[0],
        }
        return self._placed(mixed(parts, QUERY_PARTS), self._text_axis, TEXT_CONE)

    def _block(self, first: int) -> Block:
        random = np.random.default_rng((self._seed, 2, first))
        styles = random.choice(STYLES, p=self.style_shares, size=VENUES_PER_BLOCK)
        own = self._draw(random, VENUES_PER_BLOCK)
        photos = self._photos(random, styles, own)
        parts = {"style": self._styles[styles], "venue": own, "words": flat(random, len(styles))}
        return Block(first, styles, photos, self._placed(mixed(parts, TOLD_PARTS), self._text_axis, TEXT_CONE))

    def _photos(self, random: np.random.Generator, styles: Numbers, own: NDArray[np.float32]) -> Vectors:
        shape = (len(styles), PHOTOS_PER_VENUE)
        parts = {
            "style": self._styles[styles][:, None],
            "subject": self._subjects[random.choice(SUBJECTS, p=zipf(SUBJECTS), size=shape)],
            "venue": own[:, None],
            "photo": self._draw(random, *shape),
        }
        return self._placed(mixed(parts, PHOTO_PARTS), self._photo_axis, PHOTO_CONE)

    def _draw(self, random: np.random.Generator, *shape: int) -> NDArray[np.float32]:
        """Return `float32 [*shape, D]` of norm about 1, with the spectrum of photos."""
        return random.standard_normal((*shape, DIMENSION), dtype=np.float32) * self._spread

    def _placed(self, own: NDArray[np.float32], axis: NDArray[np.float32], cone: float) -> Vectors:
        """Return unit vectors in the cone around `axis`."""
        turned = unit(own) @ self._turn
        return unit(np.sqrt(cone) * axis + np.sqrt(1 - cone) * turned).astype(np.float16)


def mixed(parts: dict[str, NDArray[np.float32]], shares: dict[str, float]) -> NDArray[np.float32]:
    return sum((np.float32(np.sqrt(share)) * parts[name] for name, share in shares.items()), np.float32(0))


def flat(random: np.random.Generator, rows: int) -> NDArray[np.float32]:
    return unit(random.standard_normal((rows, DIMENSION), dtype=np.float32))


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def zipf(kinds: int, exponent: float = 0.9) -> NDArray[np.float64]:
    shares = np.arange(1, kinds + 1) ** -exponent
    return shares / shares.sum()
