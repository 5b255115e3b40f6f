"""The nouns of VenueFinder, as frozen values.

What a caller writes (a manifest line, a request body) is a frozen pydantic model, so that one definition
validates it wherever it comes from. What the program computes is a frozen dataclass.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    PlainSerializer,
    StringConstraints,
    TypeAdapter,
    WithJsonSchema,
    model_validator,
)

Layout = Literal["seated", "standing", "theatre", "classroom", "boardroom", "cabaret"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
Device = Literal["auto", "cpu", "cuda", "mps"]
Dtype = Literal["auto", "float32", "bfloat16", "float16"]
PriceUnit = Literal["event", "hour", "day", "head"]
Flag = Literal["blurry", "tiny", "text", "placeholder"]
"""Why a photo shows little of a venue. `text`: writing or a drawing; `placeholder`: one colour, or a sign on it."""
LOOK_VERSION = 1
"""Another number, and looks are computed anew."""
EXTERNAL_ID_PATTERN = r"^[A-Za-z0-9._~-]{1,200}$"
CURRENCY_PATTERN = r"^[A-Z]{3}$"
COUNTRY_PATTERN = r"^[A-Z]{2}$"
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_IN_URLS = re.compile(r"""[\s<>"`]""")
"""Characters that no URI has (RFC 3986, appendix A and C) and that a page might take for its own."""
MAX_ATTRIBUTE = 5000
"""Characters of an attribute's text."""
MAX_TERM = 100
"""Characters of an amenity or a kind."""
MAX_PHOTOS = 10_000
"""Photos a venue, its rooms' included."""
MAX_URI = 2000
"""Characters of a photo's path. Spaces at either end belong to a file's name."""


def _without_control_characters(text: str) -> str:
    if found := CONTROL_CHARACTER.search(text):
        raise ValueError(f"contains the control character {found.group()!r}; remove it")
    return text


def _attribute(value: Any) -> Any:
    """Check an attribute before pydantic tries each type of the union, and complains once for each."""
    if isinstance(value, str):
        if len(value) > MAX_ATTRIBUTE:
            raise ValueError(f"expected at most {MAX_ATTRIBUTE} characters")
        return _without_control_characters(value.strip())
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("expected a finite number")
    if value is not None and not isinstance(value, int | float | bool):
        raise ValueError("expected text, a number, true, false or null")
    return value


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _folded(text: str) -> str:
    folded = _spaced(text.casefold())
    if len(folded) > MAX_TERM:  # the lower case of a letter may be two, and what is stored must be read again
        raise ValueError(f"expected at most {MAX_TERM} characters in lower case")
    return folded


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _checked_url(text: str) -> str:
    if found := _NOT_IN_URLS.search(text):  # HttpUrl drops or encodes them, but the text is what is stored
        raise ValueError(f"contains {found.group()!r}, which addresses must percent-encode")
    TypeAdapter(HttpUrl).validate_python(text)
    return text


Text = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_without_control_characters)]
Line = Annotated[Text, StringConstraints(min_length=1, max_length=500)]
Caption = Annotated[Text, StringConstraints(max_length=2000)]
Uri = Annotated[str, StringConstraints(min_length=1, max_length=MAX_URI), AfterValidator(_without_control_characters)]
"""A photo as a listing names it."""
Url = Annotated[Text, StringConstraints(min_length=1, max_length=2000), AfterValidator(_checked_url)]
Term = Annotated[Text, StringConstraints(min_length=1, max_length=MAX_TERM), AfterValidator(_folded)]
"""A word or phrase compared without regard to case and spacing: an amenity, a kind."""
Place = Annotated[Text, StringConstraints(min_length=1, max_length=100), AfterValidator(_spaced)]
"""A name as people write it; the database compares it without regard to case."""
Terms = Annotated[tuple[Term, ...], Field(max_length=200), AfterValidator(_unique)]
ExternalId = Annotated[str, StringConstraints(pattern=EXTERNAL_ID_PATTERN)]
People = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
Money = Annotated[
    Decimal,
    Field(ge=0, max_digits=12, decimal_places=2),
    PlainSerializer(float, return_type=float, when_used="json"),  # a number out as in; 12 digits are exact in a float
]
Currency = Annotated[str, StringConstraints(pattern=CURRENCY_PATTERN)]
Country = Annotated[str, StringConstraints(pattern=COUNTRY_PATTERN)]
Attribute = Annotated[
    Annotated[str, WithJsonSchema({"type": "string", "maxLength": MAX_ATTRIBUTE})] | int | float | bool | None,
    BeforeValidator(_attribute),
]


class Value(BaseModel):
    """A frozen value that knows its fields and takes no others."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        ser_json_inf_nan="null",
        json_schema_serialization_defaults_required=True,  # as in `answers`
    )


class Capacity(Value):
    """How many people fit, by layout."""

    seated: People | None = None
    standing: People | None = None
    theatre: People | None = None
    classroom: People | None = None
    boardroom: People | None = None
    cabaret: People | None = None

    def largest(self) -> int | None:
        """Return the most people any layout holds, or None when nothing is known."""
        return max((people for people in self.model_dump().values() if people is not None), default=None)


class Price(Value):
    """What the listing asks for, in its own currency."""

    amount: Money
    currency: Currency
    unit: PriceUnit = "event"
    minimum_spend: Money | None = None
    minimum_hours: Annotated[float, Field(gt=0, le=24 * 365)] | None = None


class PhotoRef(Value):
    """A photo as a listing names it: `uri` is relative to the manifest or the venue's folder."""

    uri: Uri
    caption: Caption | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_plain_uri(cls, value: Any) -> Any:
        return {"uri": value} if isinstance(value, str) else value


PhotoRefs = Annotated[tuple[PhotoRef, ...], Field(max_length=MAX_PHOTOS)]


class Room(Value):
    """A part of a venue that can be booked on its own."""

    name: Line
    capacity: Capacity = Capacity()
    price: Price | None = None


class RoomListing(Room):
    """A room with its photos."""

    photos: PhotoRefs = ()


class VenueFields(Value):
    """What is known of a venue, apart from its rooms and photos."""

    external_id: ExternalId
    name: Line
    description: Annotated[Text, StringConstraints(max_length=50_000)] = ""
    kind: Term | None = None
    url: Url | None = None
    address: Line | None = None
    city: Line | None = None
    country: Country | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    capacity: Capacity = Capacity()
    price: Price | None = None
    amenities: Terms = ()
    attributes: Annotated[Mapping[Line, Attribute], Field(max_length=100)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _coordinates_come_in_pairs(self) -> "VenueFields":
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude must be given together")
        return self


class Venue(VenueFields):
    """A venue with its rooms."""

    rooms: Annotated[tuple[Room, ...], Field(max_length=200)] = ()

    @model_validator(mode="after")
    def _room_names_differ(self) -> "Venue":
        _refuse_duplicates("rooms have the name", [room.name for room in self.rooms])
        return self


class Listing(VenueFields):
    """A venue with its rooms and photos: one line of a manifest, one folder."""

    rooms: Annotated[tuple[RoomListing, ...], Field(max_length=200)] = ()
    photos: PhotoRefs

    @model_validator(mode="after")
    def _names_something_once(self) -> "Listing":
        uris = [photo.uri for _, photo in self.all_photos()]
        if not 1 <= len(uris) <= MAX_PHOTOS:
            found = f"{len(uris):,} with those of the rooms" if uris else "none"
            raise ValueError(f"photos: found {found}, expected at least one and at most {MAX_PHOTOS:,}")
        _refuse_duplicates("rooms have the name", [room.name for room in self.rooms])
        _refuse_duplicates("photos have the uri", uris)
        return self

    def all_photos(self) -> list[tuple[str | None, PhotoRef]]:
        """Return every photo with the name of its room, None for the venue itself, in listing order."""
        own: list[tuple[str | None, PhotoRef]] = [(None, photo) for photo in self.photos]
        return own + [(room.name, photo) for room in self.rooms for photo in room.photos]

    def venue(self) -> Venue:
        """Return the venue without its photos."""
        fields = {name: getattr(self, name) for name in VenueFields.model_fields}
        rooms = tuple(Room(name=room.name, capacity=room.capacity, price=room.price) for room in self.rooms)
        return Venue(**fields, rooms=rooms)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoLook:
    """What a photo looks like, from its pixels alone."""

    perceptual_hash: int
    """64 bits; copies of a picture differ in few of them."""
    sharpness: float
    """About 0.6 over the width of its sharpest edges in pixels, when reduced to an eighth of a megapixel; 0 or more."""
    flags: tuple[Flag, ...] = ()


def _refuse_duplicates(what: str, names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"two {what} {name!r}; each must be unique within a venue")
        seen.add(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """How a model wants its inputs. Part of the embedding space: change one, and the vectors differ."""

    image_size: int
    """Side of the square the image tower sees, in pixels."""
    resize_mode: Literal["shortest", "longest", "squash", "centre+squash"]
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"
    views: int = 1
    """Embeddings a photo: 1 is the model's own crop; more adds crops along the longer side."""
    context_length: int = 77
    """Tokens the text tower reads; what is longer is cut."""
    pads_text: bool = True
    """Whether texts are padded to `context_length` (SigLIP needs it)."""
    lower_cases: bool = False
    text_template: str = "{}"
    """Wraps a query, for example 'a photo of {}'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingSpace:
    """Model, weights and preprocessing: vectors compare only within one space."""

    encoder: str
    """The setting that chose it: `starter`, `open_clip:ViT-B-32/laion2b_s34b_b79k`, …"""
    weights: str
    """SHA-256 of the weights, 64 hexadecimal digits."""
    dimension: int
    facts: ModelFacts

    @property
    def name(self) -> str:
        """A name people can read and tell apart; of a local folder it tells the last part, not where it lies."""
        scheme, local, path = self.encoder.partition("local-dir:")
        shown = f"{scheme}{local}{path.rstrip('/').rpartition('/')[2]}" if local else self.encoder
        return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', shown)}@{self.key[:8]}"

    @property
    def key(self) -> str:
        """SHA-256 over everything that shapes a vector, 64 hexadecimal digits."""
        # The spec is only what the user typed: two paths to one checkpoint are one space.
        shape = {"weights": self.weights, "dimension": self.dimension, "facts": asdict(self.facts)}
        return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()
