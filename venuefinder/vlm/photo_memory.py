"""Reads photos into prefixes, each once for as long as the cache holds it."""

from collections.abc import Sequence
from time import monotonic

from venuefinder.vision.photo_reading import PhotoInput, Unread
from venuefinder.vlm.batching import Prepared, Sizes, attempted
from venuefinder.vlm.chat import Chat, PreparedPhoto
from venuefinder.vlm.engine import Engine
from venuefinder.vlm.prefixes import Prefix, PrefixCache
from venuefinder.vlm.resizing import TokenLimits

PHOTOS = 16
"""Read at once, at most."""
LATE = Unread("not begun in time")


class PhotoMemory:
    """What a model has read. `prepare` is thread-safe; all else is for the thread that owns the model."""

    def __init__(self, chat: Chat, engine: Engine, limits: TokenLimits, bound: int) -> None:
        self._chat = chat
        self._engine = engine
        self._limits = limits
        self.cache = PrefixCache(bound)
        """By the content of photos; limits and weights are the same for all of one model."""
        self._sizes = Sizes(PHOTOS, self.relieve)

    def prepare(self, photo: PhotoInput, until: float | None) -> Prepared:
        """Decode, resize and tokenise a photo; None where it is remembered. Raises ImageError."""
        if until is not None and monotonic() >= until:
            return LATE
        return None if photo.content_hash in self.cache else self._decoded(photo)

    def prefixes(
        self, photos: Sequence[PhotoInput], prepared: Sequence[Prepared], tokens: int
    ) -> list[Prefix | Unread]:
        """Return each photo's prefix, reading now what is not remembered.

        A photo is Unread that could not be prepared, or that leaves no room for `tokens` more in the model's context.
        """
        found = [self._known(photo, made, tokens) for photo, made in zip(photos, prepared, strict=True)]
        new = {place: it for place, it in enumerate(found) if isinstance(it, PreparedPhoto)}
        read = self._read(new)
        for place, prefix in read.items():
            self.cache.put(photos[place].content_hash, prefix)
        return [it if not isinstance(it, PreparedPhoto) else read[place] for place, it in enumerate(found)]

    def relieve(self) -> None:
        """Forget everything, to make room."""
        self.cache.clear()
        self._engine.release()

    def _known(self, photo: PhotoInput, made: Prepared, tokens: int) -> Prefix | PreparedPhoto | Unread:
        # A prefix may have been forgotten since its photo was found to need no preparing.
        known = self.cache.get(photo.content_hash) or made
        if known is None:
            known = attempted(lambda: self._decoded(photo))
        if isinstance(known, Unread) or known.length + tokens <= self._engine.context:
            return known
        return Unread(
            f"photo and question have {known.length + tokens:,} tokens, the model takes at most "
            f"{self._engine.context:,}; lower VENUEFINDER_VLM_MAX_TOKENS or ask less"
        )

    def _read(self, photos: dict[int, PreparedPhoto]) -> dict[int, Prefix]:
        """Read photos by place, those together that fit one batch."""
        read: dict[int, Prefix] = {}
        shapes = {photo.shape for photo in photos.values()}
        for shape in shapes:
            places = [place for place, photo in photos.items() if photo.shape == shape]
            prefixes = self._sizes.run([photos[place] for place in places], self._engine.prefixes)
            read.update(zip(places, prefixes, strict=True))
        return read

    def _decoded(self, photo: PhotoInput) -> PreparedPhoto:
        return self._chat.prefix(photo.open(self._limits.max_pixels))
