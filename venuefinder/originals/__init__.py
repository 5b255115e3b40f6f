"""Where original photos lie: in place, as ingested, or uploaded, in a content-addressed folder of ours."""

import os
import tempfile
from pathlib import Path
from threading import Lock

from venuefinder.images import read_photo

UPLOAD = "upload:"


class Originals:
    """Keeps uploaded originals under `folder`, named by the SHA-256 of their bytes, and reads any original."""

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self._folder = folder
        self.max_bytes = max_bytes
        self.lock = Lock()
        """Hold it from saving an original until its photo is stored, and while deleting unused ones."""

    def save(self, data: bytes, content_hash: bytes) -> str:
        """Store an upload once, whole or not at all; return its location."""
        path = self._path(content_hash.hex())
        if not path.exists():
            write_whole(path, data)
        return f"{UPLOAD}{content_hash.hex()}"

    def forget(self, location: str) -> None:
        """Delete an upload; an original that was ingested in place is not ours to delete."""
        if location.startswith(UPLOAD):
            self.path(location).unlink(missing_ok=True)

    def path(self, location: str) -> Path:
        """Return the file at a location; it need not exist."""
        return self._path(location.removeprefix(UPLOAD)) if location.startswith(UPLOAD) else Path(location)

    def read(self, location: str) -> bytes:
        """Return an original's bytes; raises ImageError when the file is gone, unreadable or unfit."""
        return read_photo(self.path(location), max_bytes=self.max_bytes)

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest


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
