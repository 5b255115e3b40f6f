"""What use cases hand to the store and get back: frozen dataclasses, one a row or a group of rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from venuefinder.calibrating.calibration import Background, Calibrator
from venuefinder.calibrating.evidence import SeenRule
from venuefinder.domain import EmbeddingSpace, Flag, PhotoLook, Venue
from venuefinder.errors import FailureKind
from venuefinder.protocols import Embeddings
from venuefinder.request import VenueFilter

RunState = Literal["done", "failed", "interrupted", "cancelled"]
"""How an ingestion run ended."""
IndexKind = Literal["hnsw", "exact", "binary"]
"""How nearest embeddings are found: by HNSW over half-precision vectors, by reading them all, or by HNSW over their
signs, whose finds are then scored by the full vectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFile:
    """The original: enough to tell without reading it whether it changed."""

    location: str
    """Where the original is; never shown to API callers. One of: an absolute path; `upload:<sha256>`, in our own store;
    a URL with the scheme http, https, s3, gs or az; `tar:<offset>:<size>:<path or URL>`, bytes within a shard;
    `inline:<sha256>`, came inside a manifest."""
    size: int
    """Bytes; 0 where that is not known before reading."""
    mtime_ns: int | None
    """Modification time in nanoseconds; None where there is none."""
    copied: bool = False
    """Whether the bytes are in our own store too, by their hash, and read from there. Always for `inline:`."""

    @property
    def kept(self) -> bool:
        """Whether the bytes are in our own store, uploads among them."""
        return self.copied or self.location.startswith("upload:")

    def still(self, stored: "PhotoFile") -> bool:
        """Return whether this, as a source tells it, is the stored file: what a source cannot tell is no difference."""
        size, mtime_ns = self.size or stored.size, self.mtime_ns if self.mtime_ns is not None else stored.mtime_ns
        return (self.location, size, mtime_ns, self.copied) == (
            stored.location,
            stored.size,
            stored.mtime_ns,
            stored.copied,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoContent:
    """What decoding found in the bytes."""

    content_hash: bytes
    """SHA-256, 32 bytes."""
    width: int
    height: int
    format: str
    look: PhotoLook | None = None
    """What it looks like, where that was computed; None keeps what is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoDraft:
    """A photo of a venue as it should be stored.

    `embeddings` is `float32 [V, D]`, or None to keep those stored; `content` likewise.
    """

    uri: str
    file: PhotoFile
    room: str | None = None
    caption: str | None = None
    position: int = 0
    content: PhotoContent | None = None
    embeddings: Embeddings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of a description that fits the text tower's context, with its embedding `float32 [D]`."""

    content: str
    embedding: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueDraft:
    """A venue as it should be stored. Photos not named in `photos` stay as they are."""

    venue: Venue
    source: str | None
    photos: tuple[PhotoDraft, ...] = ()
    chunks: tuple[Chunk, ...] | None = None
    """The description's embeddings; None keeps those stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPhoto:
    """A photo as it is stored. `embedded`: whether it has embeddings in the space asked for."""

    id: int
    uri: str
    file: PhotoFile
    content: PhotoContent
    room: str | None
    caption: str | None
    position: int
    embedded: bool = False
    flags: tuple[Flag, ...] = ()
    """Why it shows little of the venue."""
    duplicate_of: int | None = None
    """The photo of the same venue that is shown instead."""
    tags: tuple[str, ...] = ()
    """What kind of photo it is, said by the embeddings of the space asked for."""
    guesses: tuple[str, ...] = ()
    """What else it may be, by the same embeddings: nobody measured how often that is right."""

    @property
    def aside(self) -> bool:
        """Whether it comes after others, or another in its place."""
        return bool(self.flags) or self.duplicate_of is not None


@dataclass(frozen=True, slots=True)
class Tag:
    """A kind of photo: indoors, outdoors, or a type of room."""

    name: str
    probability: float | None = None
    """In [0, 1], by a rule that was borne out for this encoder; None where there is none, and it is a guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Untagged:
    """A photo with embeddings in a space, `float32 [V, D]`, and without tags of the version asked for."""

    id: int
    content_hash: bytes
    flags: tuple[Flag, ...]
    embeddings: Embeddings


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVenue:
    """A venue as it is stored. `described`: whether its description has embeddings in the space asked for."""

    id: int
    venue: Venue
    source: str | None
    photos: Mapping[str, StoredPhoto]
    """By uri, in listing order."""
    described: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueScores:
    """One candidate of a search: cosines in [-1, 1] between the query and what the venue has.

    `photos`: its best photos, (photo id, cosine), best first; empty when it has none.
    `description`: its best chunk's cosine, None without a description.
    `words`: how well the words are found in what the listing says, None where none were asked.
    """

    venue_id: int
    external_id: str
    photos: tuple[tuple[int, float], ...]
    description: float | None
    words: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownVenue:
    """A venue of a page of results: `photo` is the one that matched, `captions` are those of all its photos."""

    venue: Venue
    photo: StoredPhoto | None
    captions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """The venues that pass a filter."""

    where: VenueFilter
    total: int
    ids: tuple[int, ...] | None = None
    """Their rows, where they are few; None: ask the filter again."""
    rows: int = 0
    """About how many photo embeddings they have."""
    all_rows: int = 0
    """About how many there are."""


Evidence = Mapping[int, tuple[tuple[int, NDArray[np.float32]], ...]]
"""Venue row to its photos: id and embeddings `float32 [V, D]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceSample:
    """Some embeddings of a space, the same ones each time."""

    photos: Embeddings
    """`float32 [N, V, D]`."""
    venues: NDArray[np.int64]
    """Whose each photo is: `int64 [N]`."""
    descriptions: Embeddings
    """`float32 [M, D]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """What tuning an approximate index found, when the space held `photos` photos."""

    ef_search: int
    """How many candidates a search keeps, 1 to 1000."""
    recall: float
    """Share of the ten best venues of an exact search that it then finds, in [0, 1]."""
    photos: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFacts:
    """What the database says of a space's photo embeddings and an index of them. Sizes in bytes."""

    rows: int
    """Embeddings; an estimate."""
    dead: int
    """Rows deleted or replaced that still take space; an estimate."""
    table_bytes: int
    index_bytes: int
    """0 without the index."""
    fresh_bytes: int
    """About how large the index would be if it were built now."""
    generation: int
    """Another number once the index was built anew."""
    shared_buffers: int
    """What the server keeps in memory of all its tables and indexes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSpace:
    """A space with its number in the database and its backgrounds, None until they were measured."""

    id: int
    space: EmbeddingSpace
    photo_background: Background | None = None
    text_background: Background | None = None
    image_background: Background | None = None
    """Of photos asked with: cosines of photos of different venues; None also while all are of one venue."""
    background_photos: int = 0
    """How many photos the space held when its backgrounds were measured."""
    calibrator: Calibrator | None = None
    """Turns scores against these backgrounds into probabilities; None until fitted on labelled pairs."""
    seen: SeenRule | None = None
    """From which cosine on a photo is said to show a phrase; None until fitted on labelled pairs."""
    tuned: Tuning | None = None
    """How wide to search the approximate index; None until tuned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Venues that a filter drops because the listing does not say, or says it in another currency.

    A venue says what it or one of its rooms says. Those that kind, city or amenities drop are not counted.
    """

    other_currency: int = 0
    """Priced, but not in the currency asked for."""
    unknown_price: int = 0
    unknown_capacity: int = 0
    """In the layout asked for; any, where none was."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A photo or a venue that could not be ingested."""

    uri: str
    """Of the photo, or the place of the listing."""
    reason: str
    kind: FailureKind
    external_id: str | None = None
    """Of the venue, where its listing could be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outstanding:
    """What a run of what failed takes: venues, and listings that could not be read, by their places."""

    external_ids: frozenset[str]
    places: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.external_ids or self.places)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """An ingestion run."""

    id: int
    source: str
    state: RunState | Literal["running"]
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedRun:
    """An ingestion run that did not come to its end."""

    source: str
    """A path: what `venuefinder ingest` was given."""
    started_at: datetime
    state: Literal["failed", "interrupted"]
