"""Where original photos lie: in place, as ingested, or uploaded, in a content-addressed folder of ours."""

import os
import tempfile
from pathlib import Path

from venuefinder.errors import NotFoundError
from venuefinder.images import read_photo

UPLOAD = "upload:"


class Originals:
    """Keeps uploaded originals under `folder`, named by the SHA-256 of their bytes, and reads any original."""

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    def save(self, data: bytes, content_hash: bytes) -> str:
        """Store an upload once, whole or not at all; return its location."""
        path = self._path(content_hash.hex())
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(path)
        return f"{UPLOAD}{content_hash.hex()}"

    def path(self, location: str) -> Path:
        """Return the file at a location; it need not exist."""
        return self._path(location.removeprefix(UPLOAD)) if location.startswith(UPLOAD) else Path(location)

    def read(self, location: str) -> bytes:
        """Return an original's bytes; raises NotFoundError when the file is gone, ImageError when it is unfit."""
        path = self.path(location)
        if not path.is_file():
            raise NotFoundError("the photo's original is no longer where it was ingested from; run venuefinder doctor")
        return read_photo(path, max_bytes=self._max_bytes)

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest
