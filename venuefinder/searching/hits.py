"""From ranked venues to the hits of an answer: the photo, marks, the price for these guests, the score explained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from venuefinder.answers import ClauseAnswer, LegAnswer, PhotoAnswer, PriceAnswer, VenueHit, photo_url
from venuefinder.calibrating.calibration import Background
from venuefinder.domain import Venue
from venuefinder.geography import distance_km
from venuefinder.offers import Offer, matching_offer
from venuefinder.records import Evidence, ShownVenue, StoredPhoto, StoredSpace
from venuefinder.request import Near, VenueFilter
from venuefinder.searching.clauses import Clause, judge
from venuefinder.searching.question import Question
from venuefinder.searching.ranking import FLOOR, RankedVenue
from venuefinder.statements import Statements

Proof = tuple[int, float]
"""A photo's id, and its cosine with a clause."""
Proofs = Mapping[int, Sequence[Proof | None]]
"""Venue row to its best photo for each clause, in the clauses' order; None where no photo could show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of venues with all that its hits are made of."""

    offset: int
    ranked: Sequence[RankedVenue]
    shown: Mapping[int, ShownVenue]
    proofs: Proofs
    clauses: Sequence[Clause]


@dataclass(frozen=True, slots=True, kw_only=True)
class HitMaker:
    """Makes the hits of one search."""

    space: StoredSpace
    question: Question
    where: VenueFilter
    background: Background | None
    """What the best photo's standard score is compared with: that of texts, or of pictures where only those ask."""
    asks_relevance: bool
    by_price: bool
    """Whether prices order the answer: then each says the total that put it there."""
    explain: bool

    def hits(self, page: Page) -> list[VenueHit]:
        """Return the hits, in order. Venues gone meanwhile are left out."""
        there = [venue for venue in page.ranked if venue.venue_id in page.shown]
        return [self._hit(place, venue, page) for place, venue in enumerate(there, start=page.offset + 1)]

    def _hit(self, place: int, ranked: RankedVenue, page: Page) -> VenueHit:
        shown = page.shown[ranked.venue_id]
        offer = matching_offer(shown.venue, self.where, assumed=self.by_price) or Offer()
        calibrator = self.space.calibrator if self.asks_relevance else None
        return VenueHit(
            rank=place,
            venue=shown.venue,
            score=round(ranked.score, 4),
            probability=round(calibrator.probability(ranked.score), 4) if calibrator else None,
            percentile=self._percentile(ranked),
            below_floor=self.asks_relevance and ranked.score < FLOOR,
            photo=photo_answer(shown.photo) if shown.photo else None,
            room=offer.room,
            price=price_answer(offer),
            distance_km=distance_from(shown.venue, self.where.near),
            clauses=self._marks(ranked.venue_id, page),
            explain=self._legs(ranked) if self.explain else None,
        )

    def _percentile(self, ranked: RankedVenue) -> float | None:
        if self.background is None or ranked.cosine is None or self.question.photo is None:
            return None
        standard = self.question.formula.photo.standardised(ranked.cosine)
        return round(self.background.percentile(self.background.mean + standard * self.background.std), 2)

    def _marks(self, venue_id: int, page: Page) -> list[ClauseAnswer]:
        shown, proofs = page.shown[venue_id], page.proofs.get(venue_id) or [None] * len(page.clauses)
        statements = Statements.of(shown.venue, shown.captions)
        marked = zip(page.clauses, proofs, strict=True)
        return [judge(clause, statements, proof, self.space.seen) for clause, proof in marked]

    def _legs(self, ranked: RankedVenue) -> list[LegAnswer]:
        return [
            LegAnswer(
                leg=name,
                value=value,
                standardised=leg.standardised(value),
                weight=leg.weight,
                contribution=leg.contribution(value),
            )
            for name, leg, value in self.question.formula.legs(ranked.scores)
            if leg.weight
        ]


def proofs_of(evidence: Evidence, vectors: Sequence[NDArray[np.float32] | None]) -> Proofs:
    """Return each venue's best photo for each clause's `float32 [D]`."""
    return {
        venue_id: [best_proof(photos, vector) if vector is not None else None for vector in vectors]
        for venue_id, photos in evidence.items()
    }


def best_proof(photos: Sequence[tuple[int, NDArray[np.float32]]], vector: NDArray[np.float32]) -> Proof | None:
    """Return the photo nearest to a clause's `float32 [D]`, by its nearest view; None without photos."""
    cosines = [(photo_id, float((views @ vector).max())) for photo_id, views in photos]
    return max(cosines, key=lambda proof: proof[1], default=None)


def price_answer(offer: Offer) -> PriceAnswer | None:
    """Return what an offer costs as callers see it; None where that is not known."""
    if offer.total is None or offer.currency is None:
        return None
    return PriceAnswer(total=float(offer.total), currency=offer.currency, basis=offer.basis or "")


def distance_from(venue: Venue, near: Near | None) -> float | None:
    """Return the kilometres from a point, two decimals; None where either has no coordinates."""
    if near is None or near.latitude is None or near.longitude is None:
        return None
    if venue.latitude is None or venue.longitude is None:
        return None
    return round(distance_km(near.latitude, near.longitude, venue.latitude, venue.longitude), 2)


def photo_answer(photo: StoredPhoto) -> PhotoAnswer:
    """Return what callers may know of a photo: not where its original lies."""
    return PhotoAnswer(
        id=photo.id,
        uri=photo.uri,
        url=photo_url(photo.id, photo.content.content_hash),
        caption=photo.caption,
        room=photo.room,
        width=photo.content.width,
        height=photo.content.height,
        flags=list(photo.flags),
        duplicate_of=photo.duplicate_of,
        tags=list(photo.tags),
        guesses=list(photo.guesses),
    )
