"""Names of places in a sentence, and what stands around them."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from venuefinder.query.lexicon import AFTER_A_PLACE, DANGLING, EVENTS, EXCLUDING, GENERIC, REGIONS
from venuefinder.query.sentence import TAKEN, Sentence, Word
from venuefinder.query.terms import together
from venuefinder.query.vocabulary import KnownPlace
from venuefinder.query.whereabouts import Whereabouts, is_region
from venuefinder.query.wordlists import words

LONGEST_NAME = 5
SAFE_LETTERS = 6
"""Of another name of a town (lime is Lima's): shorter ones are words too often to be taken in lower case."""
AREA = re.compile(r" (?:(?:city |town )?(?:centre|center)|area|region|city|town)\b(?! hall)")
_WITHIN_AREA = re.compile(r",? (?:in )?(?:the )?")
IDLE = GENERIC - words("and but or please with") | words("central inner greater downtown necessarily too very so that")
"""Words that may stand between a word that excludes and the place."""
MOST_WORDS_BETWEEN = 6


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A name in the query: its words, and what it may mean."""

    end: int
    name: str
    places: tuple[KnownPlace, ...]
    qualified: bool = False
    country: str | None = None
    """Its code, where the name is a country's."""

    def people(self, *, official: bool) -> int:
        """Return how many live in the largest; `official`: of those that bear this very name, or a long one."""
        bear = [place for place in self.places if not official or self._bears(place)]
        return max((place.weight for place in bear), default=0)

    def _bears(self, place: KnownPlace) -> bool:
        return len(self.name) >= SAFE_LETTERS or place.name.casefold() == self.name


@dataclass(frozen=True)
class PlaceNames:
    """Reads the names in one sentence, outside of what was taken."""

    sentence: Sentence
    plain: str
    where: Whereabouts

    def named(self, first: int) -> NamedPlace | None:
        """Return the longest name of a place that begins with that word, `Bath, UK` included."""
        words = self.sentence.words
        for count in range(LONGEST_NAME, 0, -1):
            run = words[first : first + count]
            if len(run) < count or not self.free(*run) or not _is_name(self.plain, run):
                continue
            name = self.plain[run[0].start : run[-1].end]
            if qualified := self._qualified(name, first + count):
                return qualified
            if places := self.where.places(name):
                return NamedPlace(run[-1].end, name, places)
            if is_region(name):
                return NamedPlace(run[-1].end, name, ())
        return None

    def _qualified(self, name: str, following: int) -> NamedPlace | None:
        words = self.sentence.words
        for count in (3, 2, 1):
            run = words[following : following + count]
            if len(run) < count or not self.free(*run) or not _is_name(self.plain, run):
                continue
            gap = self.plain[words[following - 1].end : run[0].start]
            qualifier = self.plain[run[0].start : run[-1].end]
            if gap not in {", ", " ", ","} or (gap == " " and not self.sentence.capital(run[0].start)):
                continue
            if len(qualifier) <= 2 and not self.sentence.capital(run[0].start):
                continue
            if places := self.where.places(f"{name}, {qualifier}"):
                return NamedPlace(run[-1].end, f"{name}, {qualifier}", places, qualified=True)
        return None

    def country(self, first: int) -> NamedPlace | None:
        """Return a country's name that begins with that word."""
        words = self.sentence.words
        for count in (3, 2, 1):
            run = words[first : first + count]
            if len(run) == count and self.free(*run) and together(self.plain, run):
                name = self.plain[run[0].start : run[-1].end]
                code = self.where.gazetteer.country(name) if not self.where.catalogued(name) else None
                if code and len(name) > 1:
                    return NamedPlace(run[-1].end, name, (), country=code)
        return None

    def with_article(self, first: int, named: NamedPlace | None) -> NamedPlace | None:
        """Return what `the` leaves of a name: The Hague, the Cotswolds, the London area, but not the Thames."""
        if named and (is_region(named.name) or AREA.match(self.plain, named.end)):
            return named
        whole = self.named(first - 1)
        return whole if whole and whole.name.startswith("the ") else None

    def area_after(self, end: int) -> str | None:
        """Return the country of an area that follows a town: Boston, Lincolnshire is not in the United States."""
        gap = _WITHIN_AREA.match(self.plain, end)
        first = self.word_at(gap.end()) if gap else None
        named = None if first is None else self.named(first)
        return REGIONS.get(named.name) if named else None

    def exclusion(self, start: int) -> int | None:
        """Return where a `not` stands that only idle words part from a place: not, do not want to be, no venues in."""
        words = self.sentence.words
        last = self.index(start) - 1
        for index in range(last, max(-1, last - MOST_WORDS_BETWEEN), -1):
            word = words[index]
            if self.plain[word.end : start] != " " or not self.free(word):
                return None
            if index and self.plain[words[index - 1].start : word.end] in EXCLUDING:
                return words[index - 1].start
            if word.text in EXCLUDING or word.text.endswith("n't"):
                return word.start
            if word.text not in IDLE:
                return None
            start = word.start
        return None

    def goes_on(self, end: int) -> bool:
        """Return whether a capital follows that is no function word: London Bridge is not London."""
        following = self.following(end)
        return (
            following is not None
            and self.sentence.capital(following.start)
            and following.text not in DANGLING
            and not self.is_title_case()
        )

    def begins(self, start: int) -> bool:
        """Return whether no capital stands before that makes it part of a longer name: Temple Meads is not Meads."""
        index = self.index(start) - 1
        before = self.sentence.words[index] if index > 0 else None
        return (
            before is None
            or self.plain[before.end : start] != " "
            or not self.sentence.capital(before.start)
            or before.text in DANGLING
            or self.is_title_case()
        )

    def is_last(self, end: int) -> bool:
        """Return whether no noun follows."""
        following = self.following(end)
        return following is None or following.text in AFTER_A_PLACE or following.text.isdigit()

    def closes(self, end: int, *, capital: bool) -> bool:
        """Return whether no noun follows; after a capital, none but what takes place: in Bath wedding."""
        following = self.following(end)
        return self.is_last(end) or (capital and following is not None and following.text in EVENTS)

    def word_before(self, start: int) -> str | None:
        """Return the word that a space parts from what starts there."""
        before = self.sentence.words[: self.index(start)][-1:]
        return before[0].text if before and self.plain[before[0].end : start] == " " else None

    def following(self, end: int) -> Word | None:
        """Return the word that a space parts from what ends there."""
        if end + 1 >= len(self.plain) or self.plain[end] != " ":
            return None
        index = self.word_at(end + 1)
        return self.sentence.words[index] if index is not None and self.free(self.sentence.words[index]) else None

    def is_title_case(self) -> bool:
        """Return whether every word has a capital, so that none tells a name."""
        words = [word for word in self.sentence.words if word.text[0].isalpha() and word.text not in DANGLING]
        return len(words) > 2 and all(self.sentence.capital(word.start) for word in words)

    def index(self, start: int) -> int:
        """Return the number of the first word from there on."""
        return bisect_left(self.sentence.words, start, key=lambda word: word.start)

    def word_at(self, start: int) -> int | None:
        """Return the number of the word that starts there."""
        index = self.index(start)
        return index if index < len(self.sentence.words) and self.sentence.words[index].start == start else None

    def free(self, *words: Word) -> bool:
        """Return whether no recogniser has taken these words."""
        return all(TAKEN not in self.plain[word.start : word.end] for word in words)


def _is_name(plain: str, run: Sequence[Word]) -> bool:
    return all(
        plain[a.end : b.start] in {" ", "-"} or (a.text == "st" and plain[a.end : b.start] == ". ")
        for a, b in pairwise(run)
    )
