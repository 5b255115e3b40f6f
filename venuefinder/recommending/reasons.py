"""Why a venue is recommended, in words that are true of this venue."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from venuefinder.domain import Venue
from venuefinder.offers import Offer
from venuefinder.recommending.relative import Compared, people_of
from venuefinder.request import VenueFilter
from venuefinder.searching.hits import distance_from
from venuefinder.searching.wording import money, number, shortened

ALIKE = 95.0
"""Percentile of unrelated photo pairs from which on two photos are said to look alike."""
TOLD_ALIKE = 2.0
"""Standard deviations above unrelated from which on two descriptions are said to read alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Liked:
    """What a venue is most like: the words for it, and its listing, None for an upload."""

    words: str
    venue: Venue | None
    shown: bool
    """Whether both have photos."""
    percentile: float | None
    """Of their two most alike photos; None where that is not known."""
    told: float
    """How alike the descriptions are, in standard deviations above unrelated; 0 where one has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a venue was chosen by, as far as reasons go."""

    where: VenueFilter
    compared: Sequence[Compared] = ()
    for_variety: bool = False
    """Whether others were worth more, and this one was taken because it differs."""
    text: str = ""
    """The words that its photos or listing fit; '' where they do not."""
    disliked: bool = False
    """Whether anything was disliked, and the venue is unlike all of it."""


def reason(venue: Venue, liked: Liked | None, offer: Offer, situation: Situation) -> str:
    """Return a sentence, or a few."""
    parts = [*_likeness(venue, liked), *_steered(situation), *_relative(venue, offer, situation)]
    if not parts:
        if liked is not None:
            variety = f"for variety: less like {liked.words} than others are"
            rest = f"among the nearest that there are to {liked.words}, though not much like it"
            parts = [variety if situation.for_variety else rest]
        elif situation.disliked:
            parts = ["unlike what was disliked"]
        else:
            parts = ["nothing was liked yet: chosen by chance, to differ from the others"]
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _likeness(venue: Venue, liked: Liked | None) -> Iterator[str]:
    if liked is None:
        return
    looks = liked.percentile is not None and liked.percentile >= ALIKE
    reads = liked.told >= TOLD_ALIKE
    if looks:
        yield f"looks like {liked.words}{', and its description reads alike' if reads else ''}"
    elif reads:
        yield f"its description reads like that of {liked.words}"
    elif liked.shown and liked.percentile is None:
        yield f"its photos are nearest to {liked.words}, of a catalogue too small to say how near"
    same = [words for words in (_kind(venue, liked.venue), _city(venue, liked.venue)) if words] if liked.venue else []
    if same and (looks or reads):
        yield f"also {' '.join(same)}"


def _kind(venue: Venue, liked: Venue | None) -> str:
    if liked is None or not venue.kind or venue.kind != liked.kind:
        return ""
    return f"{'an' if venue.kind[0] in 'aeiou' else 'a'} {shortened(venue.kind)}"


def _city(venue: Venue, liked: Venue | None) -> str:
    if liked is None or not venue.city or (venue.city, venue.country) != (liked.city, liked.country):
        return ""
    return f"in {shortened(venue.city)}"


def _steered(situation: Situation) -> Iterator[str]:
    if situation.text:
        yield f"fits “{shortened(situation.text)}”"


def _relative(venue: Venue, offer: Offer, situation: Situation) -> Iterator[str]:
    for other in situation.compared:
        if other.total is not None and offer.total is not None:
            yield f"{money(other.total - offer.total, other.currency)} less than {other.name}"
        distance = distance_from(venue, situation.where.near)
        if other.distance_km is not None and distance is not None:
            yield f"{number(round(distance, 1))} km away, {other.name} is {number(round(other.distance_km, 1))} km"
        people = people_of(venue, situation.where)
        if other.people is not None and people is not None:
            yield f"holds {people:,}, {other.name} {other.people:,}"
