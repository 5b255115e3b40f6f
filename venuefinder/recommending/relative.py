"""Cheaper, nearer, larger than another venue: turned into what the filters can ask, and refused where they cannot."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from venuefinder.domain import Price, Venue
from venuefinder.errors import QueryError
from venuefinder.geography import distance_km
from venuefinder.offers import PENNY, Offer, matching_offer, price_parts, price_total, rate_of
from venuefinder.recommending.recommendation import Relative
from venuefinder.request import NarrowedFilter, Near, PriceLimit, VenueFilter
from venuefinder.searching.wording import money

A_METRE = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a venue is compared with, as numbers."""

    name: str
    total: Decimal | None = None
    currency: str = ""
    distance_km: float | None = None
    people: int | None = None


def narrowed(where: VenueFilter, relative: Relative, venues: Mapping[str, Venue]) -> tuple[VenueFilter, list[Compared]]:
    """Return the filters with what the constraints ask, and what was compared with, one a constraint.

    venues: those that `relative` names, by external id. Raises QueryError where a listing or the filters do not say
    what is to be compared, or nothing could be both.
    """
    compared = []
    for field, external_id in relative.named():
        where, found = APPLY[field](where, venues[external_id])
        compared.append(found)
    return where, compared


def people_of(venue: Venue, where: VenueFilter) -> int | None:
    """Return the most that a venue or one of its rooms holds, in the layout of the filters; in any without one."""
    capacities = [venue.capacity, *(room.capacity for room in venue.rooms)]
    found = [getattr(held, where.layout) if where.layout else held.largest() for held in capacities]
    return max((people for people in found if people is not None), default=None)


def _cheaper(where: VenueFilter, venue: Venue) -> tuple[VenueFilter, Compared]:
    given = where.price
    currency, total, rate = _cost(where, venue)
    if given is not None and given.limits() and given.currency != currency:
        raise QueryError(
            f"relative.cheaper_than: {venue.external_id!r} is priced in {currency}, filters.price is in "
            f"{given.currency}; ask in {currency}, or leave out one of the two"
        )
    most = _below(total if rate else total / price_parts(where))
    limits = {} if given is None else given.model_dump()
    limits |= {"currency": currency, "max": min((most, given.max)) if given and given.max is not None else most}
    least = given.min if given else None
    if most < 0 or (least is not None and limits["max"] < least):
        found = f"at least {money(least, currency)}" if least is not None and most >= 0 else "cheaper than nothing"
        raise QueryError(
            f"relative.cheaper_than: {venue.external_id!r} costs {money(total, currency)}, and {found} is asked for; "
            "no venue is both, leave out one of the two"
        )
    # Not validated: a price a head times a million guests has more digits than callers may write.
    narrowed = where.model_copy(update={"price": PriceLimit.model_construct(**limits)})
    return narrowed, Compared(name=venue.name, total=None if rate else total, currency=currency)


def _cost(where: VenueFilter, venue: Venue) -> tuple[str, Decimal, bool]:
    """Return the currency, what a venue costs these guests for these hours, and whether that is a rate instead."""
    hours = where.price.hours if where.price else None
    if rate := rate_of(where):
        for own in _prices(venue):
            if own.unit == rate:
                return own.currency, own.amount, True
        raise QueryError(
            f"relative.cheaper_than: {venue.external_id!r} has no price per {rate}, which filters.price compares; give "
            f"{'guests' if rate == 'head' else 'price.hours'}, or leave price.per out"
        )
    offer: Offer = matching_offer(venue, VenueFilter(guests=where.guests, layout=where.layout)) or Offer()
    of_room = next((room.price for room in venue.rooms if room.name == offer.room), None)
    price = of_room or venue.price or next(_prices(venue), None)
    if price is None:
        raise QueryError(
            f"relative.cheaper_than: the listing of {venue.external_id!r} says no price; name a venue that has one, or "
            "set filters.price.max"
        )
    return price.currency, price_total(price, where.guests, hours), False


def _prices(venue: Venue) -> Iterator[Price]:
    return (price for price in (venue.price, *(room.price for room in venue.rooms)) if price is not None)


def _nearer(where: VenueFilter, venue: Venue) -> tuple[VenueFilter, Compared]:
    near = where.near
    if near is None or near.latitude is None or near.longitude is None:
        raise QueryError("relative.nearer_than: nearer to what? Give filters.near with a point or a known place")
    if venue.latitude is None or venue.longitude is None:
        raise QueryError(
            f"relative.nearer_than: the listing of {venue.external_id!r} says no coordinates; name a venue that has "
            "some, or set filters.near.radius_km"
        )
    distance = distance_km(near.latitude, near.longitude, venue.latitude, venue.longitude)
    if distance <= A_METRE:
        raise QueryError(f"relative.nearer_than: {venue.external_id!r} lies at that very point; none is nearer")
    radius = min(distance - A_METRE, near.radius_km or distance)
    circle = Near(latitude=near.latitude, longitude=near.longitude, radius_km=radius)  # a city's name tells no distance
    return where.model_copy(update={"near": circle}), Compared(name=venue.name, distance_km=distance)


def _larger(where: VenueFilter, venue: Venue) -> tuple[VenueFilter, Compared]:
    people = people_of(venue, where)
    if people is None:
        layout = f" {where.layout}" if where.layout else ""
        raise QueryError(
            f"relative.larger_than: the listing of {venue.external_id!r} does not say how many it holds{layout}; name "
            "a venue that does, or set filters.guests"
        )
    asked = {name: getattr(where, name) for name in VenueFilter.model_fields} | {"more_people_than": people}
    return NarrowedFilter.model_construct(**asked), Compared(name=venue.name, people=people)


def _below(amount: Decimal) -> Decimal:
    """Return the greatest whole number of pence below an amount."""
    floor = amount.quantize(PENNY, ROUND_FLOOR)
    return floor - PENNY if floor == amount else floor


APPLY: Mapping[str, Callable[[VenueFilter, Venue], tuple[VenueFilter, Compared]]] = {
    "cheaper_than": _cheaper,
    "nearer_than": _nearer,
    "larger_than": _larger,
}
