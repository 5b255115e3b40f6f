"""The recipe of the sample venues: our own texts in `venues.json`, photos named by package and member."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, model_validator

from samples.panoramas import develop, read_module, view
from samples.photos import as_jpeg, clean_jpeg
from samples.sources import PACKAGES, PANORAMAS, Package
from venuefinder.domain import Listing, PhotoRef, RoomListing, Value, Venue, VenueFields

VENUES = Path(__file__).with_name("venues.json")
YAWS = (0, 72, 144, 216, 288)
"""Degrees: the views of a panorama, a little overlapping."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A venue ready to be written: its listing and its photos' bytes by file name."""

    listing: Listing
    photos: Mapping[str, bytes]


def _known_package(name: str) -> str:
    if name not in PACKAGES:
        raise ValueError(f"found the package {name!r}, expected one of {', '.join(PACKAGES)}")
    return name


class PhotoRecipe(Value):
    """One photo: a member of a package, and what it is called among the samples."""

    package: Annotated[str, AfterValidator(_known_package)]
    member: str
    file: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.jpg$")]
    caption: str
    room: str | None = None


class PanoramaRecipe(Value):
    """A panorama that becomes a photo for each of `YAWS`."""

    member: str


class VenueRecipe(Value):
    """One venue: our texts, and where its photos come from."""

    venue: Venue
    photos: Annotated[tuple[PhotoRecipe, ...], Field(max_length=20)] = ()
    panorama: PanoramaRecipe | None = None

    @model_validator(mode="after")
    def _rooms_exist(self) -> "VenueRecipe":
        rooms = {room.name for room in self.venue.rooms}
        for photo in self.photos:
            if photo.room is not None and photo.room not in rooms:
                raise ValueError(f"photo {photo.file}: found the room {photo.room!r}, expected one of {sorted(rooms)}")
        return self

    def sources(self) -> list[tuple[Package, str]]:
        """Return the package and the member of everything this venue is made from."""
        found = [(PACKAGES[photo.package], photo.member) for photo in self.photos]
        return found + ([(PANORAMAS, self.panorama.member)] if self.panorama else [])

    def listing(self) -> Listing:
        """Return the listing with its photos, and the sources' credits among the attributes."""
        by_room: dict[str | None, list[PhotoRef]] = defaultdict(list)
        for photo in self.photos:
            by_room[photo.room].append(PhotoRef(uri=photo.file, caption=photo.caption))
        by_room[None] += [PhotoRef(uri=_view_file(yaw)) for yaw in YAWS if self.panorama]
        rooms = tuple(RoomListing(**dict(room), photos=tuple(by_room[room.name])) for room in self.venue.rooms)
        fields = {name: getattr(self.venue, name) for name in VenueFields.model_fields}
        fields["attributes"] = {**self.venue.attributes, "sample": True, "photo_credit": self.credit()}
        return Listing(**fields, rooms=rooms, photos=tuple(by_room[None]))

    def credit(self) -> str:
        """Return who is to be named for the photos."""
        return "; ".join(sorted({package.credit for package, _ in self.sources()}))


def load_recipe() -> tuple[VenueRecipe, ...]:
    """Return the sample venues, checked."""
    return TypeAdapter(tuple[VenueRecipe, ...]).validate_json(VENUES.read_bytes())


def cook(recipe: VenueRecipe, originals: Mapping[tuple[str, str], bytes]) -> Sample:
    """Make a venue's photos from the members of packages, given by package name and member."""
    photos = {
        photo.file: clean_jpeg(originals[photo.package, photo.member], f"{photo.package}/{photo.member}")
        for photo in recipe.photos
    }
    if recipe.panorama is not None:
        member = recipe.panorama.member
        photos.update(_views(originals[PANORAMAS.name, member], member))
    return Sample(recipe.listing(), photos)


def _views(module: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    panorama = develop(read_module(module, name))
    for yaw in YAWS:
        yield _view_file(yaw), as_jpeg(view(panorama, yaw=yaw))


def _view_file(yaw: int) -> str:
    return f"view-{yaw:03}.jpg"
