"""What a file may cost. Every limit is checked before the work that it bounds."""

import io
import re
import struct

from PIL import Image

from venuefinder.errors import ImageError, ImageSizeError, NotAnImageError, TruncatedImageError

MIN_SIDE = 16
"""Pixels: what is smaller is an icon or a tracking pixel, not a photo."""
MAX_ASPECT = 50
"""Longer side over shorter. A ribbon of 65,500 x 16 pixels would be a hundred times as many once its shorter side is
scaled up to what an encoder sees."""
MAX_SCANS = 100
"""Scans of a progressive JPEG. Encoders write a dozen; each costs a pass over all pixels, even one of a few bytes."""
MAX_EXIF_SEGMENTS = 100
"""EXIF segments of a JPEG. Cameras write one or two; Pillow joins them in time that grows with their square."""
MAX_EXTENTS = 10_000
"""Sizes of pictures that a HEIF or AVIF lists; phones write a few."""
MAX_READS = 500_000
"""Reads of a file while it is parsed, about half a second. Photos need hundreds; 50 MB of empty segments a minute."""
MAX_TAG_VALUES = 200_000
"""Numbers in one TIFF tag. A strip a row is 65,535 at most; Pillow spends 300 bytes on each."""
TIFF_COMPRESSIONS = ("raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "jpeg")
"""By Pillow's names."""

_SCAN = b"\xff\xda"
"""JPEG's start of scan (ITU-T T.81, B.2.3)."""
_EXIF = b"Exif\0\0"
_EXTENTS = re.compile(rb"ispe\0\0\0\0(.{8})", re.DOTALL)
"""Width and height of a picture in a HEIF container (ISO/IEC 23008-12, 6.5.3)."""
_BYTE_TYPES = frozenset((1, 2, 6, 7))
"""TIFF field types of one byte a value (TIFF 6.0, section 2): they stay bytes, whatever their number."""


class MeteredBytes(io.BytesIO):
    """Bytes that may be read `MAX_READS` times."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._reads_left = MAX_READS

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as any file; raise ImageError once the reads are used up."""
        self._reads_left -= 1
        if self._reads_left < 0:
            raise ImageError(f"more than {MAX_READS:,} segments, far from any photo; save it anew")
        return super().read(size)


def check_header(name: str, data: bytes, max_pixels: int) -> None:
    """Refuse, before anything parses it, a header that is cheap to write and dear to read."""
    if name == "TIFF":
        _check_tags(data)
    elif name in ("AVIF", "HEIF"):
        _check_extents(data, max_pixels)
    elif name == "JPEG" and (segments := data.count(_EXIF)) > MAX_EXIF_SEGMENTS:
        raise ImageError(f"JPEG of {segments:,} EXIF segments, at most {MAX_EXIF_SEGMENTS} allowed; save it anew")


def _check_extents(data: bytes, max_pixels: int) -> None:
    """Look at every picture in the container: the one shown may be a small cut-out (`clap`) of a huge one."""
    for number, extents in enumerate(_EXTENTS.finditer(data)):
        width, height = struct.unpack(">LL", extents[1])
        _check_pixels(width, height, max_pixels)
        if number > MAX_EXTENTS:
            raise ImageError(f"more than {MAX_EXTENTS:,} pictures in one file; save the one to show")


def _check_tags(data: bytes) -> None:
    order = "<" if data.startswith(b"II") else ">"
    try:
        (start,) = struct.unpack_from(order + "L", data, 4)
        (entries,) = struct.unpack_from(order + "H", data, start)
        for number in range(entries):
            tag, kind, count = struct.unpack_from(order + "HHL", data, start + 2 + 12 * number)
            if count > MAX_TAG_VALUES and kind not in _BYTE_TYPES:
                raise ImageError(f"TIFF tag {tag} of {count:,} values, at most {MAX_TAG_VALUES:,} allowed")
    except struct.error as error:
        raise TruncatedImageError(f"truncated TIFF: its directory lies beyond the {len(data):,} bytes found") from error


def check_compression(image: Image.Image) -> None:
    """Refuse a TIFF compressed as no photo is: fax codecs print a line to stderr for each row that a stranger broke."""
    found = image.info.get("compression")
    if image.format == "TIFF" and found not in TIFF_COMPRESSIONS:
        raise NotAnImageError(f"TIFF compressed by {found}, expected one of {', '.join(TIFF_COMPRESSIONS)}")


def check_scans(image: Image.Image, data: bytes) -> None:
    """Refuse a progressive JPEG of more than `MAX_SCANS` scans."""
    if image.info.get("progressive") and (scans := data.count(_SCAN)) > MAX_SCANS:
        raise ImageError(f"JPEG of {scans:,} scans, at most {MAX_SCANS} allowed; save it anew")


def check_size(image: Image.Image, max_pixels: int) -> None:
    """Refuse too many pixels, too few, and ribbons."""
    width, height = image.size
    _check_pixels(width, height, max_pixels)
    if min(width, height) < MIN_SIDE:
        raise ImageSizeError(f"{width:,} x {height:,} pixels, at least {MIN_SIDE} a side expected")
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise ImageSizeError(f"{width:,} x {height:,} pixels, one side at most {MAX_ASPECT} times the other expected")


def _check_pixels(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        found, allowed = width * height / 1e6, max_pixels / 1e6
        raise ImageSizeError(f"{found:,.4g} megapixels ({width:,} x {height:,}), at most {allowed:,.4g} allowed")
