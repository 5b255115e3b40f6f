"""Filters given and understood, together: what is applied is what the parts echo, and those given win."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from venuefinder.query.found import Found
from venuefinder.request import PriceLimit, VenueFilter


def merge(given: VenueFilter, found: Iterable[Found]) -> tuple[VenueFilter, list[Found]]:
    """Return the filters together, and the parts with those that could not join no longer applied."""
    asked: dict[str, Any] = {}
    merged = given
    settled: dict[int, Found] = {}
    ordered = list(enumerate(found))
    for index, part in sorted(ordered, key=lambda item: _first(item[1])):
        if not part.applied:
            settled[index] = part
            continue
        reason = _given(given, part) or _taken(asked, given, part)
        both = asked if reason else joined(asked, _filters(part))
        together = None if reason else _together(given, both)
        if together is None:
            fate = "text" if reason == _SECOND_CHOICE else part.fate
            settled[index] = replace(part, applied=False, note=reason or "contradicts the other filters", fate=fate)
        else:
            asked, merged, settled[index] = both, together, part
    return merged, [settled[index] for index, _ in ordered]


def joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return two fragments of `filters` as one: lists end to end without repeats, mappings merged, others replaced."""
    both = dict(one)
    for name, value in other.items():
        if isinstance(value, Mapping):
            both[name] = joined(both.get(name) or {}, value)
        elif isinstance(value, list | tuple):
            both[name] = list(dict.fromkeys([*(both.get(name) or ()), *value]))
        else:
            both[name] = value
    return both


def _filters(part: Found) -> dict[str, Any]:
    return {name: value for name, value in part.meaning.items() if name != "negative"}


def _first(part: Found) -> tuple[int, float]:
    """Return what decides between two parts of one field: most guests, least money; else the one that stands first."""
    if part.kind == "guests":
        return 0, -part.meaning["guests"]
    price = part.meaning.get("price") or {}
    return (1, float(price["max"])) if "max" in price else (2, part.start)


def _given(given: VenueFilter, part: Found) -> str | None:
    where = {"near": given.near, "box": given.box, "city": given.city}
    price = given.price if _excludes(given.price, part.meaning.get("price") or {}) else None
    taken = {"guests": given.guests, "price": price, "kind": given.kind, "country": given.country}
    place = {"near", "country"}
    for name in part.meaning:
        field = next((field for field, value in where.items() if value is not None), name) if name in place else name
        if (where | taken).get(field) is not None:
            return f"filters.{field} is given"
    amenities = part.meaning.get("amenities") or {}
    if set(amenities.get("none", ())) & {*given.amenities.all, *given.amenities.any}:
        return "filters.amenities is given"
    if {*amenities.get("all", ()), *amenities.get("any", ())} & set(given.amenities.none):
        return "filters.amenities is given"
    return None


def _excludes(given: PriceLimit | None, understood: Mapping[str, Any]) -> bool:
    """Return whether a given price leaves no room for words: hours, or a currency, alone leave the budget open."""
    if given is None or given.limits():
        return given is not None
    said = {"per": "event"} | dict(understood)
    return any(said.get(name, value) != value for name, value in given.model_dump(exclude_unset=True).items())


def _taken(asked: Mapping[str, Any], given: VenueFilter, part: Found) -> str | None:
    """Return why a part cannot join those before it; saying the same again is no reason."""
    for name, value in _filters(part).items():
        if name == "price":
            if reason := _price_taken(asked.get("price") or {}, value):
                return reason
        elif name == "amenities":
            before = (asked.get("amenities") or {}).get("any") or given.amenities.any
            if before and "any" in value and set(before) != set(value["any"]):
                return _SECOND_CHOICE
        elif name in asked and asked[name] != value:
            return _SECOND[part.kind]
    return None


_SECOND_CHOICE = "one choice of amenities, or of spellings of one, filters at a time"
_SECOND = {
    "guests": "the larger number of guests counts",
    "place": "one place filters at a time",
    "kind": "one kind filters at a time",
}


def _price_taken(before: Mapping[str, Any], price: Mapping[str, Any]) -> str | None:
    shared = ("currency", "hours", "max", "min", "max_minimum_spend")
    if any(name in before and name in price and before[name] != price[name] for name in shared):
        return "the narrower price counts"
    bounds = {"max", "min"}
    if bounds & before.keys() and bounds & price.keys() and before.get("per", "event") != price.get("per", "event"):
        return "one price limit filters at a time"
    return None


def _together(given: VenueFilter, asked: Mapping[str, Any]) -> VenueFilter | None:
    try:
        return VenueFilter.model_validate(joined(given.model_dump(exclude_unset=True), asked))
    except ValidationError:
        return None
