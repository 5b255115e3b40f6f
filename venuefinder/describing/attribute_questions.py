"""The question that checks a claim: for each attribute and value one noun phrase, asked of a photo by yes or no.

None has a word of a listing or a request in it. An amenity is in its question as a report names it: lower case words
without numbers, of at most 40 characters.
"""

from typing import Final, get_args

from venuefinder.amenity_words import with_article
from venuefinder.describing.attributes import (
    Accessibility,
    Ambience,
    LayoutWord,
    Occasion,
    RoomType,
    Setting,
    Style,
    Warned,
)
from venuefinder.describing.description import Attribute
from venuefinder.vision.photo_reading import YesNo

VALUES: Final[dict[Attribute, tuple[str, ...]]] = {
    "setting": get_args(Setting),
    "style": get_args(Style),
    "room_types": get_args(RoomType),
    "ambience": get_args(Ambience),
    "suitability": get_args(Occasion),
    "layout": get_args(LayoutWord),
    "accessibility": get_args(Accessibility),
    "warnings": get_args(Warned),
}
"""The vocabulary, all but amenities, which are free words."""
SETTINGS: Final = {
    "indoors": "the inside of a building",
    "outdoors": "an outdoor place",
    "city": "a place in a city",
    "countryside": "a place in the countryside",
    "waterfront": "a place at the water's edge",
    "beach": "a beach",
    "mountains": "mountains",
    "garden": "a garden",
    "woodland": "a wood or forest",
    "rooftop": "an open rooftop",
    "vineyard": "a vineyard",
}
LAYOUTS: Final = {
    "banquet tables": "round tables laid for a meal",
    "long tables": "long tables with seats on both sides",
    "theatre rows": "rows of chairs that face a stage or screen",
    "classroom desks": "rows of desks that face the front",
    "boardroom table": "people or chairs around one large meeting table",
    "standing reception": "an open space with high tables for standing guests",
    "lounge seating": "sofas or armchairs in a group",
    "empty floor": "a large room with an empty floor",
}
WAYS: Final = {
    "ramp": "a ramp for wheelchairs",
    "lift": "a lift with its doors",
    "handrails": "handrails beside steps or a ramp",
    "wide doorway": "a wide doorway without a step",
    "level floor": "a level floor without any steps",
    "steps": "steps or stairs",
    "narrow stairs": "narrow stairs",
}
WARNED: Final = {
    "clutter": "an untidy, cluttered place",
    "building work": "building work going on",
    "damage": "visible damage",
    "poor light": "so little light that the place can hardly be made out",
    "text overlay": "text or a logo laid over the picture",
    "computer rendering": "a computer rendering instead of a real place",
    "not a venue": "something other than a place, such as a document, a logo or a portrait",
}


def phrase_for(attribute: Attribute, value: str) -> str:
    """Return what a photo has to show for the claim, as a noun phrase: "a place that suits a wedding"."""
    own = {"setting": SETTINGS, "layout": LAYOUTS, "accessibility": WAYS, "warnings": WARNED}.get(attribute, {})
    if value in own:
        return own[value]
    if attribute == "style":
        return f"a place in {value} style"
    if attribute == "ambience":
        return f"a place that looks {value}"
    if attribute == "suitability":
        return f"a place that suits {with_article(value)}"
    return with_article(value)


def question_for(attribute: Attribute, value: str) -> YesNo:
    """Return the question that checks a claim on one photo."""
    phrase = phrase_for(attribute, value)
    return YesNo(text=f"Does this photo show {phrase}?", phrase=phrase)
