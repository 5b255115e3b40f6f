"""Bytes of strangers in, upright RGB photos out.

An `ImageError` raised here is a reason without a name ("truncated JPEG: …"): the caller knows what the photo is
called, by path, URL or upload, and says so.
"""

from venuefinder.images.decoding import DecodedPhoto, decode_photo, photo_size
from venuefinder.images.files import read_photo, read_span
from venuefinder.images.formats import ALLOWED_FORMATS, sniff
from venuefinder.images.limits import MIN_SIDE
from venuefinder.images.look import LOOK_SIDE, look_at
from venuefinder.images.thumbnails import ThumbnailFormat, thumbnail

__all__ = [
    "ALLOWED_FORMATS",
    "LOOK_SIDE",
    "MIN_SIDE",
    "DecodedPhoto",
    "ThumbnailFormat",
    "decode_photo",
    "look_at",
    "photo_size",
    "read_photo",
    "read_span",
    "sniff",
    "thumbnail",
]
