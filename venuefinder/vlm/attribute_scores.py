"""How much a photo looks like each value of the vocabulary, from its embedding alone. Pure numpy.

With e the photo's embedding, v a value's prompt ensemble and n the neutral texts', all of norm 1, a value's likeness is

    l = e . unit(v - n)

and its score is (l - m) / s, m and s the mean and the standard deviation of the photo's likenesses of all values: how
far a value stands out among everything else a description could say of this photo. Scores so compare between photos,
values and encoders. A value with an opposite o (indoors, outdoors) may instead score e . unit(v - o), in [-1, 1]: one
of the two holds for every photo of a place, so neither stands out. How much is enough differs between encoders, though.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from threading import Lock
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from venuefinder.describing.attribute_prompts import NEUTRAL, OPPOSITES, candidates, ensemble
from venuefinder.describing.description import Attribute
from venuefinder.protocols import Embeddings, TextEncoder

Named = tuple[Attribute, str]
VALUES: Final[tuple[Named, ...]] = tuple(
    (attribute, value) for attribute in get_args(Attribute) for value in candidates(attribute)
)
"""The vocabulary, in the order of a description's attributes."""
Scores = NDArray[np.float64]
LEAST = 1e-9
"""What a norm or a deviation is taken to be at least, so that texts that are all alike divide by no zero."""


def prompt_version() -> str:
    """Return what changes whenever a prompt does, 64 hexadecimal digits."""
    return sha256("\n".join(_texts()).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Directions:
    values: Scores
    """`[len(VALUES), D]`, unit rows: from neutral to each value."""
    opposed: dict[int, Scores]
    """`[D]` by place in VALUES, unit: from its opposite to each value that has one."""


class AttributeScores:
    """Scores photos; the prompts are encoded once, when first needed. Thread-safe.

    opposites: values that score against their opposite alone.
    """

    def __init__(self, encoder: TextEncoder, *, opposites: Mapping[Named, str] = OPPOSITES) -> None:
        self._encoder = encoder
        self._opposites = opposites
        self._lock = Lock()

    def of(self, embeddings: Embeddings) -> Scores:
        """Score a photo's `[V, D]` unit embeddings for every value: `float64 [len(VALUES)]`, higher is likelier."""
        scores: Scores = self.of_all(embeddings[None])[0]
        return scores

    def of_all(self, embeddings: Embeddings) -> Scores:
        """Score the `[N, V, D]` unit embeddings of photos: `float64 [N, len(VALUES)]`."""
        photos = _unit(embeddings.mean(axis=1, dtype=np.float64))
        directions = self._encoded()
        likeness = photos @ directions.values.T
        spread = np.maximum(likeness.std(axis=1, keepdims=True), LEAST)
        scores: Scores = (likeness - likeness.mean(axis=1, keepdims=True)) / spread
        for place, direction in directions.opposed.items():
            scores[:, place] = photos @ direction
        return scores

    def warm(self) -> None:
        """Encode the prompts, if they were not yet."""
        self._encoded()

    def _encoded(self) -> _Directions:
        with self._lock:
            return self._directions

    @cached_property
    def _directions(self) -> _Directions:
        texts = _texts()
        rows = dict(zip(texts, self._encoder.encode_texts(texts).astype(np.float64), strict=True))
        means = {
            named: _unit(np.mean([rows[text] for text in ensemble(*named)], axis=0, dtype=np.float64))
            for named in VALUES
        }
        neutral = _unit(np.mean([rows[text] for text in NEUTRAL], axis=0, dtype=np.float64))
        return _Directions(
            values=np.stack([_unit(means[named] - neutral) for named in VALUES]),
            opposed={
                VALUES.index(named): _unit(means[named] - means[named[0], other])
                for named, other in self._opposites.items()
            },
        )


def _texts() -> list[str]:
    """Return every text once."""
    return list(dict.fromkeys([*NEUTRAL, *(text for named in VALUES for text in ensemble(*named))]))


def _unit(vectors: Scores) -> Scores:
    rows: Scores = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), LEAST)
    return rows
