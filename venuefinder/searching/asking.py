"""From a request to what is asked of the index: words understood and encoded, pictures found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from venuefinder.answers import CandidateAnswer, InterpretedAnswer, PartAnswer
from venuefinder.query.interpretation import Interpretation, Part
from venuefinder.query.parse import interpret, plain
from venuefinder.query.vocabulary import Gazetteer, Vocabulary
from venuefinder.records import StoredSpace
from venuefinder.request import ImageQuery, SearchRequest, Sort, VenueFilter
from venuefinder.searching.clauses import Clause, clauses_of
from venuefinder.searching.ordering import NOTHING_ASKED
from venuefinder.searching.query_encoder import EncodedQuery, QueryEncoder
from venuefinder.searching.question import Question, Term, Wording, question_of


class PictureVectors(Protocol):
    """Where pictures to search with are found."""

    def vectors(self, images: Sequence[ImageQuery], space: StoredSpace) -> NDArray[np.float32]:
        """Return `float32 [K, D]`, unit norm, or raise QueryError for one that is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request understood and encoded."""

    request: SearchRequest
    understood: Interpretation
    question: Question
    asks_relevance: bool
    """Whether anything visual was asked: words that are no filters, or pictures."""
    clauses: Sequence[tuple[Clause, NDArray[np.float32] | None]]
    """Each with its embedding `float32 [D]`, None where no photo could show it."""
    warnings: Sequence[str]

    @property
    def where(self) -> VenueFilter:
        """The filters, given and understood."""
        return self.understood.filters

    @property
    def sort(self) -> Sort:
        """The order asked for, or what suits the request best: nothing is relevant where all words became filters."""
        if self.request.sort and (self.request.sort != "relevance" or self.asks_relevance):
            return self.request.sort
        if self.asks_relevance:
            return "relevance"
        return "distance" if self.where.near else "name"


class Asking:
    """Understands and encodes requests. Thread-safe."""

    def __init__(
        self, queries: QueryEncoder, pictures: PictureVectors, vocabulary: Vocabulary, gazetteer: Gazetteer
    ) -> None:
        self._queries = queries
        self._pictures = pictures
        self._vocabulary = vocabulary
        self._gazetteer = gazetteer

    @property
    def queries(self) -> QueryEncoder:
        """What encodes the words."""
        return self._queries

    def ask(self, request: SearchRequest, space: StoredSpace) -> Asked:
        """Return what is asked of the index of `space`. Raises QueryError for what cannot be answered as asked."""
        understood = self._understood(request)
        clauses = clauses_of(understood, request.filters)
        encoded = self._encoded(understood, clauses)
        images = self._pictures.vectors(request.images, space)
        wording = _wording(understood, encoded, request.query_weight) if understood.text else None
        terms = [Term(vector, image.weight) for vector, image in zip(images, request.images, strict=True)]
        asks_relevance = wording is not None or bool(terms)
        return Asked(
            request=request,
            understood=understood,
            question=question_of(wording, terms, space) if asks_relevance else NOTHING_ASKED,
            asks_relevance=asks_relevance,
            clauses=[(clause, encoded[clause.phrase].vector if clause.is_visual else None) for clause in clauses],
            warnings=_warnings(encoded[understood.text].tokens, space) if wording else (),
        )

    def _encoded(self, understood: Interpretation, clauses: Sequence[Clause]) -> dict[str, EncodedQuery]:
        """Return every text's embedding, all of them asked for at once."""
        texts = [understood.text, *understood.negatives, *(clause.phrase for clause in clauses if clause.is_visual)]
        texts = [text for text in dict.fromkeys(texts) if text]
        return dict(zip(texts, self._queries.encode_all(texts), strict=True))

    def _understood(self, request: SearchRequest) -> Interpretation:
        query = request.query or ""
        if not request.interpret or not query:
            return plain(query, request.filters, vocabulary=self._vocabulary, gazetteer=self._gazetteer)
        return interpret(
            query,
            request.filters,
            vocabulary=self._vocabulary,
            gazetteer=self._gazetteer,
            switch_off=request.switch_off,
        )


def _wording(understood: Interpretation, encoded: Mapping[str, EncodedQuery], weight: float) -> Wording:
    negatives = {phrase: encoded[phrase].vector for phrase in understood.negatives}
    return Wording(text=understood.text, term=Term(encoded[understood.text].vector, weight), negatives=negatives)


def _warnings(tokens: int, space: StoredSpace) -> Sequence[str]:
    read = space.space.facts.context_length
    if tokens <= read:
        return ()
    return [f"query: {tokens} tokens, but the encoder reads {read}; what comes after them was not searched"]


def interpreted(understood: Interpretation) -> InterpretedAnswer:
    """Return how a query was understood, for callers."""
    return InterpretedAnswer(
        text=understood.text,
        negatives=list(understood.negatives),
        filters=understood.filters,
        parts=[_part(part) for part in understood.parts],
    )


def _part(part: Part) -> PartAnswer:
    return PartAnswer(
        text=part.words,
        span=part.span,
        kind=part.kind,
        meaning=dict(part.meaning),
        applied=part.applied,
        note=part.note,
        candidates=[
            CandidateAnswer(name=place.name, latitude=place.latitude, longitude=place.longitude)
            for place in part.candidates
        ],
    )
