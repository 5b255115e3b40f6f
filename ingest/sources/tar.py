"""The members of a tar archive that a stranger made: regular files alone, found by reading headers alone.

`tarfile` reads the headers, held to a budget: extended headers may claim gigabytes, and sparse maps go on for ever.
"""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from venuefinder.domain import CONTROL_CHARACTER, MAX_URI
from venuefinder.errors import ListingError

HEADER_BYTES = 1_000_000
"""What the headers of one member may take. Long names need some hundred bytes."""
BLOCK = 512
_SPECIAL = (
    (tarfile.TarInfo.issym, "a symbolic link"),
    (tarfile.TarInfo.islnk, "a hard link"),
    (tarfile.TarInfo.isdev, "a device or pipe"),
    (tarfile.TarInfo.issparse, "a sparse file"),
)


@dataclass(frozen=True, slots=True)
class TarFile:
    """A regular file of an archive: where its bytes are, or why it is refused."""

    name: str
    offset: int = 0
    size: int = 0
    refused: str | None = None


def files_of(file: BinaryIO) -> Iterator[TarFile]:
    """Yield the files of an uncompressed archive in their order, folders left out.

    Raises ListingError where the archive is none, is cut short or lies about its members: what follows is lost.
    """
    size = file.seek(0, 2)
    file.seek(0)
    budget = _Budget(file)
    try:
        with tarfile.open(fileobj=budget, mode="r:") as archive:  # type: ignore[call-overload] # it only reads and seeks
            while (member := archive.next()) is not None:
                budget.renew()
                _check_bounds(member, archive, size)
                archive.members.clear()  # or it remembers all of them
                if not member.isdir():
                    yield TarFile(*_judged(member))
            _check_end(file, archive.offset)
    except ListingError:
        raise
    except (tarfile.TarError, ValueError, OverflowError, RecursionError, EOFError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ListingError(f"not a tar archive that can be read ({reason}); expected an uncompressed one") from error


def _judged(member: tarfile.TarInfo) -> tuple[str, int, int, str | None]:
    name = member.name.removeprefix("./")
    return name, member.offset_data, member.size, _why_refused(name, member)


def _why_refused(name: str, member: tarfile.TarInfo) -> str | None:
    for is_so, what in _SPECIAL:
        if is_so(member):
            return f"{what}, expected a file; write the file itself into the archive"
    if not member.isreg():
        return "no regular file; write photos as files"
    if name.startswith("/") or ".." in name.split("/") or "\\" in name:
        return "a name that leads out of the archive; name its members relative to it"
    if not name or len(name) > MAX_URI or CONTROL_CHARACTER.search(name):
        return f"a name that cannot be stored: expected 1 to {MAX_URI:,} characters of UTF-8, no control characters"
    return None


def _check_bounds(member: tarfile.TarInfo, archive: tarfile.TarFile, size: int) -> None:
    """Refuse sizes that lead back or beyond the end: the first read headers again for ever, the second nothing."""
    if member.size < 0 or archive.offset < member.offset_data:
        raise ListingError(f"{member.name[:100]}: a size of {member.size:,} bytes; the archive is broken")
    if member.isreg() and not member.issparse() and member.offset_data + member.size > size:
        raise ListingError(
            f"{member.name[:100]}: ends too early, {max(0, size - member.offset_data):,} of {member.size:,} bytes; "
            "copy the archive again"
        )


def _check_end(file: BinaryIO, offset: int) -> None:
    """An archive ends with a block of zeros. `tarfile` also ends, without a word, at a header that is broken."""
    file.seek(offset)
    found = file.read(BLOCK)
    if len(found) < BLOCK or any(found):
        raise ListingError(f"ends too early or is broken, {offset:,} bytes from its beginning; copy the archive again")


class _Budget:
    """A file that gives so many bytes a member."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = HEADER_BYTES

    def renew(self) -> None:
        self._left = HEADER_BYTES

    def read(self, size: int = -1) -> bytes:
        self._left -= size
        if size < 0 or self._left < 0:
            raise ListingError(f"headers of more than {HEADER_BYTES:,} bytes, far from any archive of photos")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()
