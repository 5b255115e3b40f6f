"""What a recommendation asks and answers: the same for `POST /v1/recommendations` and the command line."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from venuefinder.answers import Answer, InterpretedAnswer, LeftOutAnswer, PhotoAnswer, PriceAnswer
from venuefinder.domain import ExternalId, Value, Venue
from venuefinder.events import User
from venuefinder.request import MAX_WEIGHT, Hours, PhotoId, PriceLimit, Query, UploadId, VenueFilter

MAX_EXAMPLES = 32
"""Liked, and as many disliked."""
MAX_RECOMMENDED = 100
MAX_SEED = 2**31 - 1
DIVERSITY = 0.1
"""What is asked where nobody says; docs/decisions/0019 has the measurements."""
Basis = Literal["examples", "events", "text", "dislikes", "nothing"]


class Example(Value):
    """A venue, a photo of the catalogue or an upload that somebody likes or dislikes."""

    venue: ExternalId | None = None
    photo_id: PhotoId | None = None
    upload_id: UploadId | None = None
    weight: Annotated[float, Field(le=MAX_WEIGHT)] = 1.0
    """How much it counts beside the others, above 0."""

    @field_validator("weight")
    @classmethod
    def _counts(cls, weight: float) -> float:
        if weight <= 0:
            raise ValueError("a weight above 0; leave out what does not count, and dislike what should count against")
        return weight

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Example":
        if sum(part is not None for part in (self.venue, self.photo_id, self.upload_id)) != 1:
            raise ValueError("expected venue, photo_id or upload_id, one of them")
        return self

    @property
    def names(self) -> tuple[str | int | None, ...]:
        """What it is, without its weight."""
        return self.venue, self.photo_id, self.upload_id


class Relative(Value):
    """What must be less or more than with another venue, named by its external id."""

    cheaper_than: ExternalId | None = None
    """For the guests and hours of the filters, in that venue's currency."""
    nearer_than: ExternalId | None = None
    """To the point of `filters.near`, or of a place in the text."""
    larger_than: ExternalId | None = None
    """In the layout of the filters; where none is given, in any."""

    def named(self) -> Iterator[tuple[str, str]]:
        """Yield each constraint's field and the venue it names."""
        for field in ("cheaper_than", "nearer_than", "larger_than"):
            if external_id := getattr(self, field):
                yield field, external_id


Examples = Annotated[tuple[Example, ...], Field(max_length=MAX_EXAMPLES)]


class RecommendationRequest(Value):
    """What `POST /v1/recommendations` asks. With nothing liked, written or done before it shows different venues."""

    like: Examples = ()
    dislike: Examples = ()
    text: Query | None = None
    """Words that steer, understood as those of a search are."""
    filters: VenueFilter = VenueFilter()
    relative: Relative = Relative()
    diversity: Annotated[float, Field(ge=0, le=1)] = DIVERSITY
    """0: the most alike first. 1: as different from each other as they can be."""
    user: User | None = None
    """Whose events count too, as POST /v1/events took them; explicit examples count more."""
    limit: Annotated[int, Field(ge=1, le=MAX_RECOMMENDED, strict=True)] = 10
    seed: Annotated[int, Field(ge=0, le=MAX_SEED, strict=True)] = 0
    """Another one shows others where nothing else decides."""

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "RecommendationRequest":
        liked, disliked = ([example.names for example in given] for given in (self.like, self.dislike))
        for field, given in (("like", liked), ("dislike", disliked)):
            if len(set(given)) < len(given):
                raise ValueError(f"{field}: the same example twice; give it once, with the weight of both")
        if both := set(liked) & set(disliked):
            named = next(name for name in both.pop() if name is not None)
            raise ValueError(f"{named!r} is both liked and disliked; leave out one")
        return self


class SimilarRequest(Value):
    """What of the venues like one is asked for."""

    limit: Annotated[int, Field(ge=1, le=MAX_RECOMMENDED)] = 10
    diversity: Annotated[float, Field(ge=0, le=1, description="As POST /v1/recommendations takes it.")] = DIVERSITY
    guests: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    hours: Hours | None = None
    cheaper: bool = Field(default=False, description="Only venues that cost less, in the same currency.")
    larger: bool = Field(default=False, description="Only venues that hold more.")

    def request(self, external_id: str) -> RecommendationRequest:
        """Return the recommendation that this is the short form of."""
        price = PriceLimit(hours=self.hours) if self.hours else None
        return RecommendationRequest(
            like=(Example(venue=external_id),),
            filters=VenueFilter(guests=self.guests, price=price),
            relative=Relative(
                cheaper_than=external_id if self.cheaper else None, larger_than=external_id if self.larger else None
            ),
            diversity=self.diversity,
            limit=self.limit,
        )


class BecauseAnswer(Answer):
    """The pair of photos that made a venue similar."""

    liked: str | None = Field(description="The liked venue, or the one of the liked photo; null for an upload.")
    liked_photo: PhotoAnswer | None = Field(description="The liked photo of the pair; null for an upload.")
    upload_id: str | None = Field(default=None, description="The liked picture, where it was uploaded.")
    photo: PhotoAnswer = Field(description="The recommended venue's photo that is most like it.")
    percentile: float | None = Field(
        description="Share of photo pairs of unrelated venues that are less alike, 0 to 100; null where too few are "
        "known."
    )


class RecommendedVenue(Answer):
    """A venue at its place."""

    rank: int = Field(ge=1)
    venue: Venue
    score: float | None = Field(
        description="Standard deviations above unrelated venues; compares within one answer. Null where nothing was "
        "given to compare with."
    )
    reason: str = Field(description="Why it is here, in words.")
    because: BecauseAnswer | None = Field(description="The photos that made it similar; null where none did.")
    photo: PhotoAnswer | None = Field(description="To show it by; null without photos.")
    room: str | None = Field(
        default=None, description="The room that meets the filters where the venue itself does not."
    )
    price: PriceAnswer | None = Field(default=None, description="For these guests and hours; null where not known.")
    distance_km: float | None = Field(default=None, description="From `filters.near`.")


class RecommendationAnswer(Answer):
    """Recommended venues, best first."""

    results: list[RecommendedVenue]
    basis: Basis = Field(
        description="What they were chosen by: what was liked, `examples`; what the user did, `events`; the `text` "
        "alone; what was disliked alone, `dislikes`; or `nothing`, and then they differ from each other, no more."
    )
    interpreted: InterpretedAnswer | None = Field(default=None, description="How the text was understood.")
    left_out: LeftOutAnswer = LeftOutAnswer()
    warnings: list[str] = Field(default=[], description="What the caller should know, in words.")
    space: str = Field(description="The embedding space that answered.")
