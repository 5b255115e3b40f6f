"""`venuefinder ingest`."""

import json
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Annotated, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ingest.report import Counts, Report
from ingest.sources import Source, open_source
from venuefinder.terminal import plain

FAILURES_EXIT = 6
"""The run ended, but some venues or photos failed; the report names them."""
SHOWN_FAILURES = 20


def ingest_command(
    path: Annotated[
        Path, typer.Argument(help="A folder with a sub-folder a venue, or a .jsonl, .csv or .parquet manifest.")
    ],
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Read and hash every photo again.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove what this source no longer lists.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="End with the report as one line of JSON.")] = False,
) -> None:
    """Bring the catalogue to what a folder or manifest lists.

    Exit code 0: everything is in. 6: the run ended, but some venues or photos failed.
    """
    from ingest.options import RunOptions
    from ingest.runner import ingest
    from venuefinder.bootstrap import Services
    from venuefinder.settings import load_settings

    source = open_source(path)
    with Services(load_settings()) as services, TerminalProgress(source) as progress:
        progress.say(f"database: {services.database.where}")
        progress.say(f"encoder: {services.encoder.space.name}")
        report = ingest(source, services, progress, RunOptions(verify=verify, prune=prune))
    show(report)
    if as_json:
        sys.stdout.write(json.dumps(report.as_json(), ensure_ascii=False) + "\n")
    raise typer.Exit(FAILURES_EXIT if report.failed else 0)


class TerminalProgress:
    """A progress bar on stderr; on no terminal, a line now and then."""

    def __init__(self, source: Source) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        columns = (TextColumn("venues"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[photos]}"))
        self._bar = Progress(
            *columns, TimeElapsedColumn(), console=self._console, disable=not self._console.is_terminal
        )
        self._task = self._bar.add_task("ingest", total=source.count(), photos="")
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._bar.stop()

    def update(self, report: Report) -> None:
        """Move the bar."""
        encoded = report.photos.new + report.photos.updated
        rate = encoded / max(time.monotonic() - self._started, 1e-9)
        done = report.venues.new + report.venues.updated + report.venues.unchanged + report.venues.failed
        photos = f"{report.photos.read:,} photos, {encoded:,} encoded ({rate:.1f}/s), {report.photos.failed:,} failed"
        self._bar.update(self._task, completed=done, photos=photos)

    def say(self, message: str) -> None:
        """Print one line above the bar."""
        self._console.print(plain(message))


def show(report: Report) -> None:
    """Print the report for people, on stderr."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for failure in report.failures[:SHOWN_FAILURES]:
        console.print(f"[red]failed[/] {plain(failure.uri)}: {plain(failure.reason)}")
    if len(report.failures) > SHOWN_FAILURES:
        console.print(f"… and {len(report.failures) - SHOWN_FAILURES} more; all are in the report (--json)")
    console.print(f"venues: {_words(report.venues)}")
    console.print(f"photos: {_words(report.photos)}")


def _words(counts: Counts) -> str:
    shown = (f"{getattr(counts, name):,} {name}" for name in ("new", "updated", "unchanged", "failed", "removed"))
    return f"{counts.read:,} read: " + ", ".join(shown)
