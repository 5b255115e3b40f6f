"""What the values of descriptions look like, in words for encoders that compare photos with texts.

Each value has a few paraphrases, each is put into every template, and the mean of their embeddings stands for the
value (prompt ensembles: Radford et al. 2021, arXiv:2103.00020, section 3.1.4).
"""

from collections.abc import Mapping
from typing import Final

from venuefinder.amenity_words import KNOWN, with_article
from venuefinder.describing.attribute_questions import VALUES, phrase_for
from venuefinder.describing.description import Attribute

TEMPLATES: Final = ("{}", "a photo of {}")
NEUTRAL: Final = (
    "a photo",
    "a picture of a place",
    "a picture of people",
    "a picture of a thing",
    "something else",
)
"""Texts that say nothing of any attribute."""
SETTINGS: Final = {
    "indoors": ("the inside of a building", "an indoor room", "the interior of a room with walls and a ceiling"),
    "outdoors": ("the outdoors", "an outdoor scene under the open sky", "a landscape or street outside"),
    "city": ("a city", "a city street with buildings", "a skyline of tall buildings"),
    "countryside": ("the countryside", "green fields and meadows", "farmland"),
    "waterfront": ("the water's edge", "a lake, river or sea", "a harbour with boats"),
    "beach": ("a beach", "sand and waves by the sea", "a sandy shore"),
    "mountains": ("mountains", "a mountain landscape with peaks", "a valley between mountains"),
    "garden": ("a garden", "a garden with flowers, hedges and a lawn", "landscaped grounds with plants"),
    "woodland": ("a forest", "woodland with tall trees", "a path among trees"),
    "rooftop": ("a rooftop", "an open roof above the city", "a roof deck with a view over a city"),
    "vineyard": ("a vineyard", "rows of grapevines", "vines on a hill"),
}
STYLES: Final = {
    "rustic": ("a rustic interior of old wood", "rough timber and stone walls"),
    "modern": ("a modern interior", "contemporary architecture of glass and steel"),
    "industrial": ("an industrial interior", "a factory hall with steel beams and concrete"),
    "classical": ("classical architecture with columns", "a grand hall with columns and stucco"),
    "historic": ("a historic building", "an old stone building from centuries ago"),
    "bohemian": ("a bohemian interior with rugs and plants", "colourful cushions, rattan and macrame"),
    "minimalist": ("a minimalist interior", "a plain white room with little furniture"),
    "glamorous": ("a glamorous interior", "a luxurious room with gold and crystal"),
    "traditional": ("a traditional interior", "an old-fashioned room with patterned carpets"),
}
AMBIENCES: Final = {
    "bright": ("a bright room full of daylight", "a light and airy space"),
    "candlelit": ("a room lit by candles", "candlelight on tables"),
    "colourful": ("a colourful place", "bright colours everywhere"),
    "cosy": ("a cosy corner with cushions and blankets", "a snug, warm room"),
    "festive": ("a place decorated for a celebration", "balloons, garlands and party lights"),
    "formal": ("a formal ceremony", "a solemn, stately room"),
    "intimate": ("a small, softly lit room", "a table for two in dim light"),
    "relaxed": ("people relaxing on sofas", "an informal, laid-back place"),
    "spacious": ("a spacious hall", "a wide, high, empty space"),
}
OCCASIONS: Final = {
    "wedding": ("a wedding", "a bride and groom at a wedding reception"),
    "party": ("a party", "people dancing and drinking at a party"),
    "dinner": ("a dinner", "tables laid for dinner"),
    "conference": ("a conference", "a speaker in front of an audience"),
    "meeting": ("a business meeting", "people around a meeting table"),
    "workshop": ("a workshop", "people working together at tables"),
    "concert": ("a concert", "musicians playing on a stage"),
    "exhibition": ("an exhibition", "works of art on the walls of a gallery"),
    "photo shoot": ("a photo shoot", "a photo studio with lights and a backdrop"),
    "outdoor event": ("an outdoor event", "a crowd of people at an open-air festival"),
}
OWN: Final[Mapping[Attribute, Mapping[str, tuple[str, ...]]]] = {
    "setting": SETTINGS,
    "style": STYLES,
    "ambience": AMBIENCES,
    "suitability": OCCASIONS,
}
OPPOSITES: Final[dict[tuple[Attribute, str], str]] = {
    ("setting", "indoors"): "outdoors",
    ("setting", "outdoors"): "indoors",
}
"""Every photo of a place is one or the other, so these are compared with each other alone."""


def paraphrases(attribute: Attribute, value: str) -> tuple[str, ...]:
    """Return what a photo of a value looks like, in a few wordings."""
    if attribute == "amenities":
        return (value, with_article(value))
    return OWN.get(attribute, {}).get(value) or (value, phrase_for(attribute, value))


def ensemble(attribute: Attribute, value: str) -> list[str]:
    """Return a value's texts: every paraphrase in every template."""
    return [template.format(text) for template in TEMPLATES for text in paraphrases(attribute, value)]


def candidates(attribute: Attribute) -> tuple[str, ...]:
    """Return the values of an attribute that are looked for in a photo."""
    return KNOWN if attribute == "amenities" else VALUES[attribute]
