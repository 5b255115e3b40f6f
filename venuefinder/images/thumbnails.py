"""Smaller variants of a photo, for pages and lists."""

import io
from typing import Literal

from PIL import Image

ThumbnailFormat = Literal["JPEG", "WEBP"]
_QUALITY = 82


def thumbnail(image: Image.Image, *, width: int, fmt: ThumbnailFormat = "JPEG") -> bytes:
    """Encode an upright sRGB image at `width` pixels across (or its own width, if that is less), in proportion.

    Carries no metadata of the original: no EXIF, no place, no comment, no colour profile. `decode_photo` with
    `draft=width` gives a large enough image at the least cost.
    """
    across = min(width, image.width)
    size = (across, max(1, round(image.height * across / image.width)))
    small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0) if size != image.size else image.copy()
    small.info.clear()
    target = io.BytesIO()
    if fmt == "JPEG":
        small.save(target, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    else:
        small.save(target, "WEBP", quality=_QUALITY, method=4)
    return target.getvalue()
