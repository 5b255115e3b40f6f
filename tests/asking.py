"""The labelled catalogue and the real gazetteer, to ask in tests."""

from functools import cache
from typing import Any

from benchmarks.parser import Request, WrittenCatalogue, load
from venuefinder.query.gazetteer import WorldGazetteer
from venuefinder.query.interpretation import Interpretation
from venuefinder.query.parse import interpret
from venuefinder.request import VenueFilter

NOTHING = VenueFilter()


@cache
def world() -> WorldGazetteer:
    return WorldGazetteer()


@cache
def labelled() -> tuple[WrittenCatalogue, list[Request]]:
    return load(world())


def ask(query: str, given: VenueFilter = NOTHING, switch_off: tuple[tuple[int, int], ...] = ()) -> Interpretation:
    return interpret(query, given, vocabulary=labelled()[0], gazetteer=world(), switch_off=switch_off)


def amenities_asked(query: str, **without: Any) -> dict[str, list[str]]:
    """Return what the amenities of a venue must be."""
    amenities = ask(query, **without).filters.amenities
    return {name: sorted(terms) for name, terms in amenities.model_dump(exclude_defaults=True).items()}
