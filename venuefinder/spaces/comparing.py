"""Ask two spaces the same queries: how much of the results they share, how fast each is, which one finds better."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log2
from time import perf_counter
from typing import Any, Literal, Protocol

import numpy as np

from venuefinder.answers import SearchAnswer
from venuefinder.calibrating.background_queries import BACKGROUND_QUERIES
from venuefinder.calibrating.labelled_pairs import LabelledPair
from venuefinder.request import ImageQuery, SearchRequest

NDCG_DEPTH = 10
WARMING = 8
"""Queries asked of each space before any is timed; none of them is asked again."""

Kind = Literal["words", "photo"]


class Searches(Protocol):
    """What answers searches in one space: `search.Search`."""

    def answer(self, request: SearchRequest) -> SearchAnswer:
        """Rank the venues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedQuery:
    """A query: words, or a stored photo, which finds its own venue in any space, so that this one is left out."""

    words: str | None = None
    photo_id: int | None = None
    own: str | None = None
    """External id of the photo's venue."""

    @property
    def kind(self) -> Kind:
        """What it asks with."""
        return "words" if self.words else "photo"

    def request(self, limit: int) -> SearchRequest:
        """Return the search: words as they are, nothing of them read as filters, which are no business of a space."""
        images = () if self.photo_id is None else (ImageQuery(photo_id=self.photo_id),)
        return SearchRequest(query=self.words, images=images, limit=limit, interpret=False, rerank=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """How one space did. Milliseconds a search; `ndcg`: None without labelled pairs."""

    space: str
    p50: float
    p95: float
    ndcg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two spaces have in common, and what not."""

    k: int
    queries: Mapping[Kind, int]
    overlap: Mapping[Kind, float]
    """Share of the first k results of one that the other has among its own, in [0, 1], by kind of query."""
    sides: tuple[Side, Side]
    labelled: int = 0
    """Queries that nDCG@10 is the mean of: those with a venue that matches."""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def compare(
    spaces: Mapping[str, Searches],
    queries: Sequence[ComparedQuery],
    *,
    k: int,
    pairs: Sequence[LabelledPair] = (),
) -> Comparison:
    """Compare two spaces, given by name, on queries asked of both by turns.

    Raises what searching raises, and SpaceError where nothing is embedded in one of them.
    """
    first, second = spaces
    for words in BACKGROUND_QUERIES[:WARMING]:
        for searches in spaces.values():
            searches.answer(ComparedQuery(words=words).request(k))
    seconds: dict[str, list[float]] = {name: [] for name in spaces}
    shares: dict[Kind, list[float]] = {}
    for number, query in enumerate(queries):
        found = {}
        for name in (first, second) if number % 2 else (second, first):
            found[name] = _asked(spaces[name], query, k, seconds[name].append)
        shares.setdefault(query.kind, []).append(overlap(found[first], found[second]))
    labels = _matches(pairs)
    return Comparison(
        k=k,
        queries={kind: len(of_kind) for kind, of_kind in shares.items()},
        overlap={kind: float(np.mean(of_kind)) for kind, of_kind in shares.items()},
        sides=(
            _side(first, seconds[first], spaces[first], labels),
            _side(second, seconds[second], spaces[second], labels),
        ),
        labelled=len(labels),
    )


def overlap(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the share of the longer list that both have; 1 for two empty ones."""
    longest = max(len(one), len(other))
    return len(set(one) & set(other)) / longest if longest else 1.0


def ndcg_at_10(found: Sequence[str], matches: set[str]) -> float:
    """Return nDCG@10 of venues that match or not: Järvelin and Kekäläinen, 2002, with gains 1 and 0.

    Venues that nobody labelled count as no match, as TREC's measures have it.
    """
    gained = sum(1 / log2(place + 2) for place, venue in enumerate(found[:NDCG_DEPTH]) if venue in matches)
    return gained / sum(1 / log2(place + 2) for place in range(min(len(matches), NDCG_DEPTH)))


def _asked(searches: Searches, query: ComparedQuery, k: int, timed: Callable[[float], None]) -> list[str]:
    request = query.request(k if query.own is None else min(k + 1, 100))
    started = perf_counter()
    answer = searches.answer(request)
    timed(perf_counter() - started)
    found = [hit.venue.external_id for hit in answer.results]
    return [venue for venue in found if venue != query.own][:k]


def _matches(pairs: Sequence[LabelledPair]) -> dict[str, set[str]]:
    matches: dict[str, set[str]] = {}
    for pair in pairs:
        if pair.relevant:
            matches.setdefault(pair.query, set()).add(pair.external_id)
    return matches


def _side(name: str, seconds: Sequence[float], searches: Searches, labels: Mapping[str, set[str]]) -> Side:
    p50, p95 = (1000 * float(np.percentile(seconds, place)) for place in (50, 95)) if seconds else (0.0, 0.0)
    return Side(space=name, p50=p50, p95=p95, ndcg=float(np.mean(list(_ndcgs(searches, labels)))) if labels else None)


def _ndcgs(searches: Searches, labels: Mapping[str, set[str]]) -> Iterator[float]:
    for words, matches in labels.items():
        request = SearchRequest(query=words, limit=NDCG_DEPTH, rerank=False)  # read as a user's words are
        yield ndcg_at_10([hit.venue.external_id for hit in searches.answer(request).results], matches)
