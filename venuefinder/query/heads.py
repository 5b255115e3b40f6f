"""Which words are the head of their phrase: a barn wedding asks for a barn, barn doors for doors."""

import re

from venuefinder.query.lexicon import EVENTS
from venuefinder.query.terms import Term
from venuefinder.query.wordlists import words

FUNCTION = words(
    """
    for with near in by on at that which who where and or under from overlooking to within around close outside inside
    please but no not without max up beside next is are has have having w can as suitable able required essential must
    needed everywhere throughout available included too only also plus if sleeping seating holding hosting facing
    full filled featuring including sitting fitting
    """
)
"""What follows a noun and leaves it the head of its phrase."""
NEXT = re.compile(r" ([^\W_]+(?:['-][^\W_]+)*)")
"""The word that follows."""


def ends_its_phrase(plain: str, term: Term) -> bool:
    """Return whether no noun follows but what takes place: a barn wedding asks for a barn, barn doors for doors."""
    following = NEXT.match(plain, term.end)
    while following and following[1] in EVENTS:
        following = NEXT.match(plain, following.end())
    return following is None or following[1] in FUNCTION or following[1].isdigit()
