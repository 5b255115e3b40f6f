"""Tag photos by their kind: indoors, outdoors, types of rooms. From the embeddings that search has; no photo is read.

A photo that was tagged has a row even if nothing could be said of it, with the version of what said so. So a run that
was stopped goes on where it was, and another model, prompt or rule tags everything anew.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, Protocol

import numpy as np

from venuefinder.domain import Flag
from venuefinder.protocols import Embeddings
from venuefinder.records import StoredSpace, Tag, Untagged

PAGE: Final = 1000
"""Photos whose embeddings are in memory at once."""
NO_PLACE: Final[frozenset[Flag]] = frozenset({"text", "placeholder"})
"""Flags of pictures that show no place. Embeddings do not tell them from places, so they get no tag."""

Tags = tuple[Tag, ...]


class PhotoKinds(Protocol):
    """Tells kinds by embeddings of one space."""

    @property
    def version(self) -> str:
        """Return what changes whenever tags may."""

    def warm(self) -> None:
        """Make ready what the first photo would wait for."""

    def of(self, embeddings: Embeddings) -> list[Tags]:
        """Tell the kinds of N photos, `float32 [N, V, D]`, likeliest first; N tuples, empty where nothing is known."""


class TagStore(Protocol):
    """Where tags are kept. Each call is one transaction."""

    def untagged_after(
        self, photo_id: int, space: StoredSpace, version: str, *, limit: int, venues: Collection[int] | None = None
    ) -> list[Untagged]:
        """Return the next photos by id, of these venues' rows or of any, that have no tags of this version."""

    def count_untagged(self, space: StoredSpace, version: str) -> int:
        """Return how many photos have no tags of this version."""

    def keep_tags(self, space: StoredSpace, version: str, tags: Mapping[tuple[int, bytes], Tags]) -> int:
        """Store tags by photo and content, in place of those before, but for photos that changed; return how many."""


class Tagging:
    """Tags the photos of one space."""

    def __init__(self, store: TagStore, kinds: PhotoKinds, space: StoredSpace) -> None:
        self._store = store
        self._kinds = kinds
        self._space = space

    def warm(self) -> None:
        """Make ready what the first photo would wait for: a few seconds, once a machine."""
        self._kinds.warm()

    def count(self) -> int:
        """Return how many photos there are to tag."""
        return self._store.count_untagged(self._space, self._kinds.version)

    def tag(self, venues: Collection[int] | None = None, *, told: Callable[[int], None] = lambda _tagged: None) -> int:
        """Tag what has embeddings and no tags of now, of these venues' rows or of any; return how many photos.

        `told` hears after each page how many it tagged. What changes meanwhile is left for the next run.
        """
        tagged = after = 0
        while page := self._store.untagged_after(after, self._space, self._kinds.version, limit=PAGE, venues=venues):
            after = page[-1].id
            now = self._store.keep_tags(self._space, self._kinds.version, self._told(page))
            tagged += now
            told(now)
        return tagged

    def _told(self, page: Sequence[Untagged]) -> dict[tuple[int, bytes], Tags]:
        places = [photo for photo in page if NO_PLACE.isdisjoint(photo.flags)]
        kinds = self._kinds.of(np.stack([photo.embeddings for photo in places])) if places else []
        known = {photo.id: tags for photo, tags in zip(places, kinds, strict=True)}
        return {(photo.id, photo.content_hash): known.get(photo.id, ()) for photo in page}
