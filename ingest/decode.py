"""Read one photo: bytes, checks, hash, pixels for the encoder. Runs in threads; Pillow and hashlib let others run."""

import hashlib
from dataclasses import dataclass, replace

from ingest.planner import PhotoTask
from venuefinder.errors import ImageError
from venuefinder.images import LOOK_SIDE, decode_photo, look_at, read_photo
from venuefinder.protocols import ImageEncoder, Pixels
from venuefinder.records import Failure, PhotoContent, PhotoDraft


@dataclass(frozen=True, slots=True)
class ReadPhoto:
    """A photo that was read. `prepared` is `uint8 [P, S, S, 3]`, None when its bytes are embedded already."""

    draft: PhotoDraft
    prepared: Pixels | None


class Decoder:
    """Turns photo tasks into pixels ready for one encoder. Thread-safe."""

    def __init__(self, encoder: ImageEncoder, *, max_pixels: int, max_bytes: int) -> None:
        self._encoder = encoder
        self._max_pixels = max_pixels
        self._max_bytes = max_bytes
        self._draft = max(encoder.space.facts.image_size, LOOK_SIDE)

    def __call__(self, task: PhotoTask) -> ReadPhoto | Failure:
        """Read and prepare one photo; whatever is wrong with it becomes a Failure."""
        try:
            data = read_photo(task.path, max_bytes=self._max_bytes, root=task.root)
            stored = task.stored
            if stored and stored.embedded and hashlib.sha256(data).digest() == stored.content.content_hash:
                return ReadPhoto(task.draft, None)
            photo = decode_photo(data, max_pixels=self._max_pixels, draft=self._draft)
            prepared = self._encoder.prepare(photo.image)
        except ImageError as error:
            return Failure(str(task.path), str(error), error.kind)
        content = PhotoContent(
            content_hash=photo.content_hash,
            width=photo.width,
            height=photo.height,
            format=photo.format,
            look=look_at(photo.image, size=(photo.width, photo.height)),
        )
        return ReadPhoto(replace(task.draft, content=content), prepared)
