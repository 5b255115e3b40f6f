"""Pictures with the edges, shades and grain of a photo of a room, drawn, the same for a number. Do not change them."""

import io
from functools import cache

import numpy as np
from PIL import Image, ImageDraw


@cache
def scene(number: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Furniture of many colours before a wall in the evening light."""
    random = np.random.default_rng(number)
    width, height = size
    image = Image.new("RGB", size, tuple(int(part) for part in random.integers(60, 200, 3)))
    pen = ImageDraw.Draw(image)
    for _ in range(40):
        left, top = random.uniform(-0.1, 0.9, 2) * size
        right, bottom = (left, top) + random.uniform(0.05, 0.4, 2) * size
        colour = tuple(int(part) for part in random.integers(0, 256, 3))
        (pen.rectangle if random.random() < 0.6 else pen.ellipse)((left, top, right, bottom), fill=colour)
    light = np.linspace(1.0, 0.55, width)[None, :, None] * np.linspace(0.8, 1.0, height)[:, None, None]
    grain = random.normal(0, 4, (height, width, 3))
    return Image.fromarray(np.clip(np.asarray(image) * light + grain, 0, 255).astype(np.uint8))


def saved(image: Image.Image, quality: int = 80) -> bytes:
    """Return a picture as JPEG."""
    written = io.BytesIO()
    image.save(written, "JPEG", quality=quality)
    return written.getvalue()
