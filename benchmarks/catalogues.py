"""What is known of the venues of a benchmark, apart from their photos: what filters and words ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.clip_like import DIMENSION, STYLES, Block, ClipLike, Numbers, zipf
from venuefinder.domain import EmbeddingSpace, ModelFacts
from venuefinder.protocols import Embeddings
from venuefinder.testing import FakeEncoder

CITIES = ("Bath", "Bristol", "London", "Leeds", "York", "Ghent", "Lyon", "Porto", "Turin", "Graz")
GUESTS = 155
FILTERS: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "50 %": {"guests": GUESTS},
    "10 %": {"city": "Bath"},
    "1 %": {"amenities": {"all": ["sauna"]}},
    "0.1 %": {"amenities": {"all": ["helipad"]}},
    "10 %, alike": {"kind": "barn"},
    "1 %, alike": {"kind": "boat"},
}
"""Filters by the share of venues that pass. The first say nothing of the photos; venues that are `alike` were given
their kind by their style, so that most queries find nothing near that passes: harder for an index."""
KINDS = {"barn": 0.10, "boat": 0.01}
FAITHFUL = 0.9
"""Share of a kind's venues that have one of its styles."""
LARGEST_STYLES = 20
"""Styles that no kind is made of: one alone could be its share."""
SYLLABLES = ("ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su", "ta", "ve")
VOCABULARY = tuple("".join(parts) + "n" for parts in product(SYLLABLES, repeat=3))
"""1,728 words of no language: what they ask for is never mistaken for a filter."""
COMMONEST = 50
"""Words that no style has for its own; how often words come falls as in a language."""
DESCRIPTION_WORDS, OWN_WORDS, QUERY_WORDS = 60, 8, 3
"""Words of a description; those that belong to a style, an eighth of what its descriptions say; words of a query."""


@dataclass(frozen=True, slots=True)
class Fields:
    """What is known of each venue, `[V]` each: the columns that filters ask for."""

    capacity: Numbers
    city: Numbers
    sauna: NDArray[np.bool_]
    helipad: NDArray[np.bool_]
    kind: NDArray[np.str_]

    def passing(self, name: str) -> NDArray[np.bool_]:
        """Return `bool [V]`: which venues pass the filter of that name."""
        return {
            "none": np.ones(len(self.city), dtype=bool),
            "50 %": self.capacity >= GUESTS,
            "10 %": self.city == 0,
            "1 %": self.sauna,
            "0.1 %": self.helipad,
            "10 %, alike": self.kind == "barn",
            "1 %, alike": self.kind == "boat",
        }[name]


class VectorEncoder(FakeEncoder):
    """Encodes texts as a world does, those of a style's own words as of that style; no model: only search is timed."""

    def __init__(self, world: ClipLike) -> None:
        super().__init__()
        facts = ModelFacts(image_size=224, resize_mode="shortest")
        self.space = EmbeddingSpace(encoder="vectors", weights="0" * 64, dimension=DIMENSION, facts=facts)
        self._world = world

    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        """Return `float32 [N, 512]`."""
        vectors = np.empty((len(texts), DIMENSION), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._world.text(text, style_of(text))
        return vectors


def fields_of(world: ClipLike, block: Block) -> Fields:
    """Return what is known of a block's venues."""
    random = np.random.default_rng((1, block.first))
    size = len(block.styles)
    return Fields(
        capacity=random.integers(10, 300, size=size),
        city=random.integers(0, len(CITIES), size=size),
        sauna=random.random(size) < 0.01,
        helipad=random.random(size) < 0.001,
        kind=_kinds(random, world, block.styles),
    )


def all_fields(world: ClipLike, venues: int) -> Fields:
    """Return what is known of the first `venues` venues."""
    found = [fields_of(world, block) for block in world.blocks(venues)]
    return Fields(*(np.concatenate([getattr(one, name) for one in found]) for name in Fields.__slots__))


def descriptions(block: Block) -> list[str]:
    """Return a description for every other venue of a block, "" for the others.

    Like a real one it tells in words what photos show: some are its style's own.
    """
    random = np.random.default_rng((2, block.first))
    shape = (len(block.styles), DESCRIPTION_WORDS)
    chosen = random.choice(len(VOCABULARY), p=zipf(len(VOCABULARY)), size=shape)
    own = own_words()[block.styles]
    places = random.integers(0, OWN_WORDS, size=(len(own), OWN_WORDS))
    chosen[:, :OWN_WORDS] = np.take_along_axis(own, places, axis=1)
    texts = (" ".join(VOCABULARY[word] for word in row) for row in chosen)
    return [text if told else "" for text, told in zip(texts, has_description(block), strict=True)]


def has_description(block: Block) -> NDArray[np.bool_]:
    """Return `bool [V]`."""
    return block.venues % 2 == 0


def query_texts(queries: int) -> list[str]:
    """Return as many queries, each of a few words of one style."""
    random = np.random.default_rng(3)
    styles = random.choice(STYLES, p=zipf(STYLES), size=queries)
    words = [random.choice(own_words()[style], size=QUERY_WORDS, replace=False) for style in styles]
    return [" ".join(VOCABULARY[word] for word in row) for row in words]


@cache
def own_words() -> Numbers:
    """Return `int64 [styles, OWN_WORDS]`: which words of the vocabulary are each style's own."""
    random = np.random.default_rng(4)
    rare = np.arange(COMMONEST, len(VOCABULARY))
    return np.stack([random.choice(rare, size=OWN_WORDS, replace=False) for _ in range(STYLES)])


@cache
def _styles_of_words() -> Mapping[str, frozenset[int]]:
    styles = {word: set[int]() for word in VOCABULARY}
    for style, words in enumerate(own_words()):
        for word in words:
            styles[VOCABULARY[word]].add(style)
    return {word: frozenset(found) for word, found in styles.items()}


def style_of(text: str) -> int | None:
    """Return the first style that has all words of a text for its own, None without one."""
    styles = [_styles_of_words().get(word, frozenset()) for word in text.split()]
    found = frozenset.intersection(*styles) if styles else frozenset()
    return min(found, default=None)


def _kinds(random: np.random.Generator, world: ClipLike, styles: Numbers) -> NDArray[np.str_]:
    """Give venues their kind by their style, and some by chance."""
    kinds = np.full(len(styles), "hall", dtype="<U8")
    taken = LARGEST_STYLES
    for kind, share in KINDS.items():
        among = int(np.cumsum(world.style_shares[taken:]).searchsorted(share)) + 1
        of_style = (styles >= taken) & (styles < taken + among)
        kinds[of_style & (random.random(len(styles)) < FAITHFUL)] = kind
        kinds[random.random(len(styles)) < share * (1 - FAITHFUL)] = kind
        taken += among
    return kinds
