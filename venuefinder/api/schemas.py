"""Bodies and answers that only HTTP knows; the others are `domain` and `answers`, the same as the command line's."""

from typing import Annotated, Any

from pydantic import Field

from venuefinder.answers import Answer, PhotoAnswer, UploadAnswer
from venuefinder.api.problems import PartState
from venuefinder.domain import ExternalId, Value, Venue
from venuefinder.recommendation import DIVERSITY, MAX_RECOMMENDED, RecommendationRequest, Relative
from venuefinder.recommendation import Example as LikedExample
from venuefinder.request import Hours, PriceLimit, VenueFilter


class VenueBody(Venue):
    """A venue as `PUT` takes it: everything known of it but its photos. A field left out is forgotten."""

    external_id: ExternalId = Field(default_factory=str, description="May be left out; else it must be the path's.")

    def venue(self, external_id: str) -> Venue:
        """Return the venue under the path's id."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in Venue.model_fields}
        return Venue(**fields | {"external_id": external_id})


class VenueAnswer(Answer):
    """A venue with its photos, in their order."""

    venue: Venue
    photos: list[PhotoAnswer]


class PhotosAnswer(Answer):
    """Photos of a venue, in their order."""

    photos: list[PhotoAnswer]


class UploadsAnswer(Answer):
    """Pictures to search with, in the order of the files."""

    uploads: list[UploadAnswer]


class HealthAnswer(Answer):
    """The process answers."""

    status: str = Field(examples=["alive"])


class ReadyAnswer(Answer):
    """Every part works."""

    status: str = Field(examples=["ready"])
    parts: list[PartState]


class RecordedAnswer(Answer):
    """What became of events that were sent."""

    stored: int = Field(description="Events that are kept now.")
    repeated: int = Field(description="Events that were sent before, under the same id.")
    unknown: list[str] = Field(description="Venues that are not in the catalogue; their events are not kept.")


class ForgottenAnswer(Answer):
    """What was deleted."""

    deleted: int = Field(description="Events; none is left.")


class SimilarQuery(Value):
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
            like=(LikedExample(venue=external_id),),
            filters=VenueFilter(guests=self.guests, price=price),
            relative=Relative(
                cheaper_than=external_id if self.cheaper else None, larger_than=external_id if self.larger else None
            ),
            diversity=self.diversity,
            limit=self.limit,
        )
