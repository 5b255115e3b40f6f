"""The table of what people did with venues."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    func,
    text,
)

from venuefinder.store.tables import metadata

user_events = Table(
    "user_events",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("user_name", Text, nullable=False, comment="made up by the caller; tells nobody who it is"),
    Column("event_id", Text, comment="the caller's own"),
    Column("kind", Text, nullable=False),
    Column("venue_id", BigInteger, ForeignKey("venues.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("happened_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
    CheckConstraint("user_name ~ '^[A-Za-z0-9_-]{8,64}$'", name="user_name"),
    CheckConstraint("event_id ~ '^[A-Za-z0-9_-]{1,64}$'", name="event_id"),
    CheckConstraint("kind IN ('view', 'save', 'dismiss', 'inquiry')", name="kind"),
    Index(
        "user_events_user_name_event_id_idx",
        "user_name",
        "event_id",
        unique=True,
        postgresql_where=text("event_id IS NOT NULL"),
    ),
    Index("user_events_user_name_happened_at_idx", "user_name", "happened_at"),
)
