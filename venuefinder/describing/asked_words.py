"""A question about a venue as things to look for: "could people dine outside?" is "a place to dine outside".

Only what a photo can show becomes a question to a model. Numbers, prices and dates are the listing's alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from venuefinder.amenity_words import KNOWN
from venuefinder.describing.attribute_questions import VALUES, question_for
from venuefinder.query.lexicon import EMPTY, GENERIC
from venuefinder.query.numbers import IN_WORDS
from venuefinder.query.sentence import WORD
from venuefinder.query.terms import GROUPS
from venuefinder.vision.photo_reading import YesNo

Form = Literal["names", "does", "is"]
"""What a question is about: a thing ("is there a stage"), something to do ("can we dance"), how it is ("is it old")."""

MOST_CHARACTERS = 200
"""Of a phrase in a question to a model."""
_OWN: Final = {name: question_for("amenities", name) for name in KNOWN} | {
    value: question_for(attribute, value) for attribute, values in reversed(VALUES.items()) for value in values
}
"""What descriptions ask too, by its bare name: in words of ours, and answered once for both."""
_ARTICLES = ("a", "an", "the")
_WHO = (
    r"(?:(?:the|this|that|your|their) (?:venue|place|space|room|hall|site|location|property|building|house)s?"
    r"|it|this|that|they|you|we|i|one|people|guests|everyone|everybody|someone|somebody)\b"
)
_NOT = r"(?:n't| not)?"
_EVER = r"(?:(?: also| really| even| still| actually| ever)*)"
_OPENINGS: tuple[tuple[Form, re.Pattern[str]], ...] = (
    ("names", re.compile(rf"(?:is|are|was|were){_NOT} there\b{_EVER}")),
    (
        "names",
        re.compile(
            rf"(?:do|does|did|has|have|can|could|will|would){_NOT} {_WHO}{_EVER} "
            r"(?:have|has|got|offer|provide|include|come with|feature|contain)\b(?: got)?"
        ),
    ),
    ("is", re.compile(rf"(?:is|are){_NOT} {_WHO}{_EVER}")),
    ("does", re.compile(rf"(?:can|could|may|might|would|will|do|does|did)(?:n't)?\b(?: {_WHO})?{_EVER}")),
    ("names", re.compile(rf"(?:is|are|has|have){_NOT}\b")),
)
_OPEN_QUESTION = re.compile(r"(?:what|which|who|whom|whose|when|where|why|how)(?:'s|'re)?\b")
_CUT = re.compile(r" (?:and|as well as) ", re.IGNORECASE)
_NAMES_CUT = re.compile(r" ?[,;&] ?(?:and )?| (?:and|as well as|plus|with) ", re.IGNORECASE)
_SUITS = re.compile(r"(?:suit|be (?:good|suitable|right|fine|ok)|work) (?:for )?", re.IGNORECASE)
_NUMBER = re.compile(rf"[0-9]|\b{IN_WORDS}\b")
_UNSEEN = re.compile(
    r"\b(?:price[sd]?|cost(?:s|ly)?|cheap(?:er)?|expensive|afford(?:able)?|budget|fees?|deposit|discounts?|pay|paid|free"
    r"|available|availability|book(?:ed|able|ing)?|capacity|january|february|april|june|july|august|september|october"
    r"|november|december|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|today|tomorrow|tonight"
    r"|dates?|weekends?|weekdays?|hours?|midnight|rated?|ratings?|reviews?)\b"
)
"""What no photo shows, and no model is asked, whatever it might think it sees."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A question without the words that only ask."""

    form: Form
    rest: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that a question asks, in its words; `question` asks a model for it, None where no photo shows it."""

    text: str
    question: YesNo | None


def opened(question: str) -> Opened | None:
    """Return what a question is about; None for one that neither yes nor no answers."""
    words = " ".join(question.replace("’", "'").split()).rstrip(" ?!.")
    folded = words.lower()
    if _OPEN_QUESTION.match(folded):
        return None
    for form, opening in _OPENINGS:
        if len(folded) == len(words) and (found := opening.match(folded)):
            return Opened(form, words[found.end() :].strip())
    return Opened("names", words)


def pieces(text: str, form: Form) -> list[Piece]:
    """Return each thing that the words of a question ask, those that describe nothing left out."""
    trimmed = [_trimmed(piece, form) for piece in (_CUT if form == "does" else _NAMES_CUT).split(text)]
    telling = dict.fromkeys(words for words in trimmed if _says_something(words))
    return [Piece(words, question_of(words, form)) for words in telling]


def question_of(words: str, form: Form = "names") -> YesNo | None:
    """Return how a model is asked for what a stranger named, as data between marks; None where no photo shows it."""
    folded = words.lower()
    suits = _SUITS.match(folded)
    bare = " ".join(word for word in folded[suits.end() if suits else 0 :].split() if word not in EMPTY)
    if _NUMBER.search(folded) or _UNSEEN.search(folded) or bare in GROUPS:
        return None
    if own := _OWN.get(bare):
        return own
    # Without angle brackets it can neither close the marks nor write a model's special tokens (<|im_end|>).
    phrase = " ".join(_phrase(words, form).replace("<", " ").replace(">", " ").split())[:MOST_CHARACTERS]
    return YesNo(text=f"Does this photo show this? <request>{phrase}</request>", phrase=phrase)


def _phrase(words: str, form: Form) -> str:
    """Return the noun phrase that a photo would have to show."""
    if form == "names" or words.lower().startswith(tuple(f"{article} " for article in _ARTICLES)):
        return words
    if form == "is":
        return f"a place that is {words}"
    suits = _SUITS.match(words)
    return f"a place suitable for {words[suits.end() :]}" if suits else f"a place to {words}"


def _trimmed(piece: str, form: Form) -> str:
    """Return a name without empty words at its ends, but with its article."""
    words = piece.strip(" ?!.,").split()
    if form == "does":  # "get in" would be nothing
        return " ".join(words)
    while words and words[-1].lower() in EMPTY:
        words.pop()
    while words and words[0].lower() in EMPTY and not (len(words) > 1 and words[0].lower() in _ARTICLES):
        words.pop(0)
    return " ".join(words)


def _says_something(words: str) -> bool:
    return any(word not in GENERIC for word in _words(words))


def _words(text: str) -> Iterator[str]:
    return (found.group() for found in WORD.finditer(text.lower()))
