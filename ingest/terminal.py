"""What people see of a run: a bar or lines while it goes on, the report at its end."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn

from ingest.report import Counts, Report
from ingest.sources import Source
from ingest.speed import Speed
from ingest.stages import IN_WORDS
from venuefinder.progress_bar import ProgressBar
from venuefinder.terminal import plain

SHOWN_FAILURES = 20


class TerminalProgress(ProgressBar):
    """How a run goes."""

    def __init__(self, source: Source) -> None:
        columns = (TextColumn("venues"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[how]}"))
        super().__init__(*columns, TimeElapsedColumn(), how="")
        self._total = source.count()
        self._speed = Speed(self._total)
        self.start(self._total)

    def update(self, report: Report) -> None:
        """Move the bar, or say how far the run is."""
        self._speed.note(report)
        how = how_it_goes(report, self._speed)
        of = f" of {self._total:,}" if self._total is not None else ""
        self.move(report.passed.venues, how=how)
        self.say_now_and_then(f"{report.passed.venues:,}{of} venues; {how}")


def how_it_goes(report: Report, speed: Speed) -> str:
    """Return speed, limiting stage, failures by reason and remaining time, in one line."""
    parts = [f"{report.passed.photos:,} photos at {speed.photos_per_second:,.1f}/s"]
    if report.stages.limiting:
        parts.append(f"{IN_WORDS[report.stages.limiting]} limits")
    if report.failed:
        parts.append(f"{report.failed:,} failed ({_kinds(report)})")
    if (seconds := speed.eta_seconds) is not None:
        parts.append(f"{_duration(seconds)} left")
    return ", ".join(parts)


def show(report: Report) -> None:
    """Print the report for people, on stderr."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for failure in report.failures[:SHOWN_FAILURES]:
        console.print(f"[red]failed[/] {plain(failure.uri)}: {plain(failure.reason)}")
    if len(report.failures) > SHOWN_FAILURES:
        more = len(report.failures) - SHOWN_FAILURES
        console.print(f"… and {more:,} more; to list or export them, run: venuefinder failures")
    console.print(f"venues: {_words(report.venues)}")
    console.print(f"photos: {_words(report.photos)}")
    if report.failed:
        console.print(f"failed: {_kinds(report)}")
    if report.stages.limiting and report.passed.photos:
        waited = (f"{IN_WORDS[stage]} {seconds:,.1f} s" for stage, seconds in report.stages.waited.items())
        console.print(f"waited for: {', '.join(waited)}; {IN_WORDS[report.stages.limiting]} limits")


def _kinds(report: Report) -> str:
    by_count = sorted(report.kinds.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {kind}" for kind, count in by_count)


def _words(counts: Counts) -> str:
    shown = (f"{getattr(counts, name):,} {name}" for name in ("new", "updated", "unchanged", "failed", "removed"))
    return f"{counts.read:,} read: " + ", ".join(shown)


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if not minutes:
        return "less than a minute"
    return f"about {minutes} min" if minutes < 120 else f"about {minutes / 60:,.1f} h"
