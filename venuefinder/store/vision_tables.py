"""The tables of what vision-language models read of photos."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from venuefinder.store.tables import made_at, metadata

vision_models = Table(
    "vision_models",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False, unique=True, comment="over everything that shapes an answer"),
    Column("backend", Text, nullable=False),
    Column("model", Text, nullable=False),
    made_at(),
    CheckConstraint("key ~ '^[0-9a-f]{64}$'", name="key"),
)

photo_reports = Table(
    "photo_reports",
    metadata,
    Column("content_hash", LargeBinary, primary_key=True),
    Column("model_id", Integer, ForeignKey("vision_models.id", ondelete="CASCADE"), primary_key=True),
    Column("report", JSONB, nullable=False),
    made_at(),
    CheckConstraint("length(content_hash) = 32", name="content_hash"),
    CheckConstraint("jsonb_typeof(report) = 'object'", name="report"),
)

photo_verdicts = Table(
    "photo_verdicts",
    metadata,
    Column("content_hash", LargeBinary, primary_key=True),
    Column("model_id", Integer, ForeignKey("vision_models.id", ondelete="CASCADE"), primary_key=True),
    Column("question_hash", LargeBinary, primary_key=True),
    Column("yes", Boolean),
    Column("probability", Double),
    Column("grade", Double, comment="how far it is so, in the words of a model without probabilities"),
    Column("expires_at", DateTime(timezone=True), comment="null: stays as long as the photo"),
    CheckConstraint("length(content_hash) = 32", name="content_hash"),
    CheckConstraint("length(question_hash) = 32", name="question_hash"),
    CheckConstraint("probability BETWEEN 0 AND 1", name="probability"),
    CheckConstraint("grade BETWEEN 0 AND 1", name="grade"),
    Index("photo_verdicts_expires_at_idx", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
)
