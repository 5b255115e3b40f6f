"""Decode photos for requests, only a few at a time."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore

from venuefinder.images import DecodedPhoto, decode_photo


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file that somebody sent. `read` returns its bytes when its turn comes, so that one is in memory at a time."""

    name: str
    """As the sender calls it; for messages, never a path to open."""
    size: int
    """Bytes."""
    read: Callable[[], bytes]


class BoundedDecoder:
    """Decodes at most `at_once` photos at the same time, whoever asks. Thread-safe.

    A photo of 100 megapixels takes about 800 MB while it is decoded; a service must not decode forty of them at once
    because forty requests came in.
    """

    def __init__(self, *, max_pixels: int, at_once: int | None = None) -> None:
        self._max_pixels = max_pixels
        self._turns = BoundedSemaphore(at_once or os.cpu_count() or 1)

    @contextmanager
    def decoded(
        self, read: Callable[[], bytes], *, draft: int | None = None, max_pixels: int | None = None
    ) -> Iterator[DecodedPhoto]:
        """Read and decode one photo, and hold the turn while it is used; raises ImageError, and what `read` raises.

        `draft` as in `decode_photo`. `max_pixels` lowers the limit for this photo.
        """
        allowed = self._max_pixels if max_pixels is None else min(max_pixels, self._max_pixels)
        with self._turns:
            yield decode_photo(read(), max_pixels=allowed, draft=draft)
