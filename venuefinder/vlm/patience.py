"""When to go on with the next photo, and when to give a server up."""

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import TypeVar

from venuefinder.errors import ImageError, VisionAnswerError, VisionUnavailableError
from venuefinder.vision.photo_reading import PhotoInput, Unread
from venuefinder.vlm.chat_server import NOT_BEGUN, NotBegunError

Found = TypeVar("Found")
logger = logging.getLogger(__name__)
FAILED = "the model's server did not answer as it should; ask again"
"""Its own words, and where it is, are for the log: callers read these."""
GIVES_UP_AFTER = 3
"""Photos in a row that the server failed on, all tries of each included."""


class Patience:
    """Reads the photos of one call: what fails for one harms no other, and a server that is down is soon let be."""

    def __init__(self, until: float | None) -> None:
        self._until = until
        self._lock = Lock()
        self._answered = False
        self._in_a_row = 0
        self._failure: VisionUnavailableError | None = None

    def read(self, read: Callable[[PhotoInput], Found], photo: PhotoInput) -> Found | Unread:
        """Return what `read` makes of a photo, or why it could not."""
        if self._until is not None and monotonic() >= self._until:
            return Unread(NOT_BEGUN)
        if self._failure is not None and self._in_a_row >= GIVES_UP_AFTER:
            return Unread("not begun, since the model's server failed on others; ask again")
        try:
            found = read(photo)
        except VisionUnavailableError as error:
            self._count(error)
            logger.warning("photo %d: %s", photo.photo_id, error)
            return Unread(FAILED)
        except (ImageError, NotBegunError) as error:
            return Unread(str(error))
        except VisionAnswerError as error:
            self._count(None)
            return Unread(str(error))
        self._count(None)
        return found

    def check(self) -> None:
        """Raise the server's failure when it answered nothing at all."""
        if self._failure is not None and not self._answered:
            raise self._failure

    def _count(self, failure: VisionUnavailableError | None) -> None:
        with self._lock:
            self._answered |= failure is None
            self._in_a_row = 0 if failure is None else self._in_a_row + 1
            self._failure = failure or self._failure
