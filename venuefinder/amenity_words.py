"""Amenities in plain words: those we know by name, and which words name the same thing.

What a model or a listing calls an amenity is a stranger's text. It may be a claim's value, where it is a thing without
numbers; only the names that are written here ever become part of a sentence.
"""

import re
from functools import lru_cache
from typing import Final

from venuefinder.english import ARTICLES, phrase_of

KNOWN: Final = (
    "bar counter",
    "barbecue",
    "beams",
    "brick walls",
    "candles",
    "chandelier",
    "dance floor",
    "dj booth",
    "fairy lights",
    "fire pit",
    "fireplace",
    "flower arrangements",
    "fountain",
    "lawn",
    "lectern",
    "parasols",
    "piano",
    "playground",
    "projector screen",
    "stage",
    "stained glass",
    "staircase",
    "string lights",
    "swimming pool",
    "television",
    "tall windows",
    "whiteboard",
    "wooden floor",
)
"""Amenities that a photo can show."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NO_ARTICLE = _words(
    "art decking equipment furniture greenery heating lighting parking seating glass wifi stationery catering"
)
"""Last words of things that are not counted."""
NUMBERS = _words(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands "
    "dozen dozens couple pair several capacity price prices cost costs fee fees"
)
"""Words of counts and prices, which are the listing's alone and never a claim."""


@lru_cache(maxsize=10_000)
def key_of(thing: str) -> tuple[str, ...]:
    """Return what is the same for "string light" and "the string lights"; () for words that name nothing."""
    return phrase_of(thing).words


@lru_cache(maxsize=10_000)
def plain(thing: str) -> str | None:
    """Return a thing's one name, our own where we have one; None for what is no thing or tells a number."""
    words = thing.casefold().split()
    while words and words[0] in ARTICLES:
        words = words[1:]
    name = " ".join(words)
    if not key_of(name) or not NUMBERS.isdisjoint(re.findall(r"\w+", name)) or _has_number(name):
        return None
    return _OWN_NAMES.get(key_of(name), name)


def with_article(thing: str) -> str:
    """Return "a stage", "an arch", "string lights", "parking"."""
    last = thing.split()[-1]
    if last in NO_ARTICLE or (last.endswith("s") and not last.endswith("ss")):
        return thing
    return f"an {thing}" if thing[0] in "aeio" else f"a {thing}"


def _has_number(name: str) -> bool:
    return any(letter.isnumeric() or letter in "£€$¥%" for letter in name)


_OWN_NAMES: Final = {key_of(name): name for name in KNOWN}
