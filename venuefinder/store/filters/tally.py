"""What a filter on guests and price lets through, and leaves out for want of knowing, as SQL over venues and rooms.

A venue says what it or one of its rooms says.
"""

from venuefinder.request import VenueFilter
from venuefinder.store.filters.offers import (
    A_JOINED_ROOM,
    JOINED_ROOMS,
    asks_price,
    capacity,
    comparable,
    offer_clause,
)

TALLY = f"""
SELECT count(*) FILTER (WHERE passes), count(*) FILTER (WHERE other_currency), count(*) FILTER (WHERE unknown_price),
       count(*) FILTER (WHERE unknown_capacity)
FROM (SELECT {{passes}} AS passes, {{other_currency}} AS other_currency, {{unknown_price}} AS unknown_price,
             {{unknown_capacity}} AS unknown_capacity
      FROM {JOINED_ROOMS} WHERE {{condition}} GROUP BY v.id) said
"""  # noqa: S608 - names of ours


def tally_columns(where: VenueFilter) -> dict[str, str] | None:
    """Return the columns that TALLY counts; None where the filter asks for neither guests nor a price."""
    seats = where.guests is not None
    if not seats and not asks_price(where):
        return None
    columns = {
        "passes": offer_clause(where, seats=seats, a_room=A_JOINED_ROOM),
        "other_currency": "false",
        "unknown_price": "false",
        "unknown_capacity": _nowhere(f"{capacity(where, '{t}')} IS NOT NULL") if seats else "false",
    }
    if asks_price(where):
        priced = "{t}.price_currency IS NOT NULL"
        in_currency = "{t}.price_currency = %(where_currency)s"
        can_say = comparable(where, "{t}")
        columns["other_currency"] = f"{_somewhere(priced)} AND {_nowhere(in_currency)}"
        columns["unknown_price"] = f"{_nowhere(can_say)} AND ({_somewhere(in_currency)} OR {_nowhere(priced)})"
    return columns


def _somewhere(clause: str) -> str:
    """Return whether the venue or a room has it; never NULL."""
    return f"(({clause.format(t='v')}) IS TRUE OR {A_JOINED_ROOM.format(clause.format(t='r'))})"


def _nowhere(clause: str) -> str:
    return f"NOT {_somewhere(clause)}"
