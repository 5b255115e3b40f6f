"""The same picture twice is found once: a venue is not ranked by a photo that one before it was ranked by. Pure.

Two listings may show one stock photo, or be one venue listed twice. Such copies have nearly the same cosine with any
query, so they come next to each other and crowd others out. The first of them, in the order given, keeps the photo; the
others are ranked by the best of their photos that repeats none, or half of it where all do.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from venuefinder.records import VenueScores

DUPLICATE = 0.97
"""Cosine of two photos' embeddings from which on they count as one picture.

Of copies of the sample photos that were saved anew, halved in size, brightened, marked in a corner, mirrored or cut by
2 % a side, 93 to 100 in 100 are caught with the starter encoder, of thumbnails half; photos of different venues have at
most .90. docs/decisions/0008 has the table.
"""
EPSILON = 0.02
"""How far the cosines of such copies with a query lie apart at most, 91 to 100 times in 100."""

Ranked = Sequence[VenueScores]


def neighbours(candidates: Ranked, *, epsilon: float = EPSILON) -> set[int]:
    """Return the best photos that lie within `epsilon` of another venue's: of those alone may one repeat another."""
    bests = sorted(venue.photos[0][1] for venue in candidates if venue.photos)
    return {
        venue.photos[0][0] for venue in candidates if venue.photos and _near(bests, venue.photos[0][1], epsilon) > 1
    }


def repeat(vectors: Mapping[int, NDArray[np.float32]], *, duplicate: float = DUPLICATE) -> bool:
    """Return whether any two of these photos, embeddings `float32 [D]` with unit norm, are near-duplicates."""
    if len(vectors) < 2:
        return False
    rows = np.stack(list(vectors.values()))
    return bool((np.triu(rows @ rows.T, 1) >= duplicate).any())


def suspects(candidates: Ranked, *, epsilon: float = EPSILON) -> set[int]:
    """Return the photos whose embeddings `uncrowd` needs.

    They are all photos of venues whose best one lies within `epsilon` of another venue's best one, and best photos that
    lie as near to one that might come in its place. Copies lie next to each other when sorted: O(n log n).
    """
    bests = sorted(venue.photos[0][1] for venue in candidates if venue.photos)
    doubtful = [venue for venue in candidates if venue.photos and _near(bests, venue.photos[0][1], epsilon) > 1]
    seconds = sorted(cosine for venue in doubtful for _, cosine in venue.photos[1:])
    found = {photo_id for venue in doubtful for photo_id, _ in venue.photos}
    return found | {
        venue.photos[0][0] for venue in candidates if venue.photos and _near(seconds, venue.photos[0][1], epsilon)
    }


def uncrowd(
    candidates: Ranked,
    vectors: Mapping[int, NDArray[np.float32]],
    *,
    nothing: float = -1.0,
    duplicate: float = DUPLICATE,
    epsilon: float = EPSILON,
) -> list[VenueScores]:
    """Return the candidates in their order, without photos that repeat the best photo of an earlier one.

    candidates: ranked, best first; who comes first keeps a picture. vectors: embeddings `float32 [D]`, unit norm, of
    the photos that `suspects` names; a photo without one repeats nothing. nothing: the cosine that counts as much as
    no photo; one at or below it is kept, since to drop it would lift its venue.

    A venue all of whose photos repeat others keeps the best, which counts half: it shows what is asked, but the page
    shows that already.
    """
    seen = _Seen(vectors, duplicate, epsilon)
    return [_uncrowded(venue, seen, nothing) for venue in candidates]


def _uncrowded(venue: VenueScores, seen: "_Seen", nothing: float) -> VenueScores:
    photos = venue.photos
    while photos and photos[0][1] > nothing and seen.has(*photos[0]):
        photos = photos[1:]
    if photos:
        seen.add(*photos[0])
    elif venue.photos:
        photo_id, cosine = venue.photos[0]
        photos = ((photo_id, (cosine + nothing) / 2),)
    return venue if photos is venue.photos else replace(venue, photos=photos)


class _Seen:
    """The pictures that venues so far are ranked by."""

    def __init__(self, vectors: Mapping[int, NDArray[np.float32]], duplicate: float, epsilon: float) -> None:
        self._vectors = vectors
        self._duplicate = duplicate
        self._epsilon = epsilon
        dimension = next(iter(vectors.values())).shape[0] if vectors else 0
        self._pictures = np.empty((len(vectors), dimension), dtype=np.float32)
        self._cosines = np.empty(len(vectors))
        self._count = 0

    def add(self, photo_id: int, cosine: float) -> None:
        if photo_id in self._vectors:
            self._pictures[self._count], self._cosines[self._count] = self._vectors[photo_id], cosine
            self._count += 1

    def has(self, photo_id: int, cosine: float) -> bool:
        vector = self._vectors.get(photo_id)
        if vector is None or not self._count:
            return False
        near = np.abs(self._cosines[: self._count] - cosine) <= self._epsilon
        return bool((self._pictures[: self._count][near] @ vector >= self._duplicate).any())


def _near(cosines: Sequence[float], cosine: float, epsilon: float) -> int:
    return bisect_right(cosines, cosine + epsilon) - bisect_left(cosines, cosine - epsilon)
