"""Pictures to search with: take uploads, keep their embedding for an hour, find embeddings again."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from venuefinder.answers import UploadAnswer
from venuefinder.decoding import BoundedDecoder, SentFile
from venuefinder.domain import EmbeddingSpace
from venuefinder.errors import ImageError, ImageSizeError, InputError, QueryError
from venuefinder.protocols import Embeddings, ImageEncoder, Pixels
from venuefinder.records import StoredSpace
from venuefinder.request import MAX_IMAGES, ImageQuery

KEPT_FOR = timedelta(hours=1)
MAX_QUERY_PIXELS = 80_000_000
"""Of a picture to search with, whatever photos of venues may have: someone waits for the answer."""
ID_BYTES = 16
"""128 random bits: whoever has an id may search with it, so nobody must be able to guess one."""

PictureId = int | str
"""Of a stored photo, or of an upload."""


class Spaces(Protocol):
    """Where pictures find the embedding space of their encoder."""

    def require(self, space: EmbeddingSpace) -> StoredSpace:
        """Return the stored space, or raise SpaceError."""


class PictureStore(Protocol):
    """What pictures ask of the store."""

    def keep(self, embeddings: Mapping[str, NDArray[np.float32]], space: StoredSpace, lifetime: timedelta) -> datetime:
        """Store embeddings by upload id, and return when they expire. Forgets some that have."""

    def forget(self, lifetime: timedelta) -> None:
        """Delete every upload that has expired."""

    def embeddings(
        self, ids: Sequence[PictureId], space: StoredSpace, lifetime: timedelta
    ) -> Mapping[PictureId, NDArray[np.float32]]:
        """Return `float32 [D]`, unit norm, of each photo and upload that has one in `space` and has not expired."""


class Pictures:
    """Takes pictures to search with, and finds their embeddings. Thread-safe.

    Of an upload nothing but one embedding is kept, and that for an hour: not the picture, its name, or who sent it.
    A photo of several views asks by its first, the model's own crop, as the background of picture queries was measured.
    """

    def __init__(
        self, store: PictureStore, spaces: Spaces, encoder: ImageEncoder, decoder: BoundedDecoder, *, max_bytes: int
    ) -> None:
        self._store = store
        self._spaces = spaces
        self._encoder = encoder
        self._decoder = decoder
        self._max_bytes = max_bytes

    def add(self, files: Sequence[SentFile]) -> list[UploadAnswer]:
        """Take 1 to 8 pictures, and answer with an id for each, in their order.

        Raises InputError for another number of them, ImageError naming the first that is not a usable photo, and
        SpaceError when nothing was embedded by this encoder; then nothing was kept.
        """
        if not 1 <= len(files) <= MAX_IMAGES:
            raise InputError(f"files: found {len(files)}, expected 1 to {MAX_IMAGES} pictures to search with")
        for file in files:
            if file.size > self._max_bytes:
                raise ImageSizeError(f"{file.name}: {file.size:,} bytes, at most {self._max_bytes:,} allowed")
        space = self._spaces.require(self._encoder.space)
        read = [self._prepared(file) for file in files]
        embeddings = self._encoder.encode_prepared([prepared for prepared, _ in read])[:, 0]
        ids = [secrets.token_urlsafe(ID_BYTES) for _ in files]
        expires_at = self._store.keep(dict(zip(ids, embeddings, strict=True)), space, KEPT_FOR)
        return [
            UploadAnswer(upload_id=upload_id, width=width, height=height, expires_at=expires_at)
            for upload_id, (_, (width, height)) in zip(ids, read, strict=True)
        ]

    def forget_expired(self) -> None:
        """Delete the embeddings of uploads that have expired; `add` does so in passing."""
        self._store.forget(KEPT_FOR)

    def vectors(self, images: Sequence[ImageQuery], space: StoredSpace) -> Embeddings:
        """Return the embeddings of these pictures in `space`, in their order: `float32 [K, D]`, unit norm.

        One statement whatever their number. Raises QueryError naming the first that has none.
        """
        if not images:
            return np.empty((0, space.space.dimension), dtype=np.float32)
        ids = [_id_of(image) for image in images]
        found = self._store.embeddings(ids, space, KEPT_FOR)
        for place, image in enumerate(images):
            if _id_of(image) not in found:
                raise QueryError(f"images[{place}]: {_missing(image)}")
        return np.stack([found[picture_id] for picture_id in ids])

    def _prepared(self, file: SentFile) -> tuple[Pixels, tuple[int, int]]:
        """Return what the encoder takes, and the picture's width and height."""
        side = self._encoder.space.facts.image_size
        try:
            with self._decoder.decoded(file.read, draft=side, max_pixels=MAX_QUERY_PIXELS) as photo:
                return self._encoder.prepare(photo.image), (photo.width, photo.height)
        except ImageError as error:
            raise type(error)(f"{file.name}: {error}; nothing of this upload was kept") from error


def _id_of(image: ImageQuery) -> PictureId:
    picture_id = image.upload_id if image.photo_id is None else image.photo_id
    assert picture_id is not None  # noqa: S101 - an ImageQuery has one of the two
    return picture_id


def _missing(image: ImageQuery) -> str:
    if image.photo_id is None:
        return f"no upload {image.upload_id!r}; it may have expired (uploads are kept an hour): upload it again"
    return (
        f"no photo {image.photo_id} embedded by this service's encoder; take the id of a photo that a search or "
        "GET /v1/venues/{external_id}/photos shows, or upload the picture"
    )
