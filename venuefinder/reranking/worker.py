"""The thread in which a model works: one job at a time, few waiting, so that searches never queue behind it."""

from collections.abc import Callable
from queue import Empty, Full, Queue
from threading import Lock, Thread

from venuefinder.errors import BusyError
from venuefinder.reranking.job import RerankJob

MOST_WAITING = 16
CLOSING_SECONDS = 5.0
"""For the job under way, once the service ends; a model that hangs is not waited for."""


class RerankWorker:
    """Runs jobs in the order they came. Its thread starts with the first, and holds up no process that ends."""

    def __init__(self, run: Callable[[RerankJob], None], *, most_waiting: int = MOST_WAITING) -> None:
        self._run = run
        self._waiting: Queue[RerankJob | None] = Queue(most_waiting)
        self._thread: Thread | None = None
        self._closed = False
        self._lock = Lock()
        self._current: RerankJob | None = None

    def submit(self, job: RerankJob) -> None:
        """Put a job in line; raises BusyError where the line is full."""
        with self._lock:
            if self._closed:
                raise BusyError("rerank: the service is ending")
            try:
                self._waiting.put_nowait(job)
            except Full:
                raise BusyError(
                    f"rerank: {self._waiting.maxsize} others wait for the vision-language model; try again in a moment"
                ) from None
            if self._thread is None:
                self._thread = Thread(target=self._work, name="rerank", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Cancel what waits and what runs, and end the thread."""
        with self._lock:
            self._closed = True
            while True:
                try:
                    waiting = self._waiting.get_nowait()
                except Empty:
                    break
                if waiting is not None:
                    waiting.cancel()
            self._waiting.put_nowait(None)
            current = self._current
        if current is not None:
            current.cancel()
        if self._thread is not None:
            self._thread.join(CLOSING_SECONDS)

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None:
            self._current = job
            self._run(job)
            self._current = None
