"""A venue's structured description: claims, each with its status and the photo that shows it. One published schema."""

from typing import Annotated, Literal

from pydantic import Field

from venuefinder.answers import Answer, Status
from venuefinder.vision.photo_reading import Backend

Attribute = Literal[
    "setting",
    "style",
    "room_types",
    "amenities",
    "ambience",
    "suitability",
    "layout",
    "accessibility",
    "warnings",
]
"""Fields of `photo_reading.PhotoReport`, in its order."""


class Claim(Answer):
    """One thing said of a venue."""

    attribute: Attribute
    value: Annotated[str, Field(min_length=1, max_length=100)]
    status: Status = Field(
        description="seen: this photo shows it, checked by a question of its own. stated: the listing says it. "
        "contradicted: the photo shows what the listing denies. unknown: a photo may show it, nobody is sure."
    )
    photo_id: int | None = Field(default=None, description="The photo that shows it, or seems to; null if only stated.")
    probability: Annotated[float, Field(ge=0, le=1)] | None = Field(
        default=None, description="That the photo shows it; null where the model gives none."
    )


class UnreadPhoto(Answer):
    """A photo that no claim comes from."""

    photo_id: int
    reason: str


class Description(Answer):
    """What a venue is like. Capacity, price and dates are the listing's alone, and never among the claims."""

    external_id: str
    summary: str = Field(description="In a sentence or two, made from the claims that are seen or stated.")
    claims: list[Claim]
    backend: Backend
    model: str
    photos: int = Field(ge=0, description="That the venue has.")
    photos_read: int = Field(ge=0, description="That the claims come from.")
    unread: list[UnreadPhoto] = Field(default=[], description="Photos left out, with the reason.")
    complete: bool = Field(description="Whether every photo was read.")
