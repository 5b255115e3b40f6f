"""What should not be there: no carpets, without a stage, not modern."""

import re
from collections.abc import Iterator, Sequence

from venuefinder.query.found import Found
from venuefinder.query.sentence import WORD, Range, Sentence
from venuefinder.query.terms import Catalogue, Term, spellings

MOST_NEGATIVES = 16
"""Things that should not be there, the first ones: each is encoded, and marked on every result."""
_NO = (
    r"(?:(?:is|are|does|do|did|has|have|should|must|can|could|would|will)(?: not|n't)"
    r"(?: (?:have|be|want|like|include|contain|look|feel|any)){0,4}|no|not|without|avoid(?:ing)?|excluding|exclude"
    r"|except(?: for)?|minus|free of|free from|nothing|never|rather than|instead of|lack(?:ing|s)?|cannot have"
    r"|can't stand|hate|dislike)"
)
_FILLER = (
    r"(?:(?:in|on|at|near|inside) (?=(?:a|an|the|any) ))?"
    r"(?:(?:a|an|any|the|too|very|overly|so|those|these|of|kind of|to be|have|having) ){0,3}"
)
_PHRASE = r"[^\W_][^,.;:!?()|&/]{0,80}(?![\w'-])"
_NEGATION = re.compile(rf"(?<![\w'-])(?:but )?(?P<no>{_NO}) {_FILLER}(?P<what>{_PHRASE})")
_NOT_A_NEGATION = re.compile(
    r"(?:(?:(?:too|very|overly|so|that) )?(?:expensive|pricey|costly|dear)"
    r"|problem|worries|worry|matter|idea|need|later|earlier|more|less|fewer|longer|one|doubt|limit|fuss|frills|expense"
    r"|preference|preferences|nonsense|object|hidden|hire (?:fee|charge)|(?:bigger|larger|smaller|higher) than"
    r"|particular|budget|only|just|necessarily|sure|far|essential|required|bothered|strict|such"
    r"|allowed|permitted|welcome"
    r"|(?:in|near|on|at|inside)(?! (?:a|an|the|any) )|for|from|if|that|because|until|[0-9]+)\b"
)
_DEGREE = re.compile(
    r" (?:too|very|overly|so) (?!many\b|much\b)[^\W_][\w'-]*"
    r"(?: (?:or|and|nor) (?:too )?[^\W_][\w'-]*(?=$|[,.;:!?()|&/]))?"
)
"""A barn not too modern, or a not too modern barn: what is too much is no barn."""
_ENDS = re.compile(
    r" (?:and|but|with|for|in|near|at|by|on|under|that|which|who|where|please|because|so|as|just|to|within|around|close"
    r"|is|are|we|i|only|next|inside|overlooking|required|allowed)\b"
)
_TWO_NOUNS = re.compile(r"[^\W_]+ and (?P<second>[^\W_]+)(?=$|[,.;:!?()|&/])")
"""No carpets and curtains: both. No carpets and white walls: white walls. No steps and parking: who knows."""
_ALLOWED = re.compile(r" (?:allowed|permitted|please)\b")
_SPLITS = re.compile(r" ?\b(?:or|nor|and)(?: (?:a|an|any|the))? ")
_GOES_ON = re.compile(rf", (?:or|nor)(?: (?:a|an|any))? (?P<what>{_PHRASE})")
_LISTS = re.compile(r"no|without|avoid(?:ing)?|exclud(?:e|ing)|except(?: for)?|minus|free (?:of|from)")
_NOT_AN_ITEM = (
    r"(?!(?:with|without|w|for|in|near|at|by|on|under|over|within|around|close|that|which|who|where|must|needs?|should|no"
    r"|not|but|and|or|nor|plus|please|we|i|it)\b)"
)
_THING = rf"{_NOT_AN_ITEM}[^\W_][\w'-]*(?: {_NOT_AN_ITEM}[^\W_][\w'-]*){{0,2}}"
_ITEM = re.compile(rf", (?:(?:an?|any) )?(?P<item>{_THING})")
_LIST = re.compile(
    rf"(?P<items>(?:, (?:(?:an?|any) )?{_THING}){{1,6}}),? (?:or|nor)(?: (?:an?|any))? (?P<what>{_PHRASE})"
)
_FORBIDDEN = re.compile(r"(?:allowed|permitted|welcome)\b(?! to\b)")
_SUBJECT = re.compile(
    r"(?<![\w'-])(?P<what>(?:(?:outside|external|live|loud|amplified|own) )?"
    r"(?!(?:we|i|they|you|it|is|are|that|which|if|but|and|or|guests|people)\b)[^\W_][\w'-]*)(?: is| are)? $"
)
"""Of what is not allowed: dogs are not allowed."""


def find_negations(sentence: Sentence, plain: str, catalogue: Catalogue) -> Iterator[Found]:
    """Yield each thing that should not be there."""
    position = 0
    while match := _NEGATION.search(plain, position):
        position = match.end("no")
        if forbidden := _FORBIDDEN.match(plain, match.start("what")):
            if thing := _SUBJECT.search(plain, max(0, match.start() - 60), match.start()):
                at = (thing.start("what"), *thing.span("what"))
                yield _negative(sentence, at, catalogue, end=forbidden.end())
            continue
        if _NOT_A_NEGATION.match(plain, match.start("what")) or _NOT_A_NEGATION.match(plain, position + 1):
            continue
        start = match.start()
        for (first, last), sure in _things(plain, match, catalogue):
            yield _negative(sentence, (start, first, last), catalogue, filters=sure)
            start = position = last


def _negative(
    sentence: Sentence, at: tuple[int, int, int], catalogue: Catalogue, *, end: int | None = None, filters: bool = True
) -> Found:
    """Return the part that begins at the first of these positions; the others are those of what is negated."""
    start, first, last = at
    while not sentence.plain[start].isalnum():
        start += 1
    allowed = _ALLOWED.match(sentence.plain, last)
    amenities = catalogue.amenities(_term(sentence.plain, first, last)) if filters else ()
    meaning = {"negative": sentence.written(first, last)} | (
        {"amenities": {"none": list(amenities)}} if amenities else {}
    )
    end = end or (allowed.end() if allowed else last)
    return Found(start=start, end=end, kind="negation", meaning=meaning)


def _term(plain: str, start: int, end: int) -> Term:
    return Term(start, end, spellings(plain[start:end]))


def _things(plain: str, match: re.Match[str], catalogue: Catalogue) -> Iterator[tuple[Range, bool]]:
    """Yield each thing that is negated, and whether that is sure: a list may go on with what is wanted."""
    start, end = match.span("what")
    if degree := _DEGREE.match(plain, match.end("no")):
        yield from ((thing, True) for thing in _split(plain, start, degree.end()))
        return
    yield from ((thing, True) for thing in _split(plain, start, _end(plain, start, end, catalogue)))
    sure = bool(catalogue.amenities(_term(plain, start, end)))
    for thing in _listed(plain, (start, end), catalogue) if _LISTS.fullmatch(match["no"]) else ():
        yield from ((one, sure) for one in _split(plain, *thing))
        end = thing[1]
    while (more := _GOES_ON.match(plain, end)) is not None:
        start, end = more.span("what")
        yield from ((thing, True) for thing in _split(plain, start, _end(plain, start, end, catalogue)))


def _listed(plain: str, first: Range, catalogue: Catalogue) -> Sequence[Range]:
    """Return what a list goes on with: no stage, bar or camping.

    No carpets, warehouse or loft: these are looked for. No carpets, parking or wifi: who knows.
    """
    found = _LIST.match(plain, first[1])
    if found is None:
        return ()
    commas = [match.span("item") for match in _ITEM.finditer(plain, *found.span("items"))]
    things = [*commas, (found.start("what"), _end(plain, *found.span("what"), catalogue))]
    words = [WORD.findall(plain[slice(*thing)]) for thing in things]
    if all(catalogue.kind(Term(0, 0, spellings(words[-1]))) for words in words):
        return ()
    if catalogue.visible(_term(plain, *first)) and not any(catalogue.visible(_term(plain, *thing)) for thing in things):
        return ()
    return things


def _end(plain: str, start: int, end: int, catalogue: Catalogue) -> int:
    two = _TWO_NOUNS.match(plain, start)
    if two and catalogue.visible(_term(plain, *two.span("second"))):
        return end
    found = _ENDS.search(plain, start, end)
    return found.start() if found else end


def _split(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for found in _SPLITS.finditer(plain, start, end):
        yield from _trimmed(plain, start, found.start())
        start = found.end()
    yield from _trimmed(plain, start, end)


def _trimmed(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end > start and not plain[end - 1].isalnum():
        end -= 1
    if end > start:
        yield start, end
