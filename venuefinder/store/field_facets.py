"""Facets of a venue's own fields. Those that look at the same venues are counted in one statement."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import psycopg

from venuefinder.request import VenueFilter
from venuefinder.store.cursors import rows
from venuefinder.store.filters import condition
from venuefinder.store.filters.offers import asks_price

MOST_VALUES = 50
ATTRIBUTES = "attributes."
Counts = list[tuple[str | float | bool, int]]

STATEMENT = "WITH passing AS {materialized} (SELECT {columns} FROM venues v WHERE {condition}) {counts}"
COUNT = "(SELECT {number}, value, venues FROM ({field}) counted ORDER BY venues DESC, value LIMIT {most})"
PLAIN = "SELECT to_jsonb({field}) AS value, count(*) AS venues FROM passing WHERE {field} IS NOT NULL GROUP BY {field}"
AMENITIES = "SELECT to_jsonb(term) AS value, count(*) AS venues FROM passing, unnest(amenities) term GROUP BY term"
CITIES = """
SELECT to_jsonb((array_agg(city ORDER BY venues DESC, city))[1]) AS value, sum(venues)::bigint AS venues
FROM (SELECT city, count(*) AS venues FROM passing WHERE city IS NOT NULL GROUP BY city) spelt GROUP BY lower(city)
"""
"""Cities differ by more than case; each is named as it is most often written."""
ATTRIBUTE = "SELECT {field} AS value, count(*) AS venues FROM passing WHERE {field} <> 'null' GROUP BY {field}"


FIELDS = {
    "kind": PLAIN.format(field="kind"),
    "country": PLAIN.format(field="country"),
    "city": CITIES,
    "amenities": AMENITIES,
}


def count_fields(cursor: "psycopg.Cursor[Any]", where: VenueFilter, names: Sequence[str]) -> dict[str, Counts]:
    """Return `kind`, `country`, `city`, `amenities` and `attributes.NAME` of what passes all other filters."""
    counted: dict[str, Counts] = {}
    waiting = [(name, _without(where, name)) for name in names]
    while waiting:
        others = waiting[0][1]
        alike = [name for name, without in waiting if without == others]
        waiting = [(name, without) for name, without in waiting if without != others]
        counted |= _count_alike(cursor, others, alike)
    return counted


def _count_alike(cursor: "psycopg.Cursor[Any]", where: VenueFilter, names: Sequence[str]) -> dict[str, Counts]:
    passing = condition(where)
    columns, parameters, counts = [], dict(passing.parameters), []
    for number, name in enumerate(names):
        own = f"attribute_{number}"
        field = FIELDS[name] if name in FIELDS else ATTRIBUTE.format(field=own)
        columns.append(f"v.{name}" if name in FIELDS else f"v.attributes -> %({own})s::text AS {own}")
        parameters[own] = name.removeprefix(ATTRIBUTES)
        counts.append(COUNT.format(number=number, field=field, most=MOST_VALUES))
    # A price takes longer to reckon than rows to keep; other filters are cheap, and an index may answer them.
    kept = asks_price(where) and len(names) > 1
    statement = STATEMENT.format(
        materialized="MATERIALIZED" if kept else "NOT MATERIALIZED",
        columns=", ".join(columns),
        condition=passing.sql(),
        counts=" UNION ALL ".join(counts),
    )
    found: list[Counts] = [[] for _ in names]
    for number, value, venues in rows(cursor, statement, parameters):
        if isinstance(value, str | bool) or isfinite(float(f"{value}")):
            found[number].append((value, venues))
    return dict(zip(names, found, strict=True))


def _without(where: VenueFilter, name: str) -> VenueFilter:
    """Return the filter without a facet's own."""
    if name == "amenities":
        return where.model_copy(update={"amenities": where.amenities.model_copy(update={"any": ()})})
    if name.startswith(ATTRIBUTES):
        own = name.removeprefix(ATTRIBUTES)
        others = {other: test for other, test in where.attributes.items() if other != own}
        return where.model_copy(update={"attributes": others})
    return where.model_copy(update={name: None})
