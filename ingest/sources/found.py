"""What sources yield."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import ValidationError

from ingest.sources.bases import Base
from venuefinder.domain import Listing
from venuefinder.errors import ListingError
from venuefinder.records import PhotoFile
from venuefinder.validation import explained


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Something that should have been a venue or a photo, and why it is not."""

    place: str
    reason: str


class AtHand(Protocol):
    """Bytes that came with a listing."""

    def take(self) -> bytes | None:
        """Return them, and let go of them; None where they are gone, to be read from their location."""


@dataclass(frozen=True, slots=True)
class GivenPhoto:
    """A photo that came with its listing."""

    file: PhotoFile
    data: AtHand | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVenue:
    """A listing, where it stands, and where its photos are."""

    place: str
    listing: Listing
    base: Base
    """Where what its photos are called leads, but for those in `given`."""
    given: Mapping[str, GivenPhoto] = field(default_factory=dict)
    """Photos that came with the listing, by uri."""
    unusable: tuple[Unreadable, ...] = ()
    """Files that would be photos of the venue, but cannot be listed."""

    @property
    def weight(self) -> int:
        """How many bytes of photos it holds in memory."""
        return sum(photo.file.size for photo in self.given.values() if photo.file.location.startswith("inline:"))


Found = FoundVenue | Unreadable


class Source(Protocol):
    """A place venues come from. Iterating reads it lazily; it can be iterated again."""

    @property
    def identity(self) -> str:
        """A name that stays the same from run to run: what vanished is judged against it."""

    def count(self) -> int | None:
        """Return how many venues there are, where that can be told without reading them; for progress only."""

    def __iter__(self) -> Iterator[Found]:
        """Yield every venue and every failure, in a stable order."""


class Seen:
    """External ids of a source, each with the place that has it first."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}

    def add(self, external_id: str, place: str) -> None:
        """Note one; raises ListingError where another place has it."""
        if first := self._places.get(external_id):
            raise ListingError(f"external_id {external_id!r} is already used by {first}; each venue needs its own")
        self._places[external_id] = place


def is_utf8(text: str) -> bool:
    """Return whether text that came from bytes holds none that are not UTF-8 (Python keeps them as surrogates)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def listing_from(fields: Any) -> Listing:
    """Validate the fields of a manifest line; raises ListingError naming each field, value and expectation."""
    if not isinstance(fields, dict):
        raise ListingError(f"found {type(fields).__name__}, expected an object with external_id, name and photos")
    try:
        return Listing.model_validate(fields)
    except ValidationError as error:
        raise ListingError(explained(error)) from None
