"""The words that descriptions use: one fixed vocabulary for every model, so that their claims compare.

Nothing that photos cannot show: no capacity, no price, no date, no number. Amenities are free words of a photo report.
"""

from typing import Literal

Setting = Literal[
    "indoors",
    "outdoors",
    "city",
    "countryside",
    "waterfront",
    "beach",
    "mountains",
    "garden",
    "woodland",
    "rooftop",
    "vineyard",
]
Style = Literal[
    "rustic", "modern", "industrial", "classical", "historic", "bohemian", "minimalist", "glamorous", "traditional"
]
RoomType = Literal[
    "ballroom",
    "banquet hall",
    "bar",
    "barn",
    "bedroom",
    "chapel",
    "conference room",
    "conservatory",
    "courtyard",
    "dining room",
    "gallery",
    "garden",
    "kitchen",
    "library",
    "lobby",
    "lounge",
    "marquee",
    "meeting room",
    "restaurant",
    "rooftop terrace",
    "terrace",
    "theatre",
]
Ambience = Literal["bright", "candlelit", "colourful", "cosy", "festive", "formal", "intimate", "relaxed", "spacious"]
Occasion = Literal[
    "wedding",
    "party",
    "dinner",
    "conference",
    "meeting",
    "workshop",
    "concert",
    "exhibition",
    "photo shoot",
    "outdoor event",
]
LayoutWord = Literal[
    "banquet tables",
    "long tables",
    "theatre rows",
    "classroom desks",
    "boardroom table",
    "standing reception",
    "lounge seating",
    "empty floor",
]
Accessibility = Literal["ramp", "lift", "handrails", "wide doorway", "level floor", "steps", "narrow stairs"]
Warned = Literal[
    "clutter", "building work", "damage", "poor light", "text overlay", "computer rendering", "not a venue"
]
