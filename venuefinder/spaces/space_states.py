"""What the store says of embedding spaces as wholes: how full, how large, which one serves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from venuefinder.domain import Venue
from venuefinder.records import IndexKind, StoredPhoto, StoredSpace

SpaceRole = Literal["active", "previous", "spare"]
"""`active` serves; `previous` is what a rollback returns to; `spare` are the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """How much of the catalogue has no embeddings in a space."""

    photos: int
    descriptions: int

    def __bool__(self) -> bool:
        """Return whether anything is missing."""
        return bool(self.photos or self.descriptions)

    def __str__(self) -> str:
        return f"{_counted(self.photos, 'photo')} and {_counted(self.descriptions, 'description')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceState:
    """A space as it is now."""

    stored: StoredSpace
    role: SpaceRole
    photos: int
    """Photos with embeddings in it."""
    descriptions: int
    """Venues whose description has."""
    missing: Missing
    indexes: tuple[IndexKind, ...]
    """Approximate indexes, valid ones."""
    size: int
    """Bytes on disk, indexes included."""
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unembedded:
    """A photo without embeddings in some space."""

    photo: StoredPhoto
    venue_id: int
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undescribed:
    """A venue whose description has no embeddings in some space."""

    venue_id: int
    venue: Venue
    """What its embeddings are made of: see `descriptions.told_by`. Nothing else is read."""


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
