"""What a filter on guests and price lets through, and leaves out for want of knowing, as SQL on `venues v`.

A venue says what it or one of its rooms says.
"""

from venuefinder.offers import price_bounds
from venuefinder.request import VenueFilter
from venuefinder.store.filters.offers import (
    A_ROOM,
    HAS_PRICED_ROOM,
    asks_price,
    capacity,
    comparable,
    offer_clause,
    rooms_capacity,
)

TALLY = """
SELECT count(*) FILTER (WHERE {passes}), count(*) FILTER (WHERE {other_currency}),
       count(*) FILTER (WHERE {unknown_price}), count(*) FILTER (WHERE {unknown_capacity})
FROM venues v WHERE {condition}
"""
MIXED = "v.rooms_currency = '*'"
PRICED = "(v.price_currency IS NOT NULL OR v.rooms_currency IS NOT NULL)"


def tally_columns(where: VenueFilter) -> dict[str, str] | None:
    """Return the conditions that TALLY counts; None where the filter asks for neither guests nor a price."""
    seats = where.guests is not None
    if not seats and not asks_price(where):
        return None
    columns = {"passes": offer_clause(where, seats=seats), "unknown_capacity": "false"}
    if seats:
        columns["unknown_capacity"] = f"{capacity(where, 'v')} IS NULL AND {rooms_capacity(where)} IS NULL"
    return columns | (_of_prices(where) if asks_price(where) else {"other_currency": "false", "unknown_price": "false"})


def _of_prices(where: VenueFilter) -> dict[str, str]:
    ours = "{t}.price_currency = %(where_currency)s"
    in_currency = f"((v.rooms_currency = %(where_currency)s) IS TRUE OR {_somewhere(ours, MIXED)})"
    can_say = _somewhere(comparable(where, "{t}"), HAS_PRICED_ROOM) if price_bounds(where).rate_of else in_currency
    return {
        "other_currency": f"{PRICED} AND NOT {in_currency}",
        "unknown_price": f"NOT {can_say} AND ({in_currency} OR NOT {PRICED})",
    }


def _somewhere(clause: str, may_be: str) -> str:
    """Return whether a price of the venue or, where it may be, of a room is so; never NULL."""
    of_room = f"({may_be}) IS TRUE AND {A_ROOM.format(clause.format(t='r'))}"
    return f"(({clause.format(t='v')}) IS TRUE OR {of_room})"
