"""What a search asks: words, pictures, filters. Frozen pydantic models, the same for HTTP and the command line."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from venuefinder.domain import (
    Attribute,
    Country,
    Currency,
    Layout,
    Line,
    Money,
    People,
    Place,
    Term,
    Terms,
    Text,
    Value,
)

MAX_QUERY_CHARACTERS = 2_000
MAX_LIMIT = 1_000
MAX_IMAGES = 8
MAX_WEIGHT = 10.0
MAX_RADIUS_KM = 20_038.0
"""Half the equator: everywhere."""
NEAR_KM = 25.0
"""Around a point, where no radius is given; also the least radius of "near"."""
MAX_CURSOR_CHARACTERS = 1_000
MAX_RERANK_WAIT = 120.0
UPLOAD_ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"
FACET_PATTERN = (
    r"^(kind|city|country|amenities|layouts|price|attributes\.[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]{1,500})$"
)
"""No attribute's name has control characters, and the database takes no text with some of them."""
Sort = Literal["relevance", "price", "-price", "guests", "-guests", "distance", "name", "-name"]
"""`-`: greatest first. `guests` is the capacity in the layout asked for, `price` the total as the filters count it."""

Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Hours = Annotated[float, Field(gt=0, le=24 * 365)]


class PriceLimit(Value):
    """What the whole event may cost, in this currency; other currencies are left out and counted, never converted.

    A listing's price becomes a total: per head times `guests`, per hour times `hours` (never fewer than its minimum
    hours), per day times the days those hours take, and never less than its minimum spend. `per` compares that total
    divided by the guests or the hours instead.
    """

    max: Money | None = None
    min: Money | None = None
    currency: Currency = "GBP"
    per: Literal["event", "head", "hour"] = "event"
    hours: Hours | None = None
    max_minimum_spend: Money | None = None

    @model_validator(mode="after")
    def _limits_something(self) -> "PriceLimit":
        if self.max is None and self.min is None and self.max_minimum_spend is None and self.hours is None:
            raise ValueError("expected max, min, max_minimum_spend or hours")
        if self.max is not None and self.min is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}; no price is both")
        return self

    def limits(self) -> bool:
        """Return whether any price fails this; hours alone only say how to count."""
        return self.max is not None or self.min is not None or self.max_minimum_spend is not None


AskedTerms = Annotated[Terms, Field(max_length=50)]


class AmenityFilter(Value):
    """Amenities a venue must have (`all`), must have one of (`any`), must not have (`none`)."""

    all: AskedTerms = ()
    any: AskedTerms = ()
    none: AskedTerms = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "AmenityFilter":
        if both := set(self.all) & set(self.none):
            raise ValueError(f"{sorted(both)[0]!r} is both in all and in none; no venue has and lacks it")
        if self.any and set(self.any) <= set(self.none):
            raise ValueError("every amenity of any is in none; no venue has and lacks one")
        return self


class Near(Value):
    """Within `radius_km` of a place by name, or of a point. Distances are great circles."""

    place: Place | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    radius_km: Annotated[float, Field(gt=0, le=MAX_RADIUS_KM)] | None = None
    """Kilometres; None takes the place's own, 25 around a point."""
    country: Country | None = None
    """Where the place is: tells places of one name apart. A venue without coordinates must not be in another."""

    @model_validator(mode="after")
    def _names_a_point(self) -> "Near":
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude must be given together")
        if self.place is None and self.latitude is None:
            raise ValueError("expected a place, or latitude and longitude")
        if self.country is not None and self.place is None:
            raise ValueError("country says where a place is; give place too")
        return self


class Box(Value):
    """Between two parallels and two meridians, degrees; `west` greater than `east` crosses the 180th meridian."""

    south: Latitude
    west: Longitude
    north: Latitude
    east: Longitude

    @model_validator(mode="after")
    def _has_a_height(self) -> "Box":
        if self.south > self.north:
            raise ValueError(f"south {self.south} lies north of north {self.north}; swap them")
        return self


class AttributeRange(Value):
    """A number of at least `min` and at most `max`."""

    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _is_a_range(self) -> "AttributeRange":
        if self.min is None and self.max is None:
            raise ValueError("expected min or max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}; no number is both")
        return self


SHAPES = RANGE, LIST, VALUE = "<range>", "<list>", "<value>"
"""What a test of an attribute is: names for its kinds, which errors do not tell."""


def _shape(value: Any) -> str:
    """Return which test a value is meant as: what is wrong is told of that one alone."""
    if isinstance(value, Mapping | AttributeRange):
        return RANGE
    return LIST if isinstance(value, list | tuple) else VALUE


AttributeTest = Annotated[
    Annotated[AttributeRange, Tag(RANGE)]
    | Annotated[tuple[Attribute, ...], Field(min_length=1, max_length=50), Tag(LIST)]
    | Annotated[Attribute, Tag(VALUE)],
    Discriminator(_shape),
]
"""A value it must equal, a list it must be one of, or a range."""
AttributeTests = Annotated[Mapping[Line, AttributeTest], Field(max_length=20)]


class VenueFilter(Value):
    """What a venue's listing must say; an absent field filters nothing.

    `guests` and `price` are met by the venue itself or by one of its rooms, both by the same one.
    """

    kind: Term | None = None
    city: Place | None = None
    country: Country | None = None
    near: Near | None = None
    box: Box | None = None
    guests: People | None = None
    layout: Layout | None = None
    price: PriceLimit | None = None
    amenities: AmenityFilter = AmenityFilter()
    attributes: AttributeTests = Field(default_factory=dict)

    @model_validator(mode="after")
    def _layout_needs_guests(self) -> "VenueFilter":
        if self.layout is not None and self.guests is None:
            raise ValueError("layout says how the guests sit; give guests too")
        return self


class NarrowedFilter(VenueFilter):
    """A filter with what only a comparison with another venue asks; callers cannot send it."""

    more_people_than: int | None = None
    """The venue, or one of its rooms, must hold more: in the layout asked for, or in any."""


def _not_only_spaces(text: Any) -> Any:
    if isinstance(text, str) and not text.strip():
        raise ValueError("expected words that describe a venue")
    return text


def _not_zero(weight: float) -> float:
    if weight == 0:
        raise ValueError("a weight of 0 asks nothing; leave it out, or give a positive or negative weight")
    return weight


Query = Annotated[Text, BeforeValidator(_not_only_spaces), Field(max_length=MAX_QUERY_CHARACTERS)]
Weight = Annotated[float, Field(ge=-MAX_WEIGHT, le=MAX_WEIGHT)]
UploadId = Annotated[str, Field(pattern=UPLOAD_ID_PATTERN)]
PhotoId = Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)]
Span = tuple[Annotated[int, Field(ge=0, le=MAX_QUERY_CHARACTERS)], Annotated[int, Field(ge=0, le=MAX_QUERY_CHARACTERS)]]
"""First character and the one after the last."""


class ImageQuery(Value):
    """A picture to search with: a stored photo, or an upload. A negative weight asks for what looks different."""

    photo_id: PhotoId | None = None
    upload_id: UploadId | None = None
    weight: Weight = 1.0

    @model_validator(mode="after")
    def _is_one_picture(self) -> "ImageQuery":
        if (self.photo_id is None) == (self.upload_id is None):
            raise ValueError("expected photo_id or upload_id, one of them")
        _not_zero(self.weight)
        return self


class SearchRequest(Value):
    """One search: what `POST /v1/search` and `venuefinder search` ask.

    With neither words nor pictures it lists what passes the filters, by name unless `sort` says otherwise.
    """

    query: Query | None = None
    query_weight: Weight = 1.0
    images: Annotated[tuple[ImageQuery, ...], Field(max_length=MAX_IMAGES)] = ()
    filters: VenueFilter = VenueFilter()
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, strict=True)] = 10
    sort: Sort | None = None
    """None: relevance where words or pictures are given, else name."""
    cursor: Annotated[str, Field(min_length=1, max_length=MAX_CURSOR_CHARACTERS)] | None = None
    facets: Annotated[tuple[Annotated[str, Field(pattern=FACET_PATTERN)], ...], Field(max_length=20)] = ()
    explain: bool = False
    strict: bool = False
    interpret: bool = True
    switch_off: Annotated[tuple[Span, ...], Field(max_length=50)] = ()
    """Spans of the query's understood parts to read as plain words instead."""
    rerank: bool | None = None
    """Whether a vision-language model looks at photos of this page's venues and orders them anew; None: where that was
    measured to lift results."""
    rerank_wait: Annotated[float, Field(ge=0, le=MAX_RERANK_WAIT)] | None = None
    """Seconds to wait for that order; None: answer at once, and stream what the model says."""

    @model_validator(mode="after")
    def _asks_something(self) -> "SearchRequest":
        _not_zero(self.query_weight)
        weights = [self.query_weight] * (self.query is not None) + [image.weight for image in self.images]
        if weights and max(weights) < 0:
            raise ValueError("every weight is negative; say what to look for with at least one positive")
        asked = [(image.photo_id, image.upload_id) for image in self.images]
        if len(set(asked)) < len(asked):
            raise ValueError("images: the same picture twice; give it once, with the weight of both")
        if not weights and self.sort == "relevance":
            raise ValueError("sort: relevance to what? Give a query or images, or sort by something else")
        if self.sort == "distance" and self.query is None and self.filters.near is None:
            raise ValueError("sort: distance from where? Give filters.near")
        if self.rerank_wait is not None and self.rerank is False:
            raise ValueError("rerank_wait: there is nothing to wait for with rerank: false")
        return self

    def asks_relevance(self) -> bool:
        """Return whether there is anything to be relevant to."""
        return self.query is not None or bool(self.images)
