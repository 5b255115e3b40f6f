"""Labelled pairs as a rerank meets them: a query's venues with retrieval's scores and the photos that matched."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from venuefinder.calibrating.background import ensure_background
from venuefinder.calibrating.calibrate import VenueScorer, refuse_unknown
from venuefinder.calibrating.labelled_pairs import LabelledPair
from venuefinder.records import StoredSpace
from venuefinder.request import SearchRequest
from venuefinder.reranking.task import MOST_TEXT, Candidate, RerankTask
from venuefinder.searching.asking import Asking
from venuefinder.searching.ranking import rank
from venuefinder.spaces.current_space import Spaces


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledQuery:
    """A query, its venues in retrieval's order, and which of them match."""

    query: str
    task: RerankTask
    matches: dict[str, bool]
    """By external id."""


class LabelledVenues:
    """Asks retrieval for the venues of labelled pairs, in the encoder's space."""

    def __init__(self, spaces: Spaces, index: VenueScorer, asking: Asking) -> None:
        self._spaces = spaces
        self._index = index
        self._asking = asking

    def space(self) -> StoredSpace:
        """Return the space with its backgrounds; raises SpaceError where nothing is embedded in it."""
        encoder = self._asking.queries.encoder
        return ensure_background(self._spaces, encoder, self._spaces.require(encoder.space))

    def of(self, pairs: Sequence[LabelledPair], space: StoredSpace) -> list[LabelledQuery]:
        """Return the pairs by query. Raises InputError for venues that are not there or not embedded."""
        by_query: dict[str, list[LabelledPair]] = defaultdict(list)
        for pair in pairs:
            by_query[pair.query].append(pair)
        found = [self._query(query, of_one, space) for query, of_one in by_query.items()]
        refuse_unknown(list(_missing(pairs, found)), space)
        return found

    def _query(self, query: str, pairs: Sequence[LabelledPair], space: StoredSpace) -> LabelledQuery:
        asked = self._asking.ask(SearchRequest(query=query), space)
        scores = self._index.scores_of([pair.external_id for pair in pairs], asked.question, space=space)
        embedded = [venue for venue in scores if venue.photos or venue.description is not None]
        candidates = tuple(
            Candidate(venue.scores.external_id, venue.photo_id, venue.score)
            for venue in rank(embedded, asked.question.formula)
        )
        return LabelledQuery(
            query=query,
            task=RerankTask(text=asked.understood.text[:MOST_TEXT], candidates=candidates),
            matches={pair.external_id: pair.relevant for pair in pairs},
        )


def _missing(pairs: Sequence[LabelledPair], found: Sequence[LabelledQuery]) -> Iterator[LabelledPair]:
    there = {(query.query, external_id) for query in found for external_id in query.task.order}
    return (pair for pair in pairs if (pair.query, pair.external_id) not in there)
