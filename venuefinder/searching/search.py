"""Search: a request in, ranked venues out, each with the photo that matched and a mark for every clause."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from venuefinder.answers import (
    FacetValue,
    LeftOutAnswer,
    SearchAnswer,
)
from venuefinder.records import Passing, StoredSpace
from venuefinder.request import SearchRequest, VenueFilter
from venuefinder.searching.asking import Asked, Asking, interpreted
from venuefinder.searching.hits import HitMaker, Page, proofs_of
from venuefinder.searching.ordering import ByListing, ByRelevance, Order, Reading, Slice, StrongByListing
from venuefinder.searching.paging import Cursor, fingerprint, read_cursor
from venuefinder.searching.relief import relief
from venuefinder.spaces.current_space import CurrentSpace

READ_AT_ONCE = 50
"""Venues whose photos' embeddings are in memory at once: each may have hundreds."""
FacetCounts = Mapping[str, Sequence[tuple[str | float | bool, int]]]


class VenueIndex(Protocol):
    """What finds the venues near a question."""

    def reading(self, space: StoredSpace) -> AbstractContextManager[Reading]:
        """Open one connection for all that a search reads of `space`."""


class FacetCounter(Protocol):
    """What counts the venues by what they have."""

    def count(self, where: VenueFilter, names: Sequence[str]) -> FacetCounts:
        """Return each facet's values with their venues, among those that pass all other filters."""


class Search:
    """The search use case. One for a process; thread-safe."""

    def __init__(self, space: CurrentSpace, index: VenueIndex, asking: Asking, facets: FacetCounter) -> None:
        self._space = space
        self._index = index
        self._asking = asking
        self._facets = facets

    def answer(self, request: SearchRequest) -> SearchAnswer:
        """Rank the venues that pass the filters.

        Raises SpaceError when nothing was embedded by this encoder, QueryError for what cannot be answered as asked: an
        ambiguous place, a picture that is not there, a cursor of something else.
        """
        space = self._space.get()
        asked = self._asking.ask(request, space)
        with self._index.reading(space) as reading:
            passing = reading.passing(asked.where)
            cursor = read_cursor(request, reading.generation()) if request.cursor else None
            found = _order(asked, reading, passing).slice(cursor, request.limit)
            page = _page(asked, space, found, reading)
            after = _next_cursor(request, found, passing, reading)
            relax = relief(asked, found, reading, passing)
            left_out = reading.left_out(asked.where)
        return SearchAnswer(
            results=_hit_maker(asked, space).hits(page),
            total=passing.total,
            interpreted=interpreted(asked.understood),
            facets=self._counted(asked.where, request.facets),
            next_cursor=after.encode() if after else None,
            relax=relax,
            left_out=LeftOutAnswer(
                other_currency=left_out.other_currency,
                unknown_price=left_out.unknown_price,
                unknown_capacity=left_out.unknown_capacity,
            ),
            warnings=[*asked.understood.warnings, *asked.warnings],
            space=space.space.name,
        )

    def _counted(self, where: VenueFilter, names: Sequence[str]) -> dict[str, list[FacetValue]]:
        counts = self._facets.count(where, names) if names else {}
        return {
            name: [FacetValue(value=value, count=count) for value, count in values] for name, values in counts.items()
        }


def _order(asked: Asked, reading: Reading, passing: Passing) -> Order:
    if asked.sort == "relevance":
        return ByRelevance(reading, asked.question, passing, asked.request.strict)
    if asked.asks_relevance:
        return StrongByListing(reading, asked.question, passing, asked.sort, asked.request.strict)
    return ByListing(reading, asked.question, passing, asked.sort)


def _page(asked: Asked, space: StoredSpace, found: Slice, reading: Reading) -> Page:
    """Return what hits are made of; photos' embeddings only where a rule says what they must reach to be seen."""
    clauses, vectors = [clause for clause, _ in asked.clauses], [vector for _, vector in asked.clauses]
    ids = [venue.venue_id for venue in found.venues]
    looks = space.seen is not None and any(vector is not None for vector in vectors)
    groups = [ids[start : start + READ_AT_ONCE] for start in range(0, len(ids), READ_AT_ONCE)] if looks else []
    proofs = (proofs_of(reading.evidence(group), vectors) for group in groups)
    return Page(
        offset=found.offset,
        ranked=found.venues,
        shown=reading.shown({venue.venue_id: venue.photo_id for venue in found.venues}),
        proofs={venue_id: found for group in proofs for venue_id, found in group.items()},
        clauses=clauses,
    )


def _hit_maker(asked: Asked, space: StoredSpace) -> HitMaker:
    return HitMaker(
        space=space,
        question=asked.question,
        where=asked.where,
        background=space.photo_background if asked.understood.text else space.image_background,
        asks_relevance=asked.asks_relevance,
        by_price=asked.sort in ("price", "-price"),
        explain=asked.request.explain,
    )


def _next_cursor(request: SearchRequest, found: Slice, passing: Passing, reading: Reading) -> Cursor | None:
    end = found.offset + len(found.venues)
    if found.ends or not found.venues or end >= passing.total:
        return None
    return Cursor(
        offset=end,
        after=found.venues[-1].scores.external_id,
        query=fingerprint(request),
        generation=reading.generation(),
    )
