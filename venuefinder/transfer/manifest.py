"""The manifest of an export: what it is, and the files that belong to it with their hashes. Written last."""

import hashlib
import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, ValidationError

from venuefinder.domain import Line, Value
from venuefinder.errors import InputError
from venuefinder.transfer import layout
from venuefinder.validation import explained, shown

MOST_JSON = 64 * 1024 * 1024
"""Bytes of a JSON file of an export; a space takes about 10,000."""

Digest = Annotated[str, StringConstraints(pattern=layout.KEY_PATTERN)]
Count = Annotated[int, Field(ge=0, strict=True)]


class FileFacts(Value):
    """A file of an export. `rows`: of a table."""

    sha256: Digest
    bytes: Count
    rows: Count | None = None

    @classmethod
    def of(cls, path: Path, rows: int | None = None) -> Self:
        """Read a file to its end."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return cls(sha256=digest, bytes=file.tell(), rows=rows)


class Manifest(Value):
    """What `manifest.json` says."""

    format: Literal["venuefinder catalogue"] = layout.FORMAT
    version: Literal[1] = layout.VERSION
    made_by: Line
    made_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    serves: Digest | None = None
    """The key of the space that served."""
    spaces: Annotated[tuple[Digest, ...], Field(min_length=1, max_length=100)]
    """Keys, oldest first."""
    files: dict[str, FileFacts]
    """By path within the export."""


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of an export; raises InputError for a folder that is none, or one of another version."""
    if not folder.is_dir():
        raise InputError(f"{folder}: found no folder, expected one that venuefinder export wrote")
    path = folder / layout.MANIFEST
    if not path.exists():
        raise InputError(
            f"{folder}: found no {layout.MANIFEST}, expected a folder that venuefinder export wrote to its end"
        )
    values = read_json(path)
    said = (values.get("format"), values.get("version")) if isinstance(values, dict) else None
    if said is None or said[0] != layout.FORMAT:
        raise InputError(f"{path}: found {shown(values)}, expected the manifest of a {layout.FORMAT}")
    if said[1] != layout.VERSION or isinstance(said[1], bool):
        raise InputError(
            f"{path}: found version {shown(said[1])}, expected {layout.VERSION}; import it with the VenueFinder that "
            f"wrote it, or a newer one ({shown(values.get('made_by'))})"
        )
    try:
        manifest = Manifest.model_validate(values)
    except ValidationError as error:
        raise InputError(f"{path}: {explained(error)}") from None
    _check_names(path, manifest)
    return manifest


def _check_names(path: Path, manifest: Manifest) -> None:
    expected = layout.names(manifest.spaces)
    if len(set(manifest.spaces)) != len(manifest.spaces):
        raise InputError(f"{path}: spaces: found a key twice, expected each once")
    if odd := sorted(manifest.files.keys() ^ expected):
        what = "is missing" if odd[0] in expected else "does not belong there"
        raise InputError(f"{path}: files: {shown(odd[0])} {what}; expected {', '.join(sorted(expected))}")


def check_files(folder: Path, manifest: Manifest) -> None:
    """Read every file to its end; raises InputError for one that is not as it was written."""
    for name, facts in manifest.files.items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            raise InputError(
                f"{path}: found no regular file, expected one of {facts.bytes:,} bytes; copy the export anew"
            )
        if (size := path.stat().st_size) != facts.bytes:
            raise InputError(f"{path}: found {size:,} bytes, expected {facts.bytes:,}; copy the export anew")
        if FileFacts.of(path).sha256 != facts.sha256:
            raise InputError(f"{path}: its content is not what was written (SHA-256 differs); copy the export anew")


def read_json(path: Path) -> Any:
    """Return what a JSON file holds, with finite numbers alone; raises InputError."""
    try:
        if path.stat().st_size > MOST_JSON:
            raise InputError(f"{path}: found more than {MOST_JSON:,} bytes; copy the export anew")
        return json.loads(path.read_bytes(), parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON that can be read ({error}); copy the export anew") from None


def _finite(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValueError(f"found the number {text[:40]}, expected a finite one")
    return value
