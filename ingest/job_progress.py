"""Tells the database how a job's run goes on, and ends the run when somebody asked for that."""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Literal

from ingest.report import Report
from ingest.sources import Source
from ingest.speed import Speed
from venuefinder.errors import DatabaseUnavailableError, RunCancelledError
from venuefinder.jobs import IngestionJob
from venuefinder.store.jobs import JobRepository

logger = logging.getLogger(__name__)
TELLING_SECONDS = 1.0
"""Between two writes of how far a job is."""
Ending = Literal["cancelled", "stopping", "taken by another worker", "another space serves"]


class JobProgress:
    """`Progress` of a job. Once `ending` is set, `update` raises RunCancelledError.

    stopping: whether the worker stops. replaced: whether another space serves than the one that the run fills.
    """

    def __init__(
        self,
        jobs: JobRepository,
        job: IngestionJob,
        source: Source,
        *,
        stopping: Callable[[], bool],
        replaced: Callable[[], bool],
    ) -> None:
        self._jobs = jobs
        self._job = job
        self._source = source
        self._stopping = stopping
        self._replaced = replaced
        self._total = source.count()
        self._speed = Speed(self._total)
        self._told = time.monotonic()
        self._report: Report | None = None
        self.ending: Ending | None = None

    def update(self, report: Report) -> None:
        """Tell how far the run is, at most once a second; raises RunCancelledError once it is to end."""
        self._report = report
        self._speed.note(report)
        if self.ending is None and self._stopping():
            self.ending = "stopping"
        if self.ending is None and time.monotonic() - self._told >= TELLING_SECONDS:
            self._tell(report)
        if self.ending is not None:
            raise RunCancelledError(f"job {self._job.id}: {self.ending}")

    def say(self, message: str) -> None:
        """Log one line that matters."""
        logger.info("job %s: %s", self._job.id, message)

    def save(self, report: Report | None = None) -> None:
        """Tell how far the run came, whether or not it is time."""
        if found := report or self._report:
            self._tell(found)

    def _tell(self, report: Report) -> None:
        self._told = time.monotonic()
        counts = {"venues": asdict(report.venues), "photos": asdict(report.photos), "kinds": dict(report.kinds)}
        try:
            job = self._jobs.tell(self._job, counts, self._progress(report), run_of=self._source.identity)
            replaced = self._replaced()
        except DatabaseUnavailableError as error:  # the run itself decides how long it waits for the database
            logger.warning("job %s: %s", self._job.id, error)
            return
        if job is None:
            self.ending = "taken by another worker"
        elif job.cancel_requested:
            self.ending = "cancelled"
        elif replaced:
            self.ending = "another space serves"

    def _progress(self, report: Report) -> dict[str, Any]:
        self._speed.note(report)
        eta = self._speed.eta_seconds
        return {
            "seconds": round(self._speed.seconds, 1),
            "venues_total": self._total,
            "eta_seconds": None if eta is None else round(eta, 1),
            "photos_per_second": round(self._speed.photos_per_second, 2),
            "limited_by": report.stages.limiting,
            "stages": report.waited(),
        }
