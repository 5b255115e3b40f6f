"""Objects in buckets through fsspec: s3://, gs://, az://, with the credentials that their own tools use."""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, BinaryIO, cast

from venuefinder.errors import (
    ConfigurationError,
    FetchError,
    ImageSizeError,
    MissingImageError,
    UnreadableImageError,
    VenueFinderError,
)
from venuefinder.originals.locations import bucket_path

EXTRA = "pip install 'venuefinder[buckets]'"
_OPTIONS = {"use_listings_cache": False, "skip_instance_cache": True}
_WRITTEN = ("LastModified", "last_modified", "mtime", "updated", "created")
"""What s3fs, adlfs, gcsfs and others call the time an object was written."""
BLOCK = 8_000_000
"""Bytes of a manifest or shard that are read at once."""
_SHOWN = 200
_SECRETS = re.compile(r"https?://\S+")
"""What an error of a client may name: endpoints, signed addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An object, or what looks like a folder."""

    path: str
    """`bucket/key`, as in its URL."""
    is_folder: bool
    size: int
    """Bytes."""
    mtime_ns: int | None
    """When it was written, in nanoseconds; None where the bucket does not tell."""


class Buckets:
    """Reads and writes objects, each within a time. Thread-safe; clients are made when first asked for."""

    def __init__(self, *, timeout: float) -> None:
        """Give each object `timeout` seconds."""
        self._timeout = timeout
        self._clients: dict[str, Any] = {}
        self._making = Lock()

    def client(self, scheme: str) -> Any:
        """Return fsspec's file system; raises ConfigurationError where its package is not installed."""
        import fsspec

        with self._making:
            if scheme not in self._clients:
                try:
                    self._clients[scheme] = fsspec.filesystem(scheme, **_OPTIONS)
                except ImportError as error:
                    raise ConfigurationError(f"{scheme}://: its package is not installed; run: {EXTRA}") from error
                except Exception as error:  # each client has its own words for missing credentials
                    raise ConfigurationError(f"{scheme}://: the client cannot be made ({_words(error)})") from error
            return self._clients[scheme]

    def read(self, url: str, *, max_bytes: int, span: tuple[int, int] | None = None) -> bytes:
        """Return an object's bytes, or `span`: (offset, size) of it. Raises ImageError as `Fetcher.read` does."""
        offset, size = span or (0, max_bytes + 1)
        if span and size > max_bytes:
            raise ImageSizeError(f"{size:,} bytes, at most {max_bytes:,} allowed")
        try:
            data: bytes = self._ask(url, "cat_file", start=offset, end=offset + size)
        except FetchError:  # some have no part of nothing
            if span is None and not self.entry(url).size:
                raise ImageSizeError("empty file") from None
            raise
        if span and len(data) != size:
            raise FetchError(f"its shard ends too early: {len(data):,} of {size:,} bytes; copy the shard again")
        if len(data) > max_bytes:
            raise ImageSizeError(f"more than the {max_bytes:,} bytes allowed")
        return data

    @contextmanager
    def opened(self, url: str) -> Iterator[BinaryIO]:
        """Open an object to be read from anywhere in it, a few megabytes at a time; raises ImageError."""
        size = self.entry(url).size
        with io.BufferedReader(_Object(self, url, size), buffer_size=BLOCK) as file:
            yield cast(BinaryIO, file)

    def write(self, url: str, data: bytes) -> None:
        """Write an object whole; raises ImageError."""
        self._ask(url, "pipe_file", data)

    def delete(self, url: str) -> None:
        """Delete an object; one that is not there is as good. Raises ImageError."""
        with suppress(MissingImageError):
            self._ask(url, "rm_file")

    def there(self, url: str) -> bool:
        """Say whether there is such an object; raises ImageError where that cannot be told."""
        try:
            self.entry(url)
        except MissingImageError:
            return False
        return True

    def entry(self, url: str) -> Entry:
        """Return what is told of an object; raises ImageError."""
        return _entry(self._ask(url, "info"))

    def listed(self, url: str) -> list[Entry]:
        """Return what lies directly below a folder's URL, objects and folders, by name; raises ImageError."""
        return self._entries(self._ask(url, "ls", folder=True, detail=True))

    def found(self, url: str) -> list[Entry]:
        """Return all objects below a folder's URL, by name; raises ImageError."""
        return self._entries(self._ask(url, "find", folder=True, detail=True).values())

    def _entries(self, told_of: Iterable[Mapping[str, Any]]) -> list[Entry]:
        return sorted((_entry(one) for one in told_of), key=lambda one: one.path)

    def _ask(self, url: str, method: str, *arguments: Any, folder: bool = False, **options: Any) -> Any:
        scheme, path = bucket_path(url, folder=folder)
        client = self.client(scheme)
        with told(self._timeout):
            if client.async_impl:
                from fsspec.asyn import sync

                call = getattr(client, f"_{method}")
                return sync(client.loop, call, path, *arguments, timeout=self._timeout, **options)
            return getattr(client, method)(path, *arguments, **options)


class _Object(io.RawIOBase):
    """An object as a file. Its size is what it was when it was opened."""

    def __init__(self, buckets: Buckets, url: str, size: int) -> None:
        self._buckets = buckets
        self._url = url
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self._size - self._at, BLOCK)
        if size <= 0:
            return 0
        buffer[:size] = self._buckets.read(self._url, max_bytes=BLOCK, span=(self._at, size))
        self._at += size
        return size


@contextmanager
def told(timeout: float) -> Iterator[None]:
    """Turn what a bucket's client raises into what a person understands, without addresses."""
    try:
        yield
    except VenueFinderError:
        raise
    except FileNotFoundError as error:
        raise MissingImageError("no such object in its bucket") from error
    except PermissionError as error:
        raise UnreadableImageError("the bucket's credentials may not read it") from error
    except TimeoutError as error:  # fsspec's is one too
        raise FetchError(
            f"not here within {timeout:g} seconds; raise VENUEFINDER_FETCH_TIMEOUT if its bucket is that slow"
        ) from error
    except Exception as error:  # each client has errors of its own
        raise FetchError(f"its bucket does not give it: {_words(error)}") from error


def _entry(told_of: Mapping[str, Any]) -> Entry:
    return Entry(
        path=str(told_of["name"]).strip("/"),
        is_folder=told_of.get("type") == "directory",
        size=int(told_of.get("size") or 0),
        mtime_ns=next((_nanoseconds(told_of[name]) for name in _WRITTEN if told_of.get(name)), None),
    )


def _nanoseconds(written: Any) -> int | None:
    if isinstance(written, str):
        written = datetime.fromisoformat(written)
    return int(written.timestamp() * 1_000_000) * 1000 if isinstance(written, datetime) else None


def _words(error: Exception) -> str:
    text = _SECRETS.sub("…", " ".join(str(error).split()))
    return text[:_SHOWN] or type(error).__name__
