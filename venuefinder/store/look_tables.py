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
    Column("version", Text, nullable=False, comment="of the prompts and rules that told them"),
    Column("tags", ARRAY(Text), nullable=False),
    Column("probabilities", ARRAY(REAL), nullable=False, comment="of each tag"),
    CheckConstraint("cardinality(tags) = cardinality(probabilities)", name="probabilities"),
    comment="a photo without tags has a row too: it was looked at",
)
