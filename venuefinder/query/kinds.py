"""Kinds of the catalogue, where the words mean the venue itself."""

import re
from collections.abc import Iterator, Sequence

from venuefinder.query.found import Found
from venuefinder.query.heads import ends_its_phrase
from venuefinder.query.lexicon import EVENTS
from venuefinder.query.sentence import TAKEN
from venuefinder.query.terms import Catalogue, Term

KIND_FILTERS = False
"""Whether a kind that was recognised filters; its words describe looks either way, and lift venues of that kind.

Measured: filtering loses .13 nDCG on queries that name a kind (docs/decisions/0008): listings of one place call it a
loft, an apartment or a hotel.
"""
_NOT_HEAD_BEFORE = re.compile(
    r"\b(?:with|of|by|near|like|overlooking|from|beside|next to|opposite|than|behind|inside|outside|under|over|on"
    r"|at the|plus)(?: [^\W_]+){0,3} $"
)
_HAS = re.compile(
    r"\b(?:with|w|has|have|having|including|includes|featuring|plus|near|overlooking|within|needs?|requires?)\b"
    r"(?![^.;!?|]*\b(?:in|at|for) (?:(?:an?|the|our|some) )?(?:[^\W_]+ ){0,2}$)[^.;!?|]*$"
)
"""From here on the sentence names what the venue has, unless it says again what it is in."""
OR = re.compile(r"(?:,? (?:and/)?or\b|/) ?(?:an? )?")
_OR_BEFORE = re.compile(r"(?:\bor|/) ?(?:an? )?(?:[^\W_]+ ){0,2}$")
_INSIDE = re.compile(r"\b(?:in|at|on) (?:(?:an?|the|our) )?(?:[^\W_]+ )?$")
"""A marquee in a field is a marquee."""


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
    return bool(OR.match(plain, term.end) or _OR_BEFORE.search(plain, max(0, term.start - 60), term.start))


def _is_head(plain: str, term: Term) -> bool:
    """Return whether the words name what is looked for: not what it is near, or has, nor the sort of something else."""
    before = plain[max(0, term.start - 200) : term.start]
    if plain[term.start : term.end] in EVENTS or _NOT_HEAD_BEFORE.search(before[-60:]) or _HAS.search(before):
        return False
    return ends_its_phrase(plain, term)
