"""Venues and photos as rows of the tables of an export, and back, checked as manifests are."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from venuefinder.carried import ListedPhoto, ListedTags, ListedVenue, Tags
from venuefinder.domain import (
    CONTROL_CHARACTER,
    LOOK_VERSION,
    Caption,
    ExternalId,
    Flag,
    Line,
    PhotoLook,
    Uri,
    Value,
    Venue,
    VenueFields,
)
from venuefinder.errors import InputError
from venuefinder.images import ALLOWED_FORMATS
from venuefinder.records import PhotoContent, PhotoDraft, PhotoFile
from venuefinder.transfer.locations import MOST, check_location
from venuefinder.validation import explained

FIELDS = tuple(VenueFields.model_fields)
MOST_TAGS = 1000
Row = Mapping[str, Any]


def _plain(text: str) -> str:
    if found := CONTROL_CHARACTER.search(text):
        raise ValueError(f"contains the control character {found.group()!r}")
    return text


_Count = Annotated[int, Field(ge=0, lt=1 << 63)]
_Side = Annotated[int, Field(ge=1, lt=1 << 31)]
_Place = Annotated[str, StringConstraints(min_length=1, max_length=MOST), AfterValidator(_plain)]


class _Numbers(Value):
    """What says which row is of what."""

    venue: _Count
    source: _Place | None


class _Photo(Value):
    venue: _Count
    photo: _Count
    external_id: ExternalId
    uri: Uri
    room: Line | None
    position: Annotated[int, Field(ge=0, lt=1 << 31)]
    caption: Caption | None
    location: _Place
    copied: bool
    content_hash: Annotated[bytes, Field(min_length=32, max_length=32)]
    file_bytes: Annotated[int, Field(ge=1, lt=1 << 63)]
    file_mtime_ns: Annotated[int, Field(ge=-(1 << 63), lt=1 << 63)] | None
    width: _Side
    height: _Side
    format: str
    look_version: int | None
    perceptual_hash: Annotated[int, Field(ge=0, lt=1 << 64)] | None
    sharpness: Annotated[float, Field(ge=0)] | None
    flags: tuple[Flag, ...] | None

    @model_validator(mode="after")
    def _is_a_photo_of_ours(self) -> "_Photo":
        if self.format not in ALLOWED_FORMATS:
            raise ValueError(f"format: found {self.format[:20]!r}, expected one of {', '.join(ALLOWED_FORMATS)}")
        if len({self.look_version is None, self.perceptual_hash is None, self.sharpness is None}) != 1:
            raise ValueError("look_version, perceptual_hash, sharpness: found some, expected all or none of them")
        try:
            check_location(self.location, self.content_hash)
        except ValueError as error:
            raise ValueError(f"location: found {self.location[:80]!r}; {error}") from None
        return self


class _Tagged(Value):
    venue: _Count
    photo: _Count
    version: Line
    tags: Annotated[tuple[Line, ...], Field(max_length=MOST_TAGS)]
    probabilities: tuple[Annotated[float, Field(ge=0, le=1)] | None, ...]

    @model_validator(mode="after")
    def _as_many(self) -> "_Tagged":
        if len(self.tags) != len(self.probabilities):
            raise ValueError(
                f"probabilities: found {len(self.probabilities)}, expected one for each of {len(self.tags)}"
            )
        return self


def venue_row(listed: ListedVenue) -> dict[str, Any]:
    """Return a row of `venues.parquet`."""
    fields = listed.venue.model_dump()
    attributes = json.dumps(dict(listed.venue.attributes), ensure_ascii=False)
    return fields | {"venue": listed.number, "attributes": attributes, "source": listed.source}


def venue_of(row: Row, place: str) -> ListedVenue:
    """Return the venue of a row; raises InputError, naming `place`, for one that no manifest could have."""
    try:
        numbers = _Numbers(venue=row["venue"], source=row["source"])
        fields = {name: value for name in (*FIELDS, "rooms") if (value := row[name]) is not None}
        if "attributes" in fields:
            fields["attributes"] = json.loads(fields["attributes"])
        rooms = [{name: value for name, value in room.items() if value is not None} for room in fields.pop("rooms", [])]
        venue = Venue.model_validate(fields | {"rooms": rooms})
    except ValidationError as error:
        raise InputError(f"{place}: {explained(error)}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: attributes: not JSON ({error})") from None
    return ListedVenue(number=numbers.venue, venue=venue, source=numbers.source)


def photo_row(listed: ListedPhoto) -> dict[str, Any]:
    """Return a row of `photos.parquet`. Raises ValueError for a draft without content."""
    draft, content = listed.draft, listed.draft.content
    if content is None:
        raise ValueError(f"photo {draft.uri!r}: expected it with its content")
    look = content.look
    return {
        "venue": listed.venue,
        "photo": listed.number,
        "external_id": listed.external_id,
        "uri": draft.uri,
        "room": draft.room,
        "position": draft.position,
        "caption": draft.caption,
        "location": draft.file.location,
        "copied": draft.file.copied,
        "content_hash": content.content_hash,
        "file_bytes": draft.file.size,
        "file_mtime_ns": draft.file.mtime_ns,
        "width": content.width,
        "height": content.height,
        "format": content.format,
        "look_version": LOOK_VERSION if look else None,
        "perceptual_hash": look.perceptual_hash if look else None,
        "sharpness": look.sharpness if look else None,
        "flags": look.flags if look else None,
        "duplicate_of": listed.duplicate_of,
    }


def photo_of(row: Row, place: str) -> ListedPhoto:
    """Return the photo of a row, its look where this version computes the same; raises InputError."""
    try:
        photo = _Photo.model_validate({name: row[name] for name in _Photo.model_fields})
    except ValidationError as error:
        raise InputError(f"{place}: {explained(error)}") from None
    draft = PhotoDraft(
        uri=photo.uri,
        file=PhotoFile(
            location=photo.location, size=photo.file_bytes, mtime_ns=photo.file_mtime_ns, copied=photo.copied
        ),
        room=photo.room,
        caption=photo.caption,
        position=photo.position,
        content=PhotoContent(
            content_hash=photo.content_hash,
            width=photo.width,
            height=photo.height,
            format=photo.format,
            look=_look(photo),
        ),
    )
    return ListedPhoto(number=photo.photo, venue=photo.venue, external_id=photo.external_id, draft=draft)


def _look(photo: _Photo) -> PhotoLook | None:
    if photo.look_version != LOOK_VERSION or photo.perceptual_hash is None or photo.sharpness is None:
        return None
    return PhotoLook(perceptual_hash=photo.perceptual_hash, sharpness=photo.sharpness, flags=photo.flags or ())


def tags_row(listed: ListedTags) -> dict[str, Any]:
    """Return a row of a space's `tags.parquet`."""
    tags = listed.tags
    numbers = {"venue": listed.venue, "photo": listed.photo}
    return numbers | {"version": tags.version, "tags": tags.tags, "probabilities": tags.probabilities}


def tags_of(row: Row, place: str) -> ListedTags:
    """Return the tags of a row; raises InputError."""
    try:
        found = _Tagged.model_validate(dict(row))
    except ValidationError as error:
        raise InputError(f"{place}: {explained(error)}") from None
    tags = Tags(version=found.version, tags=found.tags, probabilities=found.probabilities)
    return ListedTags(venue=found.venue, photo=found.photo, tags=tags)
