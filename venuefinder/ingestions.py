"""The use case of ingestion jobs: take them, tell how they are, end them. Workers run them, see `ingest.worker`."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from threading import Lock
from uuid import UUID

from venuefinder.errors import BusyError, InputError, NotFoundError
from venuefinder.jobs import IngestionJob, JobFailure, JobOptions, JobQueue, JobStore, Manifest
from venuefinder.redacting import Redaction

MOST_QUEUED = 100
"""Jobs that wait for a worker at once, those of uploaded manifests with them."""
MANIFESTS = (".jsonl", ".csv", ".parquet")
MANIFEST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}")
EXPORTED_AT_ONCE = 1000


class Ingestions:
    """The jobs that callers may ask for.

    A job is stored first, then handed to the queue; where a process ends in between, `settle` makes it good, which
    every worker calls now and then.

    sources: the names that callers may give, nothing else of the operator's.
    """

    def __init__(self, store: JobStore, queue: JobQueue, sources: Collection[str]) -> None:
        self._store = store
        self._queue = queue
        self._sources = sources
        self._taking = Lock()

    def start(self, source: str, options: JobOptions) -> IngestionJob:
        """Queue the ingestion of a source that the operator allows. Queued already, just so, it is that job.

        Raises InputError for another name, BusyError where too many are queued.
        """
        if source not in self._sources:
            allowed = ", ".join(sorted(self._sources)) or "none; send a manifest, or have the operator name some"
            raise InputError(
                f"source: found {source!r}, expected one that the operator of this service allows: {allowed}"
            )
        return self._queued(source, options, None)

    def start_with(self, name: str, read: Callable[[], bytes], options: JobOptions) -> IngestionJob:
        """Queue the ingestion of a manifest that the caller sent. Its name says which source it is, from run to run.

        Raises InputError for a name that is none of a manifest's or no content, BusyError where too many are queued.
        """
        if not MANIFEST_NAME.fullmatch(name) or not name.lower().endswith(MANIFESTS):
            raise InputError(
                f"manifest: found the file name {name!r}, expected 1 to 100 letters, digits, spaces and . _ - that end "
                f"in {' or '.join(MANIFESTS)}"
            )
        with self._taking:  # one in memory at a time
            content = read()
            if not content.strip():
                raise InputError(f"manifest {name!r}: found nothing in it, expected one venue a line")
            return self._queued(name, options, Manifest(name=name, content=content))

    def job(self, job_id: UUID) -> IngestionJob:
        """Return a job; raises NotFoundError."""
        return self._found(job_id, self._store.get(job_id))

    def newest(self, *, limit: int, before: UUID | None) -> Sequence[IngestionJob]:
        """Return jobs, newest first; raises NotFoundError where `before` is no job."""
        return self._store.newest(limit=limit, before=before)

    def cancel(self, job_id: UUID) -> IngestionJob:
        """End a queued job at once and a running one within seconds; one that is over stays as it is.

        What was ingested stays. Raises NotFoundError.
        """
        job = self._found(job_id, self._store.cancel(job_id))
        if job.state == "cancelled":
            self._queue.withdraw(job_id)
        return job

    def failures(self, job_id: UUID, *, limit: int, after: int) -> Sequence[JobFailure]:
        """Return what the job could not ingest, in words for callers; raises NotFoundError."""
        job = self.job(job_id)
        return [_for_callers(job, failure) for failure in self._store.failures(job_id, limit=limit, after=after)]

    def all_failures(self, job_id: UUID) -> Iterator[JobFailure]:
        """Yield everything the job could not ingest, read in parts; raises NotFoundError before the first."""
        part = self.failures(job_id, limit=EXPORTED_AT_ONCE, after=0)
        return self._all_failures(job_id, part)

    def unfinished(self) -> Sequence[IngestionJob]:
        """Return the jobs that are queued or running, oldest first."""
        return self._store.unfinished()

    def workers(self) -> int:
        """Return how many workers are alive."""
        return self._queue.workers()

    def settle(self) -> None:
        """Queue what is to be run and has no task: a process ended in between, or the task was lost."""
        unfinished = self._store.unfinished()
        if not unfinished:
            return
        held = self._queue.held()
        for job in unfinished:
            if job.id not in held and not self._ended(job.id):
                self._queue.defer(job.id, lane=job.lane)

    def _ended(self, job_id: UUID) -> bool:
        """Return whether a job that nobody holds ended: by the last who held it, or as it was cancelled."""
        job = self._store.get(job_id)
        return job is None or job.over

    def _queued(self, source: str, options: JobOptions, manifest: Manifest | None) -> IngestionJob:
        job = self._store.add(source, options, manifest, most=MOST_QUEUED)
        if job is None:
            raise BusyError(
                f"ingestions: found {MOST_QUEUED} queued, which is the most; cancel some, or wait for workers"
            )
        self._queue.defer(job.id, lane=job.lane)
        return job

    def _all_failures(self, job_id: UUID, part: Sequence[JobFailure]) -> Iterator[JobFailure]:
        while part:
            yield from part
            part = self.failures(job_id, limit=EXPORTED_AT_ONCE, after=part[-1].id)

    def _found(self, job_id: UUID, job: IngestionJob | None) -> IngestionJob:
        if job is None:
            raise NotFoundError(f"ingestion '{job_id}': no such job; GET /v1/ingestions lists them")
        return job


def _for_callers(job: IngestionJob, failure: JobFailure) -> JobFailure:
    return Redaction(failure.read_from, job.source, uploaded=job.uploaded).failure(failure)
