"""What the starter's photo tower looks at: the centre square of a photo, and the whole photo squashed to a square."""

import numpy as np
from PIL import Image

from venuefinder.protocols import Pixels

SIZE = 224
"""Pixels a side (EfficientNet-Lite0)."""
VIEWS = 2
CENTRE = 0.875
"""Share of the shorter side in the centre view, as EfficientNet's own evaluation crops (224 of 256 pixels)."""


def two_views(image: Image.Image) -> Pixels:
    """Take one upright image to its centre and the whole of it: `uint8 [2, 224, 224, 3]`, RGB."""
    image = _reduced(image.convert("RGB"))
    views = [image.resize((SIZE, SIZE), Image.Resampling.BICUBIC, box) for box in (_centre(image), None)]
    return np.stack([np.asarray(view, dtype=np.uint8) for view in views])


def _reduced(image: Image.Image) -> Image.Image:
    """Average whole blocks of large photos first: twice the final size is enough for the bicubic resize."""
    factor = min(image.size) // (2 * SIZE)
    return image.reduce(factor) if factor > 1 else image


def _centre(image: Image.Image) -> tuple[float, float, float, float]:
    side = CENTRE * min(image.size)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    return (left, top, left + side, top + side)
