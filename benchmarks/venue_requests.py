"""Studies over judged queries: what to make of phrases left out, of kinds that are named, of pictures beside words.

All are of the sum that search ships; see `venue_ranking`.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from benchmarks.venue_judged import Judged, Query, Venue
from benchmarks.venue_metrics import interval, ndcg
from venuefinder.calibrating.calibration import Background
from venuefinder.searching.ranking import DESCRIPTION_WEIGHT, WORDS_WEIGHT

K = 10
FIRST = 3
"""Places among which venues are counted that have what is left out."""
WEIGHTS = (0.1, 0.2, 0.3, 0.5, 1.0)
PICTURE_WEIGHTS = (0.25, 0.5, 1.0, 2.0)

Scores = NDArray[np.float64]
"""`float64 [venues]`."""


class Scorer:
    """Scores the venues as search does, from their embeddings and the worth of their words."""

    def __init__(self, judged: Judged) -> None:
        self.judged = judged
        self.names = [venue.external_id for venue in judged.venues]
        self.photo, self.description = judged.candidates[0].photo, judged.candidates[0].description

    def score(self, query: Query, *, against: float = 0.0, words: float = 0.0, whole: bool = False) -> Scores:
        """Return the scores, less what is left out: `against` times by pictures and texts, `words` times by words.

        whole: of all the query's words, those that leave something out among them.
        """
        text = query.query if whole else query.asked
        seen = self.best(lambda venue: self._folded(venue.photos, text, query.negatives, against, self.photo))
        told = self.best(
            lambda venue: self._folded(venue.descriptions, text, query.negatives, against, self.description)
        )
        unwanted = sum((self.words(phrase) for phrase in query.negatives), np.zeros(len(seen)))
        worth = self.words(text) - words * unwanted
        return (1 - DESCRIPTION_WEIGHT) * seen + DESCRIPTION_WEIGHT * told + WORDS_WEIGHT * worth

    def words(self, text: str) -> Scores:
        """Return what a text's words are worth."""
        return np.array([self.judged.worth[text][name] for name in self.names])

    def best(self, scores: Callable[[Venue], Scores]) -> Scores:
        """Return the best of some scores of each venue."""
        return np.array([scores(venue).max() for venue in self.judged.venues])

    def cosines(self, embeddings: NDArray[np.float32], text: str) -> Scores:
        """Return the cosine of each embedding with a text."""
        return (embeddings @ self.judged.vectors[text]).astype(np.float64)

    def first(self, scores: Scores) -> list[str]:
        """Return the venues, best first."""
        return [self.names[place] for place in sorted(range(len(scores)), key=lambda i: (-scores[i], self.names[i]))]

    def _folded(
        self,
        embeddings: NDArray[np.float32],
        text: str,
        negatives: Sequence[str],
        against: float,
        background: Background,
    ) -> Scores:
        wanted = _standardised(self.cosines(embeddings, text), background)
        unwanted = [_standardised(self.cosines(embeddings, phrase), background) for phrase in negatives]
        return wanted - against * np.sum(unwanted, axis=0) if unwanted else wanted


def negations(judged: Judged) -> Table:
    """Compare what can be taken from a venue for what it should not have."""
    scorer = Scorer(judged)
    queries = [query for query in judged.queries if query.negatives]
    ways: dict[str, list[Scores]] = {
        "nothing": [scorer.score(query) for query in queries],
        "nothing, and searched as it was typed": [scorer.score(query, whole=True) for query in queries],
    }
    ways |= {f"{w} x photo and description": [scorer.score(query, against=w) for query in queries] for w in WEIGHTS}
    ways |= {f"{w} x best photo above 0": [_penalised(scorer, query, w) for query in queries] for w in WEIGHTS}
    ways |= {f"{w} x words": [scorer.score(query, words=w) for query in queries] for w in (0.5, 1.0, 1.5)}
    ways |= {
        f"{w} x photo and description, 1 x words": [scorer.score(query, against=w, words=1) for query in queries]
        for w in WEIGHTS
    }
    orders = {name: [scorer.first(scores) for scores in found] for name, found in ways.items()}
    gains = {
        name: np.array([ndcg(order, query.relevant, K) for order, query in zip(found, queries, strict=True)])
        for name, found in orders.items()
    }
    shown = Table("taken away", "nDCG@10", "over nothing", f"breaking, of the first {FIRST}")
    shown.title = f"{len(queries)} queries that leave something out"
    for name, found in orders.items():
        breaking = [len(set(order[:FIRST]) & set(query.breaking)) for order, query in zip(found, queries, strict=True)]
        shown.add_row(
            name, f"{gains[name].mean():.3f}", over(gains[name], gains["nothing"]), f"{np.mean(breaking):.2f}"
        )
    return shown


def _penalised(scorer: Scorer, query: Query, weight: float) -> Scores:
    penalties = [
        np.maximum(0, scorer.best(lambda v, p=phrase: _standardised(scorer.cosines(v.photos, p), scorer.photo)))  # type: ignore[misc]  # p is bound
        for phrase in query.negatives
    ]
    taken: Scores = (1 - DESCRIPTION_WEIGHT) * weight * np.sum(penalties, axis=0)
    return scorer.score(query) - taken


def kinds(judged: Judged) -> Table:
    """Compare filtering by a kind that the query names with leaving it to the legs."""
    scorer = Scorer(judged)
    known = {venue.external_id: venue.kind for venue in judged.venues}
    named = {query.query: _named(query, set(known.values())) for query in judged.queries if query.about != "name"}
    queries = [query for query in judged.queries if named.get(query.query)]
    legs = [scorer.first(scorer.score(query)) for query in queries]
    two = [scorer.first(scorer.score(query) - WORDS_WEIGHT * scorer.words(query.asked)) for query in queries]
    kept = [
        [name for name in order if known[name] in named[query.query]]
        for order, query in zip(legs, queries, strict=True)
    ]
    ways = {"photo and description": two, "photo, description and words": legs, "the same, filtered by kind": kept}
    gains = {
        name: np.array([ndcg(order, query.relevant, K) for order, query in zip(found, queries, strict=True)])
        for name, found in ways.items()
    }
    shown = Table("", "nDCG@10", "over three legs", title=f"{len(queries)} queries that name a kind of the catalogue")
    for name, values in gains.items():
        shown.add_row(name, f"{values.mean():.3f}", over(values, gains["photo, description and words"]))
    return shown


def _named(query: Query, known: set[str]) -> set[str]:
    text = query.asked.casefold()
    return {kind for kind in known if kind and re.search(rf"\b{re.escape(kind)}s?\b", text)}


def pictures(judged: Judged) -> Table:
    """Ask with a query and a photo of one venue that answers it, for the others that do."""
    scorer = Scorer(judged)
    asked = [
        (query, place)
        for query in judged.queries
        if query.about not in ("name", "negated") and len(query.relevant) > 1
        for place, venue in enumerate(judged.venues)
        if venue.external_id in query.relevant
    ]
    ways = {"words alone": 0.0} | {f"words and {weight} x the photo": weight for weight in PICTURE_WEIGHTS}
    gains = {
        name: np.array([_others(scorer, query, place, _beside(scorer, query, place, weight)) for query, place in asked])
        for name, weight in ways.items()
    }
    alone = [scorer.best(lambda v, p=place: _like(scorer, v, p)) for _, place in asked]  # type: ignore[misc]  # p is bound
    gains["the photo alone"] = np.array(
        [_others(scorer, query, place, scores) for (query, place), scores in zip(asked, alone, strict=True)]
    )
    shown = Table("", "nDCG@10", "over words alone", title=f"{len(asked)} queries, each with a photo of one answer")
    for name, values in gains.items():
        shown.add_row(name, f"{values.mean():.3f}", over(values, gains["words alone"]))
    return shown


def _beside(scorer: Scorer, query: Query, place: int, weight: float) -> Scores:
    """Return the scores of a query of weight 1 and a photo of this weight, folded as search folds them."""
    share = 1 / (1 + weight)
    seen = scorer.best(
        lambda venue: (
            share * _standardised(scorer.cosines(venue.photos, query.asked), scorer.photo)
            + (1 - share) * _like(scorer, venue, place)
        )
    )
    told = scorer.best(lambda venue: _standardised(scorer.cosines(venue.descriptions, query.asked), scorer.description))
    by_text = DESCRIPTION_WEIGHT * told + WORDS_WEIGHT * scorer.words(query.asked)
    return (1 - DESCRIPTION_WEIGHT * share) * seen + share * by_text


def _like(scorer: Scorer, venue: Venue, place: int) -> Scores:
    asked = scorer.judged.venues[place].photos[0]
    return _standardised((venue.photos @ asked).astype(np.float64), scorer.judged.image)


def _others(scorer: Scorer, query: Query, place: int, scores: Scores) -> float:
    """Return the gain but for the venue whose photo was asked with."""
    asked = scorer.names[place]
    order = [name for name in scorer.first(scores) if name != asked]
    return ndcg(order, {name: grade for name, grade in query.relevant.items() if name != asked}, K)


def _standardised(cosines: Scores, background: Background) -> Scores:
    return (cosines - background.mean) / background.std


def over(values: Scores, base: Scores) -> str:
    """Show a mean difference with its interval, 0 where there is none."""
    if not (values != base).any():
        return "0"
    low, high = interval(values - base)
    return f"{(values - base).mean():+.3f} ({low:+.3f} to {high:+.3f})"
