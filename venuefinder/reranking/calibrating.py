"""Calibrate reranking: labelled pairs in, one probability out of retrieval's score and the model's, and what it lifts.

The model scores each pair as a rerank does: the same photos, the same question, and what it said is kept.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

import numpy as np

from venuefinder.calibrating.fusion import Fusion, Lift, MeasuredFusion, fit_fusion, held_out, measure_lift
from venuefinder.calibrating.labelled_pairs import LabelledPair
from venuefinder.calibrating.reliability import brier_score, expected_calibration_error
from venuefinder.errors import ConfigurationError, InputError, VisionOffError
from venuefinder.records import StoredSpace
from venuefinder.reranking.labelled import LabelledQuery, LabelledVenues
from venuefinder.reranking.scoring import Scoring
from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_reading import ModelIdentity

LEAST_PAIRS = 50
LEAST_QUERIES = 10
"""With venues that match and others: below, a standard error over queries says little."""
QUERY_SECONDS = 600.0
"""For the venues of one query; what the model did not get through in that time is left out."""


class FusionKeeper(Protocol):
    """Where fusions are kept: `store.fusions.FusionRepository`."""

    def remember(self, space: StoredSpace, model: ModelIdentity, measured: MeasuredFusion) -> None:
        """Store a fusion; SpaceError when the backgrounds are no longer those of `space`."""


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A labelled pair with both scores."""

    query: str
    retrieval: float
    score: float
    relevant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankReport:
    """What a fusion was fitted on, and how good it is on queries it did not see (cross-validated)."""

    space: str
    model: str
    pairs: int
    matches: int
    unjudged: int
    """Pairs that the model could not score: no photo, none that was read, or no words to ask about."""
    fusion: Fusion
    lift: Lift
    brier: float
    """Brier score, 0 best."""
    brier_of_base_rate: float
    calibration_error: float
    """Expected calibration error, 0 best."""


class Judging:
    """Has a model score the venues of labelled queries."""

    def __init__(self, model: VisionLanguageModel | None, scoring: Scoring, *, photos: int, setting: str) -> None:
        """Raises ConfigurationError for a model that does not rerank. `photos`, `setting`: as `MeasuredFusion` has."""
        if model is None:
            raise VisionOffError
        if model.identity.backend == "zero-shot":
            raise ConfigurationError(
                "VENUEFINDER_VLM: found zero-shot, which compares photos with words just as retrieval does, expected a "
                "model that reranks; set it to transformers:… or openai:…, see .env.example"
            )
        self.identity = model.identity
        self.photos = photos
        self.setting = setting
        self._model = model
        self._scoring = scoring

    def pairs(self, query: LabelledQuery) -> Iterator[JudgedPair]:
        """Yield the query's pairs that could be judged. Raises VisionUnavailableError where the model is down."""
        if not query.task.text:  # every word became a filter: a rerank would not ask either
            return
        retrieval = {it.external_id: it.retrieval or 0.0 for it in query.task.candidates}
        for judged in self._scoring.judged(query.task, self._model, until=monotonic() + QUERY_SECONDS):
            if judged.score is not None:
                name = judged.external_id
                yield JudgedPair(query.query, retrieval[name], judged.score, query.matches[name])


class RerankCalibration:
    """The use case."""

    def __init__(self, venues: LabelledVenues, judging: Judging, store: FusionKeeper) -> None:
        self._venues = venues
        self._judging = judging
        self._store = store

    def fit(self, pairs: Sequence[LabelledPair], told: Callable[[int, int], None] = lambda *_: None) -> RerankReport:
        """Fit a fusion for the encoder's space and the model, measure its lift, and store both.

        `told` hears after each query how many are done, and of how many. Raises InputError where the pairs are too few
        or name venues that are not embedded; then what was stored before stays. What the model said is kept.
        """
        _require_enough([(pair.query, pair.relevant) for pair in pairs], "labelled")
        space = self._venues.space()
        queries, judged = self._venues.of(pairs, space), list[JudgedPair]()
        for done, query in enumerate(queries, start=1):
            judged += self._judging.pairs(query)
            told(done, len(queries))
        _require_enough([(pair.query, pair.relevant) for pair in judged], "that the model could judge")
        return self._measured(judged, space, unjudged=len(pairs) - len(judged))

    def _measured(self, judged: Sequence[JudgedPair], space: StoredSpace, *, unjudged: int) -> RerankReport:
        retrieval, scores = (np.array([getattr(pair, name) for pair in judged]) for name in ("retrieval", "score"))
        matches, queries = np.array([pair.relevant for pair in judged]), [pair.query for pair in judged]
        fused = held_out(retrieval, scores, matches, queries)
        lift = measure_lift(retrieval, scores, fused, matches, queries)
        fusion = fit_fusion(retrieval, scores, matches)
        judging = self._judging
        self._store.remember(
            space,
            judging.identity,
            MeasuredFusion(fusion=fusion, lift=lift, pairs=len(judged), photos=judging.photos, setting=judging.setting),
        )
        return RerankReport(
            space=space.space.name,
            model=judging.identity.model,
            pairs=len(judged),
            matches=int(matches.sum()),
            unjudged=unjudged,
            fusion=fusion,
            lift=lift,
            brier=brier_score(fused, matches),
            brier_of_base_rate=float(matches.mean() * (1 - matches.mean())),
            calibration_error=expected_calibration_error(fused, matches),
        )


def _require_enough(labels: Sequence[tuple[str, bool]], which: str) -> None:
    if len(labels) < LEAST_PAIRS:
        raise InputError(
            f"calibration: found {len(labels)} pairs {which}, expected at least {LEAST_PAIRS} to fuse a model's score "
            "with retrieval's; label more, or see to it that their venues have photos"
        )
    if len({relevant for _, relevant in labels}) < 2:
        raise InputError(
            f"calibration: found pairs {which} that all are {int(labels[0][1])}, expected matches (relevant 1) and "
            "others (relevant 0); label what search returns, the wrong venues too"
        )
    telling = {query for query, relevant in labels if relevant} & {query for query, relevant in labels if not relevant}
    if len(telling) < LEAST_QUERIES:
        raise InputError(
            f"calibration: found {len(telling)} queries with both matches and others among the pairs {which}, expected "
            f"at least {LEAST_QUERIES}: an order is measured only where there is a better and a worse one; label more"
        )
