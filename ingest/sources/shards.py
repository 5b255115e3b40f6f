"""Webdataset shards: uncompressed tar archives of photos with a `.json` beside each, here, in buckets or on the web.

All samples of a venue are in one shard. Shards from elsewhere are copied here one after the other, and each is read
from its copy until the last of its photos was decoded.
"""

import re
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from itertools import product
from threading import Lock
from typing import BinaryIO

from ingest.sources.ahead import in_order
from ingest.sources.bases import SentBase
from ingest.sources.found import Found, FoundVenue, GivenPhoto, Seen, Unreadable, listing_from
from ingest.sources.places import MAX_DOWNLOAD, LocalFile, Place
from ingest.sources.samples import Problem, ShardVenue, venues_of
from ingest.sources.tar import TarFile, files_of
from venuefinder.errors import InputError, ListingError
from venuefinder.originals.locations import Member
from venuefinder.records import PhotoFile

MAX_SHARDS = 100_000
_RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")
_COPIED_AT_ONCE = 8_000_000


class ShardSource:
    """The venues of some shards."""

    def __init__(self, identity: str, shards: Sequence[Place]) -> None:
        self.identity = identity
        self._shards = shards

    def count(self) -> None:
        """Told only when read."""

    def __iter__(self) -> Iterator[Found]:
        """Yield the venues of one shard after the other; the next shard is copied while one is read."""
        seen = Seen()
        for shard, opened in in_order(self._shards, _opened, threads=1):
            if isinstance(opened, InputError):
                yield Unreadable(place=shard.name, reason=str(opened))
            else:
                yield from _read(shard, opened, seen)


class ShardFile:
    """A shard to read from on this machine, open for as long as anybody has this. Thread-safe."""

    def __init__(self, file: BinaryIO, *, mtime_ns: int | None, copied: bool) -> None:
        self.file = file
        self.mtime_ns = mtime_ns
        self.copied = copied
        self._lock = Lock()
        weakref.finalize(self, file.close)

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes of it."""
        with self._lock:
            self.file.seek(offset)
            return self.file.read(size)


class MemberBytes:
    """A photo within a copied shard. On another machine, without the copy, it is read from where the shard lies."""

    def __init__(self, shard: ShardFile | None, offset: int, size: int) -> None:
        self._shard = shard
        self._offset = offset
        self._size = size

    def take(self) -> bytes | None:
        """Read it once, and let go of the shard."""
        shard, self._shard = self._shard, None
        return shard.read(self._offset, self._size) if shard else None

    def __reduce__(self) -> tuple[type["MemberBytes"], tuple[None, int, int]]:
        """Travel without the copy."""
        return MemberBytes, (None, self._offset, self._size)


def expanded(pattern: str) -> list[str]:
    """Return the names that `{000..010}` stands for, zeros kept; raises InputError for a range that is none."""
    parts = _RANGE.split(pattern)
    ranges: list[list[str]] = []
    for first, last in zip(parts[1::3], parts[2::3], strict=True):
        if int(last) < int(first) or int(last) - int(first) >= MAX_SHARDS:
            raise InputError(f"{pattern[:200]}: found {{{first}..{last}}}, expected a range of 1 to {MAX_SHARDS:,}")
        width = len(first) if first.startswith("0") or len(first) == len(last) else 0
        ranges.append([f"{number:0{width}}" for number in range(int(first), int(last) + 1)])
    names = ["".join(_woven(parts[::3], chosen)) for chosen in product(*ranges)]
    if len(names) > MAX_SHARDS:
        raise InputError(f"{pattern[:200]}: {len(names):,} shards, at most {MAX_SHARDS:,} expected")
    return names


def _woven(fixed: Sequence[str], chosen: Sequence[str]) -> Iterator[str]:
    for part, number in zip(fixed, (*chosen, ""), strict=True):
        yield part
        yield number


def _opened(shard: Place) -> ShardFile | InputError:
    """Open a shard, copied to a file without a name where it is not on this machine."""
    try:
        mtime_ns = shard.mtime_ns
        if isinstance(shard, LocalFile):
            if not shard.path.is_file():
                return InputError("found no regular file, expected a tar archive")
            return ShardFile(shard.path.open("rb"), mtime_ns=mtime_ns, copied=False)
        copy = tempfile.TemporaryFile(prefix="venuefinder-shard-")  # noqa: SIM115 - closed with the ShardFile
        opened = ShardFile(copy, mtime_ns=mtime_ns, copied=True)
        with shard.opened() as file:
            while part := file.read(_COPIED_AT_ONCE):
                copy.write(part)
                if copy.tell() > MAX_DOWNLOAD:
                    return InputError(f"more than {MAX_DOWNLOAD:,} bytes; write smaller shards")
    except InputError as error:
        return error
    except OSError as error:
        return InputError(f"cannot be read or copied: {error.strerror or error}")
    return opened


def _read(shard: Place, opened: ShardFile, seen: Seen) -> Iterator[Found]:
    problems: list[Problem] = []

    def read(file: TarFile) -> bytes:
        return opened.read(file.offset, file.size)

    try:
        for venue in venues_of(files_of(opened.file), read, problems):
            yield from _told(shard, problems)
            yield _found(shard, opened, venue, seen)
    except ListingError as error:
        problems.append(("", f"{error}; what follows was not read"))
    yield from _told(shard, problems)


def _told(shard: Place, problems: list[Problem]) -> Iterator[Unreadable]:
    while problems:
        name, reason = problems.pop(0)
        yield Unreadable(place=f"{shard.name}:{name}".rstrip(":"), reason=reason)


def _found(shard: Place, opened: ShardFile, venue: ShardVenue, seen: Seen) -> Found:
    place = f"{shard.name}:{venue.key}"
    try:
        listing = listing_from(venue.listing_fields())
        seen.add(listing.external_id, place)
    except ListingError as error:
        return Unreadable(place=place, reason=str(error))
    pictures = [picture for sample in venue.samples for picture in sample.pictures]
    given = {picture.name: _given(shard, opened, picture) for picture in pictures}
    return FoundVenue(place=place, listing=listing, base=SentBase(), given=given)


def _given(shard: Place, opened: ShardFile, picture: TarFile) -> GivenPhoto:
    location = Member(picture.offset, picture.size, shard.location).location
    file = PhotoFile(location=location, size=picture.size, mtime_ns=opened.mtime_ns)
    return GivenPhoto(file, MemberBytes(opened, picture.offset, picture.size) if opened.copied else None)
