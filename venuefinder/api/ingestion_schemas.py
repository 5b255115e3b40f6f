"""Bodies and answers of ingestion jobs."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from venuefinder.answers import Answer
from venuefinder.errors import FailureKind
from venuefinder.jobs import IngestionJob, JobFailure, JobOptions, JobState, SourceName


class IngestionRequest(JobOptions):
    """Which source to ingest, and how."""

    source: SourceName = Field(description="A name that the operator of this service allows.")

    @property
    def options(self) -> JobOptions:
        """How, without which."""
        return JobOptions(**self.model_dump(include=set(JobOptions.model_fields)))


class StartedAnswer(Answer):
    """A job that was taken."""

    id: UUID
    state: JobState


class Tallied(Answer):
    """How many were seen, and what became of them."""

    read: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    removed: int = 0


class CountsAnswer(Answer):
    """As in the report of `venuefinder ingest`."""

    venues: Tallied = Tallied()
    photos: Tallied = Tallied()
    kinds: dict[FailureKind, int] = Field(default={}, description="Failures by kind.")


class ProgressAnswer(Answer):
    """How fast it goes."""

    seconds: float = Field(description="Since the worker that has the job began with it.")
    photos_per_second: float = 0.0
    venues_total: int | None = Field(default=None, description="Null where only reading the source tells.")
    eta_seconds: float | None = Field(default=None, description="Until the source is read; null where unknown.")
    limited_by: str | None = Field(default=None, description="The stage that the run waited for longest.")
    stages: dict[str, float] = Field(
        default={}, description="Seconds that the run waited for each stage: list, decode, encode, write."
    )


class IngestionAnswer(Answer):
    """A job."""

    id: UUID
    source: str = Field(description="The name the operator gave it, or of the manifest that was sent.")
    uploaded: bool = Field(description="Whether a manifest was sent.")
    options: JobOptions
    state: JobState
    counts: CountsAnswer | None = Field(description="Null before a worker began.")
    progress: ProgressAnswer | None
    message: str | None = Field(description="Why it failed.")
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class IngestionsAnswer(Answer):
    """Jobs, newest first."""

    ingestions: list[IngestionAnswer]
    next_cursor: UUID | None = Field(description="Send it as `cursor` for the next page; null on the last one.")


class FailureAnswer(Answer):
    """A photo or a venue that could not be ingested."""

    uri: str = Field(description="The photo as its listing names it, or the place of the listing.")
    external_id: str | None = Field(description="The venue; null where the listing could not be read.")
    kind: FailureKind
    reason: str


class FailuresAnswer(Answer):
    """What a job could not ingest, in the order it was met."""

    failures: list[FailureAnswer]
    next_cursor: int | None = Field(description="Send it as `cursor` for the next page; null on the last one.")


def job_answer(job: IngestionJob) -> IngestionAnswer:
    """Return a job as callers see it."""
    return IngestionAnswer(
        id=job.id,
        source=job.source,
        uploaded=job.uploaded,
        options=job.options,
        state=job.state,
        counts=CountsAnswer.model_validate(job.counts) if job.counts is not None else None,
        progress=ProgressAnswer.model_validate(job.progress) if job.progress is not None else None,
        message=job.message,
        cancel_requested=job.cancel_requested,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


def failure_answer(failure: JobFailure) -> FailureAnswer:
    """Return a failure as callers see it."""
    return FailureAnswer(uri=failure.uri, external_id=failure.external_id, kind=failure.kind, reason=failure.reason)
