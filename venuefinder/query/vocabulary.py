"""What interpretation asks of the world: the catalogue's own words, and places by name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPlace:
    """A place with its coordinates, degrees."""

    name: str
    country: str | None
    """ISO 3166-1 alpha-2."""
    latitude: float
    longitude: float
    radius_km: float
    """How far "near" it reaches unless the query says."""
    region: str | None = None
    """State or county, where that tells it from others of its name."""
    weight: int = 0
    """People who live there, or venues the catalogue has there: the more, the likelier it is meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTerms:
    """Which of some words the catalogue uses. All folded: lower case, single spaces."""

    kinds: frozenset[str] = frozenset()
    amenities: frozenset[str] = frozenset()
    places: Mapping[str, tuple[KnownPlace, ...]] | None = None
    """The catalogue's cities by folded name, one for each country it has one in; without coordinates: absent."""


class Vocabulary(Protocol):
    """The catalogue's own words."""

    def known(self, terms: Collection[str], places: Collection[str]) -> KnownTerms:
        """Return which of `terms` are kinds or amenities of some venue, and which of `places` are cities of some."""


class Gazetteer(Protocol):
    """Places of the world by name."""

    def places(self, name: str) -> tuple[KnownPlace, ...]:
        """Return every place by that name, in any case, the most populous first; () when there is none.

        A comma adds a country or a region: `Bath, UK`, `Springfield, Illinois`.
        """

    def country(self, name: str) -> str | None:
        """Return the ISO 3166-1 alpha-2 code of a country by name, None when it is none."""

    def spellings(self, name: str) -> tuple[str, ...]:
        """Return names of places that are spelled like it, the likest first."""
