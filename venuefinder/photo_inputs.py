"""A venue's photos as vision-language models get them: decoded when their turn comes, never larger than asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from venuefinder.domain import Venue
from venuefinder.photo_reading import PhotoInput


@dataclass(frozen=True, slots=True, kw_only=True)
class VenuePhotos:
    """A venue with its photos, in listing order."""

    venue: Venue
    captions: tuple[str, ...]
    photos: tuple[PhotoInput, ...]


class PhotoInputs:
    """Finds the photos of venues."""

    def of(self, external_ids: Sequence[str]) -> Mapping[str, VenuePhotos]:
        """Return each venue's photos; venues that are not stored are absent."""
        raise NotImplementedError
