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
        """Return whether a PostgreSQL process of the folder's owner has this id."""
        try:
            process = psutil.Process(self.pid)
            ended = process.status() == psutil.STATUS_ZOMBIE
            return not ended and process.name() == "postgres" and process.uids().real == self.folder.stat().st_uid
        except psutil.NoSuchProcess:
            return False

    def works_here(self) -> bool:
        """Return whether that process works in the folder; the server of another may have its id by now."""
        try:
            process = psutil.Process(self.pid)
            try:
                return Path(process.cwd()) == self.folder
            except psutil.AccessDenied:  # another user's process, and no right to trace it
                return str(self.folder) in process.cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False

    def forget(self) -> None:
        """Remove the file; only for who knows that none of the server's processes lives."""
        (self.folder / FILE).unlink(missing_ok=True)


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
