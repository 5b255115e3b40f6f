"""One rerank: what it has told so far, kept whole, so that a second reader misses nothing. Thread-safe."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic

from venuefinder.answers import RerankScore
from venuefinder.describing.description import Description
from venuefinder.reranking.events import Event, EventName, RerankDone, RerankFailed
from venuefinder.reranking.order import final_order
from venuefinder.reranking.task import RerankTask

RERANK_SECONDS = 120.0
"""From its beginning, waiting in line included; the answer is of no use later."""
DESCRIBE_SECONDS = 60.0
"""For the descriptions of the first venues, after that."""
LATE = "the vision-language model was not done in time; retrieval's order stands"


class RerankJob:
    """Scores come first, then the order, then, where somebody reads the stream, descriptions, then the end."""

    def __init__(self, task: RerankTask) -> None:
        self.task = task
        self.events: tuple[Event, ...] = ()
        """All that was told. Grows, and never otherwise changes."""
        self.finished = False
        """Whether nothing more will be told."""
        self.order: RerankDone | None = None
        """The final order, known before the end."""
        self.failure: str | None = None
        """Why there is no final order, in words a caller may read."""
        self._began = monotonic()
        self._scores: dict[str, RerankScore] = {}
        self._followed = self._parked = False
        self._watchers: set[Callable[[], None]] = set()
        self._changed = Condition()
        self.deadline = self._began + RERANK_SECONDS
        """The moment of `time.monotonic()` from which on what is under way is too late."""

    @property
    def scores(self) -> list[RerankScore]:
        """What is known of the venues so far, in the order of their ranks."""
        with self._changed:
            places = {external_id: place for place, external_id in enumerate(self._ordered(), self.task.first_rank)}
            known = [score.model_copy(update={"rank": places[score.external_id]}) for score in self._scores.values()]
        return sorted(known, key=lambda score: score.rank)

    def scored(self, external_id: str, score: float, photo_id: int, *, fused: float | None = None) -> None:
        """Tell a venue's score, with its place by the scores so far; `fused` for all venues of a job or for none."""
        found = RerankScore(external_id=external_id, score=score, photo_id=photo_id, fused=fused, rank=1)
        with self._changed:
            self._scores[external_id] = found
            rank = self._ordered().index(external_id) + self.task.first_rank
            self._tell("score", found.model_copy(update={"rank": rank}))

    def settle(self, *, model: str | None, reason: str | None = None) -> None:
        """Take the order by the scores so far for final."""
        with self._changed:
            if self.finished or self.order:
                return
            self.order = RerankDone(
                order=self._ordered(),
                model=model,
                seconds=round(monotonic() - self._began, 3),
                kept=[external_id for external_id in self.task.order if external_id not in self._scores],
                reason=reason,
            )
            self._notify()

    def begin_descriptions(self) -> bool:
        """Return whether somebody reads, so that descriptions are worth their while; else rest until one does."""
        with self._changed:
            self._parked = not self._followed
            self.deadline = monotonic() + DESCRIBE_SECONDS
            self._notify()  # who waits for the next event waits for another deadline now
            return self._followed

    def described(self, description: Description) -> None:
        """Tell what a venue is like."""
        with self._changed:
            self._tell("description", description)

    def end(self) -> None:
        """Tell the final order, as the last event."""
        with self._changed:
            if self.order and not self.finished:
                self._tell("done", self.order)
                self._finish()

    def fail(self, reason: str) -> None:
        """End without a final order; where it is known already, end with it."""
        with self._changed:
            if self.order:
                self.end()
            elif not self.finished:
                self.failure = reason
                self._tell("error", RerankFailed(reason=reason))
                self._finish()

    def cancel(self) -> None:
        """End at once, whatever is known."""
        with self._changed:
            if not self.finished:
                self.failure = "cancelled; retrieval's order stands"
                self._tell("error", RerankFailed(reason=self.failure))
                self._finish()

    def expire(self) -> bool:
        """End it where its time is over; return whether it is ended."""
        if monotonic() >= self.deadline:
            self.fail(LATE)
        return self.finished

    def wait(self, seconds: float) -> bool:
        """Wait for the final order or the end; return whether either came within these seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self.finished or self.order is not None, seconds)

    def want_descriptions(self) -> bool:
        """Say that somebody reads; return whether it rests, and must be run once more."""
        with self._changed:
            self._followed, resting = True, self._parked and not self.finished
            self._parked = False
            if resting:
                self.deadline = monotonic() + DESCRIBE_SECONDS
            return resting

    @contextmanager
    def watched(self, notify: Callable[[], None]) -> Iterator[None]:
        """Call `notify`, from whichever thread, each time there is more to tell. It must neither block nor raise."""
        with self._changed:
            self._watchers.add(notify)
        try:
            yield
        finally:
            with self._changed:
                self._watchers.discard(notify)

    def _ordered(self) -> list[str]:
        order = self.task.order
        known = [self._scores.get(external_id) for external_id in order]
        return [order[place] for place in final_order([score.decides if score else None for score in known])]

    def _tell(self, name: EventName, data: RerankScore | Description | RerankDone | RerankFailed) -> None:
        if not self.finished:
            self.events = (*self.events, Event(name, data))
            self._notify()

    def _finish(self) -> None:
        self.finished = True
        self._notify()

    def _notify(self) -> None:
        self._changed.notify_all()
        for notify in self._watchers:
            notify()
