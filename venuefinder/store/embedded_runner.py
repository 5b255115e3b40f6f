"""Who runs the embedded PostgreSQL's programs. They refuse root, so root lends them a system user."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from venuefinder.errors import DatabaseUnavailableError

SYSTEM_USER = "venuefinder"
CAPABILITIES = (None, "dac_read_search", "dac_override")
"""What to lend, the least first: nothing, reading and passing any folder, writing too (all that Docker lends)."""
USER_EXISTS = 9
"""useradd's exit status when another process was first."""
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ", "TMPDIR")
"""The server sees no other variable: no API key, and no PG* that would change its behaviour."""


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {"LC_ALL": "C"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Runs programs as one user; `uid` None means as the calling one."""

    uid: int | None = None
    gid: int | None = None
    capability: str | None = None
    environment: Mapping[str, str] = field(default_factory=_environment)

    def run(self, command: Sequence[str | Path]) -> "subprocess.CompletedProcess[str]":
        """Run to the end; returns the exit status with stdout and stderr together, as text."""
        return subprocess.run(  # noqa: S603 - a list of arguments, no shell
            self._wrapped(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
            **self._identity(),
        )

    def detach(self, command: Sequence[str | Path], *, log: IO[bytes], inherit: int) -> None:
        """Start a process that outlives this one, writes to `log` and holds the descriptor `inherit`."""
        # The shell leaves at once, so init reaps the server and a Ctrl-C in this terminal does not reach it.
        background = ["/bin/sh", "-c", '"$@" &', "sh", *command]
        subprocess.run(  # noqa: S603 - the script is constant, the rest are its arguments
            self._wrapped(background),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(inherit,),
            start_new_session=True,
            check=False,
            **self._identity(),
        )

    def own(self, path: Path) -> None:
        """Give a file or folder made by root to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def able_to_use(self, folder: Path, program: Path) -> "Runner":
        """Return this runner with the least capability that reaches both, or raise DatabaseUnavailableError.

        A clone in root's own 0700 folder is out of reach of any other user, and stays 0700: the programs get
        the capability to pass it instead.
        """
        # `-C` is the cheapest start that finds its own binary and files.
        script = 'cd "$1" && "$2" -C port -D "$1" -c config_file=/dev/null'
        probe: list[str | Path] = ["/bin/sh", "-c", script, "sh", folder, program]
        problems = []
        for capability in self._capabilities():
            runner = replace(self, capability=capability)
            result = runner.run(probe)
            if result.returncode == 0:
                return runner
            problems.append(result.stdout.strip())
        raise DatabaseUnavailableError(
            f"embedded PostgreSQL: {self._name()} cannot use {folder} with {program} ({problems[0]}); put the project "
            "and the data folder (VENUEFINDER_DATA_DIR) where that user may go, run as an ordinary user, "
            "or set DATABASE_URL"
        )

    def _name(self) -> str:
        return f"the user with id {os.geteuid() if self.uid is None else self.uid}"

    def _capabilities(self) -> tuple[str | None, ...]:
        lendable = self.uid is not None and shutil.which("setpriv") is not None
        return CAPABILITIES if lendable else (None,)

    def _wrapped(self, command: Sequence[str | Path]) -> list[str]:
        plain = [os.fspath(part) for part in command]
        if self.capability is None:
            return plain
        lent = [f"--inh-caps=+{self.capability}", f"--ambient-caps=+{self.capability}"]
        # PostgreSQL asks access(2) about its own binary, which forgets capabilities without this bit.
        lent += ["--securebits=+no_setuid_fixup", "--no-new-privs"]
        return ["setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups", *lent, "--", *plain]

    def _identity(self) -> dict[str, Any]:
        """Return how the child differs from this process; `setpriv` changes the user itself."""
        common = {"cwd": "/", "env": dict(self.environment), "umask": 0o077}
        if self.uid is None or self.capability is not None:
            return common
        return common | {"user": self.uid, "group": self.gid, "extra_groups": []}


def new_runner() -> Runner:
    """Return who is to own a new database: the caller, or the system user that root lends, made when missing."""
    return _as_system_user() if os.geteuid() == 0 else Runner()


def runner_for(folder: Path) -> Runner:
    """Return who may run the server of this database: its owner. Raises DatabaseUnavailableError."""
    if os.geteuid() != 0:
        return _as_caller(folder)
    owner = folder.stat()
    if owner.st_uid == 0:
        raise DatabaseUnavailableError(
            f"embedded PostgreSQL: {folder} belongs to root, as whom PostgreSQL refuses to run; "
            f"run: chown -R {SYSTEM_USER}: '{folder}' (after: useradd --system {SYSTEM_USER})"
        )
    return Runner(uid=owner.st_uid, gid=owner.st_gid)


def _as_caller(folder: Path) -> Runner:
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        raise DatabaseUnavailableError(
            f"embedded PostgreSQL: {folder} belongs to the user with id {owner}, this process runs as "
            f"{os.geteuid()}; run as the owner or choose another VENUEFINDER_DATA_DIR"
        )
    return Runner()


def _as_system_user() -> Runner:
    import pwd  # not on Windows

    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _make_system_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    return Runner(uid=entry.pw_uid, gid=entry.pw_gid)


def _make_system_user() -> None:
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false"]
    search = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    useradd = shutil.which("useradd", path=search)
    result = Runner().run([useradd, *options, SYSTEM_USER]) if useradd else None
    if result is None or result.returncode not in (0, USER_EXISTS):
        reason = result.stdout.strip() if result else "no program useradd"
        raise DatabaseUnavailableError(
            f"embedded PostgreSQL: it refuses to run as root, and the system user {SYSTEM_USER!r} cannot be made "
            f"({reason}); run as an ordinary user, make that user, or set DATABASE_URL"
        )
