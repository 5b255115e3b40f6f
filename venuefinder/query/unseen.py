"""Amenities that no photo shows: whether the words ask a venue to have one, or name something else."""

import re
from collections.abc import Sequence
from dataclasses import replace

from venuefinder.query.demands import DEMANDED_AFTER, WHOLLY, WISHED_AFTER, with_measure
from venuefinder.query.heads import FUNCTION, NEXT
from venuefinder.query.lexicon import ADJECTIVES, EMPTY, EVENTS, GENERIC, HAVING, SORTS, VAGUE_ADJECTIVES
from venuefinder.query.sentence import Sentence
from venuefinder.query.terms import Catalogue, Term
from venuefinder.query.wordlists import phrases, words

_PREVIOUS = re.compile(r"([^\W_]+(?:['-][^\W_]+)*) $")
_STILL_HEAD = (FUNCTION | EMPTY | words("nearby onsite on-site both i allowed permitted welcome")) - words(
    "of up out over the a an my our your their its it them me us some any"
)
"""What follows an amenity and leaves it one: parking for 20, a lift please; not internet of things."""
_ACCESSED = re.compile(r" (?:by|from|to|via|within|on|only)\b")
_DETERMINERS = words("a an the its")
_BESIDE = words("near by to close")
_PLACES_TOO = phrases("car park")
"""What may be the venue itself, where it stands first: a car park for a fashion show."""
_IS_LISTED = re.compile(r",| and\b")
_CATERS = re.compile(r" (?:for|to)\b")


class Unseen:
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
        if previous and previous[1].endswith("ly") and previous[1] not in WHOLLY:
            return False
        following = NEXT.match(self._plain, term.end)
        if following is None or following[1] in _STILL_HEAD:
            return _ACCESSED.match(self._written, term.end) is None
        return following[1] in EVENTS | GENERIC or following.start(1) in self._kinds

    def _is_had(self, term: Term) -> bool:
        """Return whether what stands before says that the venue has it, or is a list of what it has."""
        start = with_measure(self._plain, term)
        determined = False
        while previous := _PREVIOUS.search(self._plain, max(0, start - 40), start):
            word = previous[1]
            if word in SORTS or (word in _DETERMINERS and not determined):
                determined = determined or word in _DETERMINERS
                start = with_measure(self._plain, replace(term, start=previous.start()))
                continue
            if word in HAVING:
                return not (determined and word in _BESIDE)
            listed = word in EVENTS or previous.end(1) in self._things
            return listed and not determined and not _CATERS.match(self._written, term.end)
        if start or term.spellings[0] not in _PLACES_TOO:
            return True
        measured = with_measure(self._plain, term) < term.start
        return measured or _IS_LISTED.match(self._plain, term.end) is not None

    def _ends(self, end: int) -> bool:
        """Return whether no noun follows but another amenity: parking wifi, not parking garage."""
        while following := NEXT.match(self._plain, end):
            if following[1] in _STILL_HEAD or following[1].isdigit():
                return True
            if DEMANDED_AFTER.match(self._plain, end) or WISHED_AFTER.match(self._plain, end):
                return True
            if following.start(1) not in self._unseen:
                return False
            end = self._unseen[following.start(1)]
        return True
