"""A VenueFilter as SQL on `venues v`, with named psycopg parameters: every value is bound, none is written out."""

from venuefinder.request import NarrowedFilter, VenueFilter
from venuefinder.store.filters.attributes import attributes
from venuefinder.store.filters.condition import Condition
from venuefinder.store.filters.offers import larger, offers
from venuefinder.store.filters.places import box, near

__all__ = ["Condition", "condition", "plain"]


def condition(where: VenueFilter) -> Condition:
    """Return everything the filter asks of a venue."""
    found = plain(where)
    offers(found, where)
    return found


def plain(where: VenueFilter) -> Condition:
    """Return what the filter asks of the venue as a whole: all but guests and price."""
    found = Condition()
    for clause, name, value in (
        ("v.kind = %(where_kind)s", "where_kind", where.kind),
        ("v.city_key = lower(%(where_city)s)", "where_city", where.city),
        ("v.country = %(where_country)s", "where_country", where.country),
        ("v.amenities @> %(where_all)s::text[]", "where_all", list(where.amenities.all)),
        ("v.amenities && %(where_any)s::text[]", "where_any", list(where.amenities.any)),
        ("NOT v.amenities && %(where_none)s::text[]", "where_none", list(where.amenities.none)),
    ):
        if value:
            found.add(clause, {name: value})
    if where.near is not None:
        near(found, where.near)
    if where.box is not None:
        box(found, where.box)
    attributes(found, where.attributes)
    if isinstance(where, NarrowedFilter) and where.more_people_than is not None:
        larger(found, where, where.more_people_than)
    return found
