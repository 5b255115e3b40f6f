"""A manifest: one venue a line with its photos, as JSON Lines, CSV or Parquet."""

from collections.abc import Iterator
from typing import Any

from ingest.sources.bases import Base
from ingest.sources.found import Found, FoundVenue, Seen, Unreadable, listing_from
from ingest.sources.given import taken_from
from ingest.sources.lines import read_csv, read_jsonl
from ingest.sources.parquet import read_parquet
from ingest.sources.places import LocalFile, Place
from venuefinder.errors import InputError, ListingError

READERS = {".jsonl": read_jsonl, ".csv": read_csv, ".parquet": read_parquet}
SUFFIXES = ", ".join(READERS)


class ManifestSource:
    """The venues of a manifest, wherever it lies; names of photos are relative to its folder."""

    def __init__(self, place: Place, *, base: Base | None = None, identity: str | None = None) -> None:
        """Read what lies at `place`; `base` and `identity` where it is not the file's own place that counts."""
        self._suffix = suffix_of(place.name)
        if self._suffix not in READERS:
            found = self._suffix or "file without suffix"
            raise InputError(f"{place.location}: found a {found}, expected a manifest ({SUFFIXES}) or a folder")
        self._place = place
        self._base = base or place.base
        self.identity = identity or place.location

    def count(self) -> int | None:
        """Return how many lines a JSONL file on this machine has; others tell only when read."""
        if self._suffix != ".jsonl" or not isinstance(self._place, LocalFile):
            return None
        with self._place.opened() as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))

    def __iter__(self) -> Iterator[Found]:
        """Yield a venue for each line; raises InputError for what makes the whole file unreadable."""
        seen = Seen()
        line = 0
        with self._place.opened() as file:
            for line, fields in READERS[self._suffix](file, self._place.name):
                place = f"{self._place.name}:{line}"
                try:
                    yield self._found(place, fields, seen)
                except ListingError as error:
                    yield Unreadable(place=place, reason=str(error))
        if not line:
            raise InputError(f"{self._place.name}: found no venues, expected one a line with its photos")

    def _found(self, place: str, fields: Any, seen: Seen) -> FoundVenue:
        if isinstance(fields, ListingError):
            raise fields
        given = taken_from(fields)
        listing = listing_from(fields)
        seen.add(listing.external_id, place)
        return FoundVenue(place=place, listing=listing, base=self._base, given=given)


def suffix_of(name: str) -> str:
    """Return a file name's suffix in lower case, with its dot; empty without one."""
    stem, dot, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if dot and stem else ""
