"""Encode each content once: a picture that many venues have is encoded for the first of them, the others get a copy.

What was encoded a moment ago is remembered here, what is stored is asked of the database, once a batch.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

import numpy as np

from ingest.decode import ReadPhoto
from venuefinder.protocols import Embeddings, ImageEncoder

REMEMBERED: Final = 4096
"""Contents remembered: more than are encoded and not yet written. About 8 MB at 512 dimensions."""


Known = Callable[[Collection[bytes]], Mapping[bytes, Embeddings]]
"""Returns embeddings `float32 [V, D]` by content hash; what is not embedded in the encoder's space is absent."""


class EncodeOnce:
    """Encodes photos that were read, for one thread."""

    def __init__(self, encoder: ImageEncoder, known: Known) -> None:
        self._encoder = encoder
        self._known = known
        self._recent: OrderedDict[bytes, Embeddings] = OrderedDict()

    def __call__(self, photos: Sequence[ReadPhoto]) -> list[Embeddings]:
        """Return the embeddings `float32 [V, D]` of N photos whose `prepared` is there."""
        first: dict[bytes, ReadPhoto] = {}
        for photo in photos:
            first.setdefault(_content(photo), photo)
        found = {content: self._recent[content] for content in first.keys() & self._recent.keys()}
        found |= self._known(first.keys() - found.keys())
        new = [photo for content, photo in first.items() if content not in found]
        if new:
            vectors = self._encoder.encode_prepared([photo.prepared for photo in new if photo.prepared is not None])
            found |= {_content(photo): vector for photo, vector in zip(new, vectors, strict=True)}
        self._remember(found)
        return [found[_content(photo)] for photo in photos]

    def _remember(self, found: Mapping[bytes, Embeddings]) -> None:
        for content, vectors in found.items():
            self._recent[content] = np.array(vectors)  # its own memory, not a view of the batch's
            self._recent.move_to_end(content)
        while len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)


def _content(photo: ReadPhoto) -> bytes:
    assert photo.draft.content is not None  # noqa: S101 - what was prepared was decoded
    return photo.draft.content.content_hash
