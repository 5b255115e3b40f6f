"""Photos of a folder, as vision-language models get them."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PIL import Image

from venuefinder.decoding import BoundedDecoder
from venuefinder.images import read_photo
from venuefinder.protocols import Encoder
from venuefinder.vision.photo_inputs import reduced
from venuefinder.vision.photo_reading import PhotoInput

TEMPLATE = "a photo of {}"


class PhotoFolder:
    """Finds photos by their path below `root`; nothing outside it is ever read.

    With an encoder each photo comes with its embeddings, for models that look at nothing else.
    """

    def __init__(self, root: Path, decoder: BoundedDecoder, *, max_bytes: int, encoder: Encoder | None = None) -> None:
        self._root = root
        self._decoder = decoder
        self._max_bytes = max_bytes
        self._encoder = encoder

    def photo(self, number: int, name: str) -> PhotoInput:
        """Return the photo of this name; raises ImageError where there is none, or no usable one."""
        read = partial(read_photo, self._root / name, max_bytes=self._max_bytes, root=self._root)
        side = self._encoder.space.facts.image_size if self._encoder else 1
        with self._decoder.decoded(read, draft=side) as decoded:
            embeddings = self._encoder.encode_images([decoded.image])[0] if self._encoder else None
            return PhotoInput(
                photo_id=number,
                content_hash=decoded.content_hash,
                width=decoded.width,
                height=decoded.height,
                open=partial(self._open, read, (decoded.width, decoded.height)),
                embeddings=embeddings,
            )

    def cosines(self, photo: PhotoInput, phrases: Sequence[str]) -> list[float | None]:
        """Return the cosine of a photo's best view with each of the phrases; None each without an encoder."""
        if self._encoder is None or photo.embeddings is None:
            return [None] * len(phrases)
        texts = self._encoder.encode_texts([TEMPLATE.format(phrase) for phrase in phrases])
        return [float(value) for value in (texts @ photo.embeddings.T).max(axis=1)]

    def _open(self, read: Callable[[], bytes], size: tuple[int, int], pixels: int) -> Image.Image:
        target = reduced(size, pixels)
        with self._decoder.decoded(read, draft=min(target)) as decoded:
            image = decoded.image
            return image if image.size == target else image.resize(target, Image.Resampling.LANCZOS, reducing_gap=3.0)
