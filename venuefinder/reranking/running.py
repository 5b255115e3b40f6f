"""One rerank from its start to its end: scores, the order, descriptions. Nothing that fails here reaches a search."""

import logging
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Protocol

from venuefinder.describing.description import Description
from venuefinder.errors import ConfigurationError, DatabaseError, VenueFinderError, VisionError, VisionUnavailableError
from venuefinder.reranking.fusions import Fusions
from venuefinder.reranking.job import LATE, RerankJob
from venuefinder.reranking.scoring import Scoring
from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_reading import ModelIdentity

VERDICTS_KEPT = timedelta(days=7)
"""How long an answer should be kept: searches are strangers' questions, and must not fill the database for ever."""
logger = logging.getLogger(__name__)
DESCRIBED = 3
"""Venues that are described, the first ones of the final order."""
OFF = "no vision-language model is set (VENUEFINDER_VLM=off)"
ZERO_SHOT = (
    "the zero-shot backend compares photos with the words just as retrieval did and has nothing to add to the order; "
    "set VENUEFINDER_VLM to a vision-language model"
)
NOT_MEASURED = (
    "with this model reranking was not measured to lift results; ask for it with rerank: true, or run venuefinder "
    "calibrate --rerank; retrieval's order stands"
)
_REASONS: dict[type[Exception], str] = {
    VisionUnavailableError: "the vision-language model is down, too slow or out of memory; retrieval's order stands",
    VisionError: "the vision-language model answered something that is no answer; retrieval's order stands",
    ConfigurationError: "the vision-language model is not set up as it should be, run venuefinder doctor --models; "
    "retrieval's order stands",
    DatabaseError: "the database did not answer as it should; retrieval's order stands",
    Exception: "something went wrong, the log says what; retrieval's order stands",
}
"""What callers may know of an error; its own words may name hosts and paths, and go to the log."""


class Describer(Protocol):
    """What describes venues."""

    def describe(self, external_id: str, *, until: float | None = None) -> Description:
        """Return what a venue is like, as far as it is known by `until`, a moment of `time.monotonic()`."""


class Running:
    """Runs jobs. The model is loaded, and the describer made, by the first job that needs them."""

    def __init__(
        self,
        vision: Callable[[], VisionLanguageModel | None],
        scoring: Callable[[], Scoring],
        describer: Callable[[], Describer] | None = None,
        fusions: Fusions | None = None,
    ) -> None:
        self._vision = vision
        self._scoring = scoring
        self._describer = describer
        self._fusions = fusions
        self._model: ModelIdentity | None = None

    @property
    def describes(self) -> bool:
        """Whether venues can be described."""
        return self._describer is not None

    def may_lift(self) -> bool:
        """Return whether reranking lifts results, as far as that can be told: surely once the model was loaded."""
        return self._fusions is not None and self._fusions.may_lift(self._model)

    def run(self, job: RerankJob) -> None:
        """Bring a job to its end, or to where it rests until somebody reads its stream. Raises nothing."""
        try:
            self._settle(job)
            if job.order and not job.finished and (not self.describes or job.begin_descriptions()):
                self._describe(job)
                job.end()
        except Exception as error:
            _log("rerank", error)
            job.fail(next(_REASONS[kind] for kind in type(error).__mro__ if kind in _REASONS))

    def _settle(self, job: RerankJob) -> None:
        if job.expire() or job.order:
            return
        model = self._vision()
        if model is None:
            job.fail(f"{OFF}; retrieval's order stands")
            return
        self._model = model.identity
        if model.identity.backend == "zero-shot":
            job.settle(model=model.identity.model, reason=ZERO_SHOT)
        elif job.task.unasked and not self.may_lift():
            job.settle(model=None, reason=NOT_MEASURED)
        else:
            self._judge(job, model)

    def _judge(self, job: RerankJob, model: VisionLanguageModel) -> None:
        fusing = self._fusions.fusing(job.task, model.identity) if self._fusions else None
        for judged in self._scoring().judged(job.task, model, until=job.deadline):
            if job.finished:
                return
            if judged.score is not None and judged.photo_id is not None:
                both = fusing(judged.external_id, judged.score) if fusing else None
                job.scored(judged.external_id, judged.score, judged.photo_id, fused=both)
        missing = len(job.task.candidates) - len(job.scores)
        if missing == len(job.task.candidates):
            job.fail(LATE if monotonic() >= job.deadline else "no photo of these venues could be read")
        else:
            job.settle(model=model.identity.model, reason=_kept_words(missing) if missing else None)

    def _describe(self, job: RerankJob) -> None:
        if self._describer is None or job.order is None:
            return
        for external_id in job.order.order[:DESCRIBED]:
            if job.expire():
                return
            try:
                job.described(self._describer().describe(external_id, until=job.deadline))
            except VenueFinderError as error:  # the order is there: one venue without words takes nothing from it
                _log(f"rerank: describing {external_id}", error)


def _kept_words(missing: int) -> str:
    return f"{missing} venue{'s' if missing > 1 else ''} without a photo that could be read in time kept their place"


def _log(what: str, error: Exception) -> None:
    if isinstance(error, VenueFinderError):
        logger.warning("%s: %s: %s", what, type(error).__name__, error)
    else:
        logger.exception("%s failed", what, exc_info=error)
