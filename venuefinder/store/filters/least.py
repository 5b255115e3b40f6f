"""What the passing venues cost at least, their rooms counted in."""

from venuefinder.request import VenueFilter
from venuefinder.store.filters.condition import Condition
from venuefinder.store.filters.offers import Table, affordable, asks_price, holds

USUAL_CURRENCY = (
    "(SELECT price_currency FROM venues WHERE price_currency IS NOT NULL "
    "GROUP BY price_currency ORDER BY count(*) DESC, price_currency LIMIT 1)"
)
"""The catalogue's commonest."""


def currency(where: VenueFilter) -> str:
    """Return the one currency whose prices compare: the filter's, else the catalogue's commonest."""
    return "%(where_currency)s" if where.price else USUAL_CURRENCY


def least_prices(where: VenueFilter, passing: Condition, price: str) -> str:
    """Return a statement (venue_id, least) over `passing`: the least price of those offers that meet `where`.

    price: an expression with `{t}` for the table whose price it is.
    """
    sources: list[tuple[Table, Table, str, str]] = [
        ("v", "v", "venues v", "TRUE"),
        ("r", "r", "venues v JOIN rooms r ON r.venue_id = v.id", "TRUE"),
    ]
    if where.guests is not None:
        sources.append(("r", "v", sources[1][2], "r.price_amount IS NULL"))
    rows = [
        f"SELECT v.id AS venue_id, {price.format(t=priced)} AS price FROM {source} "  # noqa: S608 - values are bound
        f"WHERE {passing.sql()} AND {more} AND {_meets(where, holder, priced)}"
        for holder, priced, source, more in sources
    ]
    return f"SELECT venue_id, min(price) AS least FROM ({' UNION ALL '.join(rows)}) offers GROUP BY venue_id"  # noqa: S608


def _meets(where: VenueFilter, holder: Table, priced: Table) -> str:
    held = holds(where, holder) if where.guests is not None else "TRUE"
    paid = affordable(where, priced) if asks_price(where) else f"{priced}.price_currency = {currency(where)}"
    return f"{held} AND {paid}"
