"""A query as the recognisers read it: folded, single spaces, with the way back to the query's own characters."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

Range = tuple[int, int]
"""First character of `Sentence.plain` and the one after the last."""

TAKEN = "|"
"""Stands where a recogniser has been: no phrase reaches across it."""
WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_ALIKE = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "\x00": " "})


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a sentence: where it stands in `plain`, and how it is spelled there."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Sentence:
    """`plain[i]` was written as `query[at[i]]`; lower case, one space between words, one kind of quote and dash."""

    query: str
    plain: str
    at: tuple[int, ...]

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Every word, in order."""
        return tuple(Word(found.start(), found.end(), found.group()) for found in WORD.finditer(self.plain))

    def span(self, start: int, end: int) -> Range:
        """Return where a range of `plain` stands in the query."""
        return self.at[start], self.at[end - 1] + 1

    def written(self, start: int, end: int) -> str:
        """Return a range of `plain` as the query writes it."""
        first, last = self.span(start, end)
        return self.query[first:last]

    def capital(self, start: int) -> bool:
        """Return whether the query writes a capital there."""
        return self.query[self.at[start]].isupper()


def read(query: str) -> Sentence:
    """Fold a query, keeping the way back."""
    plain: list[str] = []
    at: list[int] = []
    for index, character in enumerate(query):
        folded = _folded(character)
        if folded != " " or (plain and plain[-1] != " "):
            plain.append(folded)
            at.append(index)
    if plain and plain[-1] == " ":
        plain.pop(), at.pop()
    return Sentence(query, "".join(plain), tuple(at))


def without(plain: str, taken: Iterable[Range]) -> str:
    """Return `plain` with `TAKEN` over what was taken; positions stay."""
    letters = list(plain)
    for start, end in taken:
        letters[start:end] = TAKEN * (end - start)
    return "".join(letters)


def ranges_between(length: int, taken: Iterable[Range]) -> Iterator[Range]:
    """Yield what was not taken of `length` characters, in order, empty ranges left out."""
    position = 0
    for start, end in sorted(taken):
        if start > position:
            yield position, start
        position = max(position, end)
    if position < length:
        yield position, length


def _folded(character: str) -> str:
    if character.isspace():
        return " "
    folded = unicodedata.normalize("NFKC", character).lower().translate(_ALIKE)
    return folded if len(folded) == 1 else character.translate(_ALIKE)
