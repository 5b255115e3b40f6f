"""The embedded PostgreSQL: a server of our own in a data folder, shared by every process that uses the folder.

    <data_dir>/postgres         the database files, owned by whoever runs the server, mode 0700
    <data_dir>/postgres.log     what the server says
    <data_dir>/postgres.locks/  start: held while starting or stopping; users: held, shared, by every process that
                                uses the server; alive: held by the server's own processes

Locks of the kernel decide, not process ids: they end with their processes, so that nothing is left to clean up
after a kill, and a reused process id misleads nobody.
"""

import atexit
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from venuefinder.errors import DatabaseUnavailableError, DiskFullError
from venuefinder.store.embedded_folder import (
    USER,
    check_database_folder,
    find_binaries,
    free_bytes,
    is_unused,
    make_data_folder,
    make_database_folder,
    make_socket_folder,
    remove_socket,
    remove_socket_folder,
)
from venuefinder.store.embedded_postmaster import Postmaster, forget_postmaster, read_postmaster
from venuefinder.store.embedded_runner import new_runner, runner_for
from venuefinder.store.embedded_settings import PORT, settings, this_machine
from venuefinder.store.locks import FileLock

DATABASE = "venuefinder"
START_SECONDS = 600
"""Recovery after a power loss replays up to `max_wal_size` of log."""
STOP_SECONDS = 120
POLL_SECONDS = 0.02
LOG_BYTES = 1_000_000
"""A log larger than this is started anew with the server."""
LOG_LINES = 15
"""Quoted when the server ends while starting."""
ROOM = 32 * 1024 * 1024
"""Bytes: a server that fails with less free is taken to fail for that. It writes its log 16 MB at a time."""


class EmbeddedPostgres:
    """The server of one data folder: started by its first user, stopped by its last.

    Use as a context manager, or `start` and `close`. A process that ends closes too; one that is killed leaves the
    server to the next. Raises DatabaseUnavailableError when it cannot be started, ConfigurationError when this
    machine has no such server.
    """

    def __init__(self, data_dir: Path, *, binaries: Path | None = None) -> None:
        self.data_dir = data_dir.expanduser().resolve()
        self.folder = self.data_dir / "postgres"
        self._locks = self.data_dir / "postgres.locks"
        self._users = FileLock(self._locks / "users")
        self._binaries = binaries
        self._postmaster: Postmaster | None = None

    def start(self) -> None:
        """Start the server, or join the one that runs; the database `venuefinder` exists afterwards."""
        if self._postmaster is not None:
            return
        with self._explained():
            make_data_folder(self.data_dir)
            self._locks.mkdir(mode=0o700, exist_ok=True)
            with FileLock(self._locks / "start"):
                self._join(self._running())

    def revive(self) -> None:
        """Start the server again after it died, or join the one that another process started since.

        Its `url` may be another afterwards. A database folder that is gone is not made anew: it held what is missed.
        """
        self._started()
        with self._explained():
            check_database_folder(self.folder)
            with FileLock(self._locks / "start"):
                self._postmaster = self._running()

    def close(self) -> None:
        """Stop using the server; the last user stops it."""
        if self._postmaster is None:
            return
        atexit.unregister(self.close)
        self._postmaster = None
        with suppress(FileNotFoundError), FileLock(self._locks / "start"):  # the folder may be gone, with the server
            self._users.release()
            if self._users.acquire(wait=False):
                self._stop()
        self._users.release()

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._started().pid

    @property
    def socket_folder(self) -> Path:
        """The 0700 folder of the server's socket."""
        return self._started().socket_folder or self.folder

    def url(self, database: str = DATABASE) -> str:
        """Return the SQLAlchemy URL of a database of this server."""
        name, folder = quote(database, safe=""), quote(str(self.socket_folder), safe="")
        return f"postgresql+psycopg://{USER}@/{name}?host={folder}&port={PORT}"

    def administer(self) -> "psycopg.Connection":
        """Return an autocommitting superuser connection to the server's own database, to be closed by the caller."""
        return psycopg.connect(
            host=str(self.socket_folder), port=PORT, user=USER, dbname="postgres", autocommit=True, connect_timeout=30
        )

    def __enter__(self) -> "EmbeddedPostgres":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise what keeps the server from starting as an error of ours, a full disk before anything else."""
        try:
            yield
        except (psycopg.Error, OSError, DatabaseUnavailableError) as error:
            if isinstance(error, psycopg.Error):
                self.close()
            raise self._explanation(error) from error

    def _explanation(self, error: Exception) -> DatabaseUnavailableError:
        where, free = f"embedded PostgreSQL in {self.data_dir}", free_bytes(self.data_dir)
        if free is not None and free < ROOM:
            return DiskFullError(
                f"{where}: the disk is full ({free / 1e6:.1f} MB free); free some space, or move the folder and name "
                f"it by VENUEFINDER_DATA_DIR, then run the command again ({error})"
            )
        if isinstance(error, DatabaseUnavailableError):
            return error
        if isinstance(error, OSError):
            return DatabaseUnavailableError(
                f"{where}: {error}; the folder must be on a local disk with free space and belong to this user; "
                "VENUEFINDER_DATA_DIR chooses another"
            )
        return DatabaseUnavailableError(f"{where}: {error}; run the command again, or see {self._log}")

    def _started(self) -> Postmaster:
        if self._postmaster is None:
            raise DatabaseUnavailableError(f"embedded PostgreSQL in {self.data_dir}: it was not started, or is closed")
        return self._postmaster

    def _join(self, postmaster: Postmaster) -> None:
        self._users.acquire(shared=True)
        self._postmaster = postmaster
        atexit.register(self.close)
        try:
            self._make_database()
        except psycopg.OperationalError:  # a session crashed meanwhile: then the server ends all others, and recovers
            self._postmaster = self._running()
            self._make_database()

    def _make_database(self) -> None:
        with self.administer() as connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _running(self) -> Postmaster:
        """Return the ready server, started first if none of its processes lives."""
        launched = False
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            alive = FileLock(self._locks / "alive")
            if alive.acquire(wait=False):
                try:
                    if launched:
                        raise DatabaseUnavailableError(self._last_words())
                    self._launch(alive)
                finally:
                    alive.release()
                launched = True
            elif postmaster := self._ready():
                return postmaster
            time.sleep(POLL_SECONDS)
        raise DatabaseUnavailableError(
            f"embedded PostgreSQL in {self.data_dir}: a server holds the folder but was not ready in {START_SECONDS} "
            f"s; it may run in another container, or still recover: see {self._log}"
        )

    def _ready(self) -> Postmaster | None:
        postmaster = read_postmaster(self.folder)
        if postmaster and postmaster.ready and postmaster.is_alive() and self._accepts(postmaster):
            return postmaster
        return None

    def _accepts(self, postmaster: Postmaster) -> bool:
        """Return whether sessions may begin: its file calls a server ready even while that recovers from a crash."""
        folder = str(postmaster.socket_folder or self.folder)
        where = make_conninfo(host=folder, port=PORT, user=USER, dbname="postgres", connect_timeout=30)
        return PGconn.ping(where.encode()) == Ping.OK

    def _launch(self, alive: FileLock) -> None:
        """Start the server in the background, holding the lock `alive` through all its processes."""
        binaries = self._binaries or find_binaries()
        if is_unused(self.folder):
            make_database_folder(self.folder, new_runner(), binaries)
        check_database_folder(self.folder)
        runner = runner_for(self.folder).able_to_use(self.folder, binaries / "postgres")
        self._forget_killed_server()
        chosen = settings(this_machine(), make_socket_folder(self.folder, runner))
        command: list[str | Path] = [binaries / "postgres", "-D", self.folder]
        options = [f"--{name}={value}" for name, value in chosen.items()]
        with self._open_log() as log:
            runner.detach([*command, *options], log=log, inherit=alive.fileno())

    def _forget_killed_server(self) -> None:
        """Clear what a killed server left. None of ours lives: we hold the lock that its processes would hold."""
        left = read_postmaster(self.folder)
        if left is not None and left.is_alive():
            raise DatabaseUnavailableError(
                f"embedded PostgreSQL: {self.folder} is in use by a server that VenueFinder did not start "
                f"(process {left.pid}); stop it: kill -INT {left.pid}"
            )
        if left is not None:
            remove_socket_folder(left.socket_folder, self.folder)
        remove_socket(self.folder)
        forget_postmaster(self.folder)

    def _stop(self) -> None:
        """End the server as `pg_ctl stop -m fast` does, and wait until its last process is gone."""
        postmaster = read_postmaster(self.folder)
        if postmaster is None or not postmaster.is_alive():
            return
        with suppress(ProcessLookupError):
            os.kill(postmaster.pid, signal.SIGINT)
        alive = FileLock(self._locks / "alive")
        deadline = time.monotonic() + STOP_SECONDS
        while not alive.acquire(wait=False) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        alive.release()
        remove_socket_folder(postmaster.socket_folder, self.folder)

    @property
    def _log(self) -> Path:
        return self.data_dir / "postgres.log"

    def _open_log(self) -> IO[bytes]:
        def private(path: str, flags: int) -> int:
            return os.open(path, flags | os.O_NOFOLLOW, 0o600)

        started_anew = self._log.exists() and self._log.stat().st_size > LOG_BYTES
        return open(self._log, "wb" if started_anew else "ab", opener=private)

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
        return f"embedded PostgreSQL in {self.data_dir}: the server ended while starting:\n" + "\n".join(lines)
