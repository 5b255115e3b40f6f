"""Pictures of photos for pages and lists: re-encoded, without metadata, at a few widths, kept on disk.

Originals are never sent: they carry where and when they were taken and with what, and are bytes of strangers. What is
sent was decoded and encoded again by us, at full size too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore

from venuefinder.decoding import BoundedDecoder
from venuefinder.errors import BusyError, ImageError, NotFoundError
from venuefinder.images import ThumbnailFormat, thumbnail
from venuefinder.originals import Originals
from venuefinder.records import StoredPhoto
from venuefinder.variant_cache import VariantCache

WIDTHS = (160, 320, 640, 1280, 1920)
"""Pixels across. Few, so that what is kept stays small and nobody can ask for a thousand renderings of one photo."""
MOST_REMOTE = 16
"""Pictures made at once of originals that other machines have: slow ones must not take up all threads of a service."""
RENDERING = 1
"""Raise it when the same original would now look different: names on disk and entity tags change with it."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A picture of a photo: `width`, one of `WIDTHS`, pixels across at most; None for the original's size."""

    content_hash: bytes
    width: int | None
    format: ThumbnailFormat

    @property
    def name(self) -> str:
        """A name that no other picture has; the same pixels have the same name for ever."""
        return f"{self.content_hash.hex()}-{self.width or 'full'}-r{RENDERING}.{self.format.lower()}"


class Variants:
    """Renders pictures of photos, or finds them on disk. Thread-safe."""

    def __init__(self, originals: Originals, decoder: BoundedDecoder, cache: VariantCache) -> None:
        self._originals = originals
        self._decoder = decoder
        self._cache = cache
        self._places = BoundedSemaphore(MOST_REMOTE)

    def picture(self, photo: StoredPhoto, variant: Variant) -> bytes:
        """Return the encoded picture; raises NotFoundError when the original is gone, broken or another by now.

        Raises BusyError while too many originals are being read from other machines.
        """
        kept = self._cache.get(variant.name)
        if kept is not None:
            return kept
        rendered = self._rendered(photo, variant)
        self._cache.put(variant.name, rendered)
        return rendered

    def _rendered(self, photo: StoredPhoto, variant: Variant) -> bytes:
        try:
            with (
                self._place(photo),
                self._decoder.decoded(self._originals.reader(photo), draft=variant.width) as decoded,
            ):
                if decoded.content_hash != photo.content.content_hash:
                    raise NotFoundError(f"photo {photo.id}: its original changed since; run venuefinder ingest again")
                return thumbnail(decoded.image, width=variant.width or decoded.width, fmt=variant.format)
        except ImageError as error:
            raise NotFoundError(
                f"photo {photo.id}: its original is not to be had ({error}); run venuefinder doctor on its machine"
            ) from error

    @contextmanager
    def _place(self, photo: StoredPhoto) -> Iterator[None]:
        if not self._originals.remote(photo.file):
            yield
            return
        if not self._places.acquire(blocking=False):
            raise BusyError(f"photo {photo.id}: {MOST_REMOTE} originals are being read from elsewhere; try again soon")
        try:
            yield
        finally:
            self._places.release()
