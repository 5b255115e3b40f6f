"""Ingestion jobs that the API takes and workers run: what they are, and the seams to their store and their queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol
from uuid import UUID

from pydantic import Field, StringConstraints

from venuefinder.domain import Value
from venuefinder.errors import FailureKind

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
FINAL: tuple[JobState, ...] = ("done", "failed", "cancelled")
SOURCE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
SourceName = Annotated[str, StringConstraints(pattern=SOURCE_PATTERN)]
"""What an operator calls a source that callers may ask for."""


class JobOptions(Value):
    """What a caller may ask of a run; the operator decides everything else."""

    verify: bool = Field(default=False, description="Read and hash every photo again.")
    prune: bool = Field(default=False, description="Remove what the source no longer lists.")
    retry_failed: bool = Field(default=False, description="Take only what failed in this source's last run.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A manifest that a caller sent: kept in the database until its job ends, so that any machine can read it."""

    name: str
    """A file name; its suffix tells the format."""
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestionJob:
    """A job as it is stored."""

    id: UUID
    source: str
    """The name that the operator gave it, or of the uploaded manifest."""
    uploaded: bool
    options: JobOptions
    state: JobState
    counts: Mapping[str, Any] | None
    """The ingest report's counts, once there are some."""
    progress: Mapping[str, Any] | None
    message: str | None
    """Why it failed, in words for callers."""
    cancel_requested: bool
    attempt: int
    """How often a worker took it. Only the last taker may write."""
    lost: int
    """How often in a row its worker vanished without having stored anything."""
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def over(self) -> bool:
        """Whether its state is final."""
        return self.state in FINAL

    @property
    def lane(self) -> str:
        """Jobs with the same lane run one after the other: they read the same source."""
        return f"{'upload' if self.uploaded else 'source'}:{self.source}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailure:
    """A photo or venue that a job could not ingest, as the run recorded it: `reason` may tell of this machine."""

    id: int
    uri: str
    external_id: str | None
    kind: FailureKind
    reason: str
    read_from: str
    """Where the run's source lies: a path or URL, not for callers."""


class JobQueue(Protocol):
    """Hands jobs to workers, each to one at a time, on any machine."""

    def defer(self, job_id: UUID, *, lane: str) -> None:
        """Have a worker run a job, after those of the same lane; one that waits or is with a worker is left alone.

        Raises DatabaseUnavailableError.
        """

    def withdraw(self, job_id: UUID) -> None:
        """Forget a job that no worker has begun; others are left alone. Raises DatabaseUnavailableError."""

    def held(self) -> set[UUID]:
        """Return the jobs that wait for a worker or are with one. Raises DatabaseUnavailableError."""

    def workers(self) -> int:
        """Return how many workers are alive. Raises DatabaseUnavailableError."""


class JobStore(Protocol):
    """The jobs of one database. Raises DatabaseError where that does not answer."""

    def add(self, source: str, options: JobOptions, manifest: Manifest | None, *, most: int) -> IngestionJob | None:
        """Store a queued job; None where `most` are queued already.

        A source by name that is queued already with the same options is that job, not another one.
        """

    def get(self, job_id: UUID) -> IngestionJob | None:
        """Return a job."""

    def newest(self, *, limit: int, before: UUID | None) -> Sequence[IngestionJob]:
        """Return jobs, newest first, those older than `before` where that is given and there."""

    def unfinished(self) -> Sequence[IngestionJob]:
        """Return the jobs that are queued or running, oldest first."""

    def cancel(self, job_id: UUID) -> IngestionJob | None:
        """End a queued job, ask a running one to end, leave others; return it as it is then."""

    def failures(self, job_id: UUID, *, limit: int, after: int) -> Sequence[JobFailure]:
        """Return failures of the job's last run in their order, those with an id above `after`."""
