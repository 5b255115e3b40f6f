"""What an amount pays for: the venue, or something beside it, as in £5 parking or a deposit of £1,000."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from venuefinder.query.lexicon import (
    AFTER_A_PRICE,
    CHARGES,
    EVENTS,
    EXTRAS,
    HIRE,
    MEALS,
    NOT_THE_VENUE,
    PAID_FOR,
    SPENDING,
)
from venuefinder.query.numbers import NUMBER
from venuefinder.query.wordlists import any_of

LEAST_FOR_A_VENUE = 100
"""Least amount beside food, drinks or parking that may pay for the venue itself."""
MOST_WORDS = 4
"""Words after an amount that may name what it pays for."""
MOST_BEFORE = 120
"""Characters before an amount, enough for a noun and what joins it."""
_NOUN = r"[^\W_]+(?:['-][^\W_]+)*"
_BEFORE = re.compile(rf"(?P<noun>{_NOUN})(?: (?:{any_of(SPENDING)}|of)){{0,3}}[:(]? ?$")
_BUDGET_OF = re.compile(rf"(?P<noun>{_NOUN}) (?:budget|spend|price|cost|fee)(?: (?:is|of|at|for))?:?$")
_NEXT = re.compile(rf" (?!{NUMBER}|of\b)({_NOUN})")
_SPENT_ON = re.compile(
    r" (?:of|off|worth|towards?)\b"
    rf"| (?:for|on|in) (?:(?:a|an|the|our|my|some) )?(?:{any_of((EXTRAS - EVENTS) | NOT_THE_VENUE)})(?![\w'-])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What stands in the sentence that an amount may be the price of, or go on to."""

    kinds: frozenset[int] = frozenset()
    """Where names of kinds end."""
    cities: frozenset[int] = frozenset()
    """Where names of cities begin."""


def is_budget_of_something_else(match: re.Match[str]) -> bool:
    """Return whether a budget is that of food, flowers or the like."""
    end = match.end("budget") if match["budget"] else match.start()
    of = _BUDGET_OF.search(match.string, max(0, match.start() - MOST_BEFORE), end)
    is_theirs = of is not None and of["noun"] in EXTRAS | NOT_THE_VENUE | {"bar"}
    return is_theirs or _SPENT_ON.match(match.string, match.end()) is not None


def is_of_something_else(match: re.Match[str], amount: Decimal, sought: Sought, *, rate: bool, limit: bool) -> bool:
    """Return whether nothing tells that an amount is the venue's.

    rate: it is per head, hour or day. limit: it is the most or the least of a thousand and more.
    """
    before = _BEFORE.search(match.string, max(0, match.start() - MOST_BEFORE), match.start())
    phrase = list(_phrase(match.string, match.end(), sought))
    noun, (head, end) = before["noun"] if before else "", phrase[-1] if phrase else ("", 0)
    named = {noun, *(word for word, _ in phrase)}
    if (NOT_THE_VENUE - CHARGES if named & HIRE else NOT_THE_VENUE) & named:
        return True
    if not rate and _SPENT_ON.match(match.string, match.end()):
        return True
    if {noun, head} & (EXTRAS - EVENTS - MEALS if rate else EXTRAS if amount < LEAST_FOR_A_VENUE else frozenset()):
        return True
    return not (not phrase or rate or limit or named & HIRE or head in PAID_FOR or end in sought.kinds)


def _phrase(plain: str, end: int, sought: Sought) -> Iterator[tuple[str, int]]:
    """Yield the words that name what follows an amount, each with its end."""
    for _ in range(MOST_WORDS):
        following = _NEXT.match(plain, end)
        if following is None or following[1] in AFTER_A_PRICE or following.start(1) in sought.cities:
            return
        end = following.end(1)
        yield following[1], end
