"""What sources yield."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from venuefinder.domain import Listing
from venuefinder.errors import ListingError
from venuefinder.validation import explained


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Something that should have been a venue or a photo, and why it is not."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVenue:
    """A listing, where it stands, and the folder its photos are relative to."""

    place: str
    listing: Listing
    folder: Path
    unusable: tuple[Unreadable, ...] = ()
    """Files that would be photos of the venue, but cannot be listed."""


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
