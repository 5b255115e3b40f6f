"""Remove venues and photos with all that is kept of them: rows, originals that were uploaded, pictures, readings."""

from collections.abc import Collection, Sequence
from typing import Protocol

from venuefinder.catalogue import Catalogue
from venuefinder.errors import NotFoundError
from venuefinder.originals import UPLOAD, Originals
from venuefinder.records import StoredPhoto


class PhotoUses(Protocol):
    """Tells which originals are still needed, whichever venue they belong to."""

    def locations_in_use(self, locations: Collection[str]) -> set[str]:
        """Return those of the locations that a stored photo has."""


class Pictures(Protocol):
    """Where rendered pictures are kept."""

    def forget(self, content_hash: bytes) -> None:
        """Delete every picture of one original."""


class Readings(Protocol):
    """Where it is kept what models read of photos."""

    def forget_unused(self, photos: Collection[bytes]) -> int:
        """Delete what was read of these contents that no stored photo has any more."""


class Removals:
    """Removes what a caller names. Originals that were ingested in place are the user's own files and stay."""

    def __init__(
        self, catalogue: Catalogue, originals: Originals, uses: PhotoUses, pictures: Pictures, readings: Readings
    ) -> None:
        self._catalogue = catalogue
        self._originals = originals
        self._uses = uses
        self._pictures = pictures
        self._readings = readings

    def remove_photo(self, external_id: str, photo_id: int) -> None:
        """Remove one photo of a venue; raises NotFoundError when that venue has none by that id."""
        photos = self._catalogue.require(external_id).photos.values()
        photo = next((photo for photo in photos if photo.id == photo_id), None)
        if photo is None or not self._catalogue.remove_photos([photo_id]):
            raise NotFoundError(f"photo {photo_id}: venue {external_id!r} has no photo by that id")
        self._forget([photo])

    def remove_venue(self, external_id: str) -> None:
        """Remove a venue with its photos; raises NotFoundError."""
        self._catalogue.require(external_id)
        if not self.remove_venues([external_id]):
            raise NotFoundError(f"venue {external_id!r}: was removed meanwhile")

    def remove_venues(self, external_ids: Collection[str]) -> int:
        """Remove venues with their photos; return how many there were."""
        venues = self._catalogue.known(external_ids).values()
        removed = self._catalogue.remove(external_ids)
        self._forget([photo for venue in venues for photo in venue.photos.values()])
        return removed

    def forget_unused(self, locations: Collection[str]) -> None:
        """Delete those of these uploaded originals that no photo has; hold `Originals.lock`."""
        uploaded = {location for location in locations if location.startswith(UPLOAD)}
        for location in uploaded - self._uses.locations_in_use(uploaded):
            self._originals.forget(location)

    def _forget(self, photos: Sequence[StoredPhoto]) -> None:
        with self._originals.lock:
            self.forget_unused({photo.file.location for photo in photos})
        for photo in photos:
            self._pictures.forget(photo.content.content_hash)
        self._readings.forget_unused({photo.content.content_hash for photo in photos})
