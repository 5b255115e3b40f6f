"""Which photos of a venue a rerank looks at: the one that matched, then those nearest to the words.

Photos that show little, or repeat another one, come last.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from venuefinder.reranking.task import Candidate
from venuefinder.vision.photo_inputs import VenuePhotos
from venuefinder.vision.photo_reading import PhotoInput

Vector = NDArray[np.float32]


class VenuePhotoSource(Protocol):
    """Where the photos of venues come from: `photo_inputs.PhotoInputs`."""

    def of(self, external_ids: Sequence[str]) -> Mapping[str, VenuePhotos]:
        """Return each venue's photos; venues that are not stored are absent."""


class CandidatePhotos:
    """Chooses at most `most` photos a venue."""

    def __init__(self, source: VenuePhotoSource, encode: Callable[[str], Vector], *, most: int) -> None:
        self._source = source
        self._encode = encode
        self._most = most

    def of(self, candidates: Sequence[Candidate], text: str) -> dict[str, list[PhotoInput]]:
        """Return each venue's photos, best first; none where it is gone or has none. `text` is what is asked."""
        vector = self._encode(text)
        found = self._source.of([candidate.external_id for candidate in candidates])
        return {
            candidate.external_id: self._chosen(found[candidate.external_id].photos, candidate.photo_id, vector)
            for candidate in candidates
            if candidate.external_id in found
        }

    def _chosen(self, photos: Sequence[PhotoInput], first: int | None, vector: Vector) -> list[PhotoInput]:
        nearest = sorted(photos, key=lambda photo: (photo.photo_id != first, photo.aside, -_cosine(photo, vector)))
        different = {photo.content_hash: photo for photo in reversed(nearest)}  # the same picture twice says no more
        return [photo for photo in nearest if different[photo.content_hash] is photo][: self._most]


def _cosine(photo: PhotoInput, vector: Vector) -> float:
    """Return the cosine of the nearest view; the least there is where the photo was not embedded."""
    return -1.0 if photo.embeddings is None else float((photo.embeddings @ vector).max())
