"""A sentence or two about a venue, made in code of words that are written here: no number, no word of a listing."""

from collections.abc import Sequence
from typing import Final

from venuefinder.amenity_words import KNOWN, with_article
from venuefinder.describing.attribute_questions import VALUES
from venuefinder.describing.description import Attribute, Claim
from venuefinder.domain import Venue

MOST = 3
"""Values of one attribute in a sentence."""
KINDS: Final = frozenset(
    (
        *VALUES["room_types"],
        *("abbey", "brewery", "castle", "cinema", "church", "cottage", "farm", "farmhouse", "hall", "hotel", "house"),
        *(
            "inn",
            "loft",
            "manor",
            "mansion",
            "mill",
            "museum",
            "palace",
            "pub",
            "school",
            "studio",
            "villa",
            "warehouse",
        ),
        "winery",
    )
)
"""Kinds of venues that are called by their name; others are "venue"."""
PLACES: Final = {
    "city": "in a city",
    "countryside": "in the countryside",
    "waterfront": "at the water's edge",
    "beach": "by a beach",
    "mountains": "among mountains",
    "garden": "with a garden",
    "woodland": "in a wood",
    "rooftop": "on a rooftop",
    "vineyard": "at a vineyard",
}
SIDES: Final = ("indoors", "outdoors")
NOTHING = "Neither the photos nor the listing say what this venue is like."


def summary(venue: Venue, claims: Sequence[Claim]) -> str:
    """Say what is seen, then what is only stated, of the claims in their order; what is unknown is left out."""
    seen = _described("place", [claim for claim in claims if claim.status == "seen"])
    kind = venue.kind if venue.kind in KINDS else "venue"
    stated = _described(kind, [claim for claim in claims if claim.status == "stated"])
    told = [f"Photos show {seen}."] if seen else []
    told += [f"The listing says that it is {stated}."] if stated else []
    return " ".join(told) or NOTHING


def _described(kind: str, claims: Sequence[Claim]) -> str:
    """Return "a rustic, bright barn in the countryside, with a bar and a stage, for a wedding"; '' for nothing."""
    adjectives = ", ".join(_first("style", claims)[:1] + _first("ambience", claims)[:1])
    settings = [claim.value for claim in claims if claim.attribute == "setting"]
    sides = [side for side in SIDES if side in settings]
    places = [listed(sides, "and")] if sides else []
    places += [PLACES[value] for value in settings if value in PLACES][:1]
    named = [value for value in _first("room_types", claims) if value != kind] + _first("amenities", claims)
    things = [with_article(value) for value in named]
    occasions = [with_article(value) for value in _first("suitability", claims)]
    parts = [
        f", with {listed(things, 'and')}" if things else "",
        f", for {listed(occasions, 'or')}" if occasions else "",
    ]
    if not (adjectives or places or things or occasions):
        return ""
    return " ".join([with_article(f"{adjectives} {kind}".strip()), *places]) + "".join(parts)


def _first(attribute: Attribute, claims: Sequence[Claim]) -> list[str]:
    own = KNOWN if attribute == "amenities" else VALUES[attribute]
    return [claim.value for claim in claims if claim.attribute == attribute and claim.value in own][:MOST]


def listed(things: Sequence[str], last: str) -> str:
    """Return "a, b and c"; one thing alone."""
    return f" {last} ".join(part for part in (", ".join(things[:-1]), things[-1]) if part)
