"""A VenueFilter as SQL on `venues v`, with named psycopg parameters.

A venue matches when it does itself, or when one of its rooms holds the guests at the price. A room without a price
of its own costs what the venue costs. Prices compare as the least total that the listing implies: per head times the
guests (one when none are given), per hour times the minimum hours, never less than the minimum spend.
"""

from dataclasses import dataclass, field
from typing import Any

from venuefinder.request import VenueFilter


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL clauses, all of which must hold, and their parameters."""

    clauses: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    def sql(self) -> str:
        """Return the clauses as one expression, TRUE when there are none."""
        return " AND ".join(self.clauses) or "TRUE"


def condition(where: VenueFilter) -> Condition:
    """Return everything the filter asks of a venue."""
    found = _plain(where)
    if where.guests is not None or where.price is not None:
        own = " AND ".join(_offer_clauses(where, "v"))
        capacity = _capacity(where, "r") if where.guests is not None else "TRUE"
        price = f"({_price('r')} OR r.price_amount IS NULL AND {_price('v')})" if where.price else "TRUE"
        room = f"EXISTS (SELECT FROM rooms r WHERE r.venue_id = v.id AND {capacity} AND {price})"
        found.clauses.append(f"(({own}) OR {room})")
        found.parameters.update(_offer_parameters(where))
    return found


def _plain(where: VenueFilter) -> Condition:
    found = Condition()
    for clause, name, value in (
        ("v.kind = %(kind)s", "kind", where.kind),
        ("lower(v.city) = lower(%(city)s)", "city", where.city),
        ("v.amenities @> %(all)s::text[]", "all", list(where.amenities.all)),
        ("v.amenities && %(any)s::text[]", "any", list(where.amenities.any)),
        ("NOT v.amenities && %(none)s::text[]", "none", list(where.amenities.none)),
    ):
        if value:
            found.clauses.append(clause)
            found.parameters[name] = value
    return found


def _offer_clauses(where: VenueFilter, table: str) -> list[str]:
    clauses = [_capacity(where, table)] if where.guests is not None else []
    return clauses + ([_price(table)] if where.price else [])


def _offer_parameters(where: VenueFilter) -> dict[str, Any]:
    price = {"max": where.price.max, "currency": where.price.currency} if where.price else {}
    return price | {"guests": where.guests or 1}


def _capacity(where: VenueFilter, table: str) -> str:
    return f"coalesce({table}.capacity_{where.layout or 'largest'} >= %(guests)s, false)"


def _price(table: str) -> str:
    return f"coalesce({table}.price_currency = %(currency)s AND {_total(table)} <= %(max)s, false)"


def _total(table: str) -> str:
    return (
        f"greatest(coalesce({table}.price_minimum_spend, 0), {table}.price_amount * CASE {table}.price_unit "
        f"WHEN 'head' THEN %(guests)s WHEN 'hour' THEN greatest(coalesce({table}.price_minimum_hours, 1), 1)::numeric "
        "ELSE 1 END)"
    )


def left_out(where: VenueFilter) -> Condition | None:
    """Return the venues that pass the plain filters, over which what is unknown is counted; None: nothing to count."""
    return _plain(where) if where.guests is not None or where.price is not None else None
