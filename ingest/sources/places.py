"""Files of a source on this machine, on the web, or in a bucket: opened for reading, wherever they lie."""

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from ingest.sources.bases import Base, LocalBase, RemoteBase
from venuefinder.errors import ConfigurationError, ImageError, InputError
from venuefinder.originals.locations import is_bucket
from venuefinder.originals.network import Network
from venuefinder.originals.urls import is_web, shown, web_url

MAX_DOWNLOAD = 100_000_000_000
"""Bytes of a manifest or shard from the web; it is on disk while it is read."""


class Place(Protocol):
    """A file somewhere."""

    @property
    def name(self) -> str:
        """Its last part, for messages."""

    @property
    def location(self) -> str:
        """Its absolute path or URL."""

    @property
    def base(self) -> Base:
        """Where photos lead that are named in it."""

    @property
    def mtime_ns(self) -> int | None:
        """When it was written, where that is told; raises InputError where it is not there."""

    def opened(self) -> AbstractContextManager[BinaryIO]:
        """Open it, to be read from anywhere in it; raises InputError."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this machine."""

    path: Path

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def location(self) -> str:
        """The path."""
        return str(self.path)

    @property
    def base(self) -> Base:
        """Its folder."""
        return LocalBase(self.path.parent)

    @property
    def mtime_ns(self) -> int | None:
        """From its folder's entry."""
        try:
            return self.path.stat().st_mtime_ns
        except OSError as error:
            raise InputError(f"{self.name}: cannot be read ({error.strerror})") from error

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open a regular file."""
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise InputError(f"{self.name}: cannot be read ({error.strerror})") from error
        with file:
            yield file


@dataclass(frozen=True, slots=True)
class WebFile:
    """A file on the web, downloaded when it is opened."""

    url: str
    network: Network

    @property
    def name(self) -> str:
        """The last part of the address's path."""
        return _name(web_url(self.url).path)

    @property
    def location(self) -> str:
        """The address."""
        return self.url

    @property
    def base(self) -> Base:
        """The address up to its last slash."""
        return RemoteBase(str(web_url(self.url).copy_with(query=None, fragment=None)).rpartition("/")[0] + "/")

    @property
    def mtime_ns(self) -> int | None:
        """Not told without asking."""
        return None

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Download it to a folder that goes when it is closed."""
        with tempfile.TemporaryDirectory(prefix="venuefinder-") as folder:
            path = Path(folder) / "downloaded"
            with _named(shown(self.url)):
                self.network.web.download(self.url, path, max_bytes=MAX_DOWNLOAD)
            with path.open("rb") as file:
                yield file


@dataclass(frozen=True, slots=True)
class BucketFile:
    """An object in a bucket, read in parts."""

    url: str
    network: Network

    @property
    def name(self) -> str:
        """The last part of its key."""
        return _name(self.url)

    @property
    def location(self) -> str:
        """Its URL."""
        return self.url

    @property
    def base(self) -> Base:
        """Its URL up to its last slash."""
        return RemoteBase(self.url.rpartition("/")[0] + "/")

    @property
    def mtime_ns(self) -> int | None:
        """As the bucket tells."""
        with _named(self.url):
            return self.network.buckets.entry(self.url).mtime_ns

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open it."""
        with _named(self.url), self.network.buckets.opened(self.url) as file:
            yield file


def place_of(text: str, network: Network | None) -> Place:
    """Return the file at a path or URL; nothing is asked yet. Raises InputError for another scheme."""
    if is_web(text) or is_bucket(text):
        if network is None:
            raise ConfigurationError(f"{shown(text)}: found an address, expected a path here")
        if is_bucket(text):
            return BucketFile(text, network)
        web_url(text)
        return WebFile(text, network)
    if "://" in text:
        raise InputError(f"{text[:100]}: found {text.partition(':')[0]}://, expected a path, http(s), s3, gs or az")
    return LocalFile(Path(text))


@contextmanager
def _named(place: str) -> Iterator[None]:
    """Put the name of the place before what reading says, which speaks of photos."""
    try:
        yield
    except ImageError as error:
        raise InputError(f"{place}: {error}") from error


def _name(path: str) -> str:
    return PurePosixPath(path).name or path
