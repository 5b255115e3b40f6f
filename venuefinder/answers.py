"""What a search answers: the same JSON from `POST /v1/search` and `venuefinder search --json`."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from venuefinder.domain import Flag, Venue
from venuefinder.request import VenueFilter

Status = Literal["seen", "stated", "contradicted", "unknown"]
"""`seen`: a photo shows it. `stated`: the listing says it. `contradicted`: a photo shows the opposite, or a listing
field fails it. `unknown`: neither; absence from photos is no contradiction."""


class Answer(BaseModel):
    """A part of an answer."""

    # Every field is in every answer, so clients need not ask whether it is there.
    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class PhotoAnswer(Answer):
    """A photo of a venue."""

    id: int
    uri: str = Field(description="As the listing names it.")
    url: str = Field(description="Where this service serves it, relative to its root.")
    caption: str | None = None
    room: str | None = None
    width: int = Field(description="Pixels, upright.")
    height: int = Field(description="Pixels, upright.")
    flags: list[Flag] = Field(default=[], description="Why it shows little of the venue; such photos come last.")
    duplicate_of: int | None = Field(
        default=None, description="The `id` of the venue's photo that is shown in its place: the same picture."
    )
    tags: list[str] = Field(
        default=[],
        description="What kind of photo it is: `indoors`, `outdoors`, a type of room. Said only by rules that reached "
        "0.9 precision on labelled photos for this very encoder.",
    )
    guesses: list[str] = Field(
        default=[], description="What else it may be, the likeliest first; nobody measured how often that is right."
    )


class ClauseAnswer(Answer):
    """One clause of the request, judged for one venue."""

    text: str = Field(description="The clause, in the request's words.")
    status: Status
    photo_id: int | None = Field(default=None, description="The photo that shows it, or that shows the opposite.")
    probability: float | None = Field(
        default=None, description="That the photo shows it, 0 to 1; null without a rule fitted for this encoder."
    )


class LegAnswer(Answer):
    """One leg of a score."""

    leg: Literal["photo", "description", "words"]
    value: float | None = Field(description="Cosine, or the share of the words found; null where there is nothing.")
    standardised: float = Field(description="In standard deviations above unrelated; 0 where there is nothing.")
    weight: float
    contribution: float = Field(description="weight x standardised; the contributions add up to the score.")


class PriceAnswer(Answer):
    """What the venue, or the room that matches, costs for these guests and hours."""

    total: float
    currency: str
    basis: str = Field(description="How the listing's price became the total, in words.")


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
    below_floor: bool = Field(default=False, description="Too weak a match to show unasked; fold it away.")
    photo: PhotoAnswer | None = Field(description="The photo that matched this query; null without photos.")
    room: str | None = Field(
        default=None, description="The room that meets the filters where the venue itself does not."
    )
    price: PriceAnswer | None = Field(default=None, description="For these guests and hours; null where not known.")
    distance_km: float | None = Field(default=None, description="From `filters.near`.")
    clauses: list[ClauseAnswer] = Field(default=[], description="One mark for each clause of the request.")
    explain: list[LegAnswer] | None = Field(default=None, description="The parts of the score, where asked for.")


class LeftOutAnswer(Answer):
    """Venues the filters dropped because the listing does not say, or says it in another currency."""

    other_currency: int = 0
    unknown_price: int = 0
    unknown_capacity: int = 0


class CandidateAnswer(Answer):
    """A place that an ambiguous name may mean."""

    name: str
    latitude: float
    longitude: float


class PartAnswer(Answer):
    """Words of the query that were understood, or might have been."""

    text: str
    span: tuple[int, int] = Field(description="First character and the one after the last; `switch_off` takes it.")
    kind: Literal["guests", "price", "place", "kind", "amenity", "negation"]
    meaning: dict[str, Any] = Field(description="A fragment of `filters`, or `negative`.")
    applied: bool
    note: str | None = Field(default=None, description="Why it is not applied, or what was assumed in applying it.")
    candidates: list[CandidateAnswer] = Field(default=[], description="Of an ambiguous place.")


class InterpretedAnswer(Answer):
    """How the query was understood."""

    text: str = Field(description="What was searched in pictures and descriptions.")
    negatives: list[str] = Field(default=[], description="What should not be there.")
    filters: VenueFilter = Field(description="Given and understood together; those given win.")
    parts: list[PartAnswer] = []


class FacetValue(Answer):
    """One value of a facet."""

    value: str | float | bool
    count: int = Field(description="Venues with it, among those that pass the other filters.")


class RelaxAnswer(Answer):
    """The constraint whose relaxing gives most venues."""

    constraint: str = Field(description="A name under `filters`, `query`, or `filters`: only all together help.")
    text: str = Field(description="The constraint in words.")
    venues: int = Field(description="That would be found without it.")


class RerankScore(Answer):
    """What a vision-language model says of a venue: the `score` event of a rerank's stream."""

    external_id: str
    score: float = Field(ge=0, le=1, description="Of its best photo: how surely that fits the request.")
    photo_id: int = Field(description="That photo.")
    fused: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="The probability of a match by this score and retrieval's together, which then makes the order; "
        "null unless fitted on labelled pairs for this very encoder and model.",
    )
    rank: int = Field(ge=1, description="Its place; in the stream, by the scores so far.")

    @property
    def decides(self) -> float:
        """What the order is made by."""
        return self.score if self.fused is None else self.fused


class RerankAnswer(Answer):
    """How the order of an answer came about, where `rerank` was asked for, or is on because it lifts results."""

    state: Literal["pending", "done", "late", "failed", "off", "unchanged"] = Field(
        description="pending: the stream will tell. done: this is the final order. late: not within rerank_wait, the "
        "stream goes on. failed, off, unchanged: retrieval's order stands, see reason."
    )
    stream: str | None = Field(
        default=None, description="Path of the server-sent events score, description, done and error; DELETE cancels."
    )
    model: str | None = Field(default=None, description="That looked at the photos; null until it did.")
    reason: str | None = Field(default=None, description="Why the order is as it is, in words.")
    scores: list[RerankScore] = Field(default=[], description="Of the venues that were judged, in their order.")


class SearchAnswer(Answer):
    """Ranked venues, best first."""

    results: list[VenueHit]
    total: int = Field(default=0, description="Venues that pass the filters.")
    interpreted: InterpretedAnswer | None = None
    facets: dict[str, list[FacetValue]] = {}
    next_cursor: str | None = Field(default=None, description="`cursor` of the next page; null on the last.")
    relax: RelaxAnswer | None = None
    left_out: LeftOutAnswer = LeftOutAnswer()
    warnings: list[str] = Field(default=[], description="What the caller should know, in words.")
    rerank: RerankAnswer | None = Field(
        default=None, description="Where a rerank was asked for, or is on because it lifts results."
    )
    space: str = Field(description="The embedding space that answered: encoder, and weights and preprocessing hashed.")

    def without_stream(self) -> "SearchAnswer":
        """Return the answer for a caller without a service to read a stream from."""
        rerank = self.rerank.model_copy(update={"stream": None}) if self.rerank else None
        return self.model_copy(update={"rerank": rerank})


class UploadAnswer(Answer):
    """A picture to search with."""

    upload_id: str
    width: int = Field(description="Pixels, upright.")
    height: int = Field(description="Pixels, upright.")
    expires_at: datetime


def photo_url(photo_id: int, content_hash: bytes) -> str:
    """Return where the service serves a photo. It changes with the photo's content, so that it caches for ever."""
    return f"/v1/photos/{photo_id}/image?v={version_of(content_hash)}"


def version_of(content_hash: bytes) -> str:
    """Return the version of a photo's content in its url, 16 hexadecimal digits."""
    return content_hash.hex()[:16]
