"""A folder in a bucket with one sub-folder a venue, as on a disk; what is unchanged is told by the bucket's list."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from ingest.sources.ahead import in_order
from ingest.sources.bases import RemoteBase
from ingest.sources.folder import (
    MAX_VENUE_FILE,
    UNNAMEABLE,
    VENUE_FILE,
    fields_from,
    is_worth_a_word,
    listing_of,
    nameable,
)
from ingest.sources.found import Found, FoundVenue, GivenPhoto, Seen, Unreadable
from venuefinder.errors import ImageError, InputError, ListingError
from venuefinder.originals.buckets import Buckets, Entry
from venuefinder.records import PhotoFile

LISTED_AT_ONCE = 16
"""Venues whose objects are listed ahead: each waits for an answer or two of the bucket."""


class BucketFolderSource:
    """Venues in the sub-folders below a URL, in the order of their names."""

    def __init__(self, url: str, buckets: Buckets) -> None:
        self._url = url.rstrip("/")
        self._buckets = buckets
        self.identity = self._url

    def count(self) -> int:
        """Return how many sub-folders there are; raises InputError."""
        return len(self._folders())

    def _folders(self) -> list[str]:
        try:
            entries = self._buckets.listed(self._url)
        except ImageError as error:
            raise InputError(f"{self._url}: cannot be listed ({error})") from error
        names = [entry.path.rpartition("/")[2] for entry in entries if entry.is_folder]
        return [name for name in names if name and not name.startswith(".")]

    def __iter__(self) -> Iterator[Found]:
        """Yield a venue for each sub-folder; raises InputError when there is none."""
        folders = self._folders()
        if not folders:
            raise InputError(f"{self._url}: found no sub-folder, expected one sub-folder a venue with its photos")
        seen = Seen()
        for name, found in in_order(folders, partial(_read, self._buckets, self._url), threads=LISTED_AT_ONCE):
            try:
                if isinstance(found, FoundVenue):
                    seen.add(found.listing.external_id, f"{self._url}/{name}")
                yield found
            except ListingError as error:
                yield Unreadable(place=f"{self._url}/{name}", reason=str(error))


def _read(buckets: Buckets, url: str, name: str) -> Found:
    """Read one venue; what is wrong with it is returned, not raised."""
    place = f"{url}/{name}"
    try:
        return _venue(buckets, place, name)
    except (ListingError, ImageError) as error:
        return Unreadable(place=place, reason=str(error))


def _venue(buckets: Buckets, place: str, name: str) -> FoundVenue:
    scheme = place.partition("://")[0]
    start = len(f"{place.removeprefix(f'{scheme}://')}/")
    entries = {entry.path[start:]: entry for entry in buckets.found(place)}
    files = [uri for uri in entries if _is_photo(uri)]
    listing = listing_of(name, _fields(buckets, place, entries.get(VENUE_FILE)), files)
    return FoundVenue(
        place=place,
        listing=listing,
        base=RemoteBase(f"{place}/"),
        given={uri: _given(f"{scheme}://", entries[uri]) for uri in files if nameable(uri)},
        unusable=tuple(Unreadable(place=f"{place}/{uri}", reason=UNNAMEABLE) for uri in files if not nameable(uri)),
    )


def _fields(buckets: Buckets, place: str, entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {}
    if entry.size > MAX_VENUE_FILE:
        raise ListingError(f"{VENUE_FILE}: larger than {MAX_VENUE_FILE:,} bytes, expected one venue")
    return fields_from(buckets.read(f"{place}/{VENUE_FILE}", max_bytes=MAX_VENUE_FILE))


def _given(scheme: str, entry: Entry) -> GivenPhoto:
    return GivenPhoto(PhotoFile(location=f"{scheme}{entry.path}", size=entry.size, mtime_ns=entry.mtime_ns))


def _is_photo(uri: str) -> bool:
    return bool(uri) and all(is_worth_a_word(part) for part in uri.split("/") if part) and not uri.endswith("/")
