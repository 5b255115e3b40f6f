"""The words of a query as the catalogue may spell them, and those it does spell: kinds and amenities."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from venuefinder.query.lexicon import NOT_VISIBLE
from venuefinder.query.sentence import Range, Sentence, Word
from venuefinder.query.vocabulary import KnownTerms

LONGEST = 4
"""Words of a term."""
MOST_CHARACTERS = 100
GROUPS = {spelling: group for group in NOT_VISIBLE for spelling in group}
_ENDINGS = (("ouses", "ouse"), ("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"))
_SPELLED_ALIKE = {"cafe": "café", "wi-fi": "wifi", "theater": "theatre", "license": "licence"}


@dataclass(frozen=True, slots=True)
class Term:
    """Words of the query that the catalogue may know."""

    start: int
    end: int
    spellings: tuple[str, ...]
    """As written first."""

    @property
    def range(self) -> Range:
        """Where it stands in `plain`."""
        return self.start, self.end


def terms(sentence: Sentence) -> Iterator[Term]:
    """Yield every run of up to four words, the longest of each place first."""
    words = sentence.words
    for first in range(len(words)):
        for last in reversed(range(first, min(first + LONGEST, len(words)))):
            run = words[first : last + 1]
            if together(sentence.plain, run) and run[-1].end - run[0].start <= MOST_CHARACTERS:
                yield Term(run[0].start, run[-1].end, spellings(sentence.plain[run[0].start : run[-1].end]))


def together(plain: str, run: tuple[Word, ...]) -> bool:
    """Return whether nothing but a space or a hyphen stands between the words."""
    return all(plain[a.end : b.start] in {" ", "-"} for a, b in pairwise(run))


def spellings(written: str) -> tuple[str, ...]:
    """Return how a catalogue may spell a term: as written, in the singular, the plural, without its hyphens."""
    forms = [written, written.replace("-", " ")]
    for old, new in _SPELLED_ALIKE.items():
        forms += [form.replace(old, new) for form in forms if old in form]
    singular = [_singular(form) for form in forms]
    return tuple(dict.fromkeys([*forms, *singular, *(_plural(form) for form in singular)]))


def _singular(term: str) -> str:
    for ending, instead in _ENDINGS:
        if term.endswith(ending) and len(term) > len(ending) + 2:
            return term.removesuffix(ending) + instead
    return term.removesuffix("s") if len(term) > 3 and not term.endswith(("us", "ss")) else term


def _plural(term: str) -> str:
    if term.endswith("y") and term[-2:-1] not in set("aeiou"):
        return term[:-1] + "ies"
    return term + ("es" if term.endswith(("s", "x", "ch", "sh")) else "s")


@dataclass(frozen=True)
class Catalogue:
    """What the catalogue knows of a query's words."""

    known: KnownTerms

    def kind(self, term: Term) -> str | None:
        """Return the kind that a term spells."""
        return next((form for form in term.spellings if form in self.known.kinds), None)

    def amenities(self, term: Term) -> tuple[str, ...]:
        """Return the catalogue's spellings of the amenity that a term means; one, but for what no photo shows."""
        if group := self._group(term):
            return tuple(sorted(group & self.known.amenities))
        return tuple(form for form in term.spellings if form in self.known.amenities)[:1]

    def visible(self, term: Term) -> bool:
        """Return whether photos show such an amenity."""
        return self._group(term) is None

    @staticmethod
    def _group(term: Term) -> frozenset[str] | None:
        return next((GROUPS[form] for form in term.spellings if form in GROUPS), None)


def to_ask(found: list[Term]) -> set[str]:
    """Return every spelling to ask the catalogue for."""
    asked = {form for term in found for form in term.spellings}
    return asked | {spelling for form in asked & GROUPS.keys() for spelling in GROUPS[form]}
