"""How many people come, and how they sit."""

import re
from collections.abc import Iterator
from typing import Any

from venuefinder.query.found import Found, apart
from venuefinder.query.numbers import IN_WORDS, NUMBER, value_of

MOST_GUESTS = 100_000
_WHO = (
    r"(?:guests?|people|persons?|ppl|pax|attendees?|delegates?|visitors|participants?|heads|covers|seats?|seaters?|friends"
    r"|colleagues|employees|staff|students|adults|children|kids|players|diners|dancers|folks?|men|women|relatives)"
)
_OF_WHOM = r"(?:(?:wedding|dinner|party|day|evening|conference|close|young|invited|seated|standing|hungry|other) )?"
_ABOUT = (
    r"(?:(?<!\w)(?:up to|at least|at most|around|about|approximately|approx\.?|roughly|circa|c\.|over|under|maximum"
    r"|max\.?|minimum|min\.?|of|more than|less than|fewer than|no more than|not more than|no fewer than|no less than"
    r"|(?:(?:must|should|will|can)(?: not|n't)|cannot|can't|won't|not) (?:exceed(?:ing)?|be (?:more than|over|above))"
    r"|from|some|nearly|almost|just|only|exactly|our|my|all|me and|us and|say|~) ?){0,3}"
)
_NO_RANGE = rf"(?! ?(?:-|/|to\b|or\b) ?(?:[0-9]|{IN_WORDS}\b))"
"""A count is the end of its range: 40 to 50 year olds are not 40 guests."""
_COUNT = rf"(?:between {NUMBER} and |{NUMBER}(?: ?- ?| to | or ))?(?P<n>{NUMBER}){_NO_RANGE}(?: ?\+)?(?: or so)?"
_STYLE = r"(?:[ -](?:style|layout|set-?up|seating|arrangement|format))"
_LAYOUT = (
    rf"(?P<layout>seated|sitting|sit-?down|standing(?: up)?|theat(?:re|er){_STYLE}|classroom{_STYLE}?"
    rf"|boardroom{_STYLE}?|cabaret{_STYLE}?)"
)
_STYLED = rf"(?P<layout>(?:theat(?:re|er)|classroom|boardroom|cabaret|seated|standing){_STYLE})"
_VERB = (
    r"(?:(?P<seats>seats|seating(?: for)?|sits|to seat)|capacity(?: of| for|:)?|holds?|holding|fits?|hosts?|hosting"
    r"|accommodates?|accommodating|welcomes?|(?:(?:a|our|the|an) )?(?:private )?(?:party|group|crowd|audience|team"
    r"|headcount|gathering|number) of)"
)
_THEN = (
    r"(?= ?(?:$|[,.;:!?)|&/]|(?:in|near|at|with|under|on|and|from|around|within|by|plus|max|without|close|that|who|to"
    r"|or|but|no|over|for|this|next|not|below|outside|where|which|budget|tomorrow|today|tonight|during|please"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b))"
)
_END = r"(?:(?: or so| max(?:imum)?| minimum| approx| or more| or fewer| total| in total)(?!\w))?"

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # a seated dinner for 80, a standing reception for 150 guests
        rf"\b(?P<layout>seated|sit-?down|standing) (?P<keep>(?:[a-z]+ ){{1,2}})(?:for|of) {_ABOUT}{_COUNT}"
        rf"(?: {_WHO}\b|{_THEN})",
        # theatre style for 200
        rf"\b(?:in )?{_STYLED}(?: for| of|,)? {_ABOUT}{_COUNT}(?: {_WHO}\b)?{_END}",
        # seats 80, capacity of 200, party of 50
        rf"\b{_VERB} {_ABOUT}{_COUNT}(?: {_OF_WHOM}{_WHO}\b)?(?:,? (?:in )?{_LAYOUT}\b)?{_END}",
        # for 120 guests seated, 60-80 people, a 120-person wedding
        rf"(?:\b(?:for|with|of|and) )?{_ABOUT}{_COUNT}[ -]?{_OF_WHOM}(?P<who>{_WHO})\b"
        rf"(?:,? (?:in )?{_LAYOUT}\b)?{_END}",
        # 80 seated, 150 standing, 200 theatre style
        rf"(?:\b(?:for|with|of) )?{_ABOUT}{_COUNT} (?:in )?{_LAYOUT}\b",
        # 200 theatre
        rf"(?:\bfor )?{_ABOUT}{_COUNT} (?P<layout>theat(?:re|er)){_THEN}",
        # guests: 80
        rf"\b(?:guests|people|attendees|headcount|pax|number of guests)(?:: ?| - ){_ABOUT}{_COUNT}",
        # 200 capacity
        rf"{_COUNT} (?:person )?capacity\b",
        # boardroom for 12
        rf"(?<=\bboardroom )(?P<boardroom>for) {_ABOUT}{_COUNT}{_THEN}",
        # dinner for thirty; the next word tells it from 3 days and 40th birthdays
        rf"\bfor (?P<bare>{_ABOUT}){_COUNT}{_END}{_THEN}",
    )
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_MAY_BE_MONEY = re.compile(r"(?:k|thousand)$")


def find_guests(plain: str) -> list[Found]:
    """Return every mention of how many people come; `plain` has taken words masked."""
    return apart(_found(plain))


def _found(plain: str) -> Iterator[Found]:
    for pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            if (meaning := _meaning(match)) is not None:
                yield _part(match, meaning)


def _part(match: re.Match[str], meaning: dict[str, Any]) -> Found:
    start, end = match.span()
    written = match.group()
    start += len(written) - len(written.lstrip())
    end -= len(written) - len(written.rstrip())
    keeps = (match.span("keep"),) if match.groupdict().get("keep") else ()
    return Found(start=start, end=end, kind="guests", meaning=meaning, keeps=keeps)


def _meaning(match: re.Match[str]) -> dict[str, Any] | None:
    groups = match.groupdict()
    guests = value_of(groups["n"])
    if not 1 <= guests <= MOST_GUESTS or guests != int(guests):
        return None
    if "bare" in groups and (_YEAR.fullmatch(groups["n"]) or _MAY_BE_MONEY.search(groups["n"]) or guests < 2):
        return None
    layout = _layout(groups)
    return {"guests": int(guests)} | ({"layout": layout} if layout else {})


def _layout(groups: dict[str, str | None]) -> str | None:
    if groups.get("boardroom"):
        return "boardroom"
    if groups.get("seats") or (groups.get("who") or "").startswith("seat"):
        return _named(groups.get("layout")) or "seated"
    return _named(groups.get("layout"))


def _named(written: str | None) -> str | None:
    if not written:
        return None
    if written.startswith("sit"):
        return "seated"
    return (
        "theatre"
        if written.startswith("theat")
        else next(
            name for name in ("seated", "standing", "classroom", "boardroom", "cabaret") if written.startswith(name)
        )
    )
