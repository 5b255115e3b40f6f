"""Hands jobs to whichever worker is free."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any
from uuid import UUID

from procrastinate import App, exceptions

from venuefinder.queue.app import QUEUE, STALLED_SECONDS, TASK, calling_app, reaching

WHAT = "the queue of jobs"
LIVING = "SELECT count(*) AS found FROM procrastinate_workers WHERE last_heartbeat > now() - %(age)s * interval '1 s'"


class TaskQueue:
    """`JobQueue` over the library. Threads share it; it connects when it is first asked. Close it."""

    def __init__(self, options: Callable[[], Mapping[str, Any]]) -> None:
        self._options = options
        self._lock = Lock()
        self._app: App | None = None

    def defer(self, job_id: UUID, *, lane: str) -> None:
        """Have a worker run a job, after those of the same lane; one that waits or is with a worker is left alone."""
        with reaching(WHAT):
            configured = self._opened().configure_task(TASK, queue=QUEUE, lock=lane, queueing_lock=str(job_id))
            try:
                configured.defer(job_id=str(job_id))
            except (exceptions.AlreadyEnqueued, exceptions.UniqueViolation):  # one waits, one is with a worker
                return

    def withdraw(self, job_id: UUID) -> None:
        """Forget a job that no worker has begun; others are left alone."""
        with reaching(WHAT):
            manager = self._opened().job_manager
            for waiting in manager.list_jobs(queueing_lock=str(job_id), status="todo"):
                if waiting.id is not None:
                    manager.cancel_job_by_id(waiting.id, delete_job=True)

    def held(self) -> set[UUID]:
        """Return the jobs that wait for a worker or are with one."""
        with reaching(WHAT):
            manager = self._opened().job_manager
            found = [job for status in ("todo", "doing") for job in manager.list_jobs(task=TASK, status=status)]
        return {UUID(str(job.task_kwargs["job_id"])) for job in found}

    def workers(self) -> int:
        """Return how many workers are alive."""
        with reaching(WHAT):
            connector = self._opened().connector
            return int(connector.execute_query_one(LIVING, age=STALLED_SECONDS)["found"])

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            app, self._app = self._app, None
        if app is not None:
            app.close()

    def _opened(self) -> App:
        with self._lock:
            if self._app is None:
                app = calling_app(self._options())
                app.open()
                self._app = app
            return self._app
