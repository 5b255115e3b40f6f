"""`venuefinder spaces backfill`."""

import json
import os
import sys
import time
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from ingest.backfill import Backfill, BackfillReport
from venuefinder.progress_bar import ProgressBar
from venuefinder.spaces.space_states import Missing
from venuefinder.terminal import plain

FAILURES_EXIT = 6
"""The run ended, but some photos could not be embedded; they are named."""
SHOWN_FAILURES = 20
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


class TerminalBackfill(ProgressBar):
    """How a backfill goes."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        rate = TextColumn("{task.fields[rate]}")
        super().__init__(*columns, rate, TimeRemainingColumn(), what="photos and descriptions", rate="")
        self._total = 0
        self._started = time.monotonic()

    def begin(self, missing: Missing) -> None:
        """Set how much there is to do."""
        self._total = missing.photos + missing.descriptions
        self._started = time.monotonic()
        self.start(self._total)
        self.say(f"{missing} to embed")

    def update(self, report: BackfillReport) -> None:
        """Move the bar, or say how far it is."""
        done = report.photos + report.descriptions + len(report.failures)
        rate = done / max(time.monotonic() - self._started, 1e-9)
        failed = f", {len(report.failures):,} failed" if report.failures else ""
        minutes = max(self._total - done, 0) / max(rate, 1e-9) / 60
        self.move(done, rate=f"{rate:,.1f}/s{failed}")
        self.say_now_and_then(f"{done:,} of {self._total:,}{failed}; {rate:,.1f}/s, about {minutes:,.0f} min left")


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
