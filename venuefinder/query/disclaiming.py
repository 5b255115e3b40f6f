"""What need not be there: no parking needed, with or without a stage, wifi or not."""

import re
from collections.abc import Iterable, Iterator

from venuefinder.query.sentence import Range
from venuefinder.query.terms import Catalogue, Term

_NEEDLESS = r"(?:required|needed|essential|necessary|important)"
_SOMETHING = r"(?: (?!(?:in|for|near|at|but|under|with)\b)[^\s,.;:!?()|]{1,30}){1,5}"
_NOT_AT_ALL = r"(?: ?not|n't)(?: (?:an?|really|strictly|absolutely|such|very|that|at all|too|so))*"
_DISCLAIMED = re.compile(
    r"\b(?:do not|don't|doesn't|does not|won't|no|not) (?:really )?need(?:ing)?(?: for)?(?: (?:a|an|any))? "
    r"[^\W_][^,.;:!?()|]{0,40}"
    r"|\b(?:with or without|whether or not|regardless of|irrespective of|not (?:necessarily|strictly)(?: with| having)?"
    r"|(?:even|fine|ok|okay|happy|do|live|manage) without"
    r"|(?:(?:do|does|am|are|is) not|(?:do|does|are|is)n't|not) (?:really )?"
    rf"(?:matter|mind|care|fussed|bothered|worr(?:y|ied))(?: about| if| whether)?){_SOMETHING}"
    rf"|\b[^\W_]+(?: is| are)? (?:not|n't) {_NEEDLESS}\b|\b(?:is|are)n't {_NEEDLESS}\b"
    rf"|\bno (?:[^\W_][\w'-]* ){{1,4}}(?:{_NEEDLESS}|fine|ok|okay)\b|\bnot (?:{_NEEDLESS}|a problem|bothered)\b"
)
_LISTED = r" (?:an? )?[^\W_][\w' -]{0,30}?"
_DISCLAIMED_AFTER = re.compile(
    rf"(?:(?:,{_LISTED}){{0,3}},? (?:and|or){_LISTED})?(?: ?[,(:])?"
    rf"(?:(?: is| are)?{_NOT_AT_ALL} (?:{_NEEDLESS}|problem|issue|concern|worry|priority|must|deal[- ]?breaker)\b"
    r"|(?: do| does)(?: not|n't) matter\b|(?: is| are)? (?:irrelevant|unimportant|unnecessary|immaterial)\b"
    rf"|,? or (?:not\b|(?:no|without)\b{_SOMETHING}))"
)


def disclaimed(plain: str, found: Iterable[Term], catalogue: Catalogue) -> Iterator[Range]:
    """Yield what need not be there: neither asked for nor excluded."""
    for match in _DISCLAIMED.finditer(plain):
        yield match.span()
    for term in found:
        known = catalogue.kind(term) or catalogue.amenities(term) or not catalogue.visible(term)
        if known and (after := _DISCLAIMED_AFTER.match(plain, term.end)):
            yield term.start, after.end()
