"""How much an amenity is wanted: demanded, or only wished for."""

import re
from collections.abc import Sequence

from venuefinder.query.lexicon import MEASURES, WISHING
from venuefinder.query.terms import Term
from venuefinder.query.wordlists import words

_LISTED = r"[^\W_][\w' -]{0,30}"
_ARTICLE = r"(?: (?:a|an|the|its own|own|some|good))?"
_DEMANDS_BEFORE = re.compile(
    r"(?<![\w'-])(?:must(?:-| )(?:have|include)s?|must come with|(?:has|have) to have|needs?(?: to have)?|requires?"
    rf"|essential:?|required:?)(?P<list>{_ARTICLE}(?: {_LISTED}?(?:,| and)){{0,2}}{_ARTICLE}) $"
)
DEMANDED_AFTER = re.compile(
    rf"(?P<list>(?:(?:,| and){_ARTICLE} {_LISTED}?){{0,2}}),?(?: is| are)? "
    r"(?:required|essential|a must|must|mandatory|compulsory|needed)(?![\w'-])(?! (?:have|be))"
)
_WELCOME = (
    r"(?:nice|great|good|lovely|ideal|helpful|useful|handy|fine|ok|okay|welcome|perfect|amazing|fantastic|wonderful|cool"
    r"|appreciated|preferred|preferable|desirable|(?:an? )?(?:added |nice )?(?:bonus|plus|advantage))"
)
_WISH_BEFORE = re.compile(
    rf"\b(?:{'|'.join(sorted(WISHING))})\b:?"
    r"(?:(?! (?:but|must|required)\b)[^.;!?()|,]|,(?! (?:with|must|needs?|but|for|in|near|no|and must)\b))*$"
    r"|\boptional $"
)
"""A wish, and nothing since that says otherwise: ideally a barn with parking."""
WISHED_AFTER = re.compile(
    rf"(?:(?:,{_ARTICLE} {_LISTED}?){{0,3}},? (?:and|or){_ARTICLE} {_LISTED}?)?(?: ?[,(:])?(?: is| are|'s)? ?"
    rf"(?:(?:would|might|may|could|will) (?:help\b|be (?:(?:very|really|also|quite) )?{_WELCOME})"
    r"|(?:if|where|when|whenever)(?: at all)? (?:possible|available|practical|you can)"
    r"|preferred|preferable|optional|desirable|desired|(?:an? )?(?:added )?(?:bonus|plus|nice to have|nice-to-have)"
    r"|(?:ideally|preferably|hopefully|maybe)(?= ?(?:$|[,.;!?|])))(?![\w'-])"
)
"""Wifi, parking and a lift would be nice: all of them are wished for."""
WHOLLY = words("fully wholly completely totally entirely")
_HOW_MUCH = re.compile(
    rf"(?<![\w'-])(?:(?:{'|'.join(sorted(MEASURES))}|on site|(?:plenty|lots|loads|a lot) of"
    rf"|{'|'.join(sorted(WHOLLY))}|(?<!our )(?<!my )(?<!their )(?<!bring )own) ){{1,3}}$"
)


def demand(plain: str, term: Term) -> tuple[int, int] | None:
    """Return where the demand stands, its words with it where it names but this; None without one."""
    before = _DEMANDS_BEFORE.search(plain, max(0, term.start - 90), term.start)
    if before:
        alone = "," not in before["list"] and " and" not in before["list"]
        return (before.start() if alone else term.start), term.end
    after = DEMANDED_AFTER.match(plain, term.end)
    if after is None:
        return None
    return term.start, term.end if after["list"] else after.end()


def is_wish(plain: str, terms: Sequence[Term]) -> bool:
    """Return whether amenities, in their order, are only wished for: ideally with parking, parking would be nice."""
    if any(WISHED_AFTER.match(plain, term.end) for term in terms):
        return True
    start = with_measure(plain, terms[0])
    wished = _WISH_BEFORE.search(plain, max(0, start - 90), start)
    return wished is not None and not DEMANDED_AFTER.match(plain, terms[-1].end)


def with_measure(plain: str, term: Term) -> int:
    """Return where the amenity begins with the words that say how much of it: ample on-site parking."""
    measure = _HOW_MUCH.search(plain, max(0, term.start - 60), term.start)
    return measure.start() if measure else term.start
