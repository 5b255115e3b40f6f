"""Recommend: what somebody likes in, other venues out, each with the reason and the pair of photos that made it alike.

1. What is liked and disliked is found, with the embeddings of its photos and description.
2. Candidates are found: near what is liked, fitting the text, and some by chance, so that there are always enough.
3. Each is scored exactly, by all its photos, and maximal marginal relevance picks those that differ.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np

from venuefinder.answers import LeftOutAnswer
from venuefinder.domain import Venue
from venuefinder.errors import QueryError
from venuefinder.events import Events, Habit
from venuefinder.recommending.candidates import CandidateReading, candidates
from venuefinder.recommending.diversity import diversified
from venuefinder.recommending.examples import ExampleReading, Finder, Known, PictureVectors
from venuefinder.recommending.likeness import Floats, Portraits, Scales, mutual, scales_of, told_alike
from venuefinder.recommending.recommendation import RecommendationAnswer, RecommendationRequest
from venuefinder.recommending.recommended import PageReading, ResultMaker, Scored
from venuefinder.recommending.relative import Compared, narrowed
from venuefinder.recommending.wish import Wish
from venuefinder.records import LeftOut, StoredSpace
from venuefinder.request import SearchRequest, VenueFilter
from venuefinder.searching.asking import Asking, interpreted
from venuefinder.spaces.current_space import CurrentSpace

POOL = 4
"""Candidates for each venue asked for, among which the different ones are chosen."""
LEAST_POOL = 30
REMEMBERED = 12
"""Venues of a user's events that count, the weightiest; as many dismissed ones."""
SAMPLE = 150
"""Venues by which is measured how alike unrelated ones are."""


class RecommendationReading(CandidateReading, ExampleReading, PageReading, Protocol):
    """What one recommendation reads, on one connection."""


class Gallery(Protocol):
    """Where venues are read from."""

    def reading(self, space: StoredSpace) -> AbstractContextManager[RecommendationReading]:
        """Open one connection for all that a recommendation reads of `space`."""

    def listings(self, external_ids: Collection[str]) -> Mapping[str, Venue]:
        """Return the listings of some venues, by external id; those not stored are absent."""


class Recommend:
    """The use case. One for a process; thread-safe."""

    def __init__(
        self, space: CurrentSpace, gallery: Gallery, asking: Asking, pictures: PictureVectors, events: Events
    ) -> None:
        self._space = space
        self._gallery = gallery
        self._asking = asking
        self._pictures = pictures
        self._events = events
        self._scales: tuple[tuple[int, int], Scales] | None = None

    def answer(self, request: RecommendationRequest) -> RecommendationAnswer:
        """Recommend as many venues as are asked for and pass the filters; none of those named as examples.

        Raises SpaceError when nothing was embedded by this encoder, QueryError for what cannot be answered as asked: an
        example that is not there, a comparison with what a listing does not say.
        """
        space = self._space.get()
        asked = self._asking.ask(SearchRequest(query=request.text, filters=request.filters), space)
        where, compared = self._narrowed(asked.where, request)
        with self._gallery.reading(space) as reading:
            finder = Finder(reading, self._pictures, space)
            known = finder.find(like=request.like, dislike=request.dislike)
            done = _unless_given(self._events.habits(request.user), known) if request.user else []
            wish = Wish(
                request=request,
                asked=asked,
                where=where,
                compared=compared,
                liked=[*known["like"], *finder.remembered([it for it in done if it.liked][:REMEMBERED])],
                disliked=[*known["dislike"], *finder.remembered([it for it in done if not it.liked][:REMEMBERED])],
                known=frozenset(it.venue_id for it in done if it.kind != "view"),
            )
            passing = reading.passing(where)
            scales = self._scales_of(reading, space)
            found = candidates(wish, reading, passing)
            scored = _scored(wish, reading, reading.portraits(found), scales)
            results = ResultMaker(wish, scored, space).results(_chosen(wish, found, scored, scales), reading)
            left_out = reading.left_out(where)
        return RecommendationAnswer(
            results=results,
            basis=wish.basis,
            interpreted=interpreted(asked.understood) if request.text else None,
            left_out=_left_out(left_out),
            warnings=[*asked.understood.warnings, *asked.warnings],
            space=space.space.name,
        )

    def _narrowed(self, where: VenueFilter, request: RecommendationRequest) -> tuple[VenueFilter, Sequence[Compared]]:
        named = dict(request.relative.named())
        if not named:
            return where, ()
        venues = self._gallery.listings(set(named.values()))
        for field, external_id in named.items():
            if external_id not in venues:
                raise QueryError(f"relative.{field}: {external_id!r} is not in this catalogue; name a venue that is")
        return narrowed(where, request.relative, venues)

    def _scales_of(self, reading: RecommendationReading, space: StoredSpace) -> Scales:
        """Return how alike unrelated venues are; measured anew when the backgrounds of the space are."""
        key, known = (space.id, space.background_photos), self._scales
        if known is None or known[0] != key:
            sample = reading.some(reading.passing(VenueFilter()), limit=SAMPLE, without=(), seed=0)
            known = self._scales = key, scales_of(reading.portraits(sample))
        return known[1]


def _unless_given(habits: Sequence[Habit], given: Mapping[str, Sequence[Known]]) -> list[Habit]:
    """Return what a user did, without venues that are examples too: those say it themselves."""
    said = {known.venue_id for knowns in given.values() for known in knowns}
    return [habit for habit in habits if habit.venue_id not in said]


def _scored(wish: Wish, reading: RecommendationReading, portraits: Portraits, scales: Scales) -> Scored:
    likenesses = wish.taste.likenesses(portraits, scales)
    scores = wish.taste.scores(likenesses, portraits, scales)
    texts = np.zeros(len(scores))
    if wish.asked.asks_relevance:
        texts = _texts(wish, reading, portraits)
        scores = scores + texts
    return Scored(
        portraits=portraits,
        scores=scores,
        likenesses=likenesses,
        told=np.array([told_alike(known.opinion.sitter, portraits, scales) for known in wish.liked]),
        texts=texts,
    )


def _texts(wish: Wish, reading: RecommendationReading, portraits: Portraits) -> Floats:
    question, texts = wish.asked.question, np.zeros(len(portraits.counts))
    for venue in reading.scores(portraits.venue_ids, question):
        texts[portraits.place_of[venue.venue_id]] = question.formula.score(venue)
    return texts


def _chosen(wish: Wish, found: Sequence[int], scored: Scored, scales: Scales) -> list[int]:
    """Return the places of the venues to show: different ones among the best."""
    request = wish.request
    places = np.array([scored.portraits.place_of[venue_id] for venue_id in found], dtype=np.int64)
    best = places[np.argsort(-scored.scores[places], kind="stable")]
    pool = best[: max(POOL * request.limit, LEAST_POOL)]
    alike = mutual(scored.portraits, pool.tolist(), scales)
    picked = diversified(scored.scores[pool], alike, diversity=request.diversity, limit=request.limit)
    return [int(pool[place]) for place in picked]


def _left_out(found: LeftOut) -> LeftOutAnswer:
    return LeftOutAnswer(
        other_currency=found.other_currency,
        unknown_price=found.unknown_price,
        unknown_capacity=found.unknown_capacity,
    )
