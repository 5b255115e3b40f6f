"""From bytes to an upright RGB image, with every limit checked on the header, before a pixel is decoded."""

import hashlib
import io
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from PIL import ExifTags, Image, ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from venuefinder.errors import ImageError
from venuefinder.images.colour import to_srgb
from venuefinder.images.formats import ALLOWED_FORMATS, describe, sniff

_PLUGINS: dict[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WEBP": WebPImageFile,
    "GIF": GifImageFile,
    "TIFF": TiffImageFile,
    "AVIF": AvifImageFile,
}
_SCAN = b"\xff\xda"
"""JPEG's start of scan (ITU-T T.81, B.2.3)."""
_PILLOW = r"PIL\."
MIN_SIDE = 16
"""Pixels: what is smaller is an icon or a tracking pixel, not a photo."""
MAX_ASPECT = 50
"""Longer side over shorter. A ribbon of 65,500 x 16 pixels would be a hundred times as many once its shorter side is
scaled up to what an encoder sees."""
MAX_SCANS = 100
"""Scans of a JPEG. Encoders write a dozen; each costs a pass over all pixels, even one of a few bytes."""

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF Orientation (CIPA DC-008, tag 0x0112) to what turns the picture upright."""
_LYING = frozenset((5, 6, 7, 8))
"""Orientations that swap width and height."""

_QUIET = ("ignore", None, Warning, re.compile(_PILLOW), 0)
"""The filter of `quiet_pillow`, as `warnings` keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedPhoto:
    """A photo ready to be looked at."""

    image: Image.Image
    """Upright, RGB, 8 bit, sRGB, without metadata. Smaller than the original if a draft was enough."""
    width: int
    """Of the upright original, in pixels."""
    height: int
    format: str
    """One of `ALLOWED_FORMATS`."""
    content_hash: bytes
    """SHA-256 of the file's bytes, 32 bytes."""


def decode_photo(data: bytes, *, max_pixels: int, draft: int | None = None) -> DecodedPhoto:
    """Decode one photo of at most `max_pixels` pixels; of an animation, the first frame.

    With `draft`, the image may come smaller, which is faster, by a whole factor and with no side below `draft` pixels
    (unless the original's is). Takes up to about 8 bytes a pixel for a moment. Raises ImageError with a reason that a
    person understands; no other exception and no warning.
    """
    name = _known_format(data)
    quiet_pillow()
    try:
        image = _open(name, data)
        size = _checked_size(image, max_pixels)
        upright, orientation = _load(image, draft)
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError(f"{name}: not enough memory to decode it; lower the pixel cap") from error
    except Exception as error:  # a decoder fed by strangers may raise anything at all
        raise ImageError(_why_not(name, data, error)) from error
    width, height = reversed(size) if orientation in _LYING else size
    digest = hashlib.sha256(data).digest()
    return DecodedPhoto(image=upright, width=width, height=height, format=name, content_hash=digest)


def quiet_pillow() -> None:
    """Keep Pillow's remarks on odd files off stderr; one process-wide filter, for that package's modules alone.

    Looked for on every call because whoever resets the filters, as test runners do, drops it.
    """
    if _QUIET not in warnings.filters:
        warnings.filterwarnings("ignore", module=_PILLOW)


def _known_format(data: bytes) -> str:
    if not data:
        raise ImageError("empty file")
    name = sniff(data)
    if name is None:
        raise ImageError(f"found {describe(data)}, expected an image: {', '.join(ALLOWED_FORMATS)}")
    if name == "JPEG" and data.count(_SCAN) > MAX_SCANS:
        raise ImageError(f"JPEG of {data.count(_SCAN):,} scans, at most {MAX_SCANS} allowed; save it anew")
    return name


def _open(name: str, data: bytes) -> ImageFile.ImageFile:
    """Read the header. The plugin is called by name: `Image.open` would first apply its process-wide pixel limit."""
    return _plugin(name)(io.BytesIO(data))


def _plugin(name: str) -> Callable[[io.BytesIO], ImageFile.ImageFile]:
    if name == "HEIF":
        from pillow_heif import HeifImageFile

        return HeifImageFile
    return _PLUGINS[name]


def _checked_size(image: Image.Image, max_pixels: int) -> tuple[int, int]:
    width, height = image.size
    if width * height > max_pixels:
        found, allowed = width * height / 1e6, max_pixels / 1e6
        raise ImageError(f"{found:,.4g} megapixels ({width:,} x {height:,}), at most {allowed:,.4g} allowed")
    if min(width, height) < MIN_SIDE:
        raise ImageError(f"{width:,} x {height:,} pixels, at least {MIN_SIDE} a side expected")
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise ImageError(f"{width:,} x {height:,} pixels, at most {MAX_ASPECT} times as long as wide allowed")
    return width, height


def _load(image: ImageFile.ImageFile, draft: int | None) -> tuple[Image.Image, int]:
    """Decode; return the upright image and the orientation that it had."""
    size = image.size
    if draft and image.format == "JPEG":
        image.draft(None, (draft, draft))
        size = image.size
    image.load()
    if image.size != size:
        raise ImageError(f"the header says {size[0]} x {size[1]} pixels, the image has {image.width} x {image.height}")
    orientation = _orientation(image)
    pixels = to_srgb(image)
    factor = min(pixels.size) // draft if draft else 1
    if factor > 1:
        pixels = pixels.reduce(factor)
    if orientation in _UPRIGHT:
        pixels = pixels.transpose(_UPRIGHT[orientation])
    if pixels is image:  # the plugin's object holds on to the file's bytes
        pixels = pixels.copy()
    pixels.info.clear()
    return pixels, orientation


def _orientation(image: Image.Image) -> int:
    """Return EXIF's orientation after loading, when the plugins that turn pixels themselves have cleared it."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # broken EXIF costs the orientation, not the photo
        return 1
    return value if isinstance(value, int) else 1


def _why_not(name: str, data: bytes, error: Exception) -> str:
    reason = " ".join(str(error).split()) or type(error).__name__
    if "truncated" in reason.lower() or isinstance(error, EOFError):
        return f"truncated {name}: the image goes on after the {len(data):,} bytes found; copy it again"
    return f"broken {name}: {reason[:200]}"
