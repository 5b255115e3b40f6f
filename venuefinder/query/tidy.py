"""The description that is left when parts were taken out of a sentence."""

import re
from collections.abc import Collection, Sequence

from venuefinder.query.lexicon import DANGLING
from venuefinder.query.sentence import WORD, Range, Sentence

_EDGE = re.compile(r"[\w'\"(]")


def tidied(sentence: Sentence, ranges: Sequence[Range], whole: Collection[Range] = ()) -> str:
    """Return these ranges as one line, in the query's own words; connectives that lost what they joined go.

    What is `whole`, within these ranges, loses no character. Without anything taken out the line is the query, its
    spaces single.
    """
    length = len(sentence.plain)
    text = ""
    for start, end in ranges:
        kept = [part for part in whole if start <= part[0] and part[1] <= end]
        if end < length:
            end = _before_gap(sentence.plain, start, end, kept)
        if start > 0:
            start = _after_gap(sentence.plain, start, end, kept, first=not text)
        if end > start:
            piece = " ".join(sentence.written(start, end).split())
            text = f"{text}{_joint(text, piece)}{piece}"
    return text.strip()


def _before_gap(plain: str, start: int, end: int, kept: Collection[Range]) -> int:
    """Return where a piece ends once dangling words before the gap are gone."""
    words = list(WORD.finditer(plain, start, end))
    while words and _dangles(words[-1], kept):
        words.pop()
    return max([words[-1].end() if words else start, *(end for _, end in kept)])


def _after_gap(plain: str, start: int, end: int, kept: Collection[Range], *, first: bool) -> int:
    """Return where a piece begins: at its first word, or at the comma before it when something goes before."""
    words = list(WORD.finditer(plain, start, end))
    while first and words and _dangles(words[0], kept):
        words.pop(0)
    if not words:
        return end
    if first:
        return min([words[0].start(), *(start for start, _ in kept)])
    return start + len(plain[start:end]) - len(plain[start:end].lstrip())


def _dangles(word: re.Match[str], kept: Collection[Range]) -> bool:
    return word.group() in DANGLING and not any(start <= word.start() < end for start, end in kept)


def _joint(text: str, piece: str) -> str:
    """Return what joins a piece to the text before it: a comma where neither has a word for that."""
    first = WORD.match(piece.lower())
    if not text or not _EDGE.match(piece):
        return ""
    return " " if first and first.group() in DANGLING else ", "
