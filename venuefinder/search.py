"""Search: words in, ranked venues out, each with the photo that matched."""

from collections.abc import Mapping
from threading import Lock
from time import monotonic
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from venuefinder.answers import LeftOutAnswer, PhotoAnswer, SearchAnswer, VenueHit, photo_url
from venuefinder.background import SpaceCatalogue, ensure_background
from venuefinder.domain import EmbeddingSpace, Venue
from venuefinder.errors import SpaceError
from venuefinder.query_encoder import QueryEncoder
from venuefinder.ranking import RankedVenue, rank
from venuefinder.records import LeftOut, StoredPhoto, StoredSpace, VenueScores
from venuefinder.request import SearchRequest, VenueFilter

SPACE_SECONDS = 10.0
"""How long a service trusts what it read of its space before it looks again."""


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

    def shown(self, photo_of: Mapping[int, int | None]) -> Mapping[int, tuple[Venue, StoredPhoto | None]]:
        """Return each venue, by row id, with the one photo asked for."""


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
        query = self._queries.encode(request.query)
        candidates = self._index.candidates(query.vector, space=space, where=request.filters, limit=request.limit)
        ranked = rank(candidates, photo=space.photo_background, description=space.text_background, limit=request.limit)
        shown = self._venues.shown({venue.venue_id: venue.photo_id for venue in ranked})
        still_there = [venue for venue in ranked if venue.venue_id in shown]
        left_out = self._index.left_out(request.filters)
        return SearchAnswer(
            results=[
                _hit(place, venue, shown[venue.venue_id], space) for place, venue in enumerate(still_there, start=1)
            ],
            left_out=LeftOutAnswer(
                other_currency=left_out.other_currency,
                unknown_price=left_out.unknown_price,
                unknown_capacity=left_out.unknown_capacity,
            ),
            warnings=_warnings(query.tokens, space.space.facts.context_length),
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


def _warnings(tokens: int, context_length: int) -> list[str]:
    if tokens <= context_length:
        return []
    return [f"query: {tokens} tokens, but the encoder reads {context_length}; what comes after them was not searched"]


def _hit(place: int, ranked: RankedVenue, shown: tuple[Venue, StoredPhoto | None], space: StoredSpace) -> VenueHit:
    background, calibrator = space.photo_background, space.calibrator
    venue, photo = shown
    percentile = None
    if background and ranked.cosine is not None:
        percentile = round(background.percentile(ranked.cosine), 2)
    return VenueHit(
        rank=place,
        venue=venue,
        score=round(ranked.score, 4),
        probability=round(calibrator.probability(ranked.score), 4) if calibrator else None,
        percentile=percentile,
        photo=photo_answer(photo) if photo else None,
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
