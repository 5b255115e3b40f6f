"""What a running PostgreSQL says of itself in `postmaster.pid`."""

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

FILE = "postmaster.pid"
PID, SOCKET_FOLDER, STATUS = 0, 4, 7
"""Lines of the file, counted from 0 (PostgreSQL: src/include/utils/pidfile.h)."""


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The parent process of the server of `folder`, as its file says; it may be long gone."""

    folder: Path
    pid: int
    socket_folder: Path | None = None
    ready: bool = False

    def is_alive(self) -> bool:
        """Return whether this process is a PostgreSQL of the folder's owner that works in the folder.

        Another program, or the server of another folder, may have its id by now.
        """
        try:
            process = psutil.Process(self.pid)
            if process.status() == psutil.STATUS_ZOMBIE or process.name() != "postgres":
                return False
            return process.uids().real == self.folder.stat().st_uid and self._is_home_of(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False

    def _is_home_of(self, process: psutil.Process) -> bool:
        try:
            return Path(process.cwd()) == self.folder
        except psutil.AccessDenied:  # root in a container may not trace the processes of another user
            return str(self.folder) in process.cmdline()


def read_postmaster(folder: Path) -> Postmaster | None:
    """Return what the file in this database folder says; None if there is none or it is half-written."""
    try:
        lines = (folder / FILE).read_bytes().split(b"\n")
        pid = int(lines[PID])
    except (FileNotFoundError, ValueError):
        return None
    if pid <= 0 or len(lines) <= STATUS:
        return Postmaster(folder, pid) if pid > 0 else None
    socket_folder = Path(os.fsdecode(lines[SOCKET_FOLDER])) if lines[SOCKET_FOLDER] else None
    return Postmaster(folder, pid, socket_folder, lines[STATUS].strip() == b"ready")


def forget_postmaster(folder: Path) -> None:
    """Remove the file, be it damaged; only for who knows that none of the server's processes lives."""
    (folder / FILE).unlink(missing_ok=True)
