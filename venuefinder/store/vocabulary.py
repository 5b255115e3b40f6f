"""The catalogue's own words: which of a query's words are kinds, amenities or cities of some venue.

Every word is a probe of an index, and is remembered for a minute, found or not.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from threading import Lock
from time import monotonic
from typing import Any, Generic, TypeVar

import psycopg

from venuefinder.geography import EARTH_RADIUS_KM
from venuefinder.query.vocabulary import KnownPlace, KnownTerms
from venuefinder.store.cursors import reading, rows
from venuefinder.store.database import Database

REMEMBERED_SECONDS = 60.0
MOST_REMEMBERED = 20_000
LEAST_RADIUS_KM = 5.0
MOST_RADIUS_KM = 50.0
"""One listing astray must not turn a city into a country."""

MOST_VENUES = 5_000
"""Of a city, enough to tell where it lies."""

# A sequential scan that hopes to stop early reads the whole table for a word that is not there.
PROBES_ONLY = {"enable_seqscan": "off"}
TERMS = """
SELECT term, EXISTS (SELECT FROM venues v WHERE v.kind = term),
       EXISTS (SELECT FROM venues v WHERE v.amenities @> ARRAY[term])
FROM unnest(%(terms)s::text[]) term
"""
# The mean direction, not the mean of degrees: it is right on either side of the 180th meridian. Rounded to a tenth of
# a metre, because products of tiny numbers underflow, which PostgreSQL makes an error. Names that are no city are left
# out first, by one probe each: where there are few cities, the planner would read every venue for each of them.
PLACES = f"""
WITH named AS MATERIALIZED (
    SELECT asked FROM unnest(%(names)s::text[]) asked
    WHERE (SELECT true FROM venues v WHERE v.city_key = lower(asked) LIMIT 1)
), found AS MATERIALIZED (
    SELECT asked, v.country, v.city,
           round(v.latitude::numeric, 6)::float8 AS latitude, round(v.longitude::numeric, 6)::float8 AS longitude
    FROM named CROSS JOIN LATERAL (
        SELECT * FROM venues WHERE city_key = lower(asked) AND latitude IS NOT NULL LIMIT {MOST_VENUES}
    ) v
), located AS (
    SELECT asked, country, city,
           sind(latitude) AS z, cosd(latitude) * cosd(longitude) AS x, cosd(latitude) * sind(longitude) AS y
    FROM found
), middle AS (
    SELECT asked, country, mode() WITHIN GROUP (ORDER BY city) AS city, count(*) AS venues,
           avg(x) AS x, avg(y) AS y, avg(z) AS z,
           greatest(1e-9, sqrt(avg(x) ^ 2 + avg(y) ^ 2 + avg(z) ^ 2)) AS length
    FROM located GROUP BY asked, country
)
SELECT m.asked, m.country, m.city, m.venues, asind(greatest(-1, least(1, m.z / m.length))), atan2d(m.y, m.x),
       {EARTH_RADIUS_KM} * max(acos(greatest(-1, least(1, (l.x * m.x + l.y * m.y + l.z * m.z) / m.length))))
FROM middle m JOIN located l ON l.asked = m.asked AND l.country IS NOT DISTINCT FROM m.country
GROUP BY m.asked, m.country, m.city, m.venues, m.x, m.y, m.z, m.length
ORDER BY m.venues DESC, m.country
"""  # noqa: S608 - a constant of ours

Found = TypeVar("Found")


class CatalogueVocabulary:
    """Implements `query.vocabulary.Vocabulary` on the database. Thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], float] = monotonic) -> None:
        self._database = database
        self._terms = _Remembered[tuple[bool, bool]](clock)
        self._places = _Remembered[tuple[KnownPlace, ...]](clock)

    def known(self, terms: Collection[str], places: Collection[str]) -> KnownTerms:
        """Return which of `terms` are kinds or amenities of some venue, and which of `places` are cities of some.

        A city's place is the middle of its venues that have coordinates, its radius reaches the farthest of them,
        5 km at least and 50 km at most; a city without any is absent.
        """
        known_terms, new_terms = self._terms.recall(terms)
        known_places, new_places = self._places.recall(places)
        if new_terms or new_places:
            with reading(self._database, PROBES_ONLY) as cursor:
                known_terms |= self._terms.remember(_look_up_terms(cursor, new_terms))
                known_places |= self._places.remember(_look_up_places(cursor, new_places))
        return KnownTerms(
            kinds=frozenset(term for term, (is_kind, _) in known_terms.items() if is_kind),
            amenities=frozenset(term for term, (_, is_amenity) in known_terms.items() if is_amenity),
            places={name: found for name, found in known_places.items() if found},
        )


class _Remembered(Generic[Found]):
    """What was found of each word, for a minute; of the last words when there are many."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._found: OrderedDict[str, tuple[float, Found]] = OrderedDict()
        self._lock = Lock()

    def recall(self, words: Collection[str]) -> tuple[dict[str, Found], list[str]]:
        """Return what is remembered, and the words that are not."""
        fresh = self._clock() - REMEMBERED_SECONDS
        with self._lock:
            asked = {word: self._found.get(word) for word in words}
        known = {word: found[1] for word, found in asked.items() if found and found[0] > fresh}
        return known, [word for word in asked if word not in known]

    def remember(self, found: Mapping[str, Found]) -> dict[str, Found]:
        """Remember, and return, what was found."""
        now = self._clock()
        with self._lock:
            for word, one in found.items():
                self._found[word] = (now, one)
                self._found.move_to_end(word)
            while len(self._found) > MOST_REMEMBERED:
                self._found.popitem(last=False)
        return dict(found)


def _look_up_terms(cursor: "psycopg.Cursor[Any]", terms: list[str]) -> dict[str, tuple[bool, bool]]:
    found = rows(cursor, TERMS, {"terms": terms}) if terms else []
    return {term: (is_kind, is_amenity) for term, is_kind, is_amenity in found}


def _look_up_places(cursor: "psycopg.Cursor[Any]", names: list[str]) -> dict[str, tuple[KnownPlace, ...]]:
    found: dict[str, tuple[KnownPlace, ...]] = dict.fromkeys(names, ())
    for name, *fields in rows(cursor, PLACES, {"names": names}) if names else []:
        found[name] += (_place(*fields),)
    return {name: _told_apart(places) for name, places in found.items()}


def _place(
    country: str | None, city: str, venues: int, latitude: float, longitude: float, farthest: float
) -> KnownPlace:
    return KnownPlace(
        name=city,
        country=country,
        latitude=latitude,
        longitude=longitude,
        radius_km=min(max(farthest, LEAST_RADIUS_KM), MOST_RADIUS_KM),
        weight=venues,
    )


def _told_apart(places: tuple[KnownPlace, ...]) -> tuple[KnownPlace, ...]:
    """Leave out the place of those venues that name no country, where others of the city do: it is no other place."""
    return tuple(place for place in places if place.country) or places
