"""The command line in processes of their own, with a fake encoder and wires. Importing it all takes seconds, so that is
done once, in a server that each process is forked from."""

import json
import multiprocessing
import os
import resource
import signal
import sys
import warnings
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import ingest.runner  # noqa: F401 - what the server has, its processes have
from tests.tripwire import Step, Tripwires, WiredEncoder, signals_me
from venuefinder import cli
from venuefinder.encoders import registry

SECONDS = 300
"""After which a process hangs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to happen to a process."""

    step: Step | None = None
    number: int = 0
    """Which of these steps, from 1."""
    signal: int = 9
    seconds: float = 0.0
    """What a batch takes to encode, at least."""
    address_space: int = 0
    """Bytes that the process may have more of; 0: as many as it likes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended. What it would have told at its end is nothing where it was killed."""

    code: int
    """The exit code, or the signal's number below zero."""
    stdout: str
    stderr: str
    counts: dict[str, int]
    """Steps taken."""
    peak: int
    """Bytes of memory at the most."""

    @property
    def report(self) -> dict[str, Any]:
        """The report of `--json`."""
        report: dict[str, Any] = json.loads(self.stdout.splitlines()[-1])
        return report


class Tripped:
    """A `venuefinder` process that works in a folder."""

    def __init__(self, plan: Plan, folder: Path, *arguments: str, **settings: str) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.tripped"])
        self._streams = folder / f".streams-{os.urandom(8).hex()}"
        self._streams.mkdir()
        environment = {"VENUEFINDER_BATCH_SIZE": "4", "NO_COLOR": "1"} | settings
        of_process = (plan, self._streams, folder, arguments, environment)
        self._process: BaseProcess = context.Process(target=_run, args=of_process)
        self._process.start()

    def ended(self) -> Ended:
        """Wait for its end."""
        self._process.join(SECONDS)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        told = self._streams / "told"
        return Ended(
            code=int(self._process.exitcode or 0),
            stdout=(self._streams / "stdout").read_text(),
            stderr=(self._streams / "stderr").read_text(),
            **(json.loads(told.read_text()) if told.exists() else {"counts": {}, "peak": 0}),
        )


def run_tripped(plan: Plan, folder: Path, *arguments: str, **settings: str) -> Ended:
    """Run `venuefinder` with `arguments` in `folder`, and wait for its end."""
    return Tripped(plan, folder, *arguments, **settings).ended()


def _run(plan: Plan, streams: Path, folder: Path, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    """Run the command line behind wires, then tell the steps that it took."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(streams / name, os.O_WRONLY | os.O_CREAT, 0o600), number)
    os.chdir(folder)
    os.environ.update(environment)
    warnings.simplefilter("error")
    if plan.address_space:
        limit = _address_space() + plan.address_space
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells have what they start with `&` ignore Ctrl-C
    wires = Tripwires(plan.step, plan.number, signals_me(plan.signal))
    wires.lay()
    registry.load_encoder = lambda *_, **__: WiredEncoder(wires, plan.seconds)  # type: ignore[assignment]  # no model
    sys.argv = ["venuefinder", *arguments]
    try:
        cli.main()
    finally:
        peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KB on Linux
        (streams / "told").write_text(json.dumps({"counts": wires.counts, "peak": peak}))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()
