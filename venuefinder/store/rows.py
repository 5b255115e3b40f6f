"""Venues, rooms and prices as rows and back."""

from collections.abc import Mapping, Sequence
from typing import Any

from venuefinder.domain import LAYOUTS, Capacity, Price, Room, Venue
from venuefinder.records import PhotoContent, PhotoDraft, PhotoFile, StoredPhoto
from venuefinder.store.tables import CAPACITY_COLUMNS, PRICE_COLUMNS

PLAIN_COLUMNS = (
    "external_id", "name", "description", "kind", "url", "address", "city", "country", "latitude", "longitude",
)  # fmt: skip


def venue_row(venue: Venue, source: str | None) -> dict[str, Any]:
    """Return the columns of `venues` that a venue fixes."""
    row = {name: getattr(venue, name) for name in PLAIN_COLUMNS}
    row |= {"amenities": list(venue.amenities), "attributes": dict(venue.attributes), "source": source}
    return row | _offer_row(venue) | _rooms_row(venue.rooms)


def _rooms_row(rooms: Sequence[Room]) -> dict[str, Any]:
    """Return what the rooms come to: the most that one holds, and the currency of their own prices, * for several."""
    capacities = [room.capacity.model_dump() | {"largest": room.capacity.largest()} for room in rooms]
    row: dict[str, Any] = {
        f"rooms_{layout}": max((one[layout] for one in capacities if one[layout] is not None), default=None)
        for layout in (*LAYOUTS, "largest")
    }
    currencies = {room.price.currency for room in rooms if room.price}
    return row | {"rooms_currency": "*" if len(currencies) > 1 else next(iter(currencies), None)}


def room_row(room: Room, venue_id: int, position: int) -> dict[str, Any]:
    """Return one row of `rooms`."""
    return {"venue_id": venue_id, "position": position, "name": room.name} | _offer_row(room)


def _offer_row(offer: Venue | Room) -> dict[str, Any]:
    price: dict[str, Any] = offer.price.model_dump() if offer.price else {}
    row = {column: price.get(column.removeprefix("price_")) for column in PRICE_COLUMNS}
    return row | {f"capacity_{layout}": getattr(offer.capacity, layout) for layout in LAYOUTS}


def venue_from(row: Mapping[str, Any], rooms: Sequence[Mapping[str, Any]]) -> Venue:
    """Return the venue of a row of `venues` and its rows of `rooms`."""
    fields = {name: row[name] for name in PLAIN_COLUMNS}
    return Venue(
        **fields,
        amenities=tuple(row["amenities"]),
        attributes=row["attributes"],
        rooms=tuple(Room(name=room["name"], **_offer_from(room)) for room in rooms),
        **_offer_from(row),
    )


def _offer_from(row: Mapping[str, Any]) -> dict[str, Any]:
    capacity = Capacity(**{column.removeprefix("capacity_"): row[column] for column in CAPACITY_COLUMNS})
    if row["price_amount"] is None:
        return {"capacity": capacity, "price": None}
    price = Price(**{column.removeprefix("price_"): row[column] for column in PRICE_COLUMNS})
    return {"capacity": capacity, "price": price}


def photo_row(photo: PhotoDraft, venue_id: int) -> dict[str, Any]:
    """Return the columns of `photos` that a draft fixes; without `content`, its columns are absent."""
    row: dict[str, Any] = {
        "venue_id": venue_id,
        "room": photo.room,
        "position": photo.position,
        "uri": photo.uri,
        "location": photo.file.location,
        "caption": photo.caption,
        "file_bytes": photo.file.size,
        "file_mtime_ns": photo.file.mtime_ns,
        "copied": photo.file.copied,
    }
    if content := photo.content:
        row |= {
            "content_hash": content.content_hash,
            "width": content.width,
            "height": content.height,
            "format": content.format,
        }
    return row


def photo_from(row: Mapping[str, Any]) -> StoredPhoto:
    """Return the photo of a row of `photos`, with `embedded`, `tags` and their `probabilities` where it has them."""
    tags = tuple(zip(row.get("tags") or (), row.get("probabilities") or (), strict=True))
    return StoredPhoto(
        id=row["id"],
        uri=row["uri"],
        file=PhotoFile(
            location=row["location"], size=row["file_bytes"], mtime_ns=row["file_mtime_ns"], copied=row["copied"]
        ),
        content=PhotoContent(
            content_hash=bytes(row["content_hash"]), width=row["width"], height=row["height"], format=row["format"]
        ),
        room=row["room"],
        caption=row["caption"],
        position=row["position"],
        embedded=row.get("embedded", False),
        flags=tuple(row["flags"]),
        duplicate_of=row["duplicate_of"],
        tags=tuple(name for name, probability in tags if probability is not None),
        guesses=tuple(name for name, probability in tags if probability is None),
    )
