"""Cut a description into pieces that a text tower reads whole."""

import re
from collections.abc import Callable, Iterator, Sequence

from venuefinder.domain import Venue

CountTokens = Callable[[Sequence[str]], list[int]]
Fits = Callable[[str], bool]
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")


def told_by(venue: Venue) -> tuple[str, str | None, str]:
    """Return all that the embeddings of a venue's description are made of: name, kind, description."""
    return venue.name, venue.kind, venue.description


def chunks_of(venue: Venue, count_tokens: CountTokens, context_length: int) -> list[str]:
    """Return the venue's description in pieces of at most `context_length` tokens, split between sentences.

    Each piece starts with the venue's name and kind, so that it speaks of this venue on its own. A venue without a
    description has no pieces. A sentence that is too long alone is split between words, a word between characters.
    """
    sentences = [sentence for sentence in SENTENCE_END.split(venue.description) if sentence.strip()]
    if not sentences:
        return []
    head = f"{venue.name}, {venue.kind}." if venue.kind else f"{venue.name}."
    if count_tokens([head])[0] > context_length // 2:
        head = ""

    def fits(text: str) -> bool:
        return count_tokens([f"{head} {text}"])[0] <= context_length

    pieces: list[str] = []
    for part in (part for sentence in sentences for part in _parts(sentence, fits)):
        if pieces and fits(f"{pieces[-1]} {part}"):
            pieces[-1] = f"{pieces[-1]} {part}"
        else:
            pieces.append(part)
    return [f"{head} {piece}".strip() for piece in pieces]


def _parts(sentence: str, fits: Fits) -> Iterator[str]:
    """Yield a sentence whole if it fits, else in runs of words that do; a word too long alone in runs of characters.

    Scripts that put no spaces between words have such words.
    """
    if fits(sentence):
        yield sentence
        return
    for run in _runs(sentence.split(), " ", fits):
        yield from [run] if fits(run) else _runs(run, "", fits)


def _runs(units: Sequence[str], joiner: str, fits: Fits) -> Iterator[str]:
    """Yield units joined into runs that fit, each as long as can be, of one unit at least."""
    while units:
        size = _most(units, joiner, fits)
        yield joiner.join(units[:size])
        units = units[size:]


def _most(units: Sequence[str], joiner: str, fits: Fits) -> int:
    """Return how many of the first units fit together, 1 at least: by doubling, then bisection.

    Doubling first, so that no text much longer than what fits is ever tokenised.
    """
    low = 1
    while low < len(units) and fits(joiner.join(units[: 2 * low])):
        low = min(2 * low, len(units))
    high = min(2 * low, len(units))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(joiner.join(units[:middle])) else (low, middle - 1)
    return low
