"""`venuefinder tidy`: keep the catalogue clean."""

import json
from dataclasses import asdict
from types import TracebackType
from typing import Annotated, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from venuefinder.bootstrap import Services
from venuefinder.settings import load_settings
from venuefinder.terminal import plain, say
from venuefinder.upkeep.tidying import Tidied

UNSEEN_EXIT = 6
"""The run ended, but some photos could not be looked at; they are named."""
SHOWN = 20
"""Photos named on the terminal."""


def tidy_command(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what there is to do, and do none of it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="End with the counts as one line of JSON.")] = False,
) -> None:
    """Look again at photos whose look is of old, link copies, tag kinds of photos, sweep what is left of those gone.

    Safe to run again, and while searches and ingestion go on; stopped at any time, the next run goes on from there.
    Exit code 6: some photos could not be looked at.
    """
    with Services(load_settings()) as services, TerminalTidying() as progress:
        tidying = services.tidying
        report = tidying.plan(progress) if dry_run else tidying.run(progress, threads=services.settings.decode_threads)
    for line in words(report, dry=dry_run):
        say(line)
    if as_json:
        typer.echo(json.dumps(asdict(report), ensure_ascii=False))
    raise typer.Exit(UNSEEN_EXIT if report.unseen else 0)


class TerminalTidying:
    """A progress bar on stderr for each thing that is done; on no terminal, nothing."""

    def __init__(self) -> None:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self._bar.add_task("tidy", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def begin(self, what: str, total: int | None) -> None:
        """Start a bar anew."""
        self._bar.reset(self._task, description=what, total=total)

    def update(self, done: int) -> None:
        """Move it."""
        self._bar.update(self._task, completed=done)


def words(report: Tidied, *, dry: bool) -> list[str]:
    """Return what a run did, or of a dry one would do, in lines."""
    lines = [
        f"not looked at: photo {photo.photo_id} ({plain(photo.uri)}): {plain(photo.reason)}"
        for photo in report.unseen[:SHOWN]
    ]
    if len(report.unseen) > SHOWN:
        lines.append(f"… and {len(report.unseen) - SHOWN:,} more; all are in --json")
    due, changed, tagged, swept = (
        ("to do", "to change", "to tag", "to sweep") if dry else ("done", "changed", "tagged", "swept")
    )
    return [
        *lines,
        f"looks: {report.looked_at:,} {due}",
        f"links between copies: {report.links_changed:,} {changed}",
        f"kinds: {report.tagged:,} photos {tagged}",
        f"left of photos that are gone: {report.looks_swept:,} looks and {report.readings_swept:,} readings {swept}",
    ]
