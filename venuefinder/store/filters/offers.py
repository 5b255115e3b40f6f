"""Guests and price, as SQL on `venues v` and `rooms r`: `venuefinder.offers` says the same of one venue, and why."""

from typing import Any, Literal

from venuefinder.offers import days_begun, decimal, price_bounds
from venuefinder.request import VenueFilter
from venuefinder.store.filters.condition import Condition

Table = Literal["v", "r", "{t}"]
"""The venue, the room, or a place to put either with `format`."""
A_ROOM = "EXISTS (SELECT FROM rooms r WHERE r.venue_id = v.id AND {})"
"""Whether a room has it: asks for the rooms of one venue after the other, or hashes all, as the planner sees fit."""
JOINED_ROOMS = "venues v LEFT JOIN rooms r ON r.venue_id = v.id"
A_JOINED_ROOM = "coalesce(bool_or({}), false)"
"""The same grouped by `v.id` over JOINED_ROOMS: reads the rooms once, however much is asked of them."""


def asks_price(where: VenueFilter) -> bool:
    """Return whether any price fails the filter."""
    return where.price is not None and where.price.limits()


def offers(found: Condition, where: VenueFilter) -> None:
    """Ask that the venue itself, or one room, holds the guests at the price."""
    if where.guests is not None or asks_price(where):
        found.add(offer_clause(where, seats=where.guests is not None), offer_parameters(where))


def offer_clause(where: VenueFilter, *, seats: bool, a_room: str = A_ROOM) -> str:
    """Return whether the venue itself, or one room, holds the guests at the price; `seats`: whether guests count.

    A room without a price of its own costs what the venue costs.
    """
    price = asks_price(where)
    own, room = _offered(where, "v", seats=seats), a_room.format(_offered(where, "r", seats=seats))
    if not (seats and price):
        return f"({own} OR {room})"
    as_the_venue = a_room.format(f"{holds(where, 'r')} AND r.price_amount IS NULL")
    return f"({affordable(where, 'v')} AND ({holds(where, 'v')} OR {as_the_venue}) OR {room})"


def _offered(where: VenueFilter, table: Table, *, seats: bool) -> str:
    """Return whether the venue itself, or a room by its own price, holds the guests at the price."""
    clauses = [holds(where, table)] if seats else []
    clauses += [affordable(where, table)] if asks_price(where) else []
    return " AND ".join(clauses)


def capacity(where: VenueFilter, table: Table) -> str:
    """Return how many people fit, in the layout asked for; in any, where none was."""
    return f"{table}.capacity_{where.layout or 'largest'}"


def holds(where: VenueFilter, table: Table) -> str:
    """Return whether the guests fit."""
    return f"{capacity(where, table)} >= %(where_guests)s"


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
