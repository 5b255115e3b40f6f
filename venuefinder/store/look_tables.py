"""The tables of what photos look like: what is wrong with one, what kind it is."""

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)

from venuefinder.store.tables import metadata

photo_looks = Table(
    "photo_looks",
    metadata,
    Column("content_hash", LargeBinary, primary_key=True),
    Column("version", SmallInteger, nullable=False, comment="of what computed it"),
    Column("perceptual_hash", BigInteger, nullable=False),
    Column("sharpness", REAL, nullable=False),
    Column("flags", ARRAY(Text), nullable=False, server_default="{}"),
    CheckConstraint("length(content_hash) = 32", name="content_hash"),
)

photo_tags = Table(
    "photo_tags",
    metadata,
    Column("space_id", Integer, ForeignKey("embedding_spaces.id", ondelete="CASCADE"), primary_key=True),
    Column("photo_id", BigInteger, ForeignKey("photos.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("tag", Text, primary_key=True),
    Column("probability", REAL, nullable=False),
    CheckConstraint("probability BETWEEN 0 AND 1", name="probability"),
)
