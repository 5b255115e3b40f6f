"""Search with a second look: retrieval's answer at once, the order by what a model sees when it is ready."""

from collections.abc import Callable
from threading import BoundedSemaphore

from venuefinder.answers import RerankAnswer, SearchAnswer, VenueHit
from venuefinder.errors import BusyError
from venuefinder.request import SearchRequest
from venuefinder.reranking.job import RerankJob
from venuefinder.reranking.jobs import RerankJobs
from venuefinder.reranking.running import OFF, ZERO_SHOT, Running
from venuefinder.reranking.task import MOST_CANDIDATES, MOST_TEXT, Candidate, RerankTask
from venuefinder.reranking.token import Tokens
from venuefinder.reranking.worker import RerankWorker

MOST_WAITING_REQUESTS = 8
"""Requests that wait for a final order at once: each holds a thread that others could be answered by."""
BUSY = "busy: too many reranks at once; retrieval's order stands, the stream may be read in a moment"
NOT_WAITED = "too many requests wait for a final order already; the stream tells it"


class Reranking:
    """The reranking use case. One for a process; thread-safe."""

    def __init__(
        self, search: Callable[[SearchRequest], SearchAnswer], running: Running, *, backend: str, secret: bytes
    ) -> None:
        """`backend` is that of the model, known before it is loaded; `secret` signs addresses."""
        self._search = search
        self._describes = running.describes
        self._lifts = running.may_lift
        self._backend = backend
        self._worker = RerankWorker(running.run)
        self._jobs = RerankJobs(self._worker.submit, Tokens(secret))
        self._turns = BoundedSemaphore(MOST_WAITING_REQUESTS)

    def answer(self, request: SearchRequest) -> SearchAnswer:
        """Search, and rerank the page where the request asks for it, or does not say and that lifts results.

        Raises what the search raises, and nothing else. Without `rerank_wait` this takes no longer than the search.
        """
        answer = self._search(request)
        unasked = request.rerank is None
        if request.rerank is False or (unasked and not self._is_on(request, answer)):
            return answer
        if reason := self._why_not(request, answer):
            state = "off" if self._backend == "off" else "unchanged"
            return answer.model_copy(update={"rerank": RerankAnswer(state=state, reason=reason)})
        token = self._jobs.address(_task(answer, request))
        if self._backend == "zero-shot":  # its descriptions cost nothing until somebody reads them
            stream = _stream(token) if self._describes else None
            found = RerankAnswer(state="unchanged", reason=ZERO_SHOT, stream=stream)
            return answer.model_copy(update={"rerank": found})
        return self._reranked(answer, token, request.rerank_wait)

    def follow(self, token: str) -> RerankJob:
        """Return the job of a stream's token; raises NotFoundError, and BusyError where it cannot be begun now."""
        return self._jobs.follow(token)

    def cancel(self, token: str) -> None:
        """End a job; raises NotFoundError."""
        self._jobs.cancel(token)

    def close(self) -> None:
        """Cancel every job."""
        self._worker.close()

    def _is_on(self, request: SearchRequest, answer: SearchAnswer) -> bool:
        """Return whether a request that does not say is reranked: only where that lifts results."""
        if self._backend in ("off", "zero-shot") or self._why_not(request, answer):
            return False
        return not request.images and self._lifts()

    def _why_not(self, request: SearchRequest, answer: SearchAnswer) -> str | None:
        """Return why there is nothing to rerank, in words; None where there is."""
        if self._backend == "off":
            return OFF
        if not answer.results:
            return "there are no venues to order"
        if request.sort not in (None, "relevance"):
            return f"the order asked for is {request.sort}, not relevance"
        if answer.interpreted is None or not answer.interpreted.text:
            return "there are no words to compare photos with; filters and pictures are retrieval's business"
        if request.query_weight < 0:
            return "the words say what is not wanted, which is retrieval's business"
        if all(hit.photo is None for hit in answer.results[:MOST_CANDIDATES]):
            return "none of these venues has a photo"
        return None

    def _reranked(self, answer: SearchAnswer, token: str, seconds: float | None) -> SearchAnswer:
        try:
            job = self._jobs.begin(token)
        except BusyError:
            found = RerankAnswer(state="failed", reason=BUSY, stream=_stream(token))
            return answer.model_copy(update={"rerank": found})
        if seconds is None:
            return answer.model_copy(update={"rerank": RerankAnswer(state="pending", stream=_stream(token))})
        if not self._turns.acquire(blocking=False):
            found = RerankAnswer(state="late", reason=NOT_WAITED, stream=_stream(token))
            return answer.model_copy(update={"rerank": found})
        try:
            job.wait(seconds)
        finally:
            self._turns.release()
        return _finished(answer, job, _stream(token))


def _task(answer: SearchAnswer, request: SearchRequest) -> RerankTask:
    text = answer.interpreted.text if answer.interpreted else ""
    hits = answer.results[:MOST_CANDIDATES]
    candidates = tuple(
        Candidate(hit.venue.external_id, hit.photo.id if hit.photo else None, None if request.images else hit.score)
        for hit in hits
    )
    unasked = request.rerank is None
    return RerankTask(text=text[:MOST_TEXT], candidates=candidates, first_rank=hits[0].rank, unasked=unasked)


def _stream(token: str) -> str:
    return f"/v1/reranks/{token}/events"


def _finished(answer: SearchAnswer, job: RerankJob, stream: str) -> SearchAnswer:
    """Return the answer as the job left it: in its order, or in retrieval's with the reason."""
    if (order := job.order) is not None:
        found = RerankAnswer(
            state="done", stream=stream, model=order.model, reason=order.reason, scores=list(job.scores)
        )
        return answer.model_copy(update={"results": _ordered(answer.results, order.order), "rerank": found})
    if job.failure is not None:
        found = RerankAnswer(state="failed", reason=job.failure, stream=stream)
    else:
        reason = "not within rerank_wait; retrieval's order stands, the stream goes on"
        found = RerankAnswer(state="late", reason=reason, stream=stream)
    return answer.model_copy(update={"rerank": found})


def _ordered(hits: list[VenueHit], order: list[str]) -> list[VenueHit]:
    """Return the hits with those of `order` first, in that order; ranks belong to places."""
    by_id = {hit.venue.external_id: hit for hit in hits}
    placed = [*(by_id[external_id] for external_id in order), *hits[len(order) :]]
    return [hit.model_copy(update={"rank": rank}) for hit, rank in zip(placed, (hit.rank for hit in hits), strict=True)]
