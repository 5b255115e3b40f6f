"""Amenities of the catalogue, and kinds, where the words mean them."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from venuefinder.query.found import Found
from venuefinder.query.lexicon import (
    ADJECTIVES,
    EMPTY,
    EVENTS,
    GENERIC,
    HAVING,
    MEASURES,
    SORTS,
    VAGUE_ADJECTIVES,
    WISHING,
)
from venuefinder.query.sentence import TAKEN, Sentence
from venuefinder.query.terms import Catalogue, Term
from venuefinder.query.wordlists import phrases, words

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
_WELCOME = (
    r"(?:nice|great|good|lovely|ideal|helpful|useful|handy|fine|ok|okay|welcome|perfect|amazing|fantastic|wonderful|cool"
    r"|appreciated|preferred|preferable|desirable|(?:an? )?(?:added |nice )?(?:bonus|plus|advantage))"
)
_OR = re.compile(r"(?:,? (?:and/)?or\b|/) ?(?:an? )?")
_OR_BEFORE = re.compile(r"(?:\bor|/) ?(?:an? )?(?:[^\W_]+ ){0,2}$")
_INSIDE = re.compile(r"\b(?:in|at|on) (?:(?:an?|the|our) )?(?:[^\W_]+ )?$")
"""A marquee in a field is a marquee."""
_WHOLLY = words("fully wholly completely totally entirely")
_HOW_MUCH = re.compile(
    rf"(?<![\w'-])(?:(?:{'|'.join(sorted(MEASURES))}|on site|(?:plenty|lots|loads|a lot) of"
    rf"|{'|'.join(sorted(_WHOLLY))}|(?<!our )(?<!my )(?<!their )(?<!bring )own) ){{1,3}}$"
)
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
_WISH_BEFORE = re.compile(
    rf"\b(?:{'|'.join(sorted(WISHING))})\b:?"
    r"(?:(?! (?:but|must|required)\b)[^.;!?()|,]|,(?! (?:with|must|needs?|but|for|in|near|no|and must)\b))*$"
    r"|\boptional $"
)
"""A wish, and nothing since that says otherwise: ideally a barn with parking."""
_WISH_AFTER = re.compile(
    rf"(?:(?:,{_ARTICLE} {_LISTED}?){{0,3}},? (?:and|or){_ARTICLE} {_LISTED}?)?(?: ?[,(:])?(?: is| are|'s)? ?"
    rf"(?:(?:would|might|may|could|will) (?:help\b|be (?:(?:very|really|also|quite) )?{_WELCOME})"
    r"|(?:if|where|when|whenever)(?: at all)? (?:possible|available|practical|you can)"
    r"|preferred|preferable|optional|desirable|desired|(?:an? )?(?:added )?(?:bonus|plus|nice to have|nice-to-have)"
    r"|(?:ideally|preferably|hopefully|maybe)(?= ?(?:$|[,.;!?|])))(?![\w'-])"
)
"""Wifi, parking and a lift would be nice: all of them are wished for."""
_PREVIOUS = re.compile(r"([^\W_]+(?:['-][^\W_]+)*) $")
_STILL_HEAD = (_FUNCTION | EMPTY | words("nearby onsite on-site both i allowed permitted welcome")) - words(
    "of up out over the a an my our your their its it them me us some any"
)
"""What follows an amenity and leaves it one: parking for 20, a lift please; not internet of things."""
_ITS_OWN = re.compile(r"(?<=\bits )own ")
"""Its own catering is in-house; own catering may be the guests'."""
_ACCESSED = re.compile(r" (?:by|from|to|via|within|on|only)\b")
_DETERMINERS = words("a an the its")
_BESIDE = words("near by to close")
_PLACES_TOO = phrases("car park")
"""What may be the venue itself, where it stands first: a car park for a fashion show."""
_CATERS = re.compile(r" (?:for|to)\b")
_NEXT = re.compile(r" ([^\W_]+(?:['-][^\W_]+)*)")


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
    demands = _demand(plain, first), _demand(plain, last)
    if not note and (any(demands) or not any(one.visible for one in choice)):
        start = demands[0][0] if demands[0] else _with_measure(plain, first)
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
    gap = plain[one.term.end : _with_measure(plain, other.term)]
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
    start = _with_measure(plain, first)
    if _OR.match(plain, last.end) or _OR_BEFORE_IT.search(plain, max(0, start - 30), start):
        return _CHOICE
    after_no = (_AND_BEFORE_IT if len(choice) == 1 else _LIST_BEFORE_IT).search(plain, max(0, start - 10), start)
    if after_no and after_no.start() in negated and start == first.start and not _demand(plain, last):
        return _NO_AND
    if any(_WISH_AFTER.match(plain, one.term.end) for one in choice):
        return _WISH
    wished = _WISH_BEFORE.search(plain, max(0, start - 90), start) and not _DEMANDS_AFTER.match(plain, last.end)
    return _WISH if wished else None


def _meant(
    sentence: Sentence, plain: str, found: Sequence[Term], catalogue: Catalogue
) -> Iterator[tuple[Term, tuple[str, ...]]]:
    """Yield the terms that mean an amenity, with the catalogue's names of it; none overlaps another.

    Words that spell an amenity which the catalogue lacks are not read as a shorter one: own catering is no catering.
    """
    unseen = _Unseen(sentence, plain, found, catalogue)
    reached = 0
    for term in found:
        if term.start < reached or TAKEN in plain[term.start : term.end] or _ITS_OWN.match(plain, term.start):
            continue
        if catalogue.visible(term):
            meant = catalogue.amenities(term) and _ends_its_phrase(plain, term)
        else:
            meant, reached = unseen.asks(term), term.end
        if meant and (names := catalogue.amenities(term)):
            reached = term.end
            yield term, names


class _Unseen:
    """Tells an amenity that no photo shows from the same words within something else."""

    def __init__(self, sentence: Sentence, plain: str, found: Sequence[Term], catalogue: Catalogue) -> None:
        self._written = sentence.plain
        self._plain = plain
        self._things = {term.end for term in found if catalogue.kind(term) or catalogue.amenities(term)}
        self._kinds = {term.start: term.end for term in reversed(found) if catalogue.kind(term)}
        self._unseen = {term.start: term.end for term in reversed(found) if not catalogue.visible(term)}

    def asks(self, term: Term) -> bool:
        """Return whether the venue is asked to have it: no lift music, ski lift or view of the car park."""
        if not ADJECTIVES.isdisjoint(term.spellings):
            return True
        if not VAGUE_ADJECTIVES.isdisjoint(term.spellings):
            return self._qualifies_a_venue(term)
        return self._is_had(term) and self._ends(term.end)

    def _qualifies_a_venue(self, term: Term) -> bool:
        previous = _PREVIOUS.search(self._plain, max(0, term.start - 40), term.start)
        if previous and previous[1].endswith("ly") and previous[1] not in _WHOLLY:
            return False
        following = _NEXT.match(self._plain, term.end)
        if following is None or following[1] in _STILL_HEAD:
            return _ACCESSED.match(self._written, term.end) is None
        return following[1] in EVENTS | GENERIC or following.start(1) in self._kinds

    def _is_had(self, term: Term) -> bool:
        """Return whether what stands before says that the venue has it, or is a list of what it has."""
        start = _with_measure(self._plain, term)
        determined = False
        while previous := _PREVIOUS.search(self._plain, max(0, start - 40), start):
            word = previous[1]
            if word in SORTS or (word in _DETERMINERS and not determined):
                determined = determined or word in _DETERMINERS
                start = _with_measure(self._plain, replace(term, start=previous.start()))
                continue
            if word in HAVING:
                return not (determined and word in _BESIDE)
            listed = word in EVENTS or previous.end(1) in self._things
            return listed and not determined and not _CATERS.match(self._written, term.end)
        return not (start == 0 and term.spellings[0] in _PLACES_TOO)

    def _ends(self, end: int) -> bool:
        """Return whether no noun follows but another amenity: parking wifi, not parking garage."""
        while following := _NEXT.match(self._plain, end):
            if following[1] in _STILL_HEAD or following[1].isdigit():
                return True
            if _DEMANDS_AFTER.match(self._plain, end) or _WISH_AFTER.match(self._plain, end):
                return True
            if following.start(1) not in self._unseen:
                return False
            end = self._unseen[following.start(1)]
        return True


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
