"""What a listing says of the values that descriptions use: that the venue has it, has it not, or nothing sure."""

from collections.abc import Iterator
from typing import Final

from venuefinder.amenity_words import KNOWN, plain
from venuefinder.describing.attribute_questions import VALUES
from venuefinder.describing.description import Attribute
from venuefinder.statements import Said, Statements

ADJECTIVES: Final[frozenset[Attribute]] = frozenset({"style", "ambience"})
"""Their values say how something is, so a listing says them of a noun."""
NOUNS: Final = (
    *VALUES["room_types"],
    *(
        "venue",
        "space",
        "room",
        "hall",
        "house",
        "building",
        "estate",
        "hotel",
        "interior",
        "decor",
        "style",
        "setting",
    ),
    *("atmosphere", "ambience", "feel", "charm", "design"),
)
NEVER_LISTED: Final[frozenset[Attribute]] = frozenset({"warnings"})
"""Nobody lists what is wrong, and "no damage" is about the deposit."""
Stated = tuple[Attribute, str]


def said_of(statements: Statements, attribute: Attribute, value: str) -> Said | None:
    """Return what the listing says of one value of an attribute; None: nothing, nothing sure, or both."""
    if attribute in NEVER_LISTED:
        return None
    if attribute not in ADJECTIVES:
        return statements.say(value)
    if value not in statements.text:
        return None
    said = {statements.say(phrase) for phrase in (value, *(f"{value} {noun}" for noun in NOUNS))} - {None}
    return said.pop() if len(said) == 1 else None


def stated_values(statements: Statements) -> Iterator[Stated]:
    """Yield each value that the listing says the venue has: of the vocabulary, and amenities in its own words."""
    for attribute, values in VALUES.items():
        for value in values:
            if said_of(statements, attribute, value) is Said.HAS:
                yield attribute, value
    for listed in statements.venue.amenities:
        if (name := plain(listed)) is not None:
            yield "amenities", name
    for name in KNOWN:
        if statements.say(name) is Said.HAS:
            yield "amenities", name
