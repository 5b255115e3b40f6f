"""Bodies and answers that only HTTP knows; the others are `domain` and `answers`, the same as the command line's."""

from typing import Any

from pydantic import Field

from venuefinder.answers import Answer, PhotoAnswer, UploadAnswer
from venuefinder.api.problems import PartState
from venuefinder.domain import ExternalId, Venue


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
    photos_cursor: str | None = Field(
        description="`cursor` of GET /v1/venues/{external_id}/photos for those after these; null where these are all."
    )


class VenuesAnswer(Answer):
    """Venues, by their ids."""

    venues: list[Venue]
    next_cursor: str | None = Field(description="`cursor` of the next page; null on the last.")


class PhotosAnswer(Answer):
    """Photos of a venue, in their order."""

    photos: list[PhotoAnswer]
    next_cursor: str | None = Field(default=None, description="`cursor` of the next page; null on the last.")


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
