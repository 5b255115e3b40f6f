"""Search: words in, ranked venues out, each with the photo that matched."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from threading import Lock
from time import monotonic
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from venuefinder.answers import LeftOutAnswer, PhotoAnswer, SearchAnswer, VenueHit, photo_url
from venuefinder.background import SpaceCatalogue, ensure_background
from venuefinder.domain import EmbeddingSpace, SearchRequest, VenueFilter
from venuefinder.errors import SpaceError
from venuefinder.protocols import TextEncoder
from venuefinder.ranking import RankedVenue, rank
from venuefinder.records import LeftOut, StoredPhoto, StoredSpace, StoredVenue, VenueScores

SPACE_SECONDS = 10.0
"""How long a service trusts what it read of its space before it looks again."""
CACHED_QUERIES = 10_000


class Spaces(SpaceCatalogue, Protocol):
    """Where search finds its embedding space."""

    def require(self, space: EmbeddingSpace) -> StoredSpace:
        """Return the stored space, or raise SpaceError."""


class VenueIndex(Protocol):
    """What finds the venues near a vector."""

    def candidates(
        self, vector: NDArray[np.float32], *, space: StoredSpace, where: VenueFilter, limit: int
    ) -> list[VenueScores]:
        """Return at least `limit` venues that pass `where`, or all there are."""

    def left_out(self, where: VenueFilter) -> LeftOut:
        """Count the venues that `where` drops because the listing does not say."""


class VenueReader(Protocol):
    """Where search reads the venues it found."""

    def by_ids(self, venue_ids: Collection[int]) -> Mapping[int, StoredVenue]:
        """Return the venues of these row ids."""


class QueryEncoder:
    """Encodes queries with the model's template, and remembers the last ones. Thread-safe."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self._remembered: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = Lock()

    @property
    def encoder(self) -> TextEncoder:
        """The encoder behind the cache."""
        return self._encoder

    def encode(self, query: str) -> NDArray[np.float32]:
        """Return the query's embedding, `float32 [D]`, unit norm."""
        with self._lock:
            if query in self._remembered:
                self._remembered.move_to_end(query)
                return self._remembered[query]
        vector: NDArray[np.float32] = self._encoder.encode_texts([query])[0]
        with self._lock:
            self._remembered[query] = vector
            while len(self._remembered) > CACHED_QUERIES:
                self._remembered.popitem(last=False)
        return vector


class Search:
    """The search use case. One for a process; thread-safe."""

    def __init__(self, spaces: Spaces, index: VenueIndex, venues: VenueReader, queries: QueryEncoder) -> None:
        self._spaces = spaces
        self._index = index
        self._venues = venues
        self._queries = queries
        self._space: tuple[float, StoredSpace] | None = None
        self._looking = Lock()

    def answer(self, request: SearchRequest) -> SearchAnswer:
        """Rank the venues that pass the filters. Raises SpaceError when nothing was embedded by this encoder."""
        space = self._current_space()
        vector = self._queries.encode(request.query)
        candidates = self._index.candidates(vector, space=space, where=request.filters, limit=request.limit)
        ranked = rank(candidates, photo=space.photo_background, description=space.text_background, limit=request.limit)
        stored = self._venues.by_ids([venue.venue_id for venue in ranked])
        left_out = self._index.left_out(request.filters)
        return SearchAnswer(
            results=[
                _hit(place, venue, stored[venue.venue_id], space)
                for place, venue in enumerate((venue for venue in ranked if venue.venue_id in stored), start=1)
            ],
            left_out=LeftOutAnswer(
                other_currency=left_out.other_currency,
                unknown_price=left_out.unknown_price,
                unknown_capacity=left_out.unknown_capacity,
            ),
            warnings=self._warnings(request.query, space),
            space=space.space.name,
        )

    def _current_space(self) -> StoredSpace:
        """Return the space as it was at most `SPACE_SECONDS` ago, and while one thread looks again, as it was then."""
        known = self._space
        if known is not None and (monotonic() - known[0] <= SPACE_SECONDS or self._looking.locked()):
            return known[1]
        with self._looking:
            if self._space is None or self._space is known:
                self._space = (monotonic(), self._looked_up())
            return self._space[1]

    def _looked_up(self) -> StoredSpace:
        encoder = self._queries.encoder
        space = ensure_background(self._spaces, encoder, self._spaces.require(encoder.space))
        if space.photo_background is None and space.text_background is None:
            raise SpaceError(f"space {space.space.name!r}: nothing is embedded yet; run: venuefinder ingest PATH")
        return space

    def _warnings(self, query: str, space: StoredSpace) -> list[str]:
        length = space.space.facts.context_length
        tokens = self._queries.encoder.count_tokens([query])[0]
        if tokens <= length:
            return []
        return [f"query: {tokens} tokens, but the encoder reads {length}; what comes after them was not searched"]


def _hit(place: int, ranked: RankedVenue, stored: StoredVenue, space: StoredSpace) -> VenueHit:
    background = space.photo_background
    shown = next((photo for photo in stored.photos.values() if photo.id == ranked.photo_id), None)
    percentile = None
    if background and ranked.cosine is not None:
        percentile = round(background.percentile(ranked.cosine), 2)
    return VenueHit(
        rank=place,
        venue=stored.venue,
        score=round(ranked.score, 4),
        probability=None,
        percentile=percentile,
        photo=photo_answer(shown) if shown else None,
    )


def photo_answer(photo: StoredPhoto) -> PhotoAnswer:
    """Return what callers may know of a photo: not where its original lies."""
    return PhotoAnswer(
        id=photo.id,
        uri=photo.uri,
        url=photo_url(photo.id, photo.content.content_hash),
        caption=photo.caption,
        room=photo.room,
        width=photo.content.width,
        height=photo.content.height,
    )
