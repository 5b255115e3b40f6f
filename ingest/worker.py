"""Runs ingestion jobs of the API: takes a job, ingests its source, and says what became of it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from uuid import UUID

from ingest.following import Following
from ingest.job_progress import JobProgress
from ingest.options import RunOptions
from ingest.runner import ingest
from ingest.sources import Source, open_source
from ingest.sources.bases import SentBase
from ingest.sources.manifest import ManifestSource
from ingest.sources.places import LocalFile
from venuefinder.bootstrap import Services
from venuefinder.errors import (
    ConfigurationError,
    DatabaseUnavailableError,
    InputError,
    RunCancelledError,
    SourceInUseError,
    SpaceGoneError,
    VenueFinderError,
)
from venuefinder.jobs import IngestionJob
from venuefinder.queue.worker import Pace, TaskWorker
from venuefinder.redacting import Redaction
from venuefinder.store.jobs import JobRepository

logger = logging.getLogger(__name__)
MOST_LOST = 10
"""Workers that one job may take with it in a row, before it is said to be at fault."""
LOST = "its worker was lost {} times in a row; the worker's log, or the system's, may say why (out of memory?)"
OURS = "something went wrong that is not the source's fault; the worker's log says what"


def connections_for(concurrency: int) -> int:
    """Return how many connections of the database a worker of so many jobs at once may open.

    Each job keeps two, which hold its source and the originals in our store; two more write and ask, now and then
    others. Where all were kept, no job could go on.
    """
    return 6 + 4 * concurrency


class IngestionWorker:
    """Works on the jobs of one database until it is stopped.

    The encoder is loaded before the first job, and another one once another space serves.
    """

    def __init__(self, services: Services, *, concurrency: int = 1, pace: Pace | None = None) -> None:
        self._services = services
        self._stopping = Event()
        self._tasks = TaskWorker(
            services.database.driver_options(),
            JobRunner(services, self._stopping).run,
            services.ingestions.settle,
            concurrency=concurrency,
            pace=pace,
        )
        _ = services.catalogue  # what is wrong with encoder or database ends the command, not its first job

    def work(self) -> None:
        """Work until `stop`."""
        self._tasks.work()

    def stop(self) -> None:
        """Give back the jobs under way once their batch in hand is written, and end."""
        self._stopping.set()
        self._tasks.stop()


class JobRunner:
    """Runs one job at a time for each thread that calls `run`."""

    def __init__(self, services: Services, stopping: Event) -> None:
        self._services = services
        self._jobs = JobRepository(services.database)
        self._following = Following(services)
        self._stopping = stopping

    def run(self, job_id: UUID) -> bool:
        """Run a job to its end, and return whether it is over; else it is to be taken again."""
        job = self._jobs.take(job_id)
        if job is None:
            return True
        logger.info("job %s: %s, attempt %d", job.id, job.lane, job.attempt)
        if job.cancel_requested:
            self._jobs.finish(job, "cancelled")
            return True
        if job.lost > MOST_LOST:
            self._jobs.finish(job, "failed", LOST.format(job.lost))
            return True
        return self._ran(job)

    def _ran(self, job: IngestionJob) -> bool:
        try:
            with self._following.serving() as services, self._source(job) as source:
                return self._ingested(job, source, services)
        except DatabaseUnavailableError as error:
            logger.warning("job %s: %s; taken again later", job.id, error)
            return False
        except SpaceGoneError as error:
            logger.warning("job %s: %s; taken again later", job.id, error)
            return self._gave_back(job)
        except Exception as error:
            logger.exception("job %s: failed", job.id)
            self._jobs.finish(job, "failed", self._words(job, error))
            return True

    def _ingested(self, job: IngestionJob, source: Source, services: Services) -> bool:
        replaced = partial(self._following.replaced, services)
        progress = JobProgress(self._jobs, job, source, stopping=self._stopping.is_set, replaced=replaced)
        try:
            report = ingest(source, services, progress, RunOptions(**job.options.model_dump()))
        except SourceInUseError:
            logger.info("job %s: another process ingests its source; taken again later", job.id)
            return self._gave_back(job)
        except RunCancelledError:
            return self._ended_early(job, progress)
        except (DatabaseUnavailableError, SpaceGoneError):
            raise
        except Exception:
            progress.save()
            raise
        progress.save(report)
        if progress.ending == "another space serves":
            return self._gave_back(job)
        self._jobs.finish(job, "done")
        return True

    def _ended_early(self, job: IngestionJob, progress: JobProgress) -> bool:
        logger.info("job %s: %s", job.id, progress.ending)
        progress.save()
        if progress.ending == "cancelled":
            self._jobs.finish(job, "cancelled")
            return True
        return self._gave_back(job)

    def _gave_back(self, job: IngestionJob) -> bool:
        """Queue the job again; return whether it is over all the same: cancelled meanwhile, or somebody else's."""
        returned = self._jobs.give_back(job)
        return returned is None or returned.over

    @contextmanager
    def _source(self, job: IngestionJob) -> Iterator[Source]:
        if not job.uploaded:
            yield self._allowed(job)
            return
        manifest = self._jobs.manifest(job.id)
        if manifest is None:
            raise InputError(f"manifest {job.source!r}: is no longer kept; send it again")
        with TemporaryDirectory(prefix="venuefinder-manifest-") as folder:
            path = Path(folder) / manifest.name
            path.write_bytes(manifest.content)
            yield ManifestSource(LocalFile(path), base=SentBase(), identity=f"sent: {manifest.name}")

    def _allowed(self, job: IngestionJob) -> Source:
        place = self._services.settings.sources.get(job.source)
        if place is None:
            raise InputError(f"source {job.source!r}: the operator of the worker does not allow it (any more)")
        return open_source(place, self._services.network)

    def _words(self, job: IngestionJob, error: Exception) -> str:
        """Return why a job failed, in words for callers."""
        place = self._services.settings.sources.get(job.source, "")
        if isinstance(error, InputError):
            return Redaction(place, job.source, uploaded=job.uploaded).text(str(error))
        if isinstance(error, ConfigurationError):
            return "a setting or an installation of the worker is wrong; its log says what"
        kind = type(error).__name__ if isinstance(error, VenueFinderError) else "an unforeseen error"
        return f"{OURS} ({kind})"
