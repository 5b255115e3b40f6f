"""Ingestion jobs in the database. A job is taken under a number; who holds an older number can no longer write."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, case, cast, delete, func, insert, null, select, text, tuple_, update
from sqlalchemy.engine import Connection

from venuefinder.errors import NotFoundError
from venuefinder.jobs import IngestionJob, JobFailure, JobOptions, JobState, Manifest
from venuefinder.store.database import Database
from venuefinder.store.run_tables import ingestion_failures, ingestion_jobs, ingestion_manifests, ingestion_runs

ADDING_LOCK = 0x6A6F6273  # "jobs": how many are queued is counted by one adder at a time
UNFINISHED = ingestion_jobs.c.state.in_(("queued", "running"))
STORED = ("new", "updated", "removed")
SHOWN = [column for column in ingestion_jobs.c if column.name != "run_id"]


class JobRepository:
    """The jobs of one database: `JobStore` for the service, and what workers do with a job that they took."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, source: str, options: JobOptions, manifest: Manifest | None, *, most: int) -> IngestionJob | None:
        """Store a queued job, as `JobStore` says."""
        asked = {"source": source, "uploaded": manifest is not None, "options": options.model_dump()}
        with self._database.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADDING_LOCK})
            queued = [_job(row) for row in connection.execute(select(*SHOWN).where(ingestion_jobs.c.state == "queued"))]
            if manifest is None:
                for job in queued:
                    if (job.source, job.uploaded, job.options) == (source, False, options):
                        return job
            if len(queued) >= most:
                return None
            job = _job(connection.execute(insert(ingestion_jobs).values(asked).returning(*SHOWN)).one())
            if manifest is not None:
                connection.execute(insert(ingestion_manifests).values(job_id=job.id, **asdict(manifest)))
        return job

    def get(self, job_id: UUID) -> IngestionJob | None:
        """Return a job."""
        with self._database.connect() as connection:
            return _one(connection.execute(select(*SHOWN).where(ingestion_jobs.c.id == job_id)).one_or_none())

    def newest(self, *, limit: int, before: UUID | None) -> Sequence[IngestionJob]:
        """Return jobs, newest first; raises NotFoundError where there is no job `before`."""
        place = tuple_(ingestion_jobs.c.created_at, ingestion_jobs.c.id)
        statement = select(*SHOWN).order_by(ingestion_jobs.c.created_at.desc(), ingestion_jobs.c.id.desc()).limit(limit)
        if before is not None:
            job = self.get(before)
            if job is None:
                raise NotFoundError(f"cursor {str(before)!r}: no such job; start again without it")
            statement = statement.where(place < tuple_(job.created_at, job.id))
        with self._database.connect() as connection:
            return [_job(row) for row in connection.execute(statement)]

    def unfinished(self) -> Sequence[IngestionJob]:
        """Return the jobs that are queued or running, oldest first."""
        with self._database.connect() as connection:
            statement = select(*SHOWN).where(UNFINISHED).order_by(ingestion_jobs.c.created_at)
            return [_job(row) for row in connection.execute(statement)]

    def cancel(self, job_id: UUID) -> IngestionJob | None:
        """End a queued job, ask a running one to end, leave others; return it as it is then."""
        queued = ingestion_jobs.c.state == "queued"
        values = {
            "cancel_requested": True,
            "state": case((queued, "cancelled"), else_=ingestion_jobs.c.state),
            "finished_at": case((queued, func.now()), else_=null()),
        }
        with self._database.begin() as connection:
            asked = update(ingestion_jobs).where((ingestion_jobs.c.id == job_id) & UNFINISHED).values(values)
            job = _one(connection.execute(asked.returning(*SHOWN)).one_or_none())
            if job is not None and job.over:
                _forget_manifest(connection, job_id)
        return job or self.get(job_id)

    def failures(self, job_id: UUID, *, limit: int, after: int) -> Sequence[JobFailure]:
        """Return failures of the job's last run in their order, those with an id above `after`."""
        columns = (ingestion_failures, ingestion_runs.c.source)
        statement = (
            select(*columns)
            .join(ingestion_runs, ingestion_runs.c.id == ingestion_failures.c.run_id)
            .join(ingestion_jobs, ingestion_jobs.c.run_id == ingestion_runs.c.id)
            .where((ingestion_jobs.c.id == job_id) & (ingestion_failures.c.id > after))
            .order_by(ingestion_failures.c.id)
            .limit(limit)
        )
        with self._database.connect() as connection:
            return [_failure(row) for row in connection.execute(statement)]

    def take(self, job_id: UUID) -> IngestionJob | None:
        """Make the caller the one who runs a job; None where it is over, or gone."""
        values = {
            "state": "running",
            "attempt": ingestion_jobs.c.attempt + 1,
            "lost": ingestion_jobs.c.lost + cast(ingestion_jobs.c.state == "running", Integer),
            "started_at": func.coalesce(ingestion_jobs.c.started_at, func.now()),
        }
        with self._database.begin() as connection:
            taken = update(ingestion_jobs).where((ingestion_jobs.c.id == job_id) & UNFINISHED).values(values)
            return _one(connection.execute(taken.returning(*SHOWN)).one_or_none())

    def manifest(self, job_id: UUID) -> Manifest | None:
        """Return the manifest of a job that is not over."""
        statement = select(ingestion_manifests.c.name, ingestion_manifests.c.content)
        with self._database.connect() as connection:
            row = connection.execute(statement.where(ingestion_manifests.c.job_id == job_id)).one_or_none()
        return Manifest(name=row.name, content=row.content) if row else None

    def tell(
        self, job: IngestionJob, counts: Mapping[str, Any], progress: Mapping[str, Any], *, run_of: str
    ) -> IngestionJob | None:
        """Store how far the newest run of the source `run_of` is, and return the job; None for who has it no longer.

        A worker that stored anything is none that was lost in vain: `lost` begins again.
        """
        run = select(func.max(ingestion_runs.c.id)).where(ingestion_runs.c.source == run_of).scalar_subquery()
        values = {"counts": dict(counts), "progress": dict(progress), "run_id": run}
        return self._write(job, values | ({"lost": 0} if _stored_anything(counts) else {}))

    def give_back(self, job: IngestionJob) -> IngestionJob | None:
        """Queue the job again for another worker; None for who has it no longer. One to be cancelled is cancelled."""
        cancelled = ingestion_jobs.c.cancel_requested
        values = {
            "state": case((cancelled, "cancelled"), else_="queued"),
            "finished_at": case((cancelled, func.now()), else_=null()),
            "lost": 0,
        }
        return self._write(job, values)

    def finish(self, job: IngestionJob, state: JobState, message: str | None = None) -> IngestionJob | None:
        """End the job; None for who has it no longer."""
        return self._write(job, {"state": state, "message": message, "finished_at": func.now()})

    def _write(self, job: IngestionJob, values: Mapping[str, Any]) -> IngestionJob | None:
        mine = (ingestion_jobs.c.id == job.id) & (ingestion_jobs.c.attempt == job.attempt)
        statement = update(ingestion_jobs).where(mine & (ingestion_jobs.c.state == "running")).values(dict(values))
        with self._database.begin() as connection:
            written = _one(connection.execute(statement.returning(*SHOWN)).one_or_none())
            if written is not None and written.over:
                _forget_manifest(connection, job.id)
        return written


def _stored_anything(counts: Mapping[str, Any]) -> bool:
    return any(counts.get(what, {}).get(outcome) for what in ("venues", "photos") for outcome in STORED)


def _forget_manifest(connection: Connection, job_id: UUID) -> None:
    connection.execute(delete(ingestion_manifests).where(ingestion_manifests.c.job_id == job_id))


def _one(row: Row[Any] | None) -> IngestionJob | None:
    return _job(row) if row is not None else None


def _job(row: Row[Any]) -> IngestionJob:
    job = IngestionJob(**row._mapping)
    return replace(job, options=JobOptions.model_validate(job.options))


def _failure(row: Row[Any]) -> JobFailure:
    return JobFailure(
        id=row.id,
        uri=row.uri,
        external_id=row.external_id,
        kind=row.kind,
        reason=row.reason,
        read_from=row.source,
    )
