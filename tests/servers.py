"""Watching the processes of the embedded PostgreSQL, for its tests."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil

from venuefinder.store.embedded import EmbeddedPostgres
from venuefinder.store.locks import FileLock

USER_OF_THE_SERVER = """
import sys
from pathlib import Path
from venuefinder.store.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as server:
    print(server.pid, flush=True)
    sys.stdin.read()
"""


class OtherProcess:
    """Another process that uses the server of a folder until told to leave."""

    def __init__(self, data_dir: Path) -> None:
        command = [sys.executable, "-c", USER_OF_THE_SERVER, str(data_dir)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def server_pid(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def leave(self) -> None:
        self._process.communicate(timeout=60)
        assert self._process.returncode == 0


def server_is_down(data_dir: Path) -> bool:
    """The lock that every process of the server holds is free, and nothing says that one runs."""
    lock = FileLock(data_dir / "postgres.locks" / "alive")
    free = lock.acquire(wait=False)
    lock.release()
    return free and not (data_dir / "postgres" / "postmaster.pid").exists()


def runs(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def gone(pid: int) -> bool:
    """Wait for a process to go, for a minute at most."""
    for _ in range(6000):
        if not runs(pid):
            return True
        time.sleep(0.01)
    return False


def write(server: EmbeddedPostgres, word: str) -> None:
    with server.administer() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])


def words(server: EmbeddedPostgres) -> set[str]:
    with server.administer() as connection:
        return {word for (word,) in connection.execute("SELECT word FROM words")}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def kill_server(server: EmbeddedPostgres) -> None:
    os.kill(server.pid, signal.SIGKILL)
    assert gone(server.pid)
