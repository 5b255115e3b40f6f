"""Photos to show to vision-language models, made on the spot."""

from hashlib import sha256

import numpy as np
from PIL import Image

from venuefinder.errors import ImageError
from venuefinder.testing import FakeEncoder
from venuefinder.vision.photo_reading import PhotoInput


def photo(number: int, *, size: tuple[int, int] = (320, 240)) -> PhotoInput:
    """A photo of large soft patches, the same for the same number and size."""
    return photo_of(patches(number, size), number)


def photo_of(image: Image.Image, number: int = 1) -> PhotoInput:
    """A photo of a picture, embedded by the fake encoder."""
    return PhotoInput(
        photo_id=number,
        content_hash=sha256(image.tobytes()).digest(),
        width=image.width,
        height=image.height,
        open=lambda _: image,
        embeddings=FakeEncoder().encode_images([image])[0],
    )


def corrupt(number: int) -> PhotoInput:
    """A photo whose file is no photo any more."""

    def _open(pixels: int) -> Image.Image:
        raise ImageError("its original is gone; restore it and run venuefinder ingest again")

    return PhotoInput(photo_id=number, content_hash=bytes([number]) * 32, width=320, height=240, open=_open)


def patches(number: int, size: tuple[int, int] = (320, 240)) -> Image.Image:
    small = np.random.default_rng(number).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BILINEAR)
