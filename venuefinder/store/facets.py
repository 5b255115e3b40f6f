"""Facets: how many venues each value of a field would leave.

A facet counts the venues that pass all *other* filters, its own left out, so that one sees what else there is to
choose. Amenities that must all be there, or must not, stay: each further one narrows.
"""

from collections.abc import Sequence
from typing import Any

import psycopg

from venuefinder.domain import LAYOUTS
from venuefinder.offers import price_parts, rate_of
from venuefinder.request import VenueFilter
from venuefinder.store.cursors import reading, rows
from venuefinder.store.database import Database
from venuefinder.store.field_facets import Counts, count_fields
from venuefinder.store.filters import plain
from venuefinder.store.filters.offer_rows import least_prices, most_people
from venuefinder.store.filters.offers import asks_price, offer_clause, offer_parameters, total

EDGES = {
    "event": (0, 500, 1000, 2000, 5000, 10000, 20000, 50000),
    "head": (0, 25, 50, 75, 100, 150, 200, 300),
    "hour": (0, 50, 100, 200, 500, 1000, 2000, 5000),
}
"""Lower edges of the price buckets; the last has no upper one."""
PRICES = """
SELECT width_bucket(least, %(edges)s::numeric[]), count(*) FROM ({least}) best WHERE least IS NOT NULL
GROUP BY 1 ORDER BY 1
"""


class FacetRepository:
    """Counts facets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, where: VenueFilter, names: Sequence[str]) -> dict[str, Counts]:
        """Return what `facets` does."""
        with reading(self._database) as cursor:
            return facets(cursor, where, names)


def facets(cursor: "psycopg.Cursor[Any]", where: VenueFilter, names: Sequence[str]) -> dict[str, Counts]:
    """Return the values of each facet with their counts, the most frequent 50, most venues first, then by value.

    `price` has buckets of the least total of each venue, by their lower edges, in the filter's currency or else the
    catalogue's commonest. `attributes.NAME` has text, numbers and booleans. Names are those of `request.FACET_PATTERN`.
    """
    of_offers = {"layouts": _layouts, "price": _prices}
    counted = count_fields(cursor, where, [name for name in dict.fromkeys(names) if name not in of_offers])
    counted |= {name: count(cursor, where) for name, count in of_offers.items() if name in names}
    return {name: counted[name] for name in names}


def _layouts(cursor: "psycopg.Cursor[Any]", where: VenueFilter) -> Counts:
    """Count the venues that would pass with each layout; any number of guests, where none is given."""
    passing = plain(where)
    if asks_price(where):
        source = f"({most_people(where, passing, LAYOUTS)}) v"
        clauses = [f"v.{layout} >= %(where_guests)s" for layout in LAYOUTS]
    else:
        source = f"venues v WHERE {passing.sql()}"
        clauses = [offer_clause(where.model_copy(update={"layout": layout}), seats=True) for layout in LAYOUTS]
    counts = ", ".join(f"count(*) FILTER (WHERE {clause})" for clause in clauses)
    statement = f"SELECT {counts} FROM {source}"  # noqa: S608 - values are bound
    found = rows(cursor, statement, passing.parameters | offer_parameters(where))[0]
    return sorted(
        ((layout, n) for layout, n in zip(LAYOUTS, found, strict=True) if n), key=lambda one: (-one[1], one[0])
    )


def _prices(cursor: "psycopg.Cursor[Any]", where: VenueFilter) -> Counts:
    passing, free = plain(where), _without_limits(where)
    price, rate = total(free, "{t}"), rate_of(free)
    if rate is not None:
        price = f"CASE {{t}}.price_unit WHEN '{rate}' THEN {{t}}.price_amount END"
    edges = EDGES[where.price.per if where.price else "event"]
    scaled = {"edges": [edge * price_parts(free) for edge in edges]}
    statement = PRICES.format(least=least_prices(free, passing, price))
    found = rows(cursor, statement, passing.parameters | offer_parameters(free) | scaled)
    return [(float(edges[bucket - 1]), venues) for bucket, venues in found]


def _without_limits(where: VenueFilter) -> VenueFilter:
    """Return the filter with a price that says how to count, and limits nothing."""
    if where.price is None:
        return where
    price = where.price.model_copy(update={"max": None, "min": None, "max_minimum_spend": None})
    return where.model_copy(update={"price": price})
