"""What a venue offers a party: which room, at what total. The store's filters say the same in SQL; a test compares.

Money is exact: totals are Decimal, 27 digits at most of the 28 that it keeps, and compare unrounded; they are rounded
to pence, halves up, where they are shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import ceil
from typing import Literal

from venuefinder.domain import Capacity, Price, Venue
from venuefinder.request import PriceLimit, VenueFilter
from venuefinder.searching.wording import money

PENNY = Decimal("0.01")
PLURALS = {"head": "guests", "hour": "hours", "day": "days"}
HOURS_OF_A_DAY = 24
Rate = Literal["head", "hour"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What answers a filter's guests and price."""

    room: str | None = None
    """The room, where the venue itself does not meet the filter."""
    total: Decimal | None = None
    """For these guests and hours, two decimals; None where the listing and the filter do not say."""
    currency: str | None = None
    basis: str | None = None
    """How the price became the total: `£45 a head × 120 guests, at least £3,000 spend`. None without a price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBounds:
    """What a total must lie between, both ends included; None: no such end."""

    least: Decimal | None = None
    most: Decimal | None = None
    rate_of: Rate | None = None
    """Compare the amount asked per head or hour instead; listings priced otherwise cannot say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """The venue itself, or a room of it, with what it costs."""

    room: str | None
    capacity: Capacity
    price: Price | None


def matching_offer(venue: Venue, where: VenueFilter, *, assumed: bool = False) -> Offer | None:
    """Return what meets the filter's guests and price, None when nothing does.

    assumed: count a total even where nobody said for how many guests or hours: for one, or the fewest hours there are.

    The venue itself comes first; else the cheapest room, then the smallest that holds the guests, then the first.
    """
    fitting = [choice for choice in _choices(venue) if _meets(choice, where)]
    if not fitting:
        return None
    chosen = fitting[0] if fitting[0].room is None else min(fitting, key=lambda choice: _rank(choice, fitting, where))
    return _offer(chosen, where, assumed=assumed)


def price_total(price: Price, guests: int | None, hours: float | None) -> Decimal:
    """Return the least that the listing implies, exact.

    Per head times the guests (one if None), per hour times the hours, never fewer than the listing's minimum (that, or
    one, if None), per day times the days begun (one if None); never less than the minimum spend.
    """
    raw = price.amount * _times(price, guests, hours)
    return max(raw, price.minimum_spend or Decimal(0))


def price_bounds(where: VenueFilter) -> PriceBounds:
    """Return what totals must lie between for the filter's price."""
    limit = where.price
    if limit is None or limit.max is limit.min is None:
        return PriceBounds()
    if rate := rate_of(where):
        return PriceBounds(least=limit.min, most=limit.max, rate_of=rate)
    parts = price_parts(where)
    return PriceBounds(
        least=None if limit.min is None else limit.min * parts,
        most=None if limit.max is None else limit.max * parts,
    )


def rate_of(where: VenueFilter) -> Rate | None:
    """Return what a price is asked by where nobody said by how many to divide: then only such listings can say it."""
    limit = where.price
    if limit is None or limit.per == "event":
        return None
    given = where.guests if limit.per == "head" else limit.hours
    return limit.per if given is None else None


def price_parts(where: VenueFilter) -> Decimal:
    """Return how many parts the filter's price divides a total into; bounds are multiplied, so nothing is rounded."""
    per = where.price.per if where.price else "event"
    parts = {"event": None, "head": where.guests, "hour": where.price.hours if where.price else None}[per]
    return decimal(parts) or Decimal(1)


def days_begun(hours: float | None) -> int:
    """Return how many days those hours take, one when they are not given."""
    return 1 if hours is None else max(1, ceil(hours / HOURS_OF_A_DAY))


def decimal(number: float | None) -> Decimal | None:
    """Return a number as PostgreSQL turns a double into a numeric: its first 15 significant digits."""
    return None if number is None else Decimal(f"{number:.15g}")


def _choices(venue: Venue) -> Iterator[_Choice]:
    yield _Choice(room=None, capacity=venue.capacity, price=venue.price)
    for room in venue.rooms:
        yield _Choice(room=room.name, capacity=room.capacity, price=room.price or venue.price)


def _meets(choice: _Choice, where: VenueFilter) -> bool:
    people = _people(choice, where)
    if where.guests is not None and (people is None or people < where.guests):
        return False
    return where.price is None or not where.price.limits() or _affordable(choice.price, where.price, where)


def _people(choice: _Choice, where: VenueFilter) -> int | None:
    people: int | None = getattr(choice.capacity, where.layout) if where.layout else choice.capacity.largest()
    return people


def _affordable(price: Price | None, limit: PriceLimit, where: VenueFilter) -> bool:
    if price is None or price.currency != limit.currency:
        return False
    if limit.max_minimum_spend is not None and (price.minimum_spend or 0) > limit.max_minimum_spend:
        return False
    bounds = price_bounds(where)
    if bounds.rate_of is not None and price.unit != bounds.rate_of:
        return False
    asked = price.amount if bounds.rate_of else price_total(price, where.guests, limit.hours)
    return (bounds.least is None or asked >= bounds.least) and (bounds.most is None or asked <= bounds.most)


def _rank(choice: _Choice, fitting: list[_Choice], where: VenueFilter) -> tuple[bool, Decimal, int]:
    """Return what to choose the least by. Totals in other currencies than the first's do not compare."""
    currency = next((one.price.currency for one in fitting if one.price), None)
    people = _people(choice, where) or 0
    if choice.price is None or choice.price.currency != currency:
        return True, Decimal(0), people
    return False, price_total(choice.price, where.guests, where.price.hours if where.price else None), people


def _times(price: Price, guests: int | None, hours: float | None) -> Decimal:
    if price.unit == "head":
        return Decimal(guests or 1)
    if price.unit == "day":
        return Decimal(days_begun(hours))
    if price.unit == "hour":
        least = decimal(price.minimum_hours)
        return max(decimal(hours) or least or Decimal(1), least or Decimal(0))
    return Decimal(1)


def _offer(choice: _Choice, where: VenueFilter, *, assumed: bool) -> Offer:
    price = choice.price
    if price is None:
        return Offer(room=choice.room)
    hours = where.price.hours if where.price else None
    limited = where.price is not None and where.price.limits()
    said = {"event": True, "head": where.guests is not None}.get(price.unit, hours is not None)
    if not said and not limited and not assumed:
        return Offer(room=choice.room, currency=price.currency, basis=_rate(price))
    total = price_total(price, where.guests, hours).quantize(PENNY, ROUND_HALF_UP)
    basis = _basis(price, _times(price, where.guests, hours))
    return Offer(room=choice.room, total=total, currency=price.currency, basis=basis)


def _basis(price: Price, times: Decimal) -> str:
    words = _rate(price)
    if price.unit != "event":
        words += f" × {times.normalize():f} {PLURALS[price.unit] if times != 1 else PLURALS[price.unit][:-1]}"
    if price.minimum_spend is None:
        return words
    return f"{words}, at least {money(price.minimum_spend, price.currency)} spend"


def _rate(price: Price) -> str:
    article = {"event": "for the event", "head": "a head", "hour": "an hour", "day": "a day"}[price.unit]
    return f"{money(price.amount, price.currency)} {article}"
