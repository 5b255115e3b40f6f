"""What a filter on guests and price leaves out for want of knowing, as SQL over `venues v`.

A venue says what it or one of its rooms says.
"""

from venuefinder.request import VenueFilter
from venuefinder.store.filters.condition import Condition
from venuefinder.store.filters.offers import A_ROOM, asks_price, capacity, comparable, offers

TALLY = """
SELECT count(*) FILTER (WHERE passes), count(*) FILTER (WHERE other_currency), count(*) FILTER (WHERE unknown_price),
       count(*) FILTER (WHERE unknown_capacity)
FROM (SELECT {passes} AS passes, {other_currency} AS other_currency, {unknown_price} AS unknown_price,
             {unknown_capacity} AS unknown_capacity
      FROM venues v WHERE {condition} OFFSET 0) said
"""
"""OFFSET 0 keeps the scan apart from the counting: the planner then knows how often it asks for rooms."""


def tally_columns(where: VenueFilter) -> dict[str, str] | None:
    """Return the columns that TALLY counts; None where the filter asks for neither guests nor a price."""
    passing = Condition()
    offers(passing, where)
    if not passing.clauses:
        return None
    columns = {"passes": passing.sql(), "other_currency": "false", "unknown_price": "false"}
    columns["unknown_capacity"] = "false" if where.guests is None else _nowhere(f"{capacity(where, '{t}')} IS NOT NULL")
    if asks_price(where):
        priced = "{t}.price_currency IS NOT NULL"
        in_currency = "{t}.price_currency = %(where_currency)s"
        can_say = comparable(where, "{t}")
        columns["other_currency"] = f"{_somewhere(priced)} AND {_nowhere(in_currency)}"
        columns["unknown_price"] = f"{_nowhere(can_say)} AND ({_somewhere(in_currency)} OR {_nowhere(priced)})"
    return columns


def _somewhere(clause: str) -> str:
    """Return whether the venue or a room has it; never NULL."""
    return f"(({clause.format(t='v')}) IS TRUE OR {A_ROOM.format(clause.format(t='r'))})"


def _nowhere(clause: str) -> str:
    return f"NOT {_somewhere(clause)}"
