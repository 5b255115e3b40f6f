"""Every offer of the passing venues as a row: the venue itself, its rooms by their own prices, its rooms by its price.

Where much is asked of each offer this reads and reckons once; a condition on the venue would do so again for each.
"""

from collections.abc import Callable

from venuefinder.request import VenueFilter
from venuefinder.store.filters.condition import Condition
from venuefinder.store.filters.offers import Table, affordable, asks_price, holds

USUAL_CURRENCY = (
    "(SELECT price_currency FROM venues WHERE price_currency IS NOT NULL "
    "GROUP BY price_currency ORDER BY count(*) DESC, price_currency LIMIT 1)"
)
"""The catalogue's commonest."""
Columns = Callable[[Table, Table], str]
"""Returns columns to select, given whose capacity and whose price it is."""


def least_prices(where: VenueFilter, passing: Condition, price: str, *, own_first: bool = False) -> str:
    """Return a statement (venue_id, least) over `passing`: the least price of those offers that meet `where`.

    In one currency: the filter's, else the catalogue's commonest. price: an expression with `{t}` for its table.
    own_first: the price of the venue itself, where it meets `where`, although a room may cost less.
    """
    currency = "%(where_currency)s" if where.price else USUAL_CURRENCY

    def priced(holder: Table, table: Table) -> str:
        own = f", {holder == 'v'} AS own" if own_first else ""
        return f"{price.format(t=table)} AS price{own}"

    def meets(holder: Table, table: Table) -> str:
        held = f"{holds(where, holder)} AND " if where.guests is not None else ""
        return held + (affordable(where, table) if asks_price(where) else f"{table}.price_currency = {currency}")

    rows = _offer_rows(passing, priced, meets, as_the_venue=where.guests is not None)
    least = "coalesce(min(price) FILTER (WHERE own), min(price))" if own_first else "min(price)"
    return f"SELECT venue_id, {least} AS least FROM ({rows}) offers GROUP BY venue_id"  # noqa: S608 - names of ours


def most_people(where: VenueFilter, passing: Condition, layouts: tuple[str, ...]) -> str:
    """Return a statement (venue_id, and each layout) over `passing`: the most that offers at the filter's price hold.

    Offers that hold too few in any layout are left out.
    """
    most = where.model_copy(update={"layout": None})

    def people(holder: Table, _: Table) -> str:
        return ", ".join(f"{holder}.capacity_{layout} AS {layout}" for layout in layouts)

    def meets(holder: Table, table: Table) -> str:
        return f"{holds(most, holder)} AND {affordable(where, table)}"

    rows = _offer_rows(passing, people, meets, as_the_venue=True)
    greatest = ", ".join(f"max({layout}) AS {layout}" for layout in layouts)
    return f"SELECT venue_id, {greatest} FROM ({rows}) offers GROUP BY venue_id"  # noqa: S608 - names of ours


def _offer_rows(passing: Condition, columns: Columns, meets: Columns, *, as_the_venue: bool) -> str:
    """Return a statement of all offers that meet something; `as_the_venue`: with the rooms that cost what it costs."""
    joined = "venues v JOIN rooms r ON r.venue_id = v.id"
    alone = "rooms r" if not passing.clauses else joined
    sources: list[tuple[str, Table, Table, str, str]] = [
        ("v.id", "v", "v", "venues v", "TRUE"),
        ("r.venue_id", "r", "r", alone, "TRUE"),
    ]
    if as_the_venue:
        sources.append(("v.id", "r", "v", joined, "r.price_amount IS NULL"))
    return " UNION ALL ".join(
        f"SELECT {venue} AS venue_id, {columns(holder, priced)} FROM {source} "  # noqa: S608 - values are bound
        f"WHERE {passing.sql()} AND {more} AND {meets(holder, priced)}"
        for venue, holder, priced, source, more in sources
    )
