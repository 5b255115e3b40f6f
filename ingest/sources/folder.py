"""A folder with one sub-folder a venue: its photos, and optionally a `venue.json` with the fields of a listing."""

import hashlib
import json
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from ingest.sources.bases import LocalBase
from ingest.sources.found import Found, FoundVenue, Seen, Unreadable, is_utf8, listing_from
from venuefinder.domain import CONTROL_CHARACTER, EXTERNAL_ID_PATTERN, MAX_URI, Listing
from venuefinder.errors import InputError, ListingError

VENUE_FILE = "venue.json"
MAX_VENUE_FILE = 5_000_000
SHOWN = 300
"""Characters of a path in a message."""
LEFT_BEHIND = {"thumbs.db", "desktop.ini", VENUE_FILE}
"""Not photos and not worth a word; files whose name starts with a dot neither."""
UNNAMEABLE = (
    f"its name cannot be stored: expected at most {MAX_URI:,} characters of UTF-8 and no control characters; rename it"
)


class FolderSource:
    """Venues in the sub-folders of `root`, in the order of their names."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.identity = str(root)

    def count(self) -> int:
        """Return how many sub-folders there are."""
        return len(self._folders())

    def _folders(self) -> list[Path]:
        try:
            return sorted(entry for entry in self._root.iterdir() if entry.is_dir() and not entry.name.startswith("."))
        except OSError as error:
            raise InputError(f"{self._root}: cannot be read ({error.strerror}); change its permissions") from None

    def __iter__(self) -> Iterator[Found]:
        """Yield a venue for each sub-folder; raises InputError when there is none."""
        folders = self._folders()
        if not folders:
            files = sum(1 for entry in self._root.iterdir() if entry.is_file())
            raise InputError(
                f"{self._root}: found {files} files and no sub-folder, expected one sub-folder a venue with its "
                "photos; move each venue's photos into a folder of its own"
            )
        seen = Seen()
        for folder in folders:
            yield from self._read(folder, seen)

    def _read(self, folder: Path, seen: Seen) -> Iterator[Found]:
        try:
            if not folder.resolve().is_relative_to(self._root):
                raise ListingError("a link that leads out of the source folder; copy the venue's folder into it")
            found = _read_venue(folder)
            seen.add(found.listing.external_id, str(folder))
        except ListingError as error:
            yield Unreadable(place=str(folder), reason=str(error))
            return
        yield found


def _read_venue(folder: Path) -> FoundVenue:
    if not is_utf8(folder.name):
        raise ListingError("the folder's name is not UTF-8; rename it")
    files = _files_in(folder)
    listing = listing_of(folder.name, _read_fields(folder / VENUE_FILE), files)
    unusable = tuple(Unreadable(place=str(folder / uri), reason=UNNAMEABLE) for uri in files if not nameable(uri))
    return FoundVenue(place=str(folder), listing=listing, base=LocalBase(folder), unusable=unusable)


def listing_of(folder_name: str, fields: dict[str, Any], files: Sequence[str]) -> Listing:
    """Return the listing of a folder with these fields and files, which are paths within it; raises ListingError."""
    fields.setdefault("external_id", external_id_of(folder_name))
    fields.setdefault("name", name_of(folder_name))
    photos = [uri for uri in files if nameable(uri)]
    if not photos:
        raise ListingError("found no photos in this folder, expected at least one; add some, or remove the folder")
    fields["photos"] = _merged(fields, photos)
    return listing_from(fields)


def _read_fields(path: Path) -> dict[str, Any]:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or not path.resolve().is_relative_to(path.parent.resolve()):
            raise ListingError(f"{VENUE_FILE}: found no regular file, or a link out of its folder; put a file there")
        if status.st_size > MAX_VENUE_FILE:
            raise ListingError(f"{VENUE_FILE}: larger than {MAX_VENUE_FILE:,} bytes, expected one venue")
        return fields_from(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ListingError(f"{VENUE_FILE}: cannot be read ({error}); expected one JSON object in UTF-8") from None


def fields_from(data: bytes) -> dict[str, Any]:
    """Return the fields that a `venue.json` holds; raises ListingError."""
    try:
        fields = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ListingError(f"{VENUE_FILE}: cannot be read ({error}); expected one JSON object in UTF-8") from None
    if not isinstance(fields, dict):
        raise ListingError(f"{VENUE_FILE}: found {type(fields).__name__}, expected one JSON object")
    return fields


def _files_in(folder: Path) -> list[str]:
    """Return the files below `folder` as relative POSIX paths, sorted; links to folders are not followed.

    Raises ListingError for what cannot be looked into: passed over, its photos would count as vanished.
    """
    found = []
    for parent, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if is_worth_a_word(name):
                found.append((Path(parent) / name).relative_to(folder).as_posix())
    return found


def _refuse(error: OSError) -> NoReturn:
    where = str(error.filename)
    shown = where if len(where) <= SHOWN else f"{where[:SHOWN]}…"
    raise ListingError(f"{shown}: cannot be looked into ({error.strerror}); change its permissions, or move it away")


def is_worth_a_word(name: str) -> bool:
    """Say whether a file of a venue's folder is a photo, or should be."""
    return name.lower() not in LEFT_BEHIND and not name.startswith(".")


def nameable(uri: str) -> bool:
    """Say whether a photo can be stored by this name."""
    return len(uri) <= MAX_URI and not CONTROL_CHARACTER.search(uri)


def _merged(fields: dict[str, Any], uris: list[str]) -> list[Any]:
    """Return the listed photos with their captions, then the files nobody listed."""
    listed = fields.get("photos", [])
    if not isinstance(listed, list):
        raise ListingError(f"photos: found {type(listed).__name__}, expected a list")
    rooms = fields.get("rooms", [])
    of_rooms = [room.get("photos", []) for room in rooms if isinstance(room, dict)] if isinstance(rooms, list) else []
    named = {_uri_of(photo) for photos in [listed, *of_rooms] if isinstance(photos, list) for photo in photos}
    return listed + [uri for uri in uris if uri not in named]


def _uri_of(photo: Any) -> str | None:
    uri = photo.get("uri") if isinstance(photo, dict) else photo
    return uri if isinstance(uri, str) else None


def name_of(folder_name: str) -> str:
    """Return the words of a folder's name."""
    words = re.sub(r"[-_]+", " ", folder_name).strip() or folder_name
    return words[:1].upper() + words[1:]


def external_id_of(folder_name: str) -> str:
    """Return the folder's name where it is a valid external id, else one made from it that no other name gives."""
    if re.fullmatch(EXTERNAL_ID_PATTERN, folder_name):
        return folder_name
    plain = unicodedata.normalize("NFKD", folder_name).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Za-z0-9._~-]+", "-", plain).strip("-")[:180] or "venue"
    digest = hashlib.sha256(folder_name.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{stem}-{digest[:8]}"
