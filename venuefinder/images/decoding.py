"""From bytes to an upright RGB image, with every limit checked on the header, before a pixel is decoded."""

import hashlib
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import ExifTags, Image, ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from venuefinder.errors import ImageError, ImageSizeError, NotAnImageError, TruncatedImageError
from venuefinder.images.colour import to_srgb
from venuefinder.images.formats import ALLOWED_FORMATS, announced_length, describe, sniff
from venuefinder.images.limits import MeteredBytes, check_compression, check_header, check_scans, check_size

DRAFT_MARGIN = 2
"""A draft keeps this many times the pixels a side that were asked for: the caller's own resize does the rest."""
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
_PLUGINS: dict[str, Callable[[MeteredBytes], ImageFile.ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WEBP": WebPImageFile,
    "GIF": GifImageFile,
    "TIFF": TiffImageFile,
    "AVIF": AvifImageFile,
}

_PILLOW = r"PIL\."
_QUIET = ("ignore", None, Warning, re.compile(_PILLOW), 0)
"""The filter of `_quiet_pillow`, as `warnings` keeps it."""


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

    `draft` is the length in pixels to which the caller will scale the shorter side. The image may then come a half, a
    quarter or an eighth of the original, never with a side below twice `draft`: three times faster for a JPEG of 12
    megapixels. Takes 8 to 16 bytes a pixel for a moment (WebP most). Raises ImageError with a reason that a person
    understands; no other exception and no warning.
    """
    name = _known_format(data)
    _quiet_pillow()
    with _told(name, data, max_pixels):
        image = _open(name, data, max_pixels)
        size, upright, orientation = _load(image, max_pixels, draft)
    width, height = _turned(size, orientation)
    digest = hashlib.sha256(data).digest()
    return DecodedPhoto(image=upright, width=width, height=height, format=name, content_hash=digest)


def photo_size(data: bytes, *, max_pixels: int) -> tuple[int, int]:
    """Return a photo's upright width and height in pixels, from its header alone: no pixel is decoded.

    Raises ImageError as `decode_photo` does, for what the header tells.
    """
    name = _known_format(data)
    _quiet_pillow()
    with _told(name, data, max_pixels):
        image = _open(name, data, max_pixels)
        if name == "TIFF":  # its plugin tells the upright size
            return image.size
        # The base class reads the header; PNG's own method would decode the picture to look behind it.
        return _turned(image.size, _orientation(lambda: Image.Image.getexif(image)))


@contextmanager
def _told(name: str, data: bytes, max_pixels: int) -> Iterator[None]:
    """Turn whatever a decoder raises into an ImageError with the reason."""
    try:
        yield
    except ImageError:
        raise
    except Image.DecompressionBombError as error:  # Pillow's own limit, for WebP and for tiles of a TIFF
        raise ImageSizeError(f"{name} of more than 178 megapixels, at most {max_pixels / 1e6:,.4g} allowed") from error
    except MemoryError as error:
        raise ImageSizeError(f"{name}: not enough memory to decode it; lower the pixel cap") from error
    except Exception as error:  # a decoder fed by strangers may raise anything at all
        raise _why_not(name, data, error) from error


def _turned(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    return (size[1], size[0]) if orientation in _LYING else size


def _quiet_pillow() -> None:
    """Keep Pillow's remarks on odd files off stderr; one process-wide filter, for that package's modules alone.

    Looked for on every call because whoever resets the filters, as test runners do, drops it.
    """
    if _QUIET not in warnings.filters:
        warnings.filterwarnings("ignore", module=_PILLOW)


def _known_format(data: bytes) -> str:
    if not data:
        raise ImageSizeError("empty file")
    name = sniff(data)
    if name is None:
        raise NotAnImageError(f"found {describe(data)}, expected an image: {', '.join(ALLOWED_FORMATS)}")
    return name


def _open(name: str, data: bytes, max_pixels: int) -> ImageFile.ImageFile:
    """Read and judge the header, by the plugin's name: `Image.open` would first apply its process-wide pixel limit."""
    check_header(name, data, max_pixels)
    image = _plugin(name)(MeteredBytes(data))
    check_compression(image)
    check_scans(image, data)
    check_size(image, max_pixels)
    return image


def _plugin(name: str) -> Callable[[MeteredBytes], ImageFile.ImageFile]:
    if name == "HEIF":
        from pillow_heif import HeifImageFile

        return HeifImageFile
    return _PLUGINS[name]


def _load(image: ImageFile.ImageFile, max_pixels: int, draft: int | None) -> tuple[tuple[int, int], Image.Image, int]:
    """Decode; return the original's size as stored, the upright image and the orientation that the original had."""
    size, factor = image.size, _factor(image.size, draft)
    if factor > 1 and image.format == "JPEG":
        image.draft(None, (size[0] // factor, size[1] // factor))
    announced = image.size
    image.load()
    if image.size != announced:  # HEIF: the container's header and the picture in it may disagree
        check_size(image, max_pixels)
        size, factor = image.size, _factor(image.size, draft)
    orientation = _orientation(image.getexif)
    pixels = _shrunk(to_srgb(image), size, factor)
    if orientation in _UPRIGHT:
        pixels = pixels.transpose(_UPRIGHT[orientation])
    if pixels is image:  # the plugin's object holds on to the file's bytes
        pixels = pixels.copy()
    pixels.info.clear()
    return size, pixels, orientation


def _factor(size: tuple[int, int], draft: int | None) -> int:
    """Return how many times smaller to decode: one of the factors that JPEG decoders know."""
    if not draft:
        return 1
    return next((factor for factor in (8, 4, 2) if min(size) >= factor * DRAFT_MARGIN * draft), 1)


def _shrunk(pixels: Image.Image, size: tuple[int, int], factor: int) -> Image.Image:
    """Bring `pixels`, of an original of `size`, to exactly 1/`factor` of it.

    A JPEG drafted by 4 from 1,001 pixels has 251, the last of them a quarter of one. Left at that, the picture would
    be stretched, which moves an encoder's input by more than the drafting itself (mean 2.5 against 0.3 of 255).
    """
    target = (size[0] // factor, size[1] // factor)
    exact = size[0] % factor == 0 and size[1] % factor == 0
    if factor == 1 or (pixels.size == target and exact):
        return pixels
    scale = factor if pixels.size == size else 1
    box = (0.0, 0.0, size[0] / factor * scale, size[1] / factor * scale)
    # With a gap of 1, whole factors are averaged, which is fast, and only the odd pixels are interpolated away.
    return pixels.resize(target, Image.Resampling.BICUBIC, box=box, reducing_gap=1.0)


def _orientation(read: Callable[[], Image.Exif]) -> int:
    """Return EXIF's orientation; after loading, the plugins that turn pixels themselves have cleared it."""
    try:
        value = read().get(ExifTags.Base.Orientation, 1)
    except Exception:  # broken EXIF costs the orientation, not the photo
        return 1
    return value if isinstance(value, int) else 1


def _why_not(name: str, data: bytes, error: Exception) -> ImageError:
    length = announced_length(name, data)
    if length is not None and length > len(data):
        return TruncatedImageError(f"truncated {name}: {len(data):,} of {length:,} bytes; copy it again")
    reason = " ".join(str(error).split()) or type(error).__name__
    if "truncated" in reason.lower() or isinstance(error, EOFError):
        found = f"the image goes on after the {len(data):,} bytes found"
        return TruncatedImageError(f"truncated {name}: {found}; copy it again")
    return ImageError(f"broken {name}: {reason[:200]}")
