"""Photo files of a folder that a stranger may have filled: regular files only, within the folder, within a size."""

import os
import stat
from pathlib import Path

from venuefinder.errors import (
    ImageError,
    ImageSizeError,
    MissingImageError,
    NotAnImageError,
    RefusedImageError,
    TruncatedImageError,
    UnreadableImageError,
)

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
"""O_NONBLOCK: opening a FIFO returns at once. O_NOFOLLOW: a path already resolved may not turn into a link."""

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def read_photo(path: Path, *, max_bytes: int, root: Path | None = None) -> bytes:
    """Return the bytes of a regular file of 1 to `max_bytes` bytes.

    Symbolic links are followed; with `root`, one that leads out of that folder is refused. Raises ImageError for a
    missing or unreadable file, for anything but a regular file, for a size out of range, and for a file that changed
    while it was read. Somebody who can swap a folder for a link between check and opening is not defended against.
    """
    try:
        descriptor = os.open(_resolved(path, root), _FLAGS)
    except (OSError, ValueError) as error:
        raise _why_not(error) from error
    try:
        return _read(descriptor, max_bytes)
    except OSError as error:
        raise _why_not(error) from error
    finally:
        os.close(descriptor)


def read_span(path: Path, offset: int, size: int, *, max_bytes: int) -> bytes:
    """Return `size` bytes of a regular file from `offset` on; raises ImageError as `read_photo` does."""
    if not 0 < size <= max_bytes:
        raise ImageSizeError(f"{size:,} bytes, at least 1 and at most {max_bytes:,} allowed")
    try:
        descriptor = os.open(_resolved(path, None), _FLAGS)
        with os.fdopen(descriptor, "rb") as file:
            _check_kind(os.fstat(descriptor).st_mode)
            file.seek(offset)
            data = file.read(size)
    except (OSError, ValueError) as error:
        raise _why_not(error) from error
    if len(data) != size:
        raise TruncatedImageError(f"its shard ends too early: {len(data):,} of {size:,} bytes; copy the shard again")
    return data


def _resolved(path: Path, root: Path | None) -> Path:
    try:
        resolved = path.resolve(strict=True)
    except RuntimeError as error:  # Python 3.11 and 3.12 report a loop of links so
        raise UnreadableImageError("a loop of symbolic links, expected a photo") from error
    if root is not None and not resolved.is_relative_to(root.resolve()):
        raise RefusedImageError("a link that leads out of the source folder; copy the photo into it")
    return resolved


def _read(descriptor: int, max_bytes: int) -> bytes:
    before = os.fstat(descriptor)
    _check_kind(before.st_mode)
    if not before.st_size:
        raise ImageSizeError("empty file")
    if before.st_size > max_bytes:
        raise ImageSizeError(f"{before.st_size:,} bytes, at most {max_bytes:,} allowed")
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        data = file.read(before.st_size + 1)
    after = os.fstat(descriptor)
    if len(data) != before.st_size or (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise UnreadableImageError("changed while it was read; run again once it is complete")
    return data


def _check_kind(mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    kind = next((name for matches, name in _KINDS if matches(mode)), "no regular file")
    raise NotAnImageError(f"{kind}, expected a photo")


def _why_not(error: OSError | ValueError) -> ImageError:
    if isinstance(error, FileNotFoundError):
        return MissingImageError("no such file")
    if isinstance(error, PermissionError):
        return UnreadableImageError("not readable by this user; change its permissions")
    reason = error.strerror if isinstance(error, OSError) else None
    return UnreadableImageError(f"cannot be read: {reason or error}")
