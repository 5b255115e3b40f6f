"""From chosen venues to an answer's results: the pair of photos that made each alike, the offer, the reason."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from venuefinder.events import Kind
from venuefinder.offers import Offer, matching_offer
from venuefinder.recommending.examples import Known
from venuefinder.recommending.likeness import Floats, Portraits, best_pair
from venuefinder.recommending.reasons import Liked, Situation, reason
from venuefinder.recommending.recommendation import BecauseAnswer, RecommendedVenue
from venuefinder.recommending.wish import Wish
from venuefinder.records import ShownVenue, StoredPhoto, StoredSpace
from venuefinder.searching.hits import distance_from, photo_answer, price_answer
from venuefinder.searching.ranking import FLOOR

PERCENTILE_PAIRS = 400
"""Pairs of unrelated photos from which on the share of them that is less alike is told."""

DID: Mapping[Kind, str] = {"view": "looked at", "save": "saved", "inquiry": "asked about", "dismiss": "dismissed"}


class PageReading(Protocol):
    """What making results reads."""

    def shown(self, photo_of: Mapping[int, int | None]) -> Mapping[int, ShownVenue]:
        """Return each venue, by row id, with the photo asked for, None: its first."""

    def photos(self, photo_ids: Collection[int]) -> Mapping[int, StoredPhoto]:
        """Return some photos, by id; those not stored are absent."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Scored:
    """Candidates and what each is worth, one value a venue of `portraits`."""

    portraits: Portraits
    scores: Floats
    likenesses: Floats
    """To each liked thing: `float64 [L, N]`."""
    told: Floats
    """Of the descriptions alone: `float64 [L, N]`."""
    texts: Floats
    """How well each fits the text."""

    def least_of(self, best: int) -> float:
        """Return what the last of the `best` ones is worth."""
        return float(np.sort(self.scores)[-min(best, len(self.scores)) :][0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A liked thing and a venue, and their two most alike photos, where both have some."""

    liked: Known
    told: float
    liked_photo: int | None = None
    photo: int | None = None
    cosine: float | None = None


@dataclass(frozen=True, slots=True)
class ResultMaker:
    """Makes the results of one recommendation."""

    wish: Wish
    scored: Scored
    space: StoredSpace

    def results(self, chosen: Sequence[int], reading: PageReading) -> list[RecommendedVenue]:
        """Return the results of the chosen places, in their order. Venues gone meanwhile are left out."""
        venue_ids = [self.scored.portraits.venue_ids[place] for place in chosen]
        pairs = [self._pair(place) for place in chosen]
        liked = {pair.liked.venue_id for pair in pairs if pair and pair.liked.venue_id is not None}
        photo_of = {venue_id: pair.photo if pair else None for venue_id, pair in zip(venue_ids, pairs, strict=True)}
        shown = reading.shown(photo_of | dict.fromkeys(liked))
        photos = reading.photos({pair.liked_photo for pair in pairs if pair and pair.liked_photo})
        there = [row for row in zip(chosen, venue_ids, pairs, strict=True) if row[1] in shown]
        return [
            self._result(rank, place, pair, shown[venue_id], (shown, photos))
            for rank, (place, venue_id, pair) in enumerate(there, start=1)
        ]

    def _pair(self, place: int) -> Pair | None:
        """Return what of the liked things the venue is most like."""
        if not self.wish.liked:
            return None
        weights = np.array([known.opinion.weight for known in self.wish.liked])
        nearest = int((self.scored.likenesses[:, place] * weights).argmax())
        known = self.wish.liked[nearest]
        sitter, told = known.opinion.sitter, float(self.scored.told[nearest, place])
        best = best_pair(sitter, self.scored.portraits.photos_of(place))
        if best is None:
            return Pair(liked=known, told=told)
        ours, theirs, cosine = best
        photo = self.scored.portraits.photo_ids_of(place)[theirs]
        return Pair(liked=known, told=told, liked_photo=sitter.photo_ids[ours], photo=photo, cosine=cosine)

    def _result(
        self,
        rank: int,
        place: int,
        pair: Pair | None,
        shown: ShownVenue,
        found: tuple[Mapping[int, ShownVenue], Mapping[int, StoredPhoto]],
    ) -> RecommendedVenue:
        offer = matching_offer(shown.venue, self.wish.where, assumed=bool(self.wish.compared)) or Offer()
        because = self._because(pair, shown, *found) if pair else None
        liked = self._liked(pair, because, found[0]) if pair else None
        scored = self.wish.basis != "nothing"
        return RecommendedVenue(
            rank=rank,
            venue=shown.venue,
            score=round(float(self.scored.scores[place]), 4) + 0.0 if scored else None,
            reason=reason(shown.venue, liked, offer, self._situation(place)),
            because=because,
            photo=photo_answer(shown.photo) if shown.photo else None,
            room=offer.room,
            price=price_answer(offer),
            distance_km=distance_from(shown.venue, self.wish.where.near),
        )

    def _because(
        self,
        pair: Pair,
        shown: ShownVenue,
        venues: Mapping[int, ShownVenue],
        photos: Mapping[int, StoredPhoto],
    ) -> BecauseAnswer | None:
        if pair.cosine is None or shown.photo is None or shown.photo.id != pair.photo:
            return None
        background, owner = self.space.image_background, venues.get(pair.liked.venue_id or 0)
        liked_photo = photos.get(pair.liked_photo or 0)
        if background is not None and background.pairs < PERCENTILE_PAIRS:
            background = None
        return BecauseAnswer(
            liked=owner.venue.external_id if owner else None,
            liked_photo=photo_answer(liked_photo) if liked_photo else None,
            upload_id=pair.liked.example.upload_id,
            photo=photo_answer(shown.photo),
            percentile=round(background.percentile(pair.cosine), 2) if background else None,
        )

    def _liked(self, pair: Pair, because: BecauseAnswer | None, venues: Mapping[int, ShownVenue]) -> Liked:
        owner = venues.get(pair.liked.venue_id or 0)
        name = owner.venue.name if owner else "a venue that is gone"
        words = name if pair.liked.example.venue else f"the photo of {name}"
        if pair.liked.did:
            words = f"{name}, which was {DID[pair.liked.did]}"
        return Liked(
            words="the picture that was uploaded" if pair.liked.example.upload_id else words,
            venue=owner.venue if owner else None,
            shown=because is not None,
            percentile=because.percentile if because else None,
            told=pair.told,
        )

    def _situation(self, place: int) -> Situation:
        wish = self.wish
        fits = wish.asked.asks_relevance and self.scored.texts[place] >= FLOOR
        return Situation(
            where=wish.where,
            compared=wish.compared,
            for_variety=bool(self.scored.scores[place] < self.scored.least_of(wish.request.limit)),
            text=wish.asked.understood.text if fits else "",
            disliked=wish.basis == "dislikes",
        )
