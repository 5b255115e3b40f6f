"""The tables of ingestion: what ran, what failed, what the API was asked to run."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from venuefinder.store.tables import made_at, metadata

ingestion_runs = Table(
    "ingestion_runs",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("source", Text, nullable=False),
    Column("space_id", Integer, ForeignKey("embedding_spaces.id", ondelete="SET NULL")),
    Column("state", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("finished_at", DateTime(timezone=True)),
    Column("report", JSONB),
    CheckConstraint("state IN ('running', 'done', 'failed', 'interrupted', 'cancelled')", name="state"),
    CheckConstraint("(state = 'running') = (finished_at IS NULL)", name="finished"),
    Index("ingestion_runs_source_idx", "source"),
)

ingestion_failures = Table(
    "ingestion_failures",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("run_id", BigInteger, ForeignKey("ingestion_runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("uri", Text, nullable=False, comment="of a photo, or the place of a listing"),
    Column("reason", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="broken", comment="see venuefinder.errors.FailureKind"),
    Column("external_id", Text, comment="of the venue, where the listing could be read"),
)

ingestion_jobs = Table(
    "ingestion_jobs",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=func.gen_random_uuid()),
    Column("source", Text, nullable=False, comment="the name that the operator gave it, or of the uploaded manifest"),
    Column("uploaded", Boolean, nullable=False, server_default="false"),
    Column("options", JSONB, nullable=False, server_default="{}"),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("counts", JSONB),
    Column("progress", JSONB),
    Column("message", Text, comment="why it failed"),
    Column("cancel_requested", Boolean, nullable=False, server_default="false"),
    Column(
        "attempt",
        Integer,
        nullable=False,
        server_default="0",
        comment="how often a worker took it; only the last taker may write",
    ),
    Column("lost", Integer, nullable=False, server_default="0", comment="how often in a row its worker vanished"),
    Column("run_id", BigInteger, ForeignKey("ingestion_runs.id", ondelete="SET NULL")),
    made_at(),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
    CheckConstraint("(state IN ('queued', 'running')) = (finished_at IS NULL)", name="finished"),
    Index("ingestion_jobs_created_at_idx", "created_at"),
)

ingestion_manifests = Table(
    "ingestion_manifests",
    metadata,
    Column("job_id", Uuid, ForeignKey("ingestion_jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, nullable=False, comment="its suffix tells the format"),
    Column("content", LargeBinary, nullable=False),
)
