"""Venues in an order that is not relevance, and how many pass a filter.

Ties go by external id, and what is unknown comes last in either direction, so that pages equal one long page.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg

from venuefinder.errors import QueryError
from venuefinder.records import LeftOut
from venuefinder.request import Sort, VenueFilter
from venuefinder.store.cursors import reading, rows
from venuefinder.store.database import Database
from venuefinder.store.filters import condition, plain
from venuefinder.store.filters.offer_rows import least_prices
from venuefinder.store.filters.offers import capacity, offer_parameters, rooms_capacity, total
from venuefinder.store.filters.places import DISTANCE_KM
from venuefinder.store.filters.tally import TALLY, tally_columns

PAGE = """
SELECT v.id FROM venues v {join} WHERE {condition} AND v.id <> ALL(%(without)s::bigint[])
  AND (%(only)s::bigint[] IS NULL OR v.id = ANY(%(only)s::bigint[]))
ORDER BY {order} OFFSET %(offset)s LIMIT %(limit)s
"""
PLACE = """
SELECT place FROM (
    SELECT v.external_id, row_number() OVER (ORDER BY {order}) AS place
    FROM venues v {join} WHERE {condition} AND v.id <> ALL(%(without)s::bigint[])
) ordered WHERE external_id = %(external_id)s
"""


class VenueOrder:
    """The catalogue in order. Every method is one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, where: VenueFilter, sort: Sort, *, offset: int, limit: int, without: Collection[int] = ()
    ) -> list[int]:
        """Return rows of venues as `page` does."""
        with reading(self._database) as cursor:
            return page(cursor, where, sort, (offset, limit), without=without)

    def count(self, where: VenueFilter) -> int:
        """Return how many venues pass."""
        with reading(self._database) as cursor:
            return count(cursor, where)

    def tally(self, where: VenueFilter) -> tuple[int, LeftOut]:
        """Return what `tally` does."""
        with reading(self._database) as cursor:
            return tally(cursor, where)


def page(
    cursor: "psycopg.Cursor[Any]",
    where: VenueFilter,
    sort: Sort,
    span: tuple[int, int],
    *,
    without: Collection[int] = (),
    only: Collection[int] | None = None,
) -> list[int]:
    """Return the row ids of passing venues in order of `sort`, any but relevance; `span` is (offset, limit).

    Those of `without` are left out, and where `only` is given, all others.

    `price` is the total of the venue itself where it passes, else of its cheapest room that does, in the filter's
    currency or else the catalogue's commonest; `guests` the most that the venue or a room holds in the layout. Raises
    QueryError for distances from nowhere.
    """
    asked: dict[str, Any] = {"offset": span[0], "limit": span[1], "without": list(without)}
    asked["only"] = None if only is None else list(only)
    return [row[0] for row in _ordered(cursor, PAGE, (where, sort), asked)]


def place_of(
    cursor: "psycopg.Cursor[Any]", where: VenueFilter, sort: Sort, external_id: str, *, without: Collection[int] = ()
) -> int | None:
    """Return a venue's place in the order that `page` cuts, from 1; None where it does not pass, or is gone."""
    found = _ordered(cursor, PLACE, (where, sort), {"external_id": external_id, "without": list(without)})
    return found[0][0] if found else None


def count(cursor: "psycopg.Cursor[Any]", where: VenueFilter) -> int:
    """Return how many venues pass."""
    passing = condition(where)
    statement = f"SELECT count(*) FROM venues v WHERE {passing.sql()}"  # noqa: S608 - values are bound
    found: int = rows(cursor, statement, passing.parameters)[0][0]
    return found


def tally(cursor: "psycopg.Cursor[Any]", where: VenueFilter) -> tuple[int, LeftOut]:
    """Return how many venues pass, and how many do not because their listing does not say; in one scan."""
    columns = tally_columns(where)
    if columns is None:
        return count(cursor, where), LeftOut()
    passing = plain(where)
    statement = TALLY.format(condition=passing.sql(), **columns)
    found, other_currency, unknown_price, unknown_capacity = rows(
        cursor, statement, passing.parameters | offer_parameters(where)
    )[0]
    left_out = LeftOut(other_currency=other_currency, unknown_price=unknown_price, unknown_capacity=unknown_capacity)
    return found, left_out


def _ordered(
    cursor: "psycopg.Cursor[Any]", statement: str, by: tuple[VenueFilter, Sort], asked: Mapping[str, Any]
) -> Sequence[Any]:
    where, sort = by
    passing, (join, key) = condition(where), _order(where, sort.removeprefix("-"))
    order = f"{key} {'DESC' if sort.startswith('-') else 'ASC'} NULLS LAST, v.external_id"
    asks = statement.format(join=join, condition=passing.sql(), order=order)
    return rows(cursor, asks, {**passing.parameters, **offer_parameters(where), **asked})


def _order(where: VenueFilter, by: str) -> tuple[str, str]:
    """Return what to join, and the expression to order by."""
    if by == "name":
        return "", "lower(v.name)"
    if by == "distance":
        if where.near is None or where.near.latitude is None:
            raise QueryError("sort: distance from where? filters.near has no coordinates; give them, or a known place")
        return "", DISTANCE_KM
    if by == "guests":
        return "", f"greatest({capacity(where, 'v')}, {rooms_capacity(where)})"
    least = least_prices(where, plain(where), total(where, "{t}"), own_first=True)
    return f"LEFT JOIN ({least}) best ON best.venue_id = v.id", "best.least"
