"""Takes jobs from the queue and has them run, for as long as nobody stops it and however often the database goes away.

The library hands a job to one worker at a time and keeps it until that worker says what became of it. Around that, one
tender: it keeps the worker's heartbeat, takes jobs from workers whose heartbeat ended, and has the caller look for jobs
that nobody holds. None of it ends with the database; a job that runs meanwhile goes on by itself.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID

from procrastinate import App, BaseRetryStrategy, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.worker import Worker
from psycopg_pool import PoolTimeout

from venuefinder.errors import VenueFinderError
from venuefinder.queue.app import QUEUE, STALLED_SECONDS, TASK, working_app

logger = logging.getLogger(__name__)
NEVER = 86_400.0
"""Seconds between what the library would do and the tender does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a worker does what. Seconds."""

    heartbeat: float = 10.0
    """Between two heartbeats, and two looks for jobs that nobody holds."""
    stalled: float = STALLED_SECONDS
    """Without a heartbeat, until a worker is taken for lost. The same for all workers of a database."""
    poll: float = 1.0
    """Between two looks for a job to run."""
    again: float = 5.0
    """Until a job that could not be run now is taken again."""
    backoff: float = 1.0
    """Until a database that is away is asked again; doubled each time, up to `longest`."""
    longest: float = 15.0


class AgainError(Exception):
    """The job is to be taken again, by whoever comes first."""


class TaskWorker:
    """Runs jobs by `run`, which says whether a job is over; one that is not, or raises, is taken again later.

    `look` is called now and then, to defer what nobody holds. Both are called in threads.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        run: Callable[[UUID], bool],
        look: Callable[[], None],
        *,
        concurrency: int = 1,
        pace: Pace | None = None,
    ) -> None:
        self._options = options
        self._run = run
        self._look = look
        self._concurrency = concurrency
        self._pace = pace or Pace()
        self._stopping = Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._worker: Worker | None = None
        self._left: int | None = None

    def work(self) -> None:
        """Work until `stop`. Jobs under way are waited for: `run` should end soon then."""
        asyncio.run(self._work())

    def stop(self) -> None:
        """Begin no more jobs, and return from `work`. Called from any thread, or a signal's handler."""
        self._stopping.set()
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._stop_worker)

    def _stop_worker(self) -> None:
        if self._worker is not None:
            self._worker.stop()  # type: ignore[no-untyped-call] # the library leaves it without types

    async def _work(self) -> None:
        self._loop = asyncio.get_running_loop()
        wait = self._pace.backoff
        while not self._stopping.is_set():
            try:
                await self._connected()
                wait = self._pace.backoff
            except (ConnectorException, PoolTimeout) as error:
                logger.warning("the queue of jobs cannot be reached (%s); trying again", error.__cause__ or error)
                await self._pause(wait)
                wait = min(2 * wait, self._pace.longest)

    async def _pause(self, seconds: float) -> None:
        """Wait, in pieces: a stop must not wait."""
        for _ in range(max(int(seconds / 0.1), 1)):
            if self._stopping.is_set():
                return
            await asyncio.sleep(0.1)

    async def _connected(self) -> None:
        app = working_app(self._options, self._concurrency)
        app.task(name=TASK, queue=QUEUE, retry=_Again(self._seconds_until_again))(self._task)
        async with app.open_async():
            if self._left is not None:  # what this process was known as before the database went away
                await app.job_manager.unregister_worker(self._left)
                self._left = None
            if self._stopping.is_set():
                return
            worker = self._worker = self._new_worker(app)
            tending = asyncio.create_task(self._tend(app.job_manager, worker))
            try:
                # Nothing is awaited between the look at `_stopping` and this.
                await worker.run()  # type: ignore[no-untyped-call] # the library leaves it without types
            finally:
                self._left, self._worker = worker.worker_id, None
                tending.cancel()
                await asyncio.wait([tending])

    def _new_worker(self, app: App) -> Worker:
        return Worker(
            app,
            queues=[QUEUE],
            name="venuefinder",
            concurrency=self._concurrency,
            delete_jobs="always",  # our own table says what became of a job
            install_signal_handlers=False,
            listen_notify=False,
            fetch_job_polling_interval=self._pace.poll,
            abort_job_polling_interval=NEVER,
            update_heartbeat_interval=NEVER,
            stalled_worker_timeout=self._pace.stalled,
        )

    async def _task(self, job_id: str) -> None:
        if not await asyncio.to_thread(self._run, UUID(job_id)):
            raise AgainError(f"job {job_id}: is to be taken again")

    def _seconds_until_again(self) -> float:
        return 0 if self._stopping.is_set() else self._pace.again

    async def _tend(self, manager: JobManager, worker: Worker) -> None:
        while True:
            await self._tried("heartbeat", lambda: self._beat(manager, worker))
            await self._tried("lost workers", lambda: self._take_back(manager))
            await self._tried("jobs that nobody holds", lambda: asyncio.to_thread(self._look))
            await asyncio.sleep(self._pace.heartbeat)

    async def _tried(self, what: str, action: Callable[[], Awaitable[None]]) -> None:
        try:
            await action()
        except (ConnectorException, PoolTimeout, VenueFinderError) as error:
            logger.warning("%s: %s; trying again", what, error.__cause__ or error)
        except Exception:  # without a tender the worker would be taken for lost
            logger.exception("%s: failed; trying again", what)

    async def _beat(self, manager: JobManager, worker: Worker) -> None:
        if worker.worker_id is not None:
            await manager.update_heartbeat(worker.worker_id)

    async def _take_back(self, manager: JobManager) -> None:
        """Queue what lost workers held, and forget them."""
        for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=self._pace.stalled):
            logger.warning("job %s: its worker is lost; queued again", job.task_kwargs.get("job_id"))
            with suppress(ConnectorException):  # another worker was first
                await manager.retry_job(job)
        await manager.prune_stalled_workers(self._pace.stalled)


class _Again(BaseRetryStrategy):
    """Every job that was not over is taken again."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:  # noqa: ARG002 - the library's
        """Say when."""
        return RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=self._seconds()))
