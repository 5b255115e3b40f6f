"""The embedded PostgreSQL's settings, sized to this machine."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

MB = 1024 * 1024
SYNC_METHOD = "syncfs" if sys.platform == "linux" else "fsync"
"""How a whole data folder is written out: Linux does it at once, others file by file."""
PORT = 5432
"""Names the socket file; nothing listens on TCP."""
SHARED_MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - looked at, never written to
CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the server may use. Sizes in bytes."""

    memory: int
    cores: int
    shared_memory: int | None
    """Room for POSIX shared memory; None where the system sets no limit."""


def this_machine() -> Machine:
    """Measure this machine, or the container that limits it."""
    limits = [int(path.read_text()) for path in CGROUP_LIMITS if path.exists() and path.read_text().strip().isdigit()]
    memory = min([psutil.virtual_memory().total, *limits])
    return Machine(memory=memory, cores=os.cpu_count() or 1, shared_memory=_shared_memory())


def _shared_memory() -> int | None:
    if sys.platform != "linux":
        return None
    if not SHARED_MEMORY_FOLDER.exists():
        return 0
    room = os.statvfs(SHARED_MEMORY_FOLDER)
    return room.f_frsize * room.f_blocks


def settings(machine: Machine, socket_folder: Path) -> dict[str, str]:
    """Return the server's settings; `socket_folder` is absolute and holds no quotes or commas."""
    maintenance = _between(64 * MB, machine.memory // 16, 1024 * MB)
    helpers = _between(1, machine.cores, 8)
    return {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": f'"{socket_folder}"',
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": _megabytes(_between(128 * MB, machine.memory // 4, 8192 * MB)),
        "effective_cache_size": _megabytes(machine.memory // 2),
        "maintenance_work_mem": _megabytes(maintenance),
        "max_parallel_maintenance_workers": str(helpers),
        "max_worker_processes": str(8 + helpers),
        "dynamic_shared_memory_type": _shared_memory_type(machine, maintenance),
        "recovery_init_sync_method": SYNC_METHOD,
        # Nothing replicates from this server, so bulk loads into new tables need not go through the log.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "log_checkpoints": "off",
        "jit": "off",
    }


def _shared_memory_type(machine: Machine, maintenance: int) -> str:
    """Return where parallel index builds share memory: containers often have 64 MB in /dev/shm."""
    cramped = machine.shared_memory is not None and machine.shared_memory < 2 * maintenance
    return "mmap" if cramped else "posix"


def _between(least: int, value: int, most: int) -> int:
    return max(least, min(value, most))


def _megabytes(size: int) -> str:
    return f"{size // MB}MB"
