"""Where originals lie, when a catalogue moves: which places an import takes, and how those are renamed that moved."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Self

from venuefinder.errors import InputError

OURS = ("upload:", "inline:")
"""In our own store, by their hash."""
SCHEMES = ("http", "https", "s3", "gs", "az")
MOST = 8192
"""Characters."""
_SHARD = re.compile(r"(tar:\d{1,18}:\d{1,18}:)(.+)", re.DOTALL)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://.", re.IGNORECASE | re.DOTALL)


def check_location(location: str, content_hash: bytes) -> None:
    """Raise ValueError for a place where no photo of ours can be: see `venuefinder.records.PhotoFile`."""
    if location.startswith(OURS):
        if location.partition(":")[2] != content_hash.hex():
            raise ValueError("expected the hash of the photo's content after the colon")
        return
    shard = _SHARD.fullmatch(location)
    place = shard[2] if shard else location
    if scheme := _SCHEME.match(place):
        if scheme[1].lower() not in SCHEMES:
            raise ValueError(f"expected one of the schemes {', '.join(SCHEMES)}")
    elif not _is_plain_path(place):
        raise ValueError("expected an absolute path without '..', an address, or a name in our own store")


def _is_plain_path(place: str) -> bool:
    return any(path.is_absolute() and ".." not in path.parts for path in (PurePosixPath(place), PureWindowsPath(place)))


@dataclass(slots=True)
class Move:
    """A folder, or the beginning of an address, that lies elsewhere by now."""

    old: str
    new: str
    """Without a slash at the end, so that the root of all is empty."""
    moved: int = 0
    """Photos whose place it was."""

    @classmethod
    def parsed(cls, text: str) -> Self:
        """Read OLD=NEW; raises InputError."""
        old, equals, new = text.partition("=")
        if not equals or not all(_SCHEME.match(end) or _is_plain_path(end) for end in (old, new)):
            raise InputError(
                f"--photos-root {text!r}: expected OLD=NEW, two absolute folders, as in "
                "--photos-root /old/venues=/new/venues"
            )
        return cls(old.rstrip("/"), new.rstrip("/"))

    def __call__(self, place: str) -> str | None:
        """Return where a place lies now; None for one that is not within."""
        shard = _SHARD.fullmatch(place)
        head, inner = (shard[1], shard[2]) if shard else ("", place)
        if inner != self.old and not inner.startswith(f"{self.old}/"):
            return None
        return f"{head}{self.new}{inner.removeprefix(self.old)}"


def moved(location: str, moves: Sequence[Move]) -> str:
    """Return where a photo lies by the first of the moves that is about it, and count it there."""
    for move in moves:
        if (now := move(location)) is not None:
            move.moved += 1
            return now
    return location


def moved_source(source: str, moves: Sequence[Move]) -> str:
    """Return what a source is called where it, or a folder it is in, was moved."""
    return next((now for move in moves if (now := move(source)) is not None), source)
