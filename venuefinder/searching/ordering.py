"""The order of an answer, cut into pages: by relevance, by a listing's field, or the relevant ones by a field first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from venuefinder.records import Evidence, LeftOut, Passing, ShownVenue, VenueScores
from venuefinder.request import Sort, VenueFilter
from venuefinder.searching.near_duplicates import neighbours, repeat, suspects, uncrowd
from venuefinder.searching.paging import DEEPEST, Cursor, places, start_of
from venuefinder.searching.question import Question
from venuefinder.searching.ranking import FLOOR, Formula, RankedVenue, rank

NOTHING_ASKED = Question(photo=None, formula=Formula())


class Reading(Protocol):
    """What one search reads of the index and the catalogue, on one connection."""

    def generation(self) -> str:
        """Return what changes when the index is rebuilt or scores are measured anew."""

    def passing(self, where: VenueFilter) -> Passing:
        """Count the venues that pass."""

    def left_out(self, where: VenueFilter) -> LeftOut:
        """Count the venues that `where` drops because the listing does not say."""

    def candidates(self, question: Question, passing: Passing, *, depth: int) -> list[VenueScores]:
        """Return at least the `depth` best venues that pass, or all there are; in no order."""

    def beyond(
        self, question: Question, passing: Passing, *, without: Collection[int], offset: int, limit: int
    ) -> list[VenueScores]:
        """Return `limit` venues that pass, but for those of `without`, after the `offset` best; in no order."""

    def scores(self, venue_ids: Sequence[int], question: Question) -> list[VenueScores]:
        """Return what each leg of the question is worth for these venues; in no order."""

    def listed(self, where: VenueFilter, sort: Sort, *, offset: int, limit: int, without: Collection[int]) -> list[int]:
        """Return venue rows that pass, in the order of a listing's field, but for those of `without`."""

    def place_of(self, venue: str, where: VenueFilter, sort: Sort, *, guess: int, without: Collection[int]) -> int:
        """Return the place of a venue, by its external id, among all that are listed, from 1; `guess` if gone."""

    def sorted_by(self, where: VenueFilter, sort: Sort, *, only: Collection[int]) -> list[int]:
        """Return these venue rows in the order of a listing's field."""

    def embeddings(self, photo_ids: Collection[int]) -> Mapping[int, NDArray[np.float32]]:
        """Return the embedding `float32 [D]` of some photos."""

    def evidence(self, venue_ids: Sequence[int]) -> Evidence:
        """Return the embeddings of all photos of some venues."""

    def shown(self, photo_of: Mapping[int, int | None]) -> Mapping[int, ShownVenue]:
        """Return each venue, by row id, with the photo asked for, None: its first."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some consecutive venues of an order, after `offset` others."""

    offset: int
    venues: list[RankedVenue]
    ends: bool = False
    """Nothing comes after, although more venues pass."""


class Order(Protocol):
    """An order of the venues that pass."""

    def slice(self, cursor: Cursor | None, limit: int) -> Slice:
        """Return the page that the cursor begins."""


@dataclass(frozen=True, slots=True)
class ByRelevance:
    """Best match first; `strict` ends before the first match below the floor."""

    reading: Reading
    question: Question
    passing: Passing
    strict: bool = False

    def slice(self, cursor: Cursor | None, limit: int) -> Slice:
        """Return the page that the cursor begins."""
        before = cursor.offset if cursor else 0
        if before >= self.passing.total:
            return Slice(before, [])
        first = self.first(min(before + limit, DEEPEST))
        start = before if before >= DEEPEST else start_of(cursor, [venue.scores.external_id for venue in first])
        if start > before:
            first = self.first(min(start + limit, DEEPEST))
        page = first[start : start + limit]
        if len(page) < limit and len(first) == DEEPEST:
            page += self._beyond(first, max(start - DEEPEST, 0), limit - len(page))
        strong = [venue for venue in page if venue.score >= FLOOR]
        return Slice(start, strong, ends=len(strong) < len(page)) if self.strict else Slice(start, page)

    def first(self, end: int) -> list[RankedVenue]:
        """Return the venues of places 1 to `end`, 1,000 at most; fewer where no more pass."""
        return places(end, self._search)

    def _beyond(self, first: Sequence[RankedVenue], offset: int, limit: int) -> list[RankedVenue]:
        without = {venue.venue_id for venue in first}
        rest = self.reading.beyond(self.question, self.passing, without=without, offset=offset, limit=limit)
        return rank(rest, self.question.formula)

    def _search(self, depth: int) -> list[RankedVenue]:
        formula = self.question.formula
        ranked = rank(self.reading.candidates(self.question, self.passing, depth=depth), formula)
        scores, rest = [venue.scores for venue in ranked[: 2 * depth]], ranked[2 * depth :]
        vectors = self.reading.embeddings(neighbours(scores[:depth]))
        if not repeat(vectors):
            return ranked  # those after would only fall
        vectors = {**vectors, **self.reading.embeddings(suspects(scores) - vectors.keys())}
        uncrowded = uncrowd(scores, vectors, nothing=formula.photo.zero)
        return rank([*uncrowded, *(venue.scores for venue in rest)], formula)


@dataclass(frozen=True, slots=True)
class ByListing:
    """By a field of the listing; venues whose listing does not say come last."""

    reading: Reading
    question: Question
    passing: Passing
    sort: Sort

    def slice(self, cursor: Cursor | None, limit: int) -> Slice:
        """Return the page that the cursor begins."""
        offset, where = 0, self.passing.where
        if cursor:
            offset = self.reading.place_of(cursor.after, where, self.sort, guess=cursor.offset, without=())
        ids = self.reading.listed(where, self.sort, offset=offset, limit=limit, without=())
        return Slice(offset, scored(self.reading, ids, self.question))


@dataclass(frozen=True, slots=True)
class StrongByListing:
    """By a field of the listing: first the relevant ones of the best 1,000, then, unless `strict`, all others."""

    reading: Reading
    question: Question
    passing: Passing
    sort: Sort
    strict: bool = False

    def slice(self, cursor: Cursor | None, limit: int) -> Slice:
        """Return the page that the cursor begins."""
        where = self.passing.where
        best = ByRelevance(self.reading, self.question, self.passing).first(DEEPEST)
        strong = {venue.venue_id: venue for venue in best if venue.score >= FLOOR}
        ordered = self.reading.sorted_by(where, self.sort, only=strong)
        offset = self._start(cursor, [strong[venue_id] for venue_id in ordered])
        page = [strong[venue_id] for venue_id in ordered[offset : offset + limit]]
        if self.strict:
            return Slice(offset, page, ends=offset + limit >= len(ordered))
        missing, after = limit - len(page), max(0, offset - len(ordered))
        rest = self.reading.listed(where, self.sort, offset=after, limit=missing, without=strong) if missing else []
        return Slice(offset, page + scored(self.reading, rest, self.question))

    def _start(self, cursor: Cursor | None, strong: Sequence[RankedVenue]) -> int:
        if cursor is None:
            return 0
        names = [venue.scores.external_id for venue in strong]
        if self.strict or cursor.after in names:
            return start_of(cursor, names)
        without = [venue.venue_id for venue in strong]
        where, guess = self.passing.where, cursor.offset - len(strong)
        return len(strong) + self.reading.place_of(cursor.after, where, self.sort, guess=guess, without=without)


def scored(reading: Reading, venue_ids: Sequence[int], question: Question) -> list[RankedVenue]:
    """Return these venues with their scores, in the order given. Venues gone meanwhile are absent."""
    by_id = {venue.venue_id: venue for venue in rank(reading.scores(venue_ids, question), question.formula)}
    return [by_id[venue_id] for venue_id in venue_ids if venue_id in by_id]
