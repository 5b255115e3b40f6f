"""How alike venues are, by their photos and what their listings say. Pure.

Two venues compare by their mean photo, a photo and a venue by the venue's nearest photo, and descriptions by their mean
embedding. Each is standardised against pairs of unrelated venues, so that they can be added:

    likeness = (1 - TOLD_WEIGHT) * z(photos) + TOLD_WEIGHT * z(descriptions)

What one of both lacks counts as unrelated, 0. docs/decisions/0019 has the measurements.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

TOLD_WEIGHT = 0.3
"""Weight of descriptions beside photos."""
DUPLICATE = 0.97
"""Cosine from which on two photos are one picture, as `near_duplicates` has it. Where a liked photo is shown by another
venue too, that counts half: it says more about the picture than about the place."""
LEAST_STD = 1e-3
LEAST_PAIRS = 30
"""Pairs of unrelated venues that tell how alike such are."""

Vectors = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Portraits:
    """What N venues look like, all embeddings with unit norm.

    photos: `float32 [R, D]`, those of one venue after the other; counts: `int64 [N]`, how many each has; told:
    `float32 [N, D]`, rows of zeros where there is no description.
    """

    venue_ids: Sequence[int]
    photo_ids: Sequence[int]
    photos: Vectors
    counts: NDArray[np.int64]
    told: Vectors

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where each venue's photos begin: `int64 [N]`."""
        starts: NDArray[np.int64] = np.concatenate([[0], np.cumsum(self.counts)[:-1]]).astype(np.int64)
        return starts

    @cached_property
    def place_of(self) -> dict[int, int]:
        """Where each venue stands, by its row."""
        return {venue_id: place for place, venue_id in enumerate(self.venue_ids)}

    def photos_of(self, place: int) -> Vectors:
        """Return the photos of one venue, `float32 [R, D]`."""
        return self.photos[self._span(place)]

    def photo_ids_of(self, place: int) -> Sequence[int]:
        """Return their ids."""
        return self.photo_ids[self._span(place)]

    @cached_property
    def centres(self) -> Vectors:
        """Return each venue's mean photo with unit norm, zeros without photos: `float32 [N, D]`."""
        centres = np.zeros((len(self.counts), self.photos.shape[1]), dtype=np.float32)
        shown = self.counts > 0
        if shown.any():
            sums = np.add.reduceat(self.photos, self.starts[shown], axis=0)
            centres[shown] = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        return centres

    def nearest(self, query: Vectors) -> Floats:
        """Return the cosine of a photo `[D]` with each venue's nearest one, NaN without: `float64 [N]`."""
        found = np.full(len(self.counts), np.nan)
        shown = self.counts > 0
        if shown.any():
            found[shown] = np.maximum.reduceat(self.photos @ query, self.starts[shown])
        return found

    def _span(self, place: int) -> slice:
        start = int(self.starts[place])
        return slice(start, start + int(self.counts[place]))


@dataclass(frozen=True, eq=False, kw_only=True)
class Sitter:
    """What venues are compared with: photos `float32 [P, D]`, and where it has one a description `float32 [D]`."""

    photos: Vectors
    photo_ids: Sequence[int | None]
    told: Vectors | None = None
    single: bool = False
    """Whether it is one photo, and no venue."""
    uploaded: bool = False
    """Whether no venue shows it, so that the very picture elsewhere is a find."""

    @cached_property
    def centre(self) -> Vectors | None:
        """The mean photo `float32 [D]` with unit norm, None without photos."""
        if not len(self.photos):
            return None
        total = self.photos.sum(axis=0)
        centre: Vectors = total / max(float(np.linalg.norm(total)), 1e-9)
        return centre


@dataclass(frozen=True, slots=True)
class Unrelated:
    """How alike unrelated venues are: mean and standard deviation. An infinite one tells nothing apart."""

    mean: float
    std: float

    @classmethod
    def of(cls, values: Floats, otherwise: "Unrelated") -> "Unrelated":
        """Return that of some values; NaN is none. otherwise: what to take for too few."""
        known = values[np.isfinite(values)]
        if len(known) < LEAST_PAIRS:
            return otherwise
        return cls(float(known.mean()), max(float(known.std()), LEAST_STD))

    def standardised(self, values: Floats) -> Floats:
        """Return standard deviations above unrelated, 0 for NaN."""
        return np.nan_to_num((values - self.mean) / self.std, nan=0.0)


UNKNOWN = Unrelated(0.0, float("inf"))
ROUGH = Unrelated(0.5, 0.2)
"""Of photos, in a catalogue too small to measure it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """How alike unrelated venues of a space are by their mean photos, by one photo of one, by their descriptions."""

    centres: Unrelated = ROUGH
    nearest: Unrelated = ROUGH
    told: Unrelated = UNKNOWN


def scales_of(portraits: Portraits) -> Scales:
    """Return the scales of a sample of venues, each pair of which counts as unrelated."""
    number = len(portraits.counts)
    apart = ~np.eye(number, dtype=bool)
    firsts = [portraits.photos_of(place)[0] if portraits.counts[place] else None for place in range(number)]
    unknown = np.full(number, np.nan)
    nearest = [unknown if first is None else portraits.nearest(first) for first in firsts]
    return Scales(
        centres=Unrelated.of(_cosines(portraits.centres)[apart], ROUGH),
        nearest=Unrelated.of(np.array(nearest).reshape(number, number)[apart], ROUGH),
        told=Unrelated.of(_cosines(portraits.told)[apart], UNKNOWN),
    )


def sitter_of(portraits: Portraits, place: int) -> Sitter:
    """Return one of the venues as what others are compared with."""
    told = portraits.told[place]
    return Sitter(
        photos=portraits.photos_of(place),
        photo_ids=portraits.photo_ids_of(place),
        told=told if told.any() else None,
    )


def likeness(sitter: Sitter, portraits: Portraits, scales: Scales) -> Floats:
    """Return how alike each venue is, in standard deviations above unrelated: `float64 [N]`."""
    if sitter.single:
        return scales.nearest.standardised(_to_photo(sitter, portraits, scales.nearest.mean))
    told = told_alike(sitter, portraits, scales)
    if sitter.centre is None:
        return told
    cosines = np.where(portraits.counts > 0, portraits.centres @ sitter.centre, np.nan)
    shown = scales.centres.standardised(cosines.astype(np.float64))
    return shown if sitter.told is None else (1 - TOLD_WEIGHT) * shown + TOLD_WEIGHT * told


def told_alike(sitter: Sitter, portraits: Portraits, scales: Scales) -> Floats:
    """Return how alike the descriptions are, in standard deviations above unrelated: `float64 [N]`."""
    if sitter.told is None:
        return np.zeros(len(portraits.counts))
    cosines = np.where(portraits.told.any(axis=1), portraits.told @ sitter.told, np.nan)
    return scales.told.standardised(cosines.astype(np.float64))


def mutual(portraits: Portraits, places: Sequence[int], scales: Scales) -> Floats:
    """Return how alike some venues are to each other by their mean photos and their descriptions: `float64 [K, K]`.

    In the unit of `likeness`. Venues with neither in common are as alike as any two of these.
    """
    shown = (_cosines(portraits.centres[places]) - scales.centres.mean) / scales.centres.std
    told = (_cosines(portraits.told[places]) - scales.told.mean) / scales.told.std
    both = np.where(np.isnan(told), shown, (1 - TOLD_WEIGHT) * shown + TOLD_WEIGHT * told)
    alike: Floats = np.where(np.isnan(shown), told, both)
    known = alike[np.isfinite(alike)]
    return np.where(np.isnan(alike), known.max() if len(known) else 0.0, alike)


def best_pair(sitter: Sitter, photos: Vectors) -> tuple[int, int, float] | None:
    """Return the places of the two most alike photos, the sitter's first, and their cosine; None without photos."""
    if not len(photos) or not len(sitter.photos):
        return None
    cosines = sitter.photos @ photos.T
    ours, theirs = np.unravel_index(int(np.argmax(cosines)), cosines.shape)
    return int(ours), int(theirs), float(cosines[ours, theirs])


def _to_photo(sitter: Sitter, portraits: Portraits, unrelated: float) -> Floats:
    nearest = portraits.nearest(sitter.photos[0])
    if sitter.uploaded:
        return nearest
    return np.where(nearest >= DUPLICATE, (nearest + unrelated) / 2, nearest)


def _cosines(rows: Vectors) -> Floats:
    """Return the cosines of rows with each other, NaN with rows of zeros: `float64 [N, N]`."""
    cosines = (rows @ rows.T).astype(np.float64)
    lacks = ~rows.any(axis=1)
    cosines[lacks, :] = cosines[:, lacks] = np.nan
    return cosines
