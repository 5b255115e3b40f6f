"""Guests and price, as SQL on `venues v` and `rooms r`: `venuefinder.offers` says the same of one venue, and why."""

from typing import Any, Literal

from venuefinder.offers import days_begun, decimal, price_bounds
from venuefinder.request import VenueFilter
from venuefinder.store.filters.condition import Condition

Table = Literal["v", "r", "{t}"]
"""The venue, the room, or a place to put either with `format`."""
A_ROOM = "EXISTS (SELECT FROM rooms r WHERE r.venue_id = v.id AND {})"
HAS_PRICED_ROOM = "(v.rooms_currency = %(where_currency)s OR v.rooms_currency = '*')"
"""Whether a room may have a price of its own in the currency: only then is it worth asking."""


def asks_price(where: VenueFilter) -> bool:
    """Return whether any price fails the filter."""
    return where.price is not None and where.price.limits()


def offers(found: Condition, where: VenueFilter) -> None:
    """Ask that the venue itself, or one room, holds the guests at the price."""
    if where.guests is not None or asks_price(where):
        found.add(offer_clause(where, seats=where.guests is not None), offer_parameters(where))


def larger(found: Condition, where: VenueFilter, people: int) -> None:
    """Ask that the venue, or one of its rooms, holds more than so many."""
    most = f"greatest({capacity(where, 'v')}, {rooms_capacity(where)})"
    found.add(f"{most} > %(where_larger)s", {"where_larger": people})


def offer_clause(where: VenueFilter, *, seats: bool) -> str:
    """Return whether the venue itself, or one room, holds the guests at the price; `seats`: whether guests count.

    A room without a price of its own costs what the venue costs.
    """
    held = f"({holds(where, 'v')} OR {rooms_hold(where)})"
    if not asks_price(where):
        return held
    priced = f"{HAS_PRICED_ROOM} AND {A_ROOM.format(affordable(where, 'r'))}"
    if not seats:
        return f"({affordable(where, 'v')} OR {priced})"
    unpriced = f"{holds(where, 'r')} AND r.price_amount IS NULL"
    as_the_venue = f"(v.rooms_currency IS NULL OR {A_ROOM.format(unpriced)})"
    own = f"{affordable(where, 'v')} AND ({holds(where, 'v')} OR {rooms_hold(where)} AND {as_the_venue})"
    by_itself = A_ROOM.format(f"{holds(where, 'r')} AND {affordable(where, 'r')}")
    return f"({own} OR {HAS_PRICED_ROOM} AND {rooms_hold(where)} AND {by_itself})"


def capacity(where: VenueFilter, table: Table) -> str:
    """Return how many people fit, in the layout asked for; in any, where none was."""
    return f"{table}.capacity_{where.layout or 'largest'}"


def rooms_capacity(where: VenueFilter) -> str:
    """Return how many people fit into the one room that holds most."""
    return f"v.rooms_{where.layout or 'largest'}"


def holds(where: VenueFilter, table: Table) -> str:
    """Return whether the guests fit."""
    return f"{capacity(where, table)} >= %(where_guests)s"


def rooms_hold(where: VenueFilter) -> str:
    """Return whether the guests fit into one of the rooms."""
    return f"{rooms_capacity(where)} >= %(where_guests)s"


def comparable(where: VenueFilter, table: Table) -> str:
    """Return whether a price can say what the filter compares: in its currency, and of the unit where that matters."""
    rate_of = price_bounds(where).rate_of
    in_currency = f"{table}.price_currency = %(where_currency)s"
    return f"{in_currency} AND {table}.price_unit = '{rate_of}'" if rate_of else in_currency


def affordable(where: VenueFilter, table: Table) -> str:
    """Return whether a price passes."""
    bounds = price_bounds(where)
    clauses = [comparable(where, table)]
    asked = compared(where, table)
    clauses += [f"{asked} <= %(where_most)s"] if bounds.most is not None else []
    clauses += [f"{asked} >= %(where_least)s"] if bounds.least is not None else []
    if where.price is not None and where.price.max_minimum_spend is not None:
        clauses.append(f"coalesce({table}.price_minimum_spend, 0) <= %(where_minimum_spend)s")
    return " AND ".join(clauses)


def compared(where: VenueFilter, table: Table) -> str:
    """Return what the filter's bounds compare: the total, or the amount asked per head or hour."""
    return f"{table}.price_amount" if price_bounds(where).rate_of else total(where, table)


def total(where: VenueFilter, table: Table) -> str:
    """Return the least total that a price implies, as `venuefinder.offers.price_total`; exact."""
    least_hours = f"{table}.price_minimum_hours::numeric"
    hours = f"coalesce({least_hours}, 1)"
    if where.price is not None and where.price.hours is not None:
        hours = f"greatest(%(where_hours)s, {least_hours})"
    return (
        f"greatest({table}.price_minimum_spend, {table}.price_amount * CASE {table}.price_unit "
        f"WHEN 'event' THEN 1 WHEN 'head' THEN %(where_guests)s::numeric WHEN 'hour' THEN {hours} "
        "ELSE %(where_days)s::numeric END)"
    )


def offer_parameters(where: VenueFilter) -> dict[str, Any]:
    """Return what the expressions above bind."""
    limit, bounds = where.price, price_bounds(where)
    hours = limit.hours if limit else None
    return {
        "where_guests": where.guests or 1,
        "where_currency": limit.currency if limit else None,
        "where_hours": decimal(hours),
        "where_days": days_begun(hours),
        "where_least": bounds.least,
        "where_most": bounds.most,
        "where_minimum_spend": limit.max_minimum_spend if limit else None,
    }
