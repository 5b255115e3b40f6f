"""Just enough English to tell whether a listing says a phrase, denies it, or only uses its words."""

import re
from dataclasses import dataclass
from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ARTICLES = _words("a an the any some such our its their your")
LINKS = ARTICLES | _words(
    "of with in on at for to from by and or that which who is are has have there lot lots plenty very really quite "
    "please also too just"
)
"""Words that add nothing to what a phrase names."""
PREPOSITIONS = _words(
    "about above across against along among around at before behind below beneath beside between beyond by during for "
    "from in inside into near next of off on onto opposite outside over past per plus through throughout to towards "
    "under underneath until up upon via with within without amid amidst alongside"
)
VERBS = _words(
    "is are was were be been being am has have had can could may might must will would shall should do does did seats "
    "seat holds hold hosts host sits stands hangs hang makes make offers offer opens open runs leads lead provides "
    "gives welcomes overlooks overlook overlooking faces facing leading opening hanging dating including included "
    "available boasts features adds fills fill remains come comes needs suits"
)
ENDS = (
    LINKS
    | PREPOSITIONS
    | VERBS
    | _words(
        "but nor so yet while where when whose this these those it they we you i he she his her as if than then here "
        "both each every all only overhead upstairs downstairs everywhere indoors outdoors"
    )
)
"""Words that show that the thing named before them is named in full."""
NEGATIONS = _words("no not without never none nor neither cannot lack lacks lacking minus sans zero excluding")
DOUBTS = NEGATIONS | _words(
    "near nearby close next adjacent opposite beside towards from for like unlike minute minutes walk drive mile miles "
    "used was were former formerly once future planned could may might would if unless instead except "
    "kein keine keinen keiner ohne nicht pas aucun aucune sin senza zonder geen sem nenhum bez utan inte uden ikke"
)
"""Before a phrase, these leave open whether the venue has it: "near the beach", "room for a marquee", "once a barn"."""
_TOKEN = re.compile(
    r"(?P<pause>[.;:!?,()\[\]{}/|•\n\t–—\"“”]+)|(?P<word>[^\W_]+(?:['’][^\W_]+)*)(?P<hyphen>[-‐‑](?=[^\W_]))?"
)
_SENTENCE_END = re.compile(r"[.;!?\n•|]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, or a pause in it."""

    word: str
    """Lower case, without 's; '' at a pause."""
    stem: str
    hyphen: bool = False
    """Whether a hyphen ties it to the next word."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a phrase names."""

    words: tuple[str, ...]
    """Stems of the words that carry its meaning, in order; () when none does."""
    links: frozenset[str]
    """Words that may stand between them and change nothing."""

    def may_be_in(self, text: str) -> bool:
        """Return whether a case folded text has the beginnings of all the words: cheap, and false for most texts."""
        return all(word.removesuffix("y") in text for word in self.words)


@lru_cache(maxsize=1_000)
def phrase_of(text: str) -> Phrase:
    """Take a phrase apart; the same one is asked of every venue of a page."""
    words = [token for token in tokens(text) if token.word]
    links = {token.word for token in words} & LINKS
    placed = any(token.word in PREPOSITIONS for token in words)
    return Phrase(
        words=tuple(token.stem for token in words if token.word not in LINKS),
        links=frozenset(links | ARTICLES if placed else links),
    )


def sentences(text: str) -> list[str]:
    """Cut a text where sentences and lines end, and at points in abbreviations: that loses, but invents nothing."""
    return [sentence for part in _SENTENCE_END.split(text) if (sentence := part.strip())]


def tokens(text: str) -> list[Token]:
    """Return the words and pauses of a text, in order."""
    return [_token(match) for match in _TOKEN.finditer(text.casefold())]


def _token(match: re.Match[str]) -> Token:
    if match["pause"]:
        return Token("", "")
    word = match["word"].replace("’", "'").removesuffix("'s")
    if word.endswith("n't"):
        word = "not"
    return Token(word, stem(word), hyphen=match["hyphen"] is not None)


def stem(word: str) -> str:
    """Return a noun's singular, for a regular plural: the S-stemmer of Harman (1991), and -es after a sibilant.

    No other endings go: parking is no park, and seating no seat.
    """
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1]
