"""From cosines to ranked venues. Pure: numbers in, order out.

A venue's score is the weighted sum of two legs, each standardised against unrelated pairs of the same space (so that
photo-text and text-text cosines, whose ranges differ by model, can be added):

    score = (1 - w) z(best photo) + w z(best description chunk),    z(c) = (c - mean) / std of unrelated pairs

A leg that a venue, or the whole space, lacks counts as unrelated, 0. The score's unit is thus standard deviations
above unrelated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from venuefinder.calibration import Background
from venuefinder.records import VenueScores

DESCRIPTION_WEIGHT = 0.3
"""Weight of the description leg.

Chosen first, measured since by benchmarks/venue_ranking.py: better than photos alone or weights below it, and no weight
up to 0.7 beat it by more than noise; docs/decisions/0006 has the table. Changing it changes every score: let a
migration forget the calibrators of all spaces.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedVenue:
    """A venue at its place: `photo_id` is the photo that matched, `cosine` its cosine with the query."""

    venue_id: int
    score: float
    photo_id: int | None
    cosine: float | None


def rank(
    candidates: Sequence[VenueScores],
    *,
    photo: Background | None,
    description: Background | None,
    weight: float = DESCRIPTION_WEIGHT,
    limit: int,
) -> list[RankedVenue]:
    """Return the `limit` best venues, best first.

    Equal scores are broken by the mean cosine of the venue's best photos, then by external id, so that the same
    catalogue answers the same query in the same order.
    """

    def score(venue: VenueScores) -> float:
        seen = photo.standardise(venue.photos[0][1]) if photo and venue.photos else 0.0
        told = description.standardise(venue.description) if description and venue.description is not None else 0.0
        return (1 - weight) * seen + weight * told

    def order(venue: VenueScores) -> tuple[float, float, str]:
        mean = fmean(cosine for _, cosine in venue.photos) if venue.photos else -1.0
        return -score(venue), -mean, venue.external_id

    best = sorted(candidates, key=order)[:limit]
    return [_ranked(venue, score(venue)) for venue in best]


def _ranked(venue: VenueScores, score: float) -> RankedVenue:
    photo_id, cosine = venue.photos[0] if venue.photos else (None, None)
    return RankedVenue(
        venue_id=venue.venue_id,
        score=score,
        photo_id=photo_id,
        cosine=cosine,
    )
