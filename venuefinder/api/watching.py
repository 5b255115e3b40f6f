"""Jobs that are watched: each is read once a second, however many read its stream."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from fastapi.concurrency import run_in_threadpool

from venuefinder.jobs import IngestionJob

logger = logging.getLogger(__name__)
POLL_SECONDS = 1.0
LONGEST_SECONDS = 15.0
"""Between two looks while the database is away."""


class Watch:
    """A job and its changes, for every reader in the event loop. It ends with the job, or with its last reader."""

    def __init__(self, job: IngestionJob) -> None:
        self.job = job
        self.readers = 0
        self._changed = asyncio.Event()
        self._ended = False

    def tell(self, job: IngestionJob) -> None:
        """Wake the readers if the job changed."""
        if job != self.job:
            self.job = job
            self._wake()

    def end(self) -> None:
        """Have the readers stop, whatever the job does."""
        self._ended = True
        self._wake()

    async def changes(self) -> AsyncIterator[IngestionJob]:
        """Yield the job as it is now, then as it becomes, until it is over."""
        while not self._ended:
            job, changed = self.job, self._changed
            yield job
            if job.over:
                return
            await changed.wait()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class Watches:
    """The watches of one event loop. `read` reads a job, in a thread; raises NotFoundError."""

    def __init__(self, read: Callable[[UUID], IngestionJob]) -> None:
        self._read = read
        self._open: dict[UUID, tuple[Watch, asyncio.Task[None]]] = {}

    @asynccontextmanager
    async def watching(self, job_id: UUID) -> AsyncIterator[Watch]:
        """Watch a job, together with whoever else does; raises NotFoundError."""
        job = await run_in_threadpool(self._read, job_id)
        watch, poller = self._open.get(job_id) or self._begun(job)
        watch.readers += 1
        try:
            yield watch
        finally:
            watch.readers -= 1
            if not watch.readers:
                del self._open[job_id]
                poller.cancel()
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([poller])

    def end(self) -> None:
        """End every stream: the service stops, and whoever reads comes back to the next one. In the event loop."""
        for watch, _ in self._open.values():
            watch.end()

    def _begun(self, job: IngestionJob) -> tuple[Watch, asyncio.Task[None]]:
        watch = Watch(job)
        self._open[job.id] = watch, asyncio.create_task(self._poll(watch))
        return self._open[job.id]

    async def _poll(self, watch: Watch) -> None:
        wait = POLL_SECONDS
        while not watch.job.over:
            await asyncio.sleep(wait)
            try:
                watch.tell(await run_in_threadpool(self._read, watch.job.id))
                wait = POLL_SECONDS
            except Exception as error:  # readers wait: keep-alive comments hold their connections
                wait = min(2 * wait, LONGEST_SECONDS)
                logger.warning("ingestion %s: %s: %s; looking again", watch.job.id, type(error).__name__, error)
