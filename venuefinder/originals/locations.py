"""Locations of originals as they are stored: what kind each is. The forms are listed at `records.PhotoFile`."""

import re
from dataclasses import dataclass

from venuefinder.errors import FetchError, RefusedImageError
from venuefinder.originals.urls import is_web

UPLOAD = "upload:"
INLINE = "inline:"
BUCKETS = ("s3", "gs", "az")
"""Schemes of buckets: Amazon S3 and what speaks its protocol, Google Cloud Storage, Azure Blob Storage."""
_BUCKET_URL = re.compile(rf"({'|'.join(BUCKETS)})://([A-Za-z0-9][A-Za-z0-9._-]{{1,254}})(?:/(.*))?", re.DOTALL)
"""The name alone: what adlfs and s3fs would take for an account's host or an access point is refused."""
_MEMBER = re.compile(r"tar:(\d{1,18}):(\d{1,18}):(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Member:
    """Bytes within a shard."""

    offset: int
    size: int
    shard: str
    """A path or URL."""

    @property
    def location(self) -> str:
        """The location as it is stored."""
        return f"tar:{self.offset}:{self.size}:{self.shard}"


def member_of(location: str) -> Member | None:
    """Return which bytes of which shard a location names, None for one that names a whole file."""
    found = _MEMBER.fullmatch(location)
    return Member(int(found[1]), int(found[2]), found[3]) if found else None


def is_ours(location: str) -> bool:
    """Say whether the bytes never were anywhere but in our own store."""
    return location.startswith((UPLOAD, INLINE))


def is_bucket(location: str) -> bool:
    """Say whether a location is an object in a bucket."""
    return location.lower().startswith(tuple(f"{scheme}://" for scheme in BUCKETS))


def is_remote(location: str) -> bool:
    """Say whether reading a location asks another machine, so that it may take long."""
    member = member_of(location)
    place = member.shard if member else location
    return is_web(place) or is_bucket(place)


def bucket_path(url: str, *, folder: bool = False) -> tuple[str, str]:
    """Return the scheme and `bucket/key` of an object's URL; of a folder, which may be the whole bucket, `bucket/key/`.

    Raises RefusedImageError for another scheme or a name that leads elsewhere, FetchError for what is no address.
    """
    found = _BUCKET_URL.fullmatch(url)
    key = (found[3] or "") if found else ""
    if folder:
        key = f"{key.strip('/')}/".lstrip("/")
    if found is None or not (key or folder):
        if not is_bucket(url):
            raise RefusedImageError(f"found {url[:20]!r}, expected an address in s3://, gs:// or az://")
        raise FetchError("no address: expected a bucket's name and an object's, as in s3://bucket/photo.jpg")
    if {".", ".."} & set(key.split("/")):  # clients resolve them, up to another bucket
        raise RefusedImageError("an object's name with . or .. between slashes")
    return found[1], f"{found[2]}/{key}"
