"""What a search answers: the same JSON from `POST /v1/search` and `venuefinder search --json`."""

from pydantic import BaseModel, ConfigDict, Field

from venuefinder.domain import Venue


class Answer(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True)


class PhotoAnswer(Answer):
    """A photo of a venue."""

    id: int
    uri: str = Field(description="As the listing names it.")
    url: str = Field(description="Where this service serves it, relative to its root.")
    caption: str | None = None
    room: str | None = None
    width: int = Field(description="Pixels, upright.")
    height: int = Field(description="Pixels, upright.")


class VenueHit(Answer):
    """A venue at its place in the ranking."""

    rank: int = Field(ge=1)
    venue: Venue
    score: float = Field(description="Standard deviations above unrelated venues; compares within one answer.")
    probability: float | None = Field(
        description="Of a match, 0 to 1; null unless calibrated on labelled pairs for this very encoder."
    )
    percentile: float | None = Field(
        description="Share of unrelated photo-query pairs that the photo beats, 0 to 100; null without a photo."
    )
    photo: PhotoAnswer | None = Field(description="The photo that matched this query; null without photos.")


class LeftOutAnswer(Answer):
    """Venues the filters dropped because the listing does not say, or says it in another currency."""

    other_currency: int = 0
    unknown_price: int = 0
    unknown_capacity: int = 0


class SearchAnswer(Answer):
    """Ranked venues, best first."""

    results: list[VenueHit]
    left_out: LeftOutAnswer = LeftOutAnswer()
    warnings: list[str] = Field(default=[], description="What the caller should know, in words.")
    space: str = Field(description="The embedding space that answered: encoder, and weights and preprocessing hashed.")


def photo_url(photo_id: int, content_hash: bytes) -> str:
    """Return where the service serves a photo. It changes with the photo's content, so that it caches for ever."""
    return f"/v1/photos/{photo_id}/image?v={version_of(content_hash)}"


def version_of(content_hash: bytes) -> str:
    """Return the version of a photo's content in its url, 16 hexadecimal digits."""
    return content_hash.hex()[:16]
