"""The samples of a webdataset shard put together to venues: which pictures, which words, whose they are.

A sample is what has one name up to the first dot: `0001.jpg`, `0001.json`, perhaps `0001.txt`. Its `.json` holds the
`external_id` of its venue, and any fields of a listing; beside them `caption` and `room` of its pictures.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.sources.folder import name_of
from ingest.sources.tar import TarFile
from venuefinder.errors import ListingError

PICTURES = frozenset(("jpg", "jpeg", "png", "webp", "gif", "tif", "tiff", "avif", "heic", "heif"))
MAX_FIELDS = 5_000_000
"""Bytes of one sample's `.json` or `.txt`."""
MAX_HELD = 256_000_000
"""Bytes of all of them in one shard: they are in memory until the shard is read."""
MAX_FILES = 1_000_000

Problem = tuple[str, str]
"""The name of a sample or member, and what is wrong with it."""


@dataclass(slots=True)
class Sample:
    """What has one name."""

    key: str
    pictures: list[TarFile] = field(default_factory=list)
    fields: dict[str, Any] | None = None
    text: str | None = None


@dataclass(slots=True)
class ShardVenue:
    """A venue as its samples tell it."""

    external_id: str
    key: str
    """Of its first sample."""
    fields: dict[str, Any] = field(default_factory=dict)
    told_by: dict[str, str] = field(default_factory=dict)
    """Each field's first sample."""
    samples: list[Sample] = field(default_factory=list)

    def add(self, sample: Sample, fields: Mapping[str, Any]) -> None:
        """Take a sample; raises ListingError where it says something else than one before."""
        for name, value in fields.items():
            if name in self.fields and self.fields[name] != value:
                raise ListingError(
                    f"{name}: found {str(self.fields[name])[:60]!r} in {self.told_by[name]} and {str(value)[:60]!r} in "
                    f"{sample.key}; samples of one venue must agree"
                )
            self.fields.setdefault(name, value)
            self.told_by.setdefault(name, sample.key)
        self.samples.append(sample)

    def listing_fields(self) -> dict[str, Any]:
        """Return the fields of a listing, its photos called what the archive calls them."""
        rooms = [dict(room) if isinstance(room, dict) else room for room in self._list("rooms")]
        if any("photos" in room for room in rooms if isinstance(room, dict)):
            raise ListingError("rooms: found photos, expected none; a sample says with room whose its pictures are")
        photos: list[Any] = []
        for sample in self.samples:
            told = sample.fields or {}
            named = [_photo(picture, told.get("caption", sample.text)) for picture in sample.pictures]
            if (room := told.get("room")) is None:
                photos += named
            else:
                _room(rooms, room).setdefault("photos", []).extend(named)
        named_so = {"external_id": self.external_id, "name": name_of(self.external_id)}
        return named_so | self.fields | {"rooms": rooms, "photos": photos}

    def _list(self, name: str) -> list[Any]:
        found = self.fields.get(name, [])
        if not isinstance(found, list):
            raise ListingError(f"{name}: found {type(found).__name__}, expected a list")
        return found


def venues_of(
    files: Iterable[TarFile], read: Callable[[TarFile], bytes], problems: list[Problem]
) -> Iterator[ShardVenue]:
    """Yield the venues of one shard in the order of their first samples; what is none goes to `problems`.

    Raises ListingError where the archive is broken or holds too much, once all before that has been yielded.
    """
    samples: dict[str, Sample] = {}
    broken: ListingError | None = None
    try:
        _read_samples(files, read, samples, problems)
    except ListingError as error:
        broken = error
    yield from _grouped(samples.values(), problems)
    if broken:
        raise broken


def _read_samples(
    files: Iterable[TarFile],
    read: Callable[[TarFile], bytes],
    samples: dict[str, Sample],
    problems: list[Problem],
) -> None:
    held = 0
    for number, file in enumerate(files):
        held += file.size if _ending(file.name) in ("json", "txt") and not file.refused else 0
        if number >= MAX_FILES or held > MAX_HELD:
            raise ListingError(f"more than {MAX_FILES:,} files, or {MAX_HELD:,} bytes of fields; write smaller shards")
        try:
            _take(file, read, samples)
        except ListingError as error:
            problems.append((file.name, str(error)))


def _take(file: TarFile, read: Callable[[TarFile], bytes], samples: dict[str, Sample]) -> None:
    if file.refused:
        raise ListingError(file.refused)
    key, ending = _key(file.name), _ending(file.name)
    if not key.rpartition("/")[2]:
        return  # hidden files, as some archivers write them
    sample = samples.setdefault(key, Sample(key))
    if ending in PICTURES:
        sample.pictures.append(file)
    elif ending == "json" and sample.fields is None:
        sample.fields = _fields(file, read)
    elif ending == "txt" and sample.text is None:
        sample.text = _text(file, read).strip() or None
    elif ending in ("json", "txt"):
        raise ListingError("the second of its name; a sample has one")


def _fields(file: TarFile, read: Callable[[TarFile], bytes]) -> dict[str, Any]:
    try:
        fields = json.loads(_text(file, read))
    except (ValueError, RecursionError) as error:
        raise ListingError(f"not JSON ({error}); expected one object") from error
    if not isinstance(fields, dict):
        raise ListingError(f"found {type(fields).__name__}, expected one JSON object with external_id")
    if "photos" in fields:
        raise ListingError("photos: a venue's photos are the pictures of its samples; leave the field out")
    return fields


def _text(file: TarFile, read: Callable[[TarFile], bytes]) -> str:
    if file.size > MAX_FIELDS:
        raise ListingError(f"{file.size:,} bytes, at most {MAX_FIELDS:,} expected")
    try:
        return read(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListingError("not UTF-8; save it in UTF-8") from error


def _grouped(samples: Iterable[Sample], problems: list[Problem]) -> Iterator[ShardVenue]:
    venues: dict[str, ShardVenue] = {}
    contradicted: dict[str, str] = {}
    for sample in samples:
        if sample.fields is None:
            if sample.pictures:
                problems.append((sample.key, f"found no {sample.key}.json beside it that says whose photo it is"))
            continue
        fields = {name: value for name, value in sample.fields.items() if name not in ("caption", "room")}
        external_id = fields.pop("external_id", None)
        if not isinstance(external_id, str):
            problems.append((sample.key, f"external_id: found {external_id!r}, expected the venue's, as text"))
            continue
        venue = venues.setdefault(external_id, ShardVenue(external_id, sample.key))
        try:
            venue.add(sample, fields)
        except ListingError as error:
            contradicted.setdefault(external_id, str(error))
    for external_id, venue in venues.items():
        if external_id in contradicted:
            problems.append((venue.key, contradicted[external_id]))
        else:
            yield venue


def _room(rooms: list[Any], name: Any) -> dict[str, Any]:
    """Return the room by that name, added where none of the fields has it."""
    found = next((room for room in rooms if isinstance(room, dict) and room.get("name") == name), None)
    if found is None:
        rooms.append(found := {"name": name})
    return found


def _photo(picture: TarFile, caption: Any) -> dict[str, Any]:
    return {"uri": picture.name} | ({} if caption is None else {"caption": caption})


def _key(name: str) -> str:
    """Return a name up to the first dot of its last part, as webdataset has it."""
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition('.')[0]}"


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()
