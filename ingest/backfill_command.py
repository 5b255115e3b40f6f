"""`venuefinder spaces backfill`."""

import json
import os
import sys
import time
from dataclasses import asdict
from types import TracebackType
from typing import Annotated, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ingest.backfill import Backfill, BackfillReport
from venuefinder.space_states import Missing
from venuefinder.terminal import plain

FAILURES_EXIT = 6
"""The run ended, but some photos could not be embedded; they are named."""
SHOWN_FAILURES = 20
LINE_SECONDS = 30.0
"""Between two lines where there is no terminal to draw a bar on."""
NICENESS = 10
"""Searches on the same machine come first: Linux gives them about nine times the time of so nice a process."""


def backfill_command(
    space: Annotated[
        str | None, typer.Argument(metavar="[SPACE]", help="Which space to fill; else the newest one.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="End with the report as one line of JSON.")] = False,
) -> None:
    """Embed in a space what it lacks, while another serves; then build its index and tune it.

    Stop it as you like and run it again: it goes on where it was. Exit code 0: nothing is missing. 6: some photos could
    not be embedded.
    """
    from venuefinder.bootstrap import Services
    from venuefinder.settings import load_settings

    if hasattr(os, "nice"):
        os.nice(NICENESS)
    with Services(load_settings()) as services, TerminalBackfill() as progress:
        stored = services.switching.named(space) if space else services.switching.newest()
        progress.say(f"space: {stored.space.name}")
        report = Backfill(services.in_space(stored), stored, progress).run()
    _show(report)
    if as_json:
        sys.stdout.write(json.dumps(asdict(report), ensure_ascii=False) + "\n")
    raise typer.Exit(FAILURES_EXIT if report.failures else 0)


class TerminalBackfill:
    """A progress bar on stderr; on no terminal, a line now and then."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
        )
        self._bar = Progress(
            *columns, TimeRemainingColumn(), console=self._console, disable=not self._console.is_terminal
        )
        self._task = self._bar.add_task("photos and descriptions", rate="")
        self._total = 0
        self._started = self._told = time.monotonic()

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._bar.stop()

    def begin(self, missing: Missing) -> None:
        """Set how much there is to do."""
        self._total = missing.photos + missing.descriptions
        self._started = self._told = time.monotonic()
        self._bar.update(self._task, total=self._total)
        self.say(f"{missing} to embed")

    def update(self, report: BackfillReport) -> None:
        """Move the bar, or say how far it is."""
        done, now = report.photos + report.descriptions + len(report.failures), time.monotonic()
        rate = done / max(now - self._started, 1e-9)
        failed = f", {len(report.failures):,} failed" if report.failures else ""
        self._bar.update(self._task, completed=done, rate=f"{rate:,.1f}/s{failed}")
        if not self._console.is_terminal and now - self._told >= LINE_SECONDS:
            self._told = now
            left = max(self._total - done, 0) / max(rate, 1e-9)
            self.say(f"{done:,} of {self._total:,}{failed}; {rate:,.1f}/s, about {left / 60:,.0f} min left")

    def say(self, message: str) -> None:
        """Print one line above the bar."""
        self._console.print(plain(message))


def _show(report: BackfillReport) -> None:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for failure in report.failures[:SHOWN_FAILURES]:
        name = f"{failure.external_id}/{failure.uri}"
        console.print(f"[red]failed[/] {plain(name)}: {plain(failure.reason)}")
    if len(report.failures) > SHOWN_FAILURES:
        console.print(f"… and {len(report.failures) - SHOWN_FAILURES:,} more; all are in the report (--json)")
    console.print(f"space {report.space!r}: embedded {report.photos:,} photos and {report.descriptions:,} descriptions")
    if report.missing:
        again = "what came meanwhile: run it again" if not report.failures else "those that failed, or came meanwhile"
        console.print(f"{report.missing} are still missing: {again}")
    else:
        console.print(
            f"nothing is missing; next: venuefinder spaces compare {report.space}, then venuefinder spaces "
            f"activate {report.space}"
        )
