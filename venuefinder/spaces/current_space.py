"""The embedding space that a service answers from, with its backgrounds measured; looked up every ten seconds."""

from threading import Lock
from time import monotonic
from typing import Protocol

from venuefinder.calibrating.background import SpaceCatalogue, ensure_background
from venuefinder.domain import EmbeddingSpace
from venuefinder.errors import SpaceError
from venuefinder.protocols import TextEncoder
from venuefinder.records import StoredSpace

SPACE_SECONDS = 10.0
"""How long a service trusts what it read of its space before it looks again."""


class Spaces(SpaceCatalogue, Protocol):
    """Where the embedding space is found."""

    def require(self, space: EmbeddingSpace) -> StoredSpace:
        """Return the stored space, or raise SpaceError."""


class CurrentSpace:
    """The space of one encoder. Thread-safe."""

    def __init__(self, spaces: Spaces, encoder: TextEncoder) -> None:
        self._spaces = spaces
        self._encoder = encoder
        self._space: tuple[float, StoredSpace] | None = None
        self._looking = Lock()

    def get(self) -> StoredSpace:
        """Return the space as it was at most `SPACE_SECONDS` ago, and while one thread looks again, as it was then.

        Raises SpaceError when nothing was embedded by this encoder.
        """
        known = self._space
        if known is not None and (monotonic() - known[0] <= SPACE_SECONDS or self._looking.locked()):
            return known[1]
        with self._looking:
            if self._space is None or self._space is known:
                self._space = (monotonic(), self._looked_up())
            return self._space[1]

    def _looked_up(self) -> StoredSpace:
        space = ensure_background(self._spaces, self._encoder, self._spaces.require(self._encoder.space))
        if space.photo_background is None and space.text_background is None:
            raise SpaceError(f"space {space.space.name!r}: nothing is embedded yet; run: venuefinder ingest PATH")
        return space
