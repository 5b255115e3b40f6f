"""What a peer is asked: to hold photos with three columns, and to answer with venues.

Each is built with its own defaults, or what its guide recommends. A venue's photos crowd each other, so a peer that
knows only photos is asked for more of them until ten venues are among those that came, as its user would have to.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.catalogues import Fields
from benchmarks.clip_like import DIMENSION, PHOTOS_PER_VENUE, Block
from benchmarks.exact_answers import PLACES

Numbers = NDArray[np.int64]
Vector = NDArray[np.float32]
WHERE: Mapping[str, tuple[str, int] | None] = {
    "none": None,
    "10 %": ("city", 0),
    "1 %": ("sauna", 1),
    "10 %, alike": ("barn", 1),
}
"""Filters by their share: the column and its value. Integers all, so that no peer suffers from text."""
EFFORTS = (20, 40, 80, 120, 160, 200, 300, 400, 600, 800, 1200)
"""Candidates that a graph keeps."""
DEPTHS = (20, 40, 80)
"""Photos first asked for."""
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Query:
    """A text, and its embedding `float32 [D]`."""

    text: str
    vector: Vector


@dataclass(frozen=True, slots=True)
class Photos:
    """N photos: `vectors` `float32 [N, D]`, unit rows; `columns` `int64 [N]` by name."""

    vectors: NDArray[np.float32]
    columns: Mapping[str, Numbers]

    @classmethod
    def of(cls, blocks: Sequence[Block], fields: Fields) -> "Photos":
        """Return the photos of some venues, each with its venue's columns."""
        columns = {"city": fields.city, "sauna": fields.sauna, "barn": fields.kind == "barn"}
        return cls(
            np.concatenate([block.photos.reshape(-1, DIMENSION) for block in blocks]).astype(np.float32),
            {name: np.repeat(np.asarray(values, dtype=np.int64), PHOTOS_PER_VENUE) for name, values in columns.items()},
        )

    def batches(self) -> Iterator[tuple[int, int]]:
        """Yield where each batch of rows starts and ends."""
        for start in range(0, len(self.vectors), BATCH):
            yield start, min(start + BATCH, len(self.vectors))

    def passing(self) -> dict[str, NDArray[np.bool_]]:
        """Return `bool [N]` for each filter but the one that all pass."""
        return {name: self.columns[where[0]] == where[1] for name, where in WHERE.items() if where}


class Peer(Protocol):
    """A store of vectors under measurement."""

    name: str
    packages: Sequence[str]
    """Distributions it comes in."""
    is_database: bool
    """Whether it keeps columns and filters by them itself."""
    efforts: Sequence[int]
    """Settings that trade time for recall, least first."""
    depths: Sequence[int]

    def __init__(self, folder: Path) -> None:
        """Import what is needed, and use `folder`, which is empty. ImportError where it is not installed."""

    def build(self, photos: Photos) -> None:
        """Store and index."""

    def widen(self, effort: int) -> None:
        """Use this effort from now on."""

    def venues(self, query: Query, where: str, depth: int) -> Sequence[int]:
        """Return the numbers of the ten best venues that pass the filter named `where`, best first."""


def ten_venues(nearest: Callable[[int], Numbers], depth: int) -> list[int]:
    """Return the venues of the nearest photos, asking for twice as many photos while venues are too few.

    nearest: returns that many photos' numbers, best first, or all that pass.
    """
    while True:
        photos = nearest(depth)
        venues = list(dict.fromkeys((photos // PHOTOS_PER_VENUE).tolist()))[:PLACES]
        if len(venues) == PLACES or len(photos) < depth:
            return venues
        depth *= 2
