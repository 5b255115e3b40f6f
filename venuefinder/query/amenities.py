"""Amenities of the catalogue, and kinds, where the words mean them."""

import re
from collections.abc import Iterator, Sequence

from venuefinder.query.found import Found
from venuefinder.query.lexicon import EVENTS
from venuefinder.query.sentence import TAKEN
from venuefinder.query.terms import Catalogue, Term
from venuefinder.query.wordlists import words

KIND_FILTERS = False
"""Whether a kind that was recognised filters; its words describe looks either way, and lift venues of that kind.

Measured: filtering loses .13 nDCG on queries that name a kind (docs/decisions/0008): listings of one place call it a
loft, an apartment or a hotel.
"""
_LISTED = r"[^\W_][\w' -]{0,30}"
_ARTICLE = r"(?: (?:a|an|the|its own|own|some|good))?"
_DEMANDS_BEFORE = re.compile(
    r"(?<![\w'-])(?:must(?:-| )(?:have|include)s?|must come with|(?:has|have) to have|needs?(?: to have)?|requires?"
    rf"|essential:?|required:?)(?P<list>{_ARTICLE}(?: {_LISTED}?(?:,| and)){{0,2}}{_ARTICLE}) $"
)
_DEMANDS_AFTER = re.compile(
    rf"(?P<list>(?:(?:,| and){_ARTICLE} {_LISTED}?){{0,2}}),?(?: is| are)? "
    r"(?:required|essential|a must|must|mandatory|compulsory|needed)(?![\w'-])(?! (?:have|be))"
)
_NOT_HEAD_BEFORE = re.compile(
    r"\b(?:with|of|by|near|like|overlooking|from|beside|next to|opposite|than|behind|inside|outside|under|over|on"
    r"|at the|plus)(?: [^\W_]+){0,3} $"
)
_FUNCTION = words(
    """
    for with near in by on at that which who where and or under from overlooking to within around close outside inside
    please but no not without max up beside next is are has have having w can as suitable able required essential must
    needed everywhere throughout available included too only also plus if sleeping seating holding hosting facing
    full filled featuring including sitting fitting
    """
)
"""What follows a noun and leaves it the head of its phrase."""
_HAS = re.compile(
    r"\b(?:with|w|has|have|having|including|includes|featuring|plus|near|overlooking|within|needs?|requires?)\b"
    r"(?![^.;!?|]*\b(?:in|at|for) (?:(?:an?|the|our|some) )?(?:[^\W_]+ ){0,2}$)[^.;!?|]*$"
)
"""From here on the sentence names what the venue has, unless it says again what it is in."""
_OR = re.compile(r"(?:,? or|/) ?(?:an? )?")
_OR_BEFORE = re.compile(r"(?:\bor|/) ?(?:an? )?(?:[^\W_]+ ){0,2}$")
_INSIDE = re.compile(r"\b(?:in|at|on) (?:(?:an?|the|our) )?(?:[^\W_]+ )?$")
"""A marquee in a field is a marquee."""
_HOW_MUCH = re.compile(
    r"(?<![\w'-])(?:(?:(?:ample|great|good|fast|free|secure|private|full|reliable|excellent|plenty of|lots of|some"
    r"|own|on-site|on site|available|proper|overnight) ){1,3})$"
)
_NEXT = re.compile(r" ([^\W_]+(?:['-][^\W_]+)*)")


def find_amenities(plain: str, found: Sequence[Term], catalogue: Catalogue) -> Iterator[Found]:
    """Yield what the catalogue has as an amenity: a filter where no photo could show it, or where it is demanded."""
    for term in found:
        if TAKEN in plain[term.start : term.end] or not (names := catalogue.amenities(term)):
            continue
        if catalogue.visible(term) and not _ends_its_phrase(plain, term):
            continue
        demand = _demand(plain, term)
        meaning = {"amenities": {"all" if len(names) == 1 else "any": list(names)}}
        if not catalogue.visible(term):
            start, end = demand or (_with_measure(plain, term), term.end)
            yield Found(start=start, end=end, kind="amenity", meaning=meaning)
        elif demand:
            yield Found(start=demand[0], end=demand[1], kind="amenity", meaning=meaning, keeps=(term.range,))
        else:
            note = "looked for in photos and listings; filters.amenities requires it"
            yield Found(
                start=term.start, end=term.end, kind="amenity", meaning=meaning, applied=False, note=note, fate="looks"
            )


def find_kinds(plain: str, found: Sequence[Term], catalogue: Catalogue) -> Iterator[Found]:
    """Yield the kind of venue that is asked for; of several, or of one or something else, none filters."""
    heads: list[tuple[Term, str]] = []
    for term in found:
        if TAKEN in plain[term.start : term.end] or not (kind := catalogue.kind(term)) or not _is_head(plain, term):
            continue
        if all(term.end <= other.start or other.end <= term.start for other, _ in heads):
            heads.append((term, kind))
    heads = [head for index, head in enumerate(heads) if not (index and _INSIDE.search(plain[: head[0].start][-40:]))]
    sorts = {term.end for term in found if catalogue.kind(term)}
    for term, kind in heads:
        several = len({kind for _, kind in heads}) > 1
        open_ = several or term.start - 1 in sorts or _has_alternative(plain, term)
        note = "other kinds may be meant as well; filters.kind takes one" if open_ else None
        meaning = {"kind": kind}
        yield Found(
            start=term.start, end=term.end, kind="kind", meaning=meaning, applied=not open_, note=note, fate="looks"
        )


def _has_alternative(plain: str, term: Term) -> bool:
    return bool(_OR.match(plain, term.end) or _OR_BEFORE.search(plain, max(0, term.start - 60), term.start))


def _demand(plain: str, term: Term) -> tuple[int, int] | None:
    """Return where the demand stands, its words with it where it names but this; None without one."""
    before = _DEMANDS_BEFORE.search(plain, max(0, term.start - 90), term.start)
    if before:
        alone = "," not in before["list"] and " and" not in before["list"]
        return (before.start() if alone else term.start), term.end
    after = _DEMANDS_AFTER.match(plain, term.end)
    if after is None:
        return None
    return term.start, term.end if after["list"] else after.end()


def _with_measure(plain: str, term: Term) -> int:
    """Return where the amenity begins with the words that say how much of it: ample on-site parking."""
    measure = _HOW_MUCH.search(plain, max(0, term.start - 60), term.start)
    return measure.start() if measure else term.start


def _is_head(plain: str, term: Term) -> bool:
    """Return whether the words name what is looked for: not what it is near, or has, nor the sort of something else."""
    before = plain[max(0, term.start - 200) : term.start]
    if plain[term.start : term.end] in EVENTS or _NOT_HEAD_BEFORE.search(before[-60:]) or _HAS.search(before):
        return False
    return _ends_its_phrase(plain, term)


def _ends_its_phrase(plain: str, term: Term) -> bool:
    """Return whether no noun follows but what takes place: a barn wedding asks for a barn, barn doors for doors."""
    following = _NEXT.match(plain, term.end)
    while following and following[1] in EVENTS:
        following = _NEXT.match(plain, following.end())
    return following is None or following[1] in _FUNCTION or following[1].isdigit()
