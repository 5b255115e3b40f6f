"""Untrusted bytes to a photo of the sample venues: decoded, shrunk and written anew."""

import io

from PIL import Image, ImageOps

from samples.errors import UnsafePackageError

LONGEST_SIDE = 1600
MAX_PIXELS = 40_000_000
JPEG_QUALITY = 88


def clean_jpeg(data: bytes, name: str) -> bytes:
    """Decode a JPEG or PNG and write it as a JPEG of at most 1600 pixels a side, without its metadata.

    Raises UnsafePackageError for anything else, and for more than 40 million pixels.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UnsafePackageError(
                    f"photo {name}: found {image.width} x {image.height} pixels, expected at most {MAX_PIXELS} in all"
                )
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnsafePackageError(f"photo {name}: found no readable image, expected JPEG or PNG ({error})") from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return as_jpeg(upright)


def as_jpeg(image: Image.Image) -> bytes:
    """Return the RGB image as JPEG bytes."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return buffer.getvalue()
