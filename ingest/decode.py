"""Read one photo: bytes, checks, hash, pixels for the encoder. Runs in threads; Pillow and hashlib let others run."""

import hashlib
from dataclasses import dataclass, replace

from ingest.planner import PhotoTask, shown_place
from venuefinder.errors import ImageError, ImageSizeError
from venuefinder.images import LOOK_SIDE, decode_photo, look_at
from venuefinder.originals import Originals
from venuefinder.protocols import ImageEncoder, Pixels
from venuefinder.records import Failure, PhotoContent, PhotoDraft


@dataclass(frozen=True, slots=True)
class ReadPhoto:
    """A photo that was read. `prepared` is `uint8 [P, S, S, 3]`, None when its bytes are embedded already."""

    draft: PhotoDraft
    prepared: Pixels | None


class Decoder:
    """Turns photo tasks into pixels ready for one encoder, and keeps the bytes that are to be kept. Thread-safe."""

    def __init__(self, encoder: ImageEncoder, originals: Originals, *, max_pixels: int) -> None:
        self._encoder = encoder
        self._originals = originals
        self._max_pixels = max_pixels
        self._draft = max(encoder.space.facts.image_size, LOOK_SIDE)

    def __call__(self, task: PhotoTask) -> ReadPhoto | Failure:
        """Read and prepare one photo; whatever is wrong with it becomes a Failure."""
        return self.prepare(task, self.read(task))

    def read(self, task: PhotoTask) -> bytes | Failure:
        """Return a photo's bytes, wherever they are."""
        try:
            data = task.data.take() if task.data else None
            if data is None:
                return self._originals.at(task.draft.file.location, root=task.root, public=task.public)
            if len(data) > self._originals.max_bytes:
                raise ImageSizeError(f"{len(data):,} bytes, at most {self._originals.max_bytes:,} allowed")
        except ImageError as error:
            return _failure(task, error)
        return data

    def prepare(self, task: PhotoTask, data: bytes | Failure) -> ReadPhoto | Failure:
        """Decode what was read; what was not stays a Failure."""
        if isinstance(data, Failure):
            return data
        try:
            return self._prepared(task, data)
        except ImageError as error:
            return _failure(task, error)

    def _prepared(self, task: PhotoTask, data: bytes) -> ReadPhoto:
        draft = replace(task.draft, file=replace(task.draft.file, size=len(data)))
        stored = task.stored
        if stored and stored.embedded and hashlib.sha256(data).digest() == stored.content.content_hash:
            self._keep(draft, data, stored.content.content_hash)
            return ReadPhoto(draft, None)
        photo = decode_photo(data, max_pixels=self._max_pixels, draft=self._draft)
        prepared = self._encoder.prepare(photo.image)
        self._keep(draft, data, photo.content_hash)
        content = PhotoContent(
            content_hash=photo.content_hash,
            width=photo.width,
            height=photo.height,
            format=photo.format,
            look=look_at(photo.image, size=(photo.width, photo.height)),
        )
        return ReadPhoto(replace(draft, content=content), prepared)

    def _keep(self, draft: PhotoDraft, data: bytes, content_hash: bytes) -> None:
        if draft.file.copied:
            self._originals.keep(data, content_hash)


def _failure(task: PhotoTask, error: ImageError) -> Failure:
    place = task.draft.uri if task.data else shown_place(task.draft.file)
    return Failure(place, str(error), error.kind)
