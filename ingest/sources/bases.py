"""Where a photo lies that a listing names: what a relative name is relative to, and which addresses it may give.

Who wrote the listing decides. One that lies on this machine or in a bucket is the operator's own and may name the web
and buckets. One from the web may name the web: nobody else's words reach a bucket with the operator's credentials. One
that a caller of the API sent may name public addresses. No listing names a path outside its own folder.
"""

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from venuefinder.errors import MissingImageError, RefusedImageError, UnreadableImageError
from venuefinder.originals.locations import bucket_path, is_bucket
from venuefinder.originals.urls import is_web, web_url
from venuefinder.records import PhotoFile


class Base(Protocol):
    """Where the names of a listing's photos lead. A plain value: work is sent to other machines with it."""

    @property
    def root(self) -> Path | None:
        """The folder that no link may lead out of."""

    @property
    def public(self) -> bool:
        """Whether only public addresses may be fetched from, whatever the operator allows."""

    def locate(self, uri: str) -> PhotoFile:
        """Return where a photo lies; raises ImageError for what may not be named, or is not there."""


@dataclass(frozen=True, slots=True)
class LocalBase:
    """A listing on this machine: names are paths within its folder, or addresses."""

    root: Path
    public: bool = False

    def locate(self, uri: str) -> PhotoFile:
        """Look at a file, not into it; of an address nothing is asked."""
        if "://" in uri:
            return _elsewhere(uri, buckets=True)
        _check_relative(uri)
        path = self.root / uri
        try:
            status = os.stat(path)  # noqa: PTH116 - Path.stat costs twice as much, and this runs for every photo
        except FileNotFoundError as error:
            raise MissingImageError("no such file") from error
        except (OSError, ValueError) as error:
            raise UnreadableImageError(f"cannot be read: {error}") from error
        return PhotoFile(location=str(path), size=status.st_size, mtime_ns=status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class RemoteBase:
    """A listing in a bucket or on the web: names are relative to the folder it lies in, or addresses."""

    folder: str
    """A URL that ends with a slash."""
    public: bool = False
    root: None = None

    def locate(self, uri: str) -> PhotoFile:
        """Ask nothing."""
        if "://" in uri:
            return _elsewhere(uri, buckets=is_bucket(self.folder))
        _check_relative(uri)
        return _elsewhere(self.folder + uri, buckets=True)


@dataclass(frozen=True, slots=True)
class SentBase:
    """A listing that a caller of the API sent, or one whose photos all came with it."""

    public: bool = True
    root: None = None

    def locate(self, uri: str) -> PhotoFile:
        """Ask nothing; take addresses on the web alone."""
        if not is_web(uri):
            raise RefusedImageError("not in what was sent, and no http or https address; send the photo, or name one")
        return _elsewhere(uri, buckets=False)


def _elsewhere(uri: str, *, buckets: bool) -> PhotoFile:
    if is_web(uri):
        web_url(uri)
    elif not is_bucket(uri):
        raise RefusedImageError(
            f"scheme {uri.partition(':')[0][:20]!r}; expected a path inside the folder of its listing, or an address "
            "in http, https, s3, gs or az"
        )
    elif buckets:
        bucket_path(uri)
    else:
        raise RefusedImageError("a bucket, which only listings on this machine or in a bucket may name")
    return PhotoFile(location=uri, size=0, mtime_ns=None)


def _check_relative(uri: str) -> None:
    relative = PurePosixPath(uri)
    if relative.is_absolute() or ".." in relative.parts or "\\" in uri:
        raise RefusedImageError(
            "not a path inside the folder of its listing; copy the photo there and name it relative to that folder"
        )
