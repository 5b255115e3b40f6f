"""Places for long streams: they take no threads, but each keeps a connection and its caller waiting."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from venuefinder.errors import BusyError

MOST_STREAMS = 64
"""Of one process at once, whatever they stream."""


@dataclass(slots=True)
class Streams:
    """How many streams are open. Of the event loop's one thread."""

    open: int = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold one of the places; raises BusyError where none is free."""
        if self.open >= MOST_STREAMS:
            raise BusyError(
                f"stream: found {MOST_STREAMS} open, which is the most; close one, or try again in a moment"
            )
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1
