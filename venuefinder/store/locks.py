"""A lock that the kernel holds for a process: it vanishes with the process, however that ends."""

import fcntl
import os
from pathlib import Path
from types import TracebackType


class FileLock:
    """An advisory `flock` on a file of its own.

    The lock belongs to the open file: a child process holds it only when it is handed the file on purpose
    (`fileno`), and then for as long as any process that inherited it lives.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Take the lock; return False if another holds it and `wait` is off."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, mode if wait else mode | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except BaseException:
            os.close(descriptor)
            raise
        self.release()
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let go. Closes only this process's handle: one that a child inherited keeps its hold."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def fileno(self) -> int:
        """Return the descriptor of the held lock, to be passed to a child."""
        if self._descriptor is None:
            raise ValueError(f"lock {self._path} is not held")
        return self._descriptor

    def __enter__(self) -> "FileLock":
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
