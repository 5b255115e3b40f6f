"""Which place a name means: the catalogue's own first, then by far the largest; else it is for the asker to say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from venuefinder.errors import QueryError
from venuefinder.query.interpretation import Candidate
from venuefinder.query.lexicon import REGIONS
from venuefinder.query.vocabulary import Gazetteer, KnownPlace, KnownTerms
from venuefinder.request import NEAR_KM, Near, VenueFilter

BY_FAR = 10
"""Times the people of the next place of that name."""
LEAST_PEOPLE_ABROAD = 20_000
"""Of a place elsewhere than where the currency points: Siena costs pounds too, Heathrow in Florida does not."""
MOST_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Places by name, as one request means them."""

    known: KnownTerms
    gazetteer: Gazetteer
    country: str | None = None
    """Where the filters say to look, ISO 3166-1 alpha-2: nothing elsewhere is meant."""
    spoken: str | None = None
    """Where the currency says to look."""

    def places(self, name: str) -> tuple[KnownPlace, ...]:
        """Return every place that a name may mean, `name, country` and `name, region` included."""
        own = self._catalogued(name)
        return own if self.catalogued(name) else self.gazetteer.places(name) or own

    def catalogued(self, name: str) -> bool:
        """Return whether the catalogue has venues in a city of that name, where the filters say to look."""
        return any(self._fits(place) for place in self._catalogued(name))

    def meant(self, name: str, places: Sequence[KnownPlace]) -> KnownPlace | None:
        """Return the one that is meant, None when there is none or no telling which."""
        if is_region(name) and not self.catalogued(name):
            return None
        ranked = sorted(self.likely(name, places), key=lambda place: -place.weight)
        if not ranked:
            return None
        certain = len(ranked) == 1 or (
            not self.catalogued(name) and ranked[0].weight >= BY_FAR * max(ranked[1].weight, 1)
        )
        return ranked[0] if certain else None

    def doubt(self, name: str, places: Sequence[KnownPlace]) -> str:
        """Return why none is meant."""
        if is_region(name) and not self.catalogued(name):
            return "an area, not a town: name a town, or give filters.box"
        if not self.likely(name, places):
            return (
                f"no place of this name is known in {self.country or self.spoken}, where the request looks; say which"
            )
        return "several places have this name; say which, as the candidates do"

    def likely(self, name: str, places: Sequence[KnownPlace]) -> Sequence[KnownPlace]:
        """Return those in the country that is given; or spoken of, unless the place is qualified, ours or large."""
        if self.country is not None:
            return [place for place in places if self._fits(place)]
        if self.spoken is None or "," in name:
            return places
        here = [place for place in places if place.country == self.spoken]
        known = self.catalogued(name)
        return here or [place for place in places if known or place.weight >= LEAST_PEOPLE_ABROAD]

    def _fits(self, place: KnownPlace) -> bool:
        return self.country is None or place.country in {None, self.country}

    def _catalogued(self, name: str) -> tuple[KnownPlace, ...]:
        base, *qualifiers = (" ".join(part.casefold().split()) for part in name.split(","))
        own = (self.known.places or {}).get(base, ())
        return tuple(place for place in own if all(self._is_in(place, qualifier) for qualifier in qualifiers))

    def _is_in(self, place: KnownPlace, qualifier: str) -> bool:
        code = self.gazetteer.country(qualifier) or qualifier.upper()
        return place.country == code or (place.region or "").casefold() == qualifier


def is_region(name: str) -> bool:
    """Return whether a name means an area first, whatever towns bear it."""
    return " ".join(name.casefold().split()) in REGIONS


def candidates(places: Sequence[KnownPlace]) -> tuple[Candidate, ...]:
    """Return what an ambiguous name may mean, as people tell it apart."""
    shown = places[:MOST_CANDIDATES]
    return tuple(
        Candidate(name=_apart(place, shown), latitude=place.latitude, longitude=place.longitude) for place in shown
    )


def _apart(place: KnownPlace, others: Sequence[KnownPlace]) -> str:
    """Return `Cambridge, GB`, with the region where another of that country has the name too."""
    compatriots = sum(other.country == place.country for other in others)
    parts = (place.name, place.region if compatriots > 1 else None, place.country)
    return ", ".join(part for part in parts if part)


def with_coordinates(given: VenueFilter, where: Whereabouts) -> VenueFilter:
    """Return filters whose `near` has coordinates and a radius.

    Raises:
        QueryError: nothing is known by that name, or several places are.

    """
    near = given.near
    if near is None or near.latitude is not None:
        return given if near is None or near.radius_km is not None else _at(given, near, NEAR_KM)
    if near.country and given.country not in {None, near.country}:
        raise QueryError(
            f"filters.near.country is {near.country}, filters.country is {given.country}; give one of them"
        )
    name, where = near.place or "", replace(where, country=near.country or given.country)
    known = where.places(name)
    found = where.likely(name, known) or known
    place = where.meant(name, found)
    if place is None:
        raise QueryError(_refusal(name, found, where))
    update = {"place": place.name, "latitude": place.latitude, "longitude": place.longitude}
    update |= {"radius_km": near.radius_km or max(place.radius_km, NEAR_KM), "country": place.country or near.country}
    return given.model_copy(update={"near": near.model_copy(update=update)})


def _at(given: VenueFilter, near: Near, radius_km: float) -> VenueFilter:
    return given.model_copy(update={"near": near.model_copy(update={"radius_km": radius_km})})


def _refusal(name: str, found: Sequence[KnownPlace], where: Whereabouts) -> str:
    what = f"filters.near.place: {name!r}"
    listed = "; ".join(candidate.name for candidate in candidates(found))
    if code := where.gazetteer.country(name):
        return f"{what} is a country, not a town; give filters.country {code!r}, or name a town"
    if is_region(name):
        towns = f"; towns of that name: {listed}" if listed else ""
        return f"{what} is an area, not a town; name a town, or give filters.box{towns}"
    if found and where.country and all(place.country not in {None, where.country} for place in found):
        return f"{what} is not known in {where.country}, where the filters look; elsewhere: {listed}"
    if found:
        return f"{what} may mean {listed}; write one of these, or give latitude and longitude"
    alike = where.gazetteer.spellings(name)
    hint = f"did you mean {', '.join(alike)}? Or give" if alike else "give"
    return f"filters.near.place: no place known by the name {name!r}; {hint} latitude and longitude"
