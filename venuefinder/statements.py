"""What a listing says, in its own words, of a phrase: that the venue has it, that it has not, or nothing sure.

Strict on purpose. A phrase is stated only where its words stand together, as a whole noun phrase and in no doubtful
company: "pool table" says nothing of a pool, "near the beach" of a beach, "no parking fees" of parking.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from venuefinder.domain import Venue
from venuefinder.english import ARTICLES, DOUBTS, ENDS, NEGATIONS, Phrase, Token, phrase_of, sentences, tokens

GAP = 1
"""Other words between two words of a phrase: "rustic stone barn" states "rustic barn"."""
REACH = 3
"""Words before a phrase, articles apart, whose doubt bears on it."""
SCOPE = 60
"""Words before a phrase, of its sentence, whose negation bears on it."""
TURNED = frozenset({"of", "over", "across", "onto", "to", "towards"})
"""A "view of the sea" is a "sea view"."""
AFTERTHOUGHTS = frozenset({"not", "unavailable", "excluded", "prohibited", "forbidden", "banned"})
DENIED_AFTER = frozenset({"available", "allowed", "permitted", "provided", "whatsoever"})
"""Words after a denied phrase that do not make another thing of it: "no parking available"."""
NOUNS_IN_ED = frozenset({"bed", "shed"})


class Said(Enum):
    """What a listing says of a phrase."""

    HAS = auto()
    HAS_NOT = auto()


@dataclass(frozen=True, slots=True)
class Statements:
    """A venue's listing, with the captions of its photos, as texts to look for phrases in."""

    venue: Venue
    sentences: tuple[str, ...]
    """Case folded; each is understood on its own."""
    text: str
    """All of them, to see at a glance what none of them has."""
    denied: tuple[str, ...]
    """Names of attributes that are false."""

    @classmethod
    def of(cls, venue: Venue, captions: Sequence[str] = ()) -> "Statements":
        """Return what a listing and its captions say. Values of attributes say nothing, but for true and false."""
        attributes = venue.attributes.items()
        told = (
            venue.name,
            venue.kind or "",
            venue.description,
            *venue.amenities,
            *(name for name, value in attributes if value is True),
            *(room.name for room in venue.rooms),
            *captions,
        )
        denied = tuple(name for name, value in attributes if value is False)
        said = tuple(sentence for text in told for sentence in sentences(text.casefold()))
        return cls(venue, said, "\n".join(said), denied)

    def say(self, phrase: str) -> Said | None:
        """Return what is said of a phrase; None: nothing, nothing sure, or both."""
        asked = phrase_of(phrase)
        if not asked.words:
            return None
        said = set()
        if asked.may_be_in(self.text):
            said = {found for sentence in self.sentences for found in _said_in(sentence, asked)}
        said |= {Said.HAS_NOT for name in self.denied if phrase_of(name).words == asked.words}
        return said.pop() if len(said) == 1 else None


def _said_in(text: str, phrase: Phrase) -> Iterator[Said]:
    if not phrase.may_be_in(text):
        return
    sentence = tokens(text)
    for start, end in _matches(sentence, phrase):
        if (said := _judged(sentence, start, end)) is not None:
            yield said


def _matches(sentence: Sequence[Token], phrase: Phrase) -> Iterator[tuple[int, int]]:
    """Return where the phrase begins and the place after its end, for each time the sentence has it."""
    words = phrase.words
    for start, token in enumerate(sentence):
        if token.stem == words[0] and (end := _straight(sentence, start, phrase)) is not None:
            yield start, end
        if len(words) == 2 and token.stem == words[1] and (end := _turned(sentence, start, words[0])) is not None:
            yield start, end


def _straight(sentence: Sequence[Token], start: int, phrase: Phrase) -> int | None:
    place = start + 1
    for word in phrase.words[1:]:
        found = _next(sentence, place, word, phrase.links)
        if found is None:
            return None
        place = found + 1
    return place


def _turned(sentence: Sequence[Token], start: int, first: str) -> int | None:
    """Return the end of "view of the sea", for the phrase "sea view"."""
    if start + 1 == len(sentence) or sentence[start + 1].word not in TURNED:
        return None
    found = _next(sentence, start + 2, first, ARTICLES)
    return None if found is None else found + 1


def _next(sentence: Sequence[Token], place: int, word: str, links: frozenset[str]) -> int | None:
    """Return where a word comes next, after links and at most `GAP` words that end no phrase."""
    others = 0
    for index in range(place, len(sentence)):
        token = sentence[index]
        if token.stem == word:
            return index
        if token.word in links:
            continue
        others += 1
        if others > GAP or not token.word or token.word in ENDS | NEGATIONS:
            return None
    return None


def _judged(sentence: Sequence[Token], start: int, end: int) -> Said | None:
    before = [token.word for token in sentence[max(0, start - SCOPE) : start]]
    if _denied(sentence, before, end):
        return Said.HAS_NOT
    sure = NEGATIONS.isdisjoint(before) and DOUBTS.isdisjoint(_bearing(before))
    after = _until_pause([token.word for token in sentence[end : end + REACH]])
    return Said.HAS if sure and AFTERTHOUGHTS.isdisjoint(after) and _is_whole(sentence, end) else None


def _bearing(before: Sequence[str]) -> list[str]:
    words = _until_pause(list(reversed(before)))
    return [word for word in words if word not in ARTICLES][:REACH]


def _until_pause(words: list[str]) -> list[str]:
    return words[: words.index("")] if "" in words else words


def _denied(sentence: Sequence[Token], before: Sequence[str], end: int) -> bool:
    """Return whether "no", "without a", "free of" stand right before the phrase, or "-free", ": none" right after."""
    after = sentence[end:]
    if sentence[end - 1].hyphen:
        return after[0].word == "free"
    if after and not after[0].word and [token.word for token in after[1:3] if token.word] in (["no"], ["none"]):
        return True
    nearest = [word for word in before if word not in ARTICLES][-2:]
    says_no = bool(nearest) and (nearest[-1] in NEGATIONS - {"not"} or nearest in (["free", "of"], ["free", "from"]))
    return says_no and _is_whole(sentence, end, DENIED_AFTER)


def _is_whole(sentence: Sequence[Token], end: int, more: frozenset[str] = frozenset()) -> bool:
    """Return whether the thing named ends there, and goes on to no other noun: a pool, not a pool table."""
    if sentence[end - 1].hyphen:
        return False
    word = sentence[end].word if end < len(sentence) else ""
    return not word or word in ENDS | NEGATIONS | more or word.isdigit() or _is_participle(word)


def _is_participle(word: str) -> bool:
    return len(word) > 4 and word.endswith("ed") and not word.endswith("eed") and word not in NOUNS_IN_ED
