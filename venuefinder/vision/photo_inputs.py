"""A venue's photos as vision-language models get them: decoded when their turn comes, never larger than asked for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, sqrt
from typing import Protocol

from PIL import Image

from venuefinder.decoding import BoundedDecoder
from venuefinder.domain import EmbeddingSpace, Venue
from venuefinder.errors import UnreadableImageError
from venuefinder.originals import Originals
from venuefinder.protocols import Embeddings
from venuefinder.records import StoredPhoto, StoredVenue
from venuefinder.vision.photo_reading import PhotoInput


@dataclass(frozen=True, slots=True, kw_only=True)
class VenuePhotos:
    """A venue with its photos, in listing order, but for those aside, which come last."""

    venue: Venue
    captions: tuple[str, ...]
    photos: tuple[PhotoInput, ...]


class StoredVenues(Protocol):
    """Where venues are kept: `store.venues.VenueRepository`."""

    def known(self, external_ids: Collection[str]) -> Mapping[str, StoredVenue]:
        """Return those of the venues that are stored, by external id."""


class StoredVectors(Protocol):
    """Where embeddings are kept: `store.photo_vectors.PhotoVectors`."""

    def by_id(self, photo_ids: Collection[int], *, space: EmbeddingSpace) -> Mapping[int, Embeddings]:
        """Return `float32 [V, D]` for each photo that is embedded in `space`."""


class PhotoInputs:
    """Finds the photos of venues, with their embeddings in one space. Thread-safe."""

    def __init__(
        self,
        venues: StoredVenues,
        vectors: StoredVectors,
        space: EmbeddingSpace,
        originals: Originals,
        decoder: BoundedDecoder,
    ) -> None:
        self._venues = venues
        self._vectors = vectors
        self._space = space
        self._originals = originals
        self._decoder = decoder

    def of(self, external_ids: Sequence[str]) -> Mapping[str, VenuePhotos]:
        """Return each venue's photos; venues that are not stored are absent."""
        found = self._venues.known(external_ids)
        ids = [photo.id for stored in found.values() for photo in stored.photos.values()]
        vectors = self._vectors.by_id(ids, space=self._space)
        return {external_id: self._photos(stored, vectors) for external_id, stored in found.items()}

    def _photos(self, stored: StoredVenue, vectors: Mapping[int, Embeddings]) -> VenuePhotos:
        photos = stored.photos.values()
        return VenuePhotos(
            venue=stored.venue,
            captions=tuple(photo.caption for photo in photos if photo.caption),
            photos=tuple(
                self._photo(photo, vectors.get(photo.id)) for photo in sorted(photos, key=lambda photo: photo.aside)
            ),
        )

    def _photo(self, photo: StoredPhoto, embeddings: Embeddings | None) -> PhotoInput:
        return PhotoInput(
            photo_id=photo.id,
            content_hash=photo.content.content_hash,
            width=photo.content.width,
            height=photo.content.height,
            open=partial(self._open, photo),
            embeddings=embeddings,
            aside=photo.aside,
        )

    def _open(self, photo: StoredPhoto, pixels: int) -> Image.Image:
        """Decode a photo to about `pixels`; raises ImageError when its original is gone, broken or another by now."""
        content = photo.content
        size = reduced((content.width, content.height), pixels)
        with self._decoder.decoded(self._originals.reader(photo), draft=min(size)) as decoded:
            if decoded.content_hash != content.content_hash:
                raise UnreadableImageError("its original changed since it was ingested; run venuefinder ingest again")
            image = decoded.image
            return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def reduced(size: tuple[int, int], pixels: int) -> tuple[int, int]:
    """Return width and height in proportion, of `pixels` together or a few more, at most the original's."""
    scale = min(1.0, sqrt(pixels / (size[0] * size[1])))
    return ceil(size[0] * scale), ceil(size[1] * scale)
