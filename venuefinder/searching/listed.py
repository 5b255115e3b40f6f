"""What a venue's listing says of one constraint of a filter: a field meets it, fails it, or is missing."""

from collections.abc import Iterator, Sequence

from venuefinder.answers import Status
from venuefinder.domain import Attribute, Capacity, Layout, Price, Venue
from venuefinder.geography import distance_km
from venuefinder.offers import price_bounds, price_total
from venuefinder.request import NEAR_KM, AttributeRange, AttributeTest, Box, Near, VenueFilter
from venuefinder.statements import Said, Statements


def listed(only: VenueFilter, statements: Statements) -> Status:
    """Judge a filter of one constraint (`relaxing.Constraint.only`) by the listing: anything but `seen`."""
    return next(_judged(only, statements), "unknown")


def _judged(only: VenueFilter, statements: Statements) -> Iterator[Status]:
    yield from _where_and_what(only, statements)
    if only.price is not None:
        yield _price(only, statements.venue)
    if only.guests is not None:
        yield _guests(only, statements.venue)
    if wanted := only.amenities.all or only.amenities.any:
        yield _has_one(wanted, statements)
    for term in only.amenities.none:
        yield _opposite(_has_one([term], statements))
    for name, test in only.attributes.items():
        yield _attribute(test, statements.venue.attributes.get(name), is_there=name in statements.venue.attributes)


def _where_and_what(only: VenueFilter, statements: Statements) -> Iterator[Status]:
    venue = statements.venue
    if only.kind is not None:
        yield _kind(only.kind, statements)
    if only.city is not None:
        yield _same(venue.city and venue.city.lower(), only.city.lower())
    if only.country is not None:
        yield _same(venue.country, only.country)
    if only.near is not None:
        yield _near(only.near, venue)
    if only.box is not None:
        yield _box(only.box, venue)


def _status(fits: bool | None) -> Status:
    return "unknown" if fits is None else ("stated" if fits else "contradicted")


def _opposite(status: Status) -> Status:
    swapped: dict[Status, Status] = {"stated": "contradicted", "contradicted": "stated"}
    return swapped.get(status, status)


def _same(found: str | None, asked: str) -> Status:
    return _status(found == asked if found else None)


def _kind(kind: str, statements: Statements) -> Status:
    return "stated" if statements.say(kind) is Said.HAS else _same(statements.venue.kind, kind)


def _near(near: Near, venue: Venue) -> Status:
    if venue.latitude is None or venue.longitude is None or near.latitude is None or near.longitude is None:
        if not near.place or not venue.city or venue.city.lower() != near.place.lower():
            return "unknown"
        return _status(near.country is None or venue.country in {None, near.country})
    apart = distance_km(near.latitude, near.longitude, venue.latitude, venue.longitude)
    return _status(apart <= (near.radius_km or NEAR_KM))


def _box(box: Box, venue: Venue) -> Status:
    if venue.latitude is None or venue.longitude is None:
        return "unknown"
    east_of, west_of = venue.longitude >= box.west, venue.longitude <= box.east
    between = (east_of and west_of) if box.west <= box.east else (east_of or west_of)
    return _status(between and box.south <= venue.latitude <= box.north)


def _guests(only: VenueFilter, venue: Venue) -> Status:
    fits = [_holds(capacity, only) for capacity in (venue.capacity, *(room.capacity for room in venue.rooms))]
    return "stated" if True in fits else _status(fits[0])


def _holds(capacity: Capacity, only: VenueFilter) -> bool | None:
    people = _people(capacity, only.layout)
    return None if people is None or only.guests is None else people >= only.guests


def _people(capacity: Capacity, layout: Layout | None) -> int | None:
    people: int | None = getattr(capacity, layout) if layout else capacity.largest()
    return people


def _price(only: VenueFilter, venue: Venue) -> Status:
    """Judge the price of what may hold the guests: a room that is known to be too small costs nothing to the point."""
    offers = [(venue.capacity, venue.price), *((room.capacity, room.price or venue.price) for room in venue.rooms)]
    fits = [_affordable(price, only) for capacity, price in offers if _holds(capacity, only) is not False]
    if True in fits:
        return "stated"
    return _status(None if None in fits or not fits else False)


def _affordable(price: Price | None, only: VenueFilter) -> bool | None:
    limit, bounds = only.price, price_bounds(only)
    if limit is None or price is None or price.currency != limit.currency:
        return None
    if limit.max_minimum_spend is not None and (price.minimum_spend or 0) > limit.max_minimum_spend:
        return False
    if bounds.rate_of is not None and bounds.rate_of != price.unit:
        return None
    asked = price.amount if bounds.rate_of else price_total(price, only.guests, limit.hours)
    return (bounds.least is None or asked >= bounds.least) and (bounds.most is None or asked <= bounds.most)


def _has_one(terms: Sequence[str], statements: Statements) -> Status:
    """Judge amenities by the list and the words of the listing; not to be listed says nothing."""
    if not set(terms).isdisjoint(statements.venue.amenities):
        return "stated"
    said = [statements.say(term) for term in terms]
    if Said.HAS in said:
        return "stated"
    return "contradicted" if all(one is Said.HAS_NOT for one in said) else "unknown"


def _attribute(test: AttributeTest, value: Attribute, *, is_there: bool) -> Status:
    if not is_there:
        return "unknown"
    if isinstance(test, AttributeRange):
        return _in_range(test, value)
    fits = any(_equal(value, asked) for asked in (test if isinstance(test, tuple) else (test,)))
    return _status(None if value is None and not fits else fits)


def _equal(value: Attribute, asked: object) -> bool:
    """Compare as JSON does: true is not 1, and 1 is 1.0."""
    return isinstance(value, bool) == isinstance(asked, bool) and value == asked


def _in_range(test: AttributeRange, value: Attribute) -> Status:
    if value is None:
        return "unknown"
    if isinstance(value, bool | str):
        return "contradicted"
    return _status((test.min is None or value >= test.min) and (test.max is None or value <= test.max))
