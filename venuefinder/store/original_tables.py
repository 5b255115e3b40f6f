"""The table of originals in our own store that may be of no more use."""

from sqlalchemy import CheckConstraint, Column, LargeBinary, Table

from venuefinder.store.tables import metadata

unused_originals = Table(
    "unused_originals",
    metadata,
    Column("content_hash", LargeBinary, primary_key=True),
    CheckConstraint("length(content_hash) = 32", name="content_hash"),
    comment="let go of by a photo; deleted from the store by the next sweep, unless another photo has them",
)
