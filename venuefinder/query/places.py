"""Where it should be: near Bath, within 10 miles of York, in Springfield, Illinois."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from venuefinder.query.found import Found, apart
from venuefinder.query.lexicon import DANGLING, NEVER_LOWER, ORDINARY, TIMES
from venuefinder.query.numbers import PLAIN_NUMBER, value_of
from venuefinder.query.sentence import TAKEN, Sentence, Word
from venuefinder.query.terms import together
from venuefinder.query.vocabulary import KnownPlace
from venuefinder.query.whereabouts import Whereabouts, candidates, is_region
from venuefinder.request import NEAR_KM

LONGEST_NAME = 5
MILE_KM = 1.609344
LEAST_PEOPLE_LOWER = 20_000
"""Of a town that a query names in lower case after "in"."""
LEAST_PEOPLE_BARE = 100_000
"""Of a town that a query names without "in" or "near"."""
LEAST_PEOPLE_SMALL_LETTERS = 500_000
"""The same in lower case, at the start, or where every word has a capital."""
SAFE_LETTERS = 6
"""Of another name of a town (lime is Lima's): shorter ones are words too often to be taken in lower case."""
MOST_KM = 20_000

_UNIT = r"(?P<unit>miles?|mi|kilomet(?:re|er)s?|kms?)\b"
_DISTANCE = (
    rf"(?:within |inside |less than |about |under |up to |max )?(?:an? )?(?P<distance>{PLAIN_NUMBER})[ -]?{_UNIT}"
    r"(?: radius)?(?: (?:of|from|away from|around|outside(?: of)?))"
)
_TRAVEL = (
    r"(?P<travel>(?:within |less than |about |under )?(?:an? |half an |[0-9]{1,3} |one |two |three )?-?"
    r"(?:hours?|minutes?|mins?)(?:'s?)?(?: (?:drive|train|journey|walk|travel))?(?: away)? (?:of|from))"
)
_NEAR = (
    r"near(?: to)?|close to|nearby|around|outside(?: of)?|not (?:too )?far from|(?:with)?in (?:easy )?reach of"
    r"|(?:within )?walking distance (?:of|from|to)|(?:based|located|somewhere) near|on the outskirts of"
)
_LEAD = re.compile(
    rf"(?<![\w'-])(?:{_TRAVEL}|{_DISTANCE}|(?P<near>{_NEAR})|(?P<in>(?:(?:based|located|somewhere) )?in|at))(?= )"
)
_COMPASS = r"north-?east|north-?west|south-?east|south-?west|north|south|east|west"
_MODIFIER = re.compile(
    r" (?:the )?(?:(?:city|town|centre|center|middle|heart|outskirts|edge|suburbs|area|"
    rf"{_COMPASS})(?: centre| center)? of |(?:central|inner|greater|downtown|old|{_COMPASS}) )?(?:the )?(?=[^\W_])"
)
_NOT_BEFORE = re.compile(r"(?:\bnot|n't|\bno)(?: be| too| located| based)? $")
_STYLED = re.compile(r"[ -](?:style|styled|inspired|themed|theme|vibe|vibes|feel|look|type|esque)\b")
_AREA = re.compile(r" (?:(?:city |town )?(?:centre|center)|area|region|city|town)\b(?! hall)")
_GOVERNED = re.compile(r"\b(?:over|of|from|to|like|as|the|an?|across|by|and|with|called|named) $")


@dataclass(frozen=True, slots=True)
class _Named:
    """A name in the query: its words, and what it may mean."""

    end: int
    name: str
    places: tuple[KnownPlace, ...]
    qualified: bool = False

    def people(self, *, official: bool) -> int:
        """Return how many live in the largest; `official`: of those that bear this very name, or a long one."""
        bear = [place for place in self.places if not official or self._bears(place)]
        return max((place.weight for place in bear), default=0)

    def _bears(self, place: KnownPlace) -> bool:
        return len(self.name) >= SAFE_LETTERS or place.name.casefold() == self.name


@dataclass(frozen=True)
class PlaceFinder:
    """Finds places in one sentence, outside of what was taken."""

    sentence: Sentence
    plain: str
    where: Whereabouts

    def find(self) -> Iterator[Found]:
        """Yield each place, those with a preposition first; none filters where the words leave a choice."""
        found = apart(self._each())
        for index, part in enumerate(found):
            around = found[max(0, index - 1) : index] + found[index + 1 : index + 2]
            choice = any(self._choice(part, other) for other in around)
            yield _open(part) if choice else part

    def _choice(self, one: Found, other: Found) -> bool:
        between = self.plain[min(one.end, other.end) : max(one.start, other.start)]
        return between.strip() in {"or", "/"}

    def _each(self) -> Iterator[Found]:
        for lead in _LEAD.finditer(self.plain):
            if found := self._led(lead):
                yield found
        for index, word in enumerate(self.sentence.words):
            if self._free(word) and (found := self._bare(index, word)):
                yield found

    def _led(self, lead: re.Match[str]) -> Found | None:
        modifier = _MODIFIER.match(self.plain, lead.end())
        first = self._word_at(modifier.end()) if modifier else None
        if first is None:
            return None
        if (lead["in"] or "").endswith("in") and (country := self._country(first, lead.start())):
            return country
        named = self._named(first)
        if named is None:
            return None
        if area := _AREA.match(self.plain, named.end):
            named = replace(named, end=area.end())
        return self._found(lead, named) if self._is_meant(lead, first, named) else None

    def _country(self, first: int, start: int) -> Found | None:
        words = self.sentence.words
        for count in (3, 2, 1):
            run = words[first : first + count]
            if len(run) == count and self._free(*run) and together(self.plain, run):
                name = self.plain[run[0].start : run[-1].end]
                code = self.where.gazetteer.country(name) if not self.where.catalogued(name) else None
                if code and len(name) > 1 and not _NOT_BEFORE.search(self.plain, max(0, start - 20), start):
                    return Found(start=start, end=run[-1].end, kind="place", meaning={"country": code})
        return None

    def _is_meant(self, lead: re.Match[str], first: int, named: _Named) -> bool:
        word = self.sentence.words[first]
        capital = self.sentence.capital(word.start)
        if _STYLED.match(self.plain, named.end) or self._name_goes_on(named.end) or named.name in TIMES:
            return False
        if named.qualified or (capital and named.name not in NEVER_LOWER) or self.where.catalogued(named.name):
            return lead["in"] is None or named.name not in ORDINARY or capital or self._is_last(named.end)
        if capital:
            return not self._is_title_case() and (lead["in"] is None or self._is_last(named.end))
        if named.name in NEVER_LOWER or lead["in"] == "at":
            return lead["distance"] is not None and self._is_last(named.end)
        if is_region(named.name):
            return True
        if named.name in ORDINARY:
            return self._is_last(named.end)
        people = named.people(official=lead["in"] is not None)
        return people >= (LEAST_PEOPLE_LOWER if lead["in"] else 0)

    def _found(self, lead: re.Match[str], named: _Named) -> Found:
        before = self.plain[: lead.start()][-20:]
        if _NOT_BEFORE.search(before):
            return self._undone(lead, named, "a place cannot be excluded")
        if lead["travel"]:
            return self._undone(lead, named, "travel times are not known; say within 50 km of it")
        return self._decided(lead.start(), named, self._radius(lead), at_least=0.0 if lead["in"] else NEAR_KM)

    def _decided(self, start: int, named: _Named, radius: float | None, *, at_least: float) -> Found:
        place = self.where.meant(named.name, named.places)
        if place is not None:
            meaning = _near(place, radius or max(place.radius_km, at_least))
            return Found(start=start, end=named.end, kind="place", meaning=meaning)
        asked: dict[str, Any] = {"place": named.name} | ({"radius_km": radius} if radius else {})
        note = "an area, not a town: name a town, or give filters.box"
        if not is_region(named.name):
            note = "several places have this name; say which, as the candidates do"
        return Found(
            start=start,
            end=named.end,
            kind="place",
            meaning={"near": asked},
            applied=False,
            note=note,
            candidates=candidates(named.places),
            fate="text",
        )

    def _undone(self, lead: re.Match[str], named: _Named, note: str) -> Found:
        meaning = {"near": {"place": named.name}}
        start = lead.start()
        return Found(start=start, end=named.end, kind="place", meaning=meaning, applied=False, note=note, fate="text")

    @staticmethod
    def _radius(lead: re.Match[str]) -> float | None:
        if not lead["distance"]:
            return None
        distance = float(value_of(lead["distance"])) * (MILE_KM if lead["unit"].startswith("mi") else 1.0)
        return round(distance, 1) if 0.05 <= distance <= MOST_KM else None

    def _bare(self, index: int, word: Word) -> Found | None:
        """Return a place named without a preposition: qualified, at an end, or all that a comma leaves."""
        named = self._named(index)
        if named is None or _STYLED.match(self.plain, named.end) or self._name_goes_on(named.end):
            return None
        if not named.qualified and not self._stands_out(word, named):
            return None
        found = self._decided(word.start, named, None, at_least=0.0)
        return found if found.applied or named.qualified or is_region(named.name) else None

    def _stands_out(self, word: Word, named: _Named) -> bool:
        """Return whether a bare name is so well known, and so placed, that it is meant as a place."""
        before = self.plain[: word.start].rstrip(" ")
        opens, closes = not before or before[-1] in f"{TAKEN},.;:/", self._is_last(named.end)
        starts = not before.strip(f"{TAKEN} ,.")
        known = self.where.catalogued(named.name)
        if (
            named.name in TIMES
            or not (closes or (starts and known))
            or _GOVERNED.search(self.plain[: word.start][-20:])
        ):
            return False
        if is_region(named.name) and not known:
            return True
        if named.name in NEVER_LOWER | ORDINARY:
            return known and opens and closes and self.sentence.capital(word.start)
        sure = self.sentence.capital(word.start) and not starts and not self._is_title_case()
        people = named.people(official=not sure)
        return known or people >= (LEAST_PEOPLE_BARE if sure else LEAST_PEOPLE_SMALL_LETTERS)

    def _named(self, first: int) -> _Named | None:
        words = self.sentence.words
        for count in range(LONGEST_NAME, 0, -1):
            run = words[first : first + count]
            if len(run) < count or not self._free(*run) or not _is_name(self.plain, run):
                continue
            name = self.plain[run[0].start : run[-1].end]
            if qualified := self._qualified(name, first + count):
                return qualified
            if places := self.where.places(name):
                return _Named(run[-1].end, name, places)
            if is_region(name):
                return _Named(run[-1].end, name, ())
        return None

    def _qualified(self, name: str, following: int) -> _Named | None:
        words = self.sentence.words
        for count in (3, 2, 1):
            run = words[following : following + count]
            if len(run) < count or not self._free(*run) or not _is_name(self.plain, run):
                continue
            gap = self.plain[words[following - 1].end : run[0].start]
            qualifier = self.plain[run[0].start : run[-1].end]
            if gap not in {", ", " ", ","} or (gap == " " and not self.sentence.capital(run[0].start)):
                continue
            if len(qualifier) <= 2 and not self.sentence.capital(run[0].start):
                continue
            if places := self.where.places(f"{name}, {qualifier}"):
                return _Named(run[-1].end, f"{name}, {qualifier}", places, qualified=True)
        return None

    def _name_goes_on(self, end: int) -> bool:
        """Return whether a capital follows that is no function word: London Bridge is not London."""
        following = self._next(end)
        return (
            following is not None
            and self.sentence.capital(following.start)
            and following.text not in DANGLING
            and not self._is_title_case()
        )

    def _is_last(self, end: int) -> bool:
        """Return whether no noun follows."""
        following = self._next(end)
        return following is None or following.text in DANGLING or following.text.isdigit()

    def _next(self, end: int) -> Word | None:
        if end + 1 >= len(self.plain) or self.plain[end] != " ":
            return None
        index = self._word_at(end + 1)
        return self.sentence.words[index] if index is not None and self._free(self.sentence.words[index]) else None

    def _is_title_case(self) -> bool:
        words = [word for word in self.sentence.words if word.text[0].isalpha() and word.text not in DANGLING]
        return len(words) > 2 and all(self.sentence.capital(word.start) for word in words)

    def _word_at(self, start: int) -> int | None:
        return next((index for index, word in enumerate(self.sentence.words) if word.start == start), None)

    def _free(self, *words: Word) -> bool:
        return all(TAKEN not in self.plain[word.start : word.end] for word in words)


def _open(part: Found) -> Found:
    note = "one place filters at a time; say which"
    return replace(part, applied=False, note=note, fate="text")


def _near(place: KnownPlace, radius_km: float) -> dict[str, Any]:
    where = {"latitude": place.latitude, "longitude": place.longitude, "radius_km": radius_km}
    return {"near": {"place": place.name} | where}


def _is_name(plain: str, run: Sequence[Word]) -> bool:
    return all(
        plain[a.end : b.start] in {" ", "-"} or (a.text == "st" and plain[a.end : b.start] == ". ")
        for a, b in pairwise(run)
    )
