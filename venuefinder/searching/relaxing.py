"""A filter taken apart: each constraint on its own, and what stays when it is relaxed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from venuefinder.request import AmenityFilter, VenueFilter
from venuefinder.searching import wording

PLAIN = ("kind", "city", "country", "near", "box")
"""Fields of a filter that are one constraint each and stand alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """One thing a filter asks."""

    name: str
    """Where it stands under `filters`: `kind`, `amenities.all.parking`, `amenities.any`, `attributes.floor`."""
    words: str
    """For people."""
    only: VenueFilter
    """A filter that asks nothing else. A price takes the guests with it: they turn it into a total."""
    without: VenueFilter
    """The filter without it."""


def constraints(where: VenueFilter) -> list[Constraint]:
    """Return what a filter asks, in the order of its fields; each can be relaxed on its own.

    Guests go with their layout. A price that only says how many hours to count limits nothing, and is none.
    """
    return [*_plain(where), *_of_offers(where), *_of_amenities(where), *_of_attributes(where)]


def _plain(where: VenueFilter) -> Iterator[Constraint]:
    words: Mapping[str, Any] = {
        "kind": wording.kind_words,
        "city": wording.city_words,
        "country": wording.country_words,
        "near": wording.near_words,
        "box": wording.box_words,
    }
    for name in PLAIN:
        value = getattr(where, name)
        if value is not None:
            yield Constraint(
                name=name,
                words=words[name](value),
                only=_changed(VenueFilter(), {name: value}),
                without=_changed(where, {name: None}),
            )


def _of_offers(where: VenueFilter) -> Iterator[Constraint]:
    seats = {"guests": where.guests, "layout": where.layout}
    if where.guests is not None:
        yield Constraint(
            name="guests",
            words=wording.guests_words(where.guests, where.layout),
            only=_changed(VenueFilter(), seats),
            without=_changed(where, {"guests": None, "layout": None}),
        )
    if where.price is not None and where.price.limits():
        yield Constraint(
            name="price",
            words=wording.price_words(where.price),
            only=_changed(VenueFilter(), seats | {"price": where.price}),
            without=_changed(where, {"price": None}),
        )


def _of_amenities(where: VenueFilter) -> Iterator[Constraint]:
    asked = where.amenities
    for term in asked.all:
        yield _amenity(where, f"all.{term}", wording.has_words([term]), {"all": (term,)})
    if asked.any:
        yield _amenity(where, "any", wording.has_words(asked.any), {"any": asked.any})
    for term in asked.none:
        yield _amenity(where, f"none.{term}", wording.without_words(term), {"none": (term,)})


def _amenity(where: VenueFilter, name: str, words: str, asked: dict[str, tuple[str, ...]]) -> Constraint:
    kept = {
        field: tuple(term for term in getattr(where.amenities, field) if term not in terms)
        for field, terms in asked.items()
    }
    return Constraint(
        name=f"amenities.{name}",
        words=words,
        only=VenueFilter(amenities=AmenityFilter.model_validate(asked)),
        without=_changed(where, {"amenities": where.amenities.model_copy(update=kept)}),
    )


def _of_attributes(where: VenueFilter) -> Iterator[Constraint]:
    for name, test in where.attributes.items():
        others = {other: kept for other, kept in where.attributes.items() if other != name}
        yield Constraint(
            name=f"attributes.{name}",
            words=wording.attribute_words(name, test),
            only=_changed(VenueFilter(), {"attributes": {name: test}}),
            without=_changed(where, {"attributes": others}),
        )


def _changed(where: VenueFilter, fields: dict[str, Any]) -> VenueFilter:
    """Return a copy with these fields, which were checked when the request was read."""
    return where.model_copy(update=fields)
