"""What is carried from one catalogue to another, as the store hands it out and takes it in.

Venues and photos go by numbers, ascending, that mean nothing outside the files that carry them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from venuefinder.calibrating.fusion import MeasuredFusion
from venuefinder.domain import Venue
from venuefinder.records import Chunk, PhotoDraft, StoredSpace, VenueDraft

HalfVectors = NDArray[np.float16]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedFusion:
    """What a vision-language model's score is worth in a space; `key`, `backend` and `model` as `ModelIdentity` has."""

    key: str
    backend: str
    model: str
    measured: MeasuredFusion


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedSpace:
    """A space with all that was measured and fitted in it."""

    stored: StoredSpace
    fusions: tuple[CarriedFusion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVenue:
    """A venue, where it came from, and its number."""

    number: int
    venue: Venue
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPhoto:
    """A photo of a venue, with its number; `draft` has its content, and its look where that is of this version."""

    number: int
    venue: int
    external_id: str
    """Of its venue."""
    draft: PhotoDraft
    duplicate_of: int | None = None
    """The number of the photo that is shown instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """Embeddings in one space, in the order of venues: of photos by view, or of descriptions by chunk."""

    venues: NDArray[np.int64]
    """`[N]`."""
    photos: NDArray[np.int64] | None
    """`[N]`; None of descriptions."""
    places: NDArray[np.int16]
    """The view or the chunk: `[N]`."""
    embeddings: HalfVectors
    """`float16 [N, D]`, as they are stored, to the bit."""
    contents: tuple[str, ...] = ()
    """What each chunk says; empty for photos."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What kind of photo one is, said by the embeddings of a space. `version`: of the prompts that told it."""

    version: str
    tags: tuple[str, ...]
    probabilities: tuple[float | None, ...]
    """Of each tag, None for a guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTags:
    """The tags of a photo."""

    venue: int
    photo: int
    tags: Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedEmbeddings:
    """What one venue has in one space; photos by their uri."""

    photos: Mapping[str, HalfVectors] = field(default_factory=dict)
    """`float16 [V, D]` each."""
    chunks: tuple[Chunk, ...] = ()
    tags: Mapping[str, Tags] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedVenue:
    """A venue as it should be stored, with its embeddings by the number of the space that takes them."""

    draft: VenueDraft
    """Photos with content and without embeddings; no chunks."""
    embeddings: Mapping[int, CarriedEmbeddings]


@dataclass(slots=True, kw_only=True)
class Taken:
    """What became of what was carried."""

    venues_new: int = 0
    venues_updated: int = 0
    venues_unchanged: int = 0
    photos_new: int = 0
    photos_updated: int = 0
    photos_unchanged: int = 0
    embedded: int = 0
    """Photos that got embeddings, in each space counted anew."""
    described: int = 0
    """Descriptions that did."""

    @property
    def photos(self) -> int:
        """How many photos were looked at."""
        return self.photos_new + self.photos_updated + self.photos_unchanged

    def add(self, other: "Taken") -> None:
        """Count what another batch did."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def as_json(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}
