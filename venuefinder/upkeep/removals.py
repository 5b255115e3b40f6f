"""Remove venues and photos with all that is kept of them: rows, originals of our own store, pictures, readings."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from venuefinder.catalogue import Catalogue
from venuefinder.errors import NotFoundError
from venuefinder.originals import Originals
from venuefinder.records import StoredPhoto


class Uses(Protocol):
    """Knows which originals of our own store are needed. What removes photos notes it by itself."""

    def holding(self) -> AbstractContextManager[None]:
        """Keep sweeps away while originals are put into the store and their photos written."""

    def forget(self, contents: Collection[bytes]) -> None:
        """Note that nobody may need these originals: their photos were not written after all."""

    def sweep(self, forget: Callable[[bytes], None]) -> int:
        """Delete, by `forget`, what was let go of and no photo has, unless somebody holds; return how many."""


class Pictures(Protocol):
    """Where rendered pictures are kept."""

    def forget(self, content_hash: bytes) -> None:
        """Delete every picture of one original."""


class Readings(Protocol):
    """Where it is kept what models read of photos."""

    def forget_unused(self, photos: Collection[bytes]) -> int:
        """Delete what was read of these contents that no stored photo has any more."""


class Removals:
    """Removes what a caller names. Originals that lie where they were ingested from are the user's own and stay."""

    def __init__(
        self, catalogue: Catalogue, originals: Originals, uses: Uses, pictures: Pictures, readings: Readings
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

    @contextmanager
    def keeping(self, contents: Collection[bytes] = ()) -> Iterator[None]:
        """Put originals into our own store and write their photos within this block; if it fails, forget `contents`.

        What was let go of meanwhile is deleted at its end.
        """
        try:
            with self._uses.holding():
                try:
                    yield
                except BaseException:
                    self._uses.forget(contents)
                    raise
        finally:
            self.sweep()

    def sweep(self) -> int:
        """Delete the originals of our own store that no photo has any more; return how many.

        While somebody puts some there none is deleted; that is made good by whoever comes last.
        """
        return self._uses.sweep(self._originals.kept.delete)

    def _forget(self, photos: Sequence[StoredPhoto]) -> None:
        self.sweep()
        for photo in photos:
            self._pictures.forget(photo.content.content_hash)
        self._readings.forget_unused({photo.content.content_hash for photo in photos})
