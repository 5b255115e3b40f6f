"""Amenities of the catalogue, where the words mean them; of several with an `or`, any will do."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from venuefinder.query.demands import demand, is_wish, with_measure
from venuefinder.query.found import Found
from venuefinder.query.heads import ends_its_phrase
from venuefinder.query.kinds import OR
from venuefinder.query.sentence import TAKEN, Sentence
from venuefinder.query.terms import Catalogue, Term
from venuefinder.query.unseen import Unseen

_ARTICLES = r"(?:(?:with|a|an|the|its) )*"
_OR_GAP = re.compile(rf"(?:,? (?:and/)?or| ?/) ?{_ARTICLES}")
_AND_GAP = re.compile(rf" (?:and|&) {_ARTICLES}")
_COMMA_GAP = re.compile(rf", ?{_ARTICLES}")
_OR_BEFORE_IT = re.compile(rf"(?:\bor|/) ?{_ARTICLES}$")
_EITHER = re.compile(r"(?<![\w'-])either (?:a |an )?$")
_AND_BEFORE_IT = re.compile(r" and (?:an? )?$")
_LIST_BEFORE_IT = re.compile(r"(?: and|,) (?:an? )?$")
_LOOKED_FOR = "looked for in photos and listings; filters.amenities requires it"
_CHOICE = "something else may do as well; filters.amenities.any takes a choice"
_NO_AND = "may be excluded as well, or asked for; filters.amenities says which"
_WISH = "a wish, no condition; filters.amenities requires it"
_ITS_OWN = re.compile(r"(?<=\bits )own ")
"""Its own catering is in-house; own catering may be the guests'."""


@dataclass(frozen=True, slots=True)
class _Meant:
    """Words that mean an amenity, and the catalogue's names of it."""

    term: Term
    names: tuple[str, ...]
    visible: bool


def find_amenities(
    sentence: Sentence, plain: str, found: Sequence[Term], catalogue: Catalogue, negated: Iterable[int] = ()
) -> Iterator[Found]:
    """Yield what the catalogue has as an amenity: a filter where no photo could show it, or where it is demanded.

    `negated`: where the parts end that say what should not be there; "and" behind them may go on with that.
    """
    meant = [_Meant(term, names, catalogue.visible(term)) for term, names in _meant(sentence, plain, found, catalogue)]
    doubtful = set(negated)
    for choice, unclear in _choices(plain, meant):
        note = unclear or _doubt(plain, choice, doubtful)
        if note == _NO_AND:
            doubtful.add(choice[-1].term.end)
        yield from _understood(plain, choice, note)


def _understood(plain: str, choice: Sequence[_Meant], note: str | None) -> Iterator[Found]:
    """Yield one part that filters, or one of each that does not: of several any will do."""
    first, last = choice[0].term, choice[-1].term
    demands = demand(plain, first), demand(plain, last)
    if not note and (any(demands) or not any(one.visible for one in choice)):
        start = demands[0][0] if demands[0] else with_measure(plain, first)
        if len(choice) > 1 and (either := _EITHER.search(plain, max(0, start - 20), start)):
            start = either.start()
        end = demands[1][1] if demands[1] else last.end
        keeps = tuple(one.term.range for one in choice if one.visible)
        yield Found(start=start, end=end, kind="amenity", meaning=_any_of(choice), keeps=keeps)
        return
    for one in choice:
        why = _LOOKED_FOR if one.visible and not any(demands) else note or _CHOICE
        yield Found(
            start=one.term.start,
            end=one.term.end,
            kind="amenity",
            meaning=_any_of([one]),
            applied=False,
            note=why,
            fate="looks",
        )


def _any_of(choice: Sequence[_Meant]) -> dict[str, Any]:
    names = list(dict.fromkeys(name for one in choice for name in one.names))
    return {"amenities": {"all" if len(names) == 1 else "any": names}}


def _choices(plain: str, meant: Sequence[_Meant]) -> Iterator[tuple[Sequence[_Meant], str | None]]:
    """Yield those of which one is enough together, the others alone: parking, wifi or catering.

    With "and" among them as well nobody knows which: each comes alone, with a note.
    """
    choice: list[_Meant] = []
    joints: set[str] = set()
    for one in meant:
        joint = _joint(plain, choice[-1], one) if choice else None
        if joint is None or (joint == "," and "or" in joints):
            yield from _parted(choice, joints)
            choice, joints = [], set()
        else:
            joints.add(joint)
        choice.append(one)
    yield from _parted(choice, joints)


def _joint(plain: str, one: _Meant, other: _Meant) -> str | None:
    """Return what joins an amenity to the next, None where nothing does."""
    gap = plain[one.term.end : with_measure(plain, other.term)]
    if _OR_GAP.fullmatch(gap):
        return "or"
    if _AND_GAP.fullmatch(gap) and not one.visible and not other.visible:
        return "and"
    return "," if _COMMA_GAP.fullmatch(gap) else None


def _parted(choice: Sequence[_Meant], joints: Collection[str]) -> Iterator[tuple[Sequence[_Meant], str | None]]:
    if "or" in joints and "and" not in joints:
        yield choice, None
    else:
        yield from (([one], _CHOICE if "or" in joints else None) for one in choice)


def _doubt(plain: str, choice: Sequence[_Meant], negated: Collection[int]) -> str | None:
    """Return why the words may ask for no such amenity, None where they do."""
    first, last = choice[0].term, choice[-1].term
    start = with_measure(plain, first)
    if OR.match(plain, last.end) or _OR_BEFORE_IT.search(plain, max(0, start - 30), start):
        return _CHOICE
    after_no = (_AND_BEFORE_IT if len(choice) == 1 else _LIST_BEFORE_IT).search(plain, max(0, start - 10), start)
    if after_no and after_no.start() in negated and start == first.start and not demand(plain, last):
        return _NO_AND
    return _WISH if is_wish(plain, [one.term for one in choice]) else None


def _meant(
    sentence: Sentence, plain: str, found: Sequence[Term], catalogue: Catalogue
) -> Iterator[tuple[Term, tuple[str, ...]]]:
    """Yield the terms that mean an amenity, with the catalogue's names of it; none overlaps another.

    Words that spell an amenity which the catalogue lacks are not read as a shorter one: own catering is no catering.
    """
    unseen = Unseen(sentence, plain, found, catalogue)
    reached = 0
    for term in found:
        if term.start < reached or TAKEN in plain[term.start : term.end] or _ITS_OWN.match(plain, term.start):
            continue
        if catalogue.visible(term):
            meant = catalogue.amenities(term) and ends_its_phrase(plain, term)
        else:
            meant, reached = unseen.asks(term), term.end
        if meant and (names := catalogue.amenities(term)):
            reached = term.end
            yield term, names
