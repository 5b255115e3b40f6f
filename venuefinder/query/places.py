"""Where it should be: near Bath, within 10 miles of York, in Springfield, Illinois."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from venuefinder.query.districts import may_be_district
from venuefinder.query.found import Found, apart
from venuefinder.query.lexicon import COUNTRIES_TOO, MADE, MATERIALS, NEVER_LOWER, ORDINARY, TIMES
from venuefinder.query.numbers import PLAIN_NUMBER, value_of
from venuefinder.query.place_names import AREA, NamedPlace, PlaceNames
from venuefinder.query.sentence import TAKEN, Word
from venuefinder.query.vocabulary import KnownPlace
from venuefinder.query.whereabouts import candidates, is_region
from venuefinder.request import NEAR_KM

MILE_KM = 1.609344
LEAST_PEOPLE_LOWER = 20_000
"""Of a town that a query names in lower case after "in"."""
LEAST_PEOPLE_BARE = 100_000
"""Of a town that a query names without "in" or "near"."""
LEAST_PEOPLE_SMALL_LETTERS = 500_000
"""The same in lower case, at the start, or where every word has a capital."""
MOST_KM = 20_000

_UNIT = r"(?P<unit>miles?|mi|kilomet(?:re|er)s?|kms?)\b"
_DISTANCE = (
    r"(?:(?P<beyond>(?:more|(?:further|farther)(?: away)?|not? (?:less|closer|nearer)) than |at least |over |beyond "
    r"|outside (?:of )?|minimum (?:of )?|min )"
    r"|within |inside |(?:not? (?:more|further|farther) |less )than |at most |about |under |up to |max(?:imum)? )?"
    rf"(?:an? )?(?P<distance>{PLAIN_NUMBER})[ -]?{_UNIT}"
    r"(?: radius)?(?: (?:of|from|away from|around|outside(?: of)?))"
)
_TRAVEL = (
    r"(?P<travel>(?:within |less than |about |under )?(?:an? |half an |[0-9]{1,3} |one |two |three )?-?"
    r"(?:hours?|minutes?|mins?)(?:'s?)?(?: (?:drive|train|journey|walk|travel))?(?: away)? (?:of|from))"
)
_NEAR = (
    r"(?:(?:in|at) (?:or|and) (?:just )?)?(?:near(?: to)?|close to|nearby|around|outside(?: of)?)"
    r"|not (?:too )?far from|(?:with)?in (?:easy )?reach of"
    r"|(?:within )?walking distance (?:of|from|to)|(?:based|located|somewhere) near|on the outskirts of"
)
_LEAD = re.compile(
    rf"(?<![\w'-])(?:{_TRAVEL}|{_DISTANCE}|(?P<outside>any(?:where|thing) outside(?: of)?)|(?P<near>{_NEAR})"
    r"|(?P<in>(?:(?:based|located|somewhere) )?in|at))(?= )"
)
_COMPASS = r"north-?east|north-?west|south-?east|south-?west|north|south|east|west"
_MODIFIER = re.compile(
    r" (?:the )?(?:(?:city|town|centre|center|middle|heart|outskirts|edge|suburbs|area|"
    rf"{_COMPASS})(?: centre| center)? of |(?:central|inner|greater|downtown|old|{_COMPASS}) )?(?:the )?(?=[^\W_])"
)
_STYLED = re.compile(
    r"[ -](?:style|styled|inspired|themed|theme|vibe|vibes|feel|look|type|esque"
    rf"|{'|'.join(sorted(MATERIALS))})\b"
)
_GOVERNED = re.compile(
    r"(?:\b(?:over|of|from|to|like|as|the|an?|across|by|and|with|called|named|for|i'm|name is|hi|hello|dear"
    r"|thanks|regards),?|&) $"
)
"""Before a bare name: it belongs to something, or is somebody's."""
_AT_HOME = re.compile(
    r"\b(?:live|lives|living|grew up|(?:we|i|they|he|she)(?: are| am| is|'re|'m|'s)(?: all| both)?) $"
)
_BASED = re.compile(r"\b(?:couple|team|company|firm|agency|office|startup|family|group)(?P<there> is| are)? $")
"""Before "in", and before "based in": where somebody is."""
_RULED_OUT = re.compile(
    r" (?:(?:is|are|would be|feels|seems) (?:much |far |way |a bit |just )?(?:too|out|not|no)"
    r"|(?:(?:is|are|wo|ca|do|does|would|could)n't|will not|would not|does not|cannot)"
    r"|not (?:required|needed|essential|necessary|possible|suitable))\b"
)
"""After a place: London is too far."""
_JOINT = re.compile(
    r" ?(?:[,;(]? ?(?P<or>and/or|or|and|&|/)|[,;-]) ?(?:(?:maybe|possibly|perhaps|even|else|also|the) ){0,2}"
)
"""Between the places of a list."""
_OR_BEFORE = re.compile(r"\bor ?$")
_PAIR = re.compile(r" ?(?:and|&) ?")
"""Between people."""
_A_LIST = "one place filters at a time; say which"
_DISTRICT = "districts of other places have such names; say which, as the candidates do"
_EXCLUDED = "a place cannot be excluded"
MOST_LISTED = 8


@dataclass(frozen=True)
class PlaceFinder(PlaceNames):
    """Finds places in one sentence, outside of what was taken."""

    def find(self) -> Iterator[Found]:
        """Yield each place, those with a preposition first; none filters where the words leave a choice."""
        found = apart(self._each())
        for listed in self._lists(apart([*found, *self._continued(found)])):
            note = _EXCLUDED if listed[0].note == _EXCLUDED else _A_LIST
            choice = self._is_list(listed) or (
                listed[0].applied and _OR_BEFORE.search(self.plain[: listed[0].start][-4:])
            )
            yield from (replace(part, applied=False, note=note, fate="text") if choice else part for part in listed)

    def _is_list(self, listed: Sequence[Found]) -> bool:
        pair = len(listed) == 2 and self.plain[listed[0].end : listed[1].start].strip() == ","
        return len(listed) > 1 and not (pair and may_be_district(*listed))

    def _lists(self, found: Sequence[Found]) -> Iterator[list[Found]]:
        """Yield the places that one list joins, together."""
        list_: list[Found] = []
        for part in found:
            if list_ and not self._joined(list_[-1], part):
                yield list_
                list_ = []
            list_.append(part)
        if list_:
            yield list_

    def _joined(self, one: Found, other: Found) -> bool:
        """Return whether one list has both; London, near Ealing is none, nor is Bath, Somerset."""
        joint = _JOINT.fullmatch(self.plain, one.end, other.start)
        if joint is None or other.note == _EXCLUDED:
            return False
        if joint["or"]:
            return True
        area = is_region(self.plain[other.start : other.end])
        return not _LEAD.match(self.plain, other.start) and (not area or self._listed(other.end)[1])

    def _continued(self, found: Sequence[Found]) -> Iterator[Found]:
        """Yield what goes on a list: names that would not be taken for places elsewhere, up to one after `or`."""
        reached = 0
        for part in found:
            if part.end > reached:
                more, closed = self._listed(part.end)
                reached = more[-1].end if more else part.end
                yield from more if closed else ()

    def _listed(self, end: int) -> tuple[list[Found], bool]:
        """Return the places that a list names from here on, and whether anything but commas joins them."""
        listed: list[Found] = []
        closed = False
        while (
            len(listed) < MOST_LISTED
            and (joint := _JOINT.match(self.plain, end))
            and (more := self._in_list(joint.end()))
        ):
            listed.append(more)
            closed, end = closed or bool(joint["or"]), more.end
        return listed, closed

    def _in_list(self, start: int) -> Found | None:
        first = self.word_at(start)
        if first is None:
            return None
        named, country = self.named(first), self.country(first)
        if country and (named is None or named.end <= country.end):
            return self._decided(start, country, None, at_least=0.0) if self._is_country(first, country) else None
        if named is None:
            return None
        named = self._with_area(first, named)
        if _STYLED.match(self.plain, named.end) or not self.is_last(named.end):
            return None
        proper = self.sentence.capital(start) and not self.is_title_case() and named.name not in TIMES
        ordinary = named.name in NEVER_LOWER | ORDINARY
        known = self.where.catalogued(named.name) or named.people(official=True) >= LEAST_PEOPLE_BARE
        meant = proper or named.qualified or is_region(named.name) or (known and not ordinary)
        return self._decided(start, named, None, at_least=0.0) if meant else None

    def _each(self) -> Iterator[Found]:
        for lead in _LEAD.finditer(self.plain):
            if found := self._led(lead):
                yield found
        for index, word in enumerate(self.sentence.words):
            if self.free(word) and (found := self._bare(index, word)):
                yield found

    def _led(self, lead: re.Match[str]) -> Found | None:
        modifier = _MODIFIER.match(self.plain, lead.end())
        first = self.word_at(modifier.end()) if modifier else None
        if modifier is None or first is None:
            return None
        named = self.named(first)
        if (lead["in"] or "").endswith("in"):
            if (self.word_before(lead.start()) or "").rpartition("-")[2] in MADE:
                return None
            country = self.country(first)
            if country and (named is None or named.end <= country.end):
                return self._found(lead, country) if self._is_country(first, country) else None
        if modifier.group().endswith("the "):
            named = self.with_article(first, named)
        if named is None:
            return None
        named = self._with_area(first, named)
        return self._found(lead, named) if self._is_meant(lead, first, named) else None

    def _with_area(self, first: int, named: NamedPlace) -> NamedPlace:
        """Return a name with `city centre`, `area` after it: not a nice area."""
        area = AREA.match(self.plain, named.end)
        lower = named.name in ORDINARY and not self.sentence.capital(self.sentence.words[first].start)
        return replace(named, end=area.end()) if area and not (lower and area.group() == " area") else named

    def _is_country(self, first: int, country: NamedPlace) -> bool:
        """Return whether a country's name means it: not Holland Park, a Panama hat, china."""
        capital = self.sentence.capital(self.sentence.words[first].start)
        return (
            (capital or country.name not in COUNTRIES_TOO)
            and not self.goes_on(country.end)
            and self.closes(country.end, capital=capital)
        )

    def _is_meant(self, lead: re.Match[str], first: int, named: NamedPlace) -> bool:
        word = self.sentence.words[first]
        capital = self.sentence.capital(word.start)
        if _STYLED.match(self.plain, named.end) or self.goes_on(named.end) or named.name in TIMES:
            return False
        if named.qualified or (capital and named.name not in NEVER_LOWER) or self.where.catalogued(named.name):
            return lead["in"] is None or named.name not in ORDINARY or self.closes(named.end, capital=capital)
        if capital:
            return not self.is_title_case() and (lead["in"] is None or self.is_last(named.end))
        if named.name in NEVER_LOWER or lead["in"] == "at":
            return lead["distance"] is not None and self.is_last(named.end)
        if is_region(named.name):
            return True
        if named.name in ORDINARY:
            return self.is_last(named.end)
        people = named.people(official=lead["in"] is not None)
        return people >= (LEAST_PEOPLE_LOWER if lead["in"] else 0)

    def _found(self, lead: re.Match[str], named: NamedPlace) -> Found:
        start = lead.start()
        if excluded := self._excluded(start, named):
            return excluded
        if lead["outside"]:
            return _undone(start, named.end, named, _EXCLUDED)
        if self._is_home(lead):
            return _undone(start, named.end, named, "where somebody is, not where the venue should be")
        if lead["travel"]:
            return _undone(start, named.end, named, "travel times are not known; say within 50 km of it")
        if lead["beyond"]:
            return _undone(start, named.end, named, "no least distance filters; say within 50 km of it")
        radius = self._radius(lead)
        if lead["distance"] and radius is None:
            return _undone(start, named.end, named, f"no distance to search within: give 0.1 to {MOST_KM} km")
        return self._decided(start, named, radius, at_least=0.0 if lead["in"] else NEAR_KM)

    def _is_home(self, lead: re.Match[str]) -> bool:
        before = self.plain[max(0, lead.start() - 30) : lead.start()]
        if lead["distance"] or _AT_HOME.search(before):
            return not lead["distance"]
        based = _BASED.search(before)
        return based is not None and bool(based["there"] or lead.group().startswith(("based", "located")))

    def _excluded(self, start: int, named: NamedPlace) -> Found | None:
        """Return the place with the words that exclude it, None where none do."""
        if (first := self.exclusion(start)) is not None:
            return _undone(first, named.end, named, _EXCLUDED)
        ruled_out = _RULED_OUT.match(self.plain, named.end)
        return _undone(start, ruled_out.end(), named, _EXCLUDED) if ruled_out else None

    def _decided(self, start: int, named: NamedPlace, radius: float | None, *, at_least: float) -> Found:
        if named.country:
            return Found(start=start, end=named.end, kind="place", meaning={"country": named.country})
        place = self.where.meant(named.name, named.places)
        district = self._may_be_a_district(named)
        if place is not None and not district and self.area_after(named.end) in {None, place.country}:
            meaning = _near(place, radius or max(place.radius_km, at_least))
            return Found(start=start, end=named.end, kind="place", meaning=meaning)
        asked: dict[str, Any] = {"place": named.name} | ({"radius_km": radius} if radius else {})
        return Found(
            start=start,
            end=named.end,
            kind="place",
            meaning={"near": asked},
            applied=False,
            note=_DISTRICT if district else self.where.doubt(named.name, named.places),
            candidates=candidates(self.where.likely(named.name, named.places) or named.places),
            fate="text",
        )

    def _may_be_a_district(self, named: NamedPlace) -> bool:
        """Return whether the name is like those of districts, and a small town elsewhere has it: Holland Park."""
        first, _, last = named.name.rpartition(" ")
        return (
            bool(first)
            and last in NEVER_LOWER
            and not (named.qualified or self.where.country or self.where.catalogued(named.name))
            and named.people(official=False) < LEAST_PEOPLE_BARE
        )

    @staticmethod
    def _radius(lead: re.Match[str]) -> float | None:
        if not lead["distance"]:
            return None
        distance = float(value_of(lead["distance"])) * (MILE_KM if lead["unit"].startswith("mi") else 1.0)
        return round(distance, 1) if 0.05 <= distance <= MOST_KM else None

    def _bare(self, index: int, word: Word) -> Found | None:
        """Return a place named without a preposition: qualified, at an end, or all that a comma leaves."""
        named = self.named(index)
        if named is None or _STYLED.match(self.plain, named.end) or self.goes_on(named.end):
            return None
        if self.word_before(word.start) in {"in", "at", "near"}:
            return None
        excluded = self._excluded(word.start, named)
        start = excluded.start if excluded else word.start
        if not named.qualified and not self._stands_out(word, named, start):
            return None
        if excluded or self._is_somebody(named.end):
            return excluded
        found = self._decided(word.start, named, None, at_least=0.0)
        return found if found.applied or named.qualified or is_region(named.name) else None

    def _stands_out(self, word: Word, named: NamedPlace, start: int) -> bool:
        """Return whether a bare name, with what excludes it from `start`, is so well known that it means a place."""
        before = self.plain[:start].rstrip(" ")
        opens, closes = not before or before[-1] in f"{TAKEN},.;:/", self.is_last(named.end)
        starts = not before.strip(f"{TAKEN} ,.")
        known = self.where.catalogued(named.name)
        if (
            named.name in TIMES
            or not (closes or (starts and known))
            or _GOVERNED.search(self.plain[:start][-20:])
            or not (known or self.begins(word.start))
        ):
            return False
        if is_region(named.name) and not known:
            return True
        if named.name in NEVER_LOWER | ORDINARY:
            return known and opens and closes and self.sentence.capital(word.start)
        sure = self.sentence.capital(word.start) and not starts and not self.is_title_case()
        people = named.people(official=not sure)
        return known or people >= (LEAST_PEOPLE_BARE if sure else LEAST_PEOPLE_SMALL_LETTERS)

    def _is_somebody(self, end: int) -> bool:
        """Return whether a name pairs with one that is no place: Sofia and Adam."""
        pair = _PAIR.match(self.plain, end)
        other = self.word_at(pair.end()) if pair else None
        if pair is None or other is None:
            return False
        word = self.sentence.words[other]
        proper = self.sentence.capital(word.start) and not self.is_title_case()
        return (proper or word.text.endswith("'s")) and self._in_list(pair.end()) is None


def _undone(start: int, end: int, named: NamedPlace, note: str) -> Found:
    meaning = {"country": named.country} if named.country else {"near": {"place": named.name}}
    return Found(start=start, end=end, kind="place", meaning=meaning, applied=False, note=note, fate="text")


def _near(place: KnownPlace, radius_km: float) -> dict[str, Any]:
    where = {"latitude": place.latitude, "longitude": place.longitude, "radius_km": radius_km}
    country = {"country": place.country} if place.country else {}
    return {"near": {"place": place.name} | where | country}
