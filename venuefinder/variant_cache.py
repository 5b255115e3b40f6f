"""Rendered pictures on disk, least recently used ones deleted first."""

import os
from pathlib import Path
from threading import Lock

from venuefinder.originals.kept import write_whole

MAX_BYTES = 1_000_000_000
KEPT_SHARE = 0.8
"""Deleting goes down to this share of the limit, so that it is rare."""


class VariantCache:
    """Files in `folder`, at most `max_bytes` of them. Delete the folder at any time. Thread-safe."""

    def __init__(self, folder: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock = Lock()
        self._size: int | None = None

    def get(self, name: str) -> bytes | None:
        """Return a picture and remember that it was wanted; None when it is not kept."""
        path = self._path(name)
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return data

    def put(self, name: str, data: bytes) -> None:
        """Keep a picture. A disk that is full or read-only costs the copy, not the answer."""
        try:
            write_whole(self._path(name), data, durable=False)
        except OSError:
            return
        with self._lock:
            self._size = self._measured() if self._size is None else self._size + len(data)
            if self._size > self._max_bytes:
                self._size = self._trimmed()

    def forget(self, content_hash: bytes) -> None:
        """Delete every picture of one original."""
        digest = content_hash.hex()
        for path in (self._folder / digest[:2]).glob(f"{digest}-*"):
            path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _measured(self) -> int:
        return sum(size for _, size, _ in self._files())

    def _trimmed(self) -> int:
        """Delete the least recently used files until they fit again; return what is left, in bytes."""
        files = sorted(self._files())
        left = sum(size for _, size, _ in files)
        for _, size, path in files:
            if left <= KEPT_SHARE * self._max_bytes:
                break
            path.unlink(missing_ok=True)
            left -= size
        return left

    def _files(self) -> list[tuple[float, int, Path]]:
        found = []
        for path in self._folder.glob("??/*"):
            try:
                status = path.stat()
            except OSError:
                continue
            found.append((status.st_mtime, status.st_size, path))
        return found
