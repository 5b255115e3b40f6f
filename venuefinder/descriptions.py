"""Cut a description into pieces that a text tower reads whole."""

import re
from collections.abc import Callable, Sequence

from venuefinder.domain import Venue

CountTokens = Callable[[Sequence[str]], list[int]]
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
MAX_CHUNKS = 64
"""Of one description; more is padding, not description."""


def told_by(venue: Venue) -> tuple[str, str | None, str]:
    """Return all that the embeddings of a venue's description are made of: name, kind, description."""
    return venue.name, venue.kind, venue.description


def chunks_of(venue: Venue, count_tokens: CountTokens, context_length: int) -> list[str]:
    """Return the venue's description in pieces of at most `context_length` tokens, split between sentences.

    Each piece starts with the venue's name and kind, so that it speaks of this venue on its own. A venue without a
    description has no pieces. A sentence that is too long alone is split between words.
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
    for sentence in sentences:
        for part in [sentence] if fits(sentence) else _split_words(sentence, fits):
            if pieces and fits(f"{pieces[-1]} {part}"):
                pieces[-1] = f"{pieces[-1]} {part}"
            else:
                pieces.append(part)
    return [f"{head} {piece}".strip() for piece in pieces[:MAX_CHUNKS]]


def _split_words(sentence: str, fits: Callable[[str], bool]) -> list[str]:
    """Cut a sentence into runs of words that fit, each found by bisection."""
    words = sentence.split()
    runs: list[str] = []
    while words:
        low, high = 1, len(words)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if fits(" ".join(words[:middle])) else (low, middle - 1)
        runs.append(" ".join(words[:low]))
        words = words[low:]
    return runs
