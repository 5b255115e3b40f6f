"""Our own store of originals: each once, named by the SHA-256 of its bytes, in a folder or a bucket."""

import os
import tempfile
from pathlib import Path
from typing import Protocol

from venuefinder.errors import ConfigurationError
from venuefinder.images import read_photo
from venuefinder.originals.buckets import Buckets
from venuefinder.originals.locations import is_bucket


class ObjectStore(Protocol):
    """Keeps bytes by their SHA-256, 32 bytes."""

    @property
    def remote(self) -> bool:
        """Whether another machine keeps them, so that reading may take long."""

    def put(self, content_hash: bytes, data: bytes) -> None:
        """Store bytes once, whole or not at all."""

    def get(self, content_hash: bytes, *, max_bytes: int) -> bytes:
        """Return the bytes; raises ImageError when they are gone or unreadable."""

    def delete(self, content_hash: bytes) -> None:
        """Delete the bytes, if they are there."""

    def there(self, content_hash: bytes) -> bool:
        """Say whether the bytes are there."""


class FolderStore:
    """Objects as files: `<first two digits>/<SHA-256>`."""

    remote = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content_hash: bytes, data: bytes) -> None:
        """Write a file, unless it is there."""
        path = self._path(content_hash)
        if not path.exists():
            write_whole(path, data)

    def get(self, content_hash: bytes, *, max_bytes: int) -> bytes:
        """Read a file; raises ImageError."""
        return read_photo(self._path(content_hash), max_bytes=max_bytes)

    def delete(self, content_hash: bytes) -> None:
        """Unlink a file."""
        self._path(content_hash).unlink(missing_ok=True)

    def there(self, content_hash: bytes) -> bool:
        """Say whether a file is there and readable."""
        return os.access(self._path(content_hash), os.R_OK)

    def _path(self, content_hash: bytes) -> Path:
        digest = content_hash.hex()
        return self._folder / digest[:2] / digest


class BucketStore:
    """Objects in a bucket, below a URL, named as in a folder: one can be copied to the other as it is."""

    remote = True

    def __init__(self, url: str, buckets: Buckets) -> None:
        self._url = url.rstrip("/")
        self._buckets = buckets

    def put(self, content_hash: bytes, data: bytes) -> None:
        """Write an object, unless it is there."""
        if not self.there(content_hash):
            self._buckets.write(self._object(content_hash), data)

    def get(self, content_hash: bytes, *, max_bytes: int) -> bytes:
        """Read an object; raises ImageError."""
        return self._buckets.read(self._object(content_hash), max_bytes=max_bytes)

    def delete(self, content_hash: bytes) -> None:
        """Delete an object."""
        self._buckets.delete(self._object(content_hash))

    def there(self, content_hash: bytes) -> bool:
        """Say whether an object is there."""
        return self._buckets.there(self._object(content_hash))

    def _object(self, content_hash: bytes) -> str:
        digest = content_hash.hex()
        return f"{self._url}/{digest[:2]}/{digest}"


def open_store(place: str, default: Path, buckets: Buckets) -> ObjectStore:
    """Return the store at a folder or a bucket's URL; empty: at `default`. Raises ConfigurationError."""
    if is_bucket(place):
        return BucketStore(place, buckets)
    if "://" in place:
        raise ConfigurationError(
            f"VENUEFINDER_PHOTO_STORE: found {place.partition('://')[0]}://, expected a folder or s3://, gs://, az://"
        )
    return FolderStore(Path(place) if place else default)


def write_whole(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write a file so that others see all of it or nothing; `durable`: also after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    Path(file.name).replace(path)
