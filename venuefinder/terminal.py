"""What people see in a terminal."""

import io
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from venuefinder.calibrating.calibrate import CalibrationReport
    from venuefinder.calibrating.calibrate_seen import SeenReport
    from venuefinder.doctor import Check
    from venuefinder.spaces.indexing import IndexReport

STATES = {"ok": "green", "warning": "yellow", "failed": "red"}
STATE_WIDTH = max(map(len, STATES))


def plain(value: object) -> str:
    """Return text with nothing in it that a terminal or rich would act on."""
    return escape("".join(character for character in str(value) if character.isprintable() or character == "\n"))


def write_whatever_it_can() -> None:
    """Show a question mark for what the terminal's encoding does not have, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(message: str) -> None:
    """Print one line for people."""
    Console(highlight=False, emoji=False, soft_wrap=True).print(plain(message))


def calibration_words(report: "CalibrationReport") -> list[str]:
    """Return what a calibration did, and how good it is on queries it did not see, a line each."""
    return [
        f"space {report.space!r}: calibrated on {report.pairs:,} pairs of {report.queries:,} queries, "
        f"{report.matches:,} of them matches; results carry a probability from now on",
        f"on queries held out: Brier score {report.brier:.3f} (always saying the share of matches: "
        f"{report.brier_of_base_rate:.3f}; 0 is best), expected calibration error {report.calibration_error:.3f}",
    ]


def index_words(report: "IndexReport") -> list[str]:
    """Return how a space's index is, and what is left to do, a line each."""
    facts, tuned = report.facts, report.tuned
    index = "no index, every photo is read" if report.kind == "exact" else f"{report.kind} index"
    size = f", {facts.index_bytes / 1e6:,.1f} MB" if facts.index_bytes else ""
    built = "" if report.seconds is None else f", built in {report.seconds:,.1f} s"
    lines = [f"space {report.space!r}: {index}{size}{built}; {facts.rows:,} embeddings"]
    lines += [f"dropped the {kind} index" for kind in report.dropped]
    lines += [
        f"the {kind} index is there too; to drop it, run: venuefinder index --drop-others" for kind in report.kept
    ]
    if tuned:
        lines.append(
            f"searches keep {tuned.ef_search} candidates (ef_search) and find {tuned.recall:.2%} of the best ten"
        )
    if not report.reached:
        lines.append(
            f"that is short of {report.target:.1%}: the widest search the index allows finds no more; for all of "
            "them, set VENUEFINDER_INDEX=exact"
        )
    return lines


def seen_words(report: "SeenReport") -> list[str]:
    """Return from when on photos are said to show a phrase, and how good that is on phrases held out, a line each."""
    rule = report.rule
    return [
        f"space {report.space!r}: fitted on {rule.pairs:,} pairs of {rule.phrases:,} phrases, {report.shown:,} of them "
        f"shown; a photo is said to show a phrase from a cosine of {rule.threshold:.3f} on",
        f"on phrases held out: {report.precision:.0%} of what is said to be seen is shown, and {report.recall:.0%} of "
        f"what is shown is said to be seen; Brier score {report.brier:.3f} (always saying the share of shown pairs: "
        f"{report.brier_of_base_rate:.3f}; 0 is best), expected calibration error {report.calibration_error:.3f}",
    ]


def show_checks(checks: Iterable["Check"]) -> bool:
    """Print checks as they come; return whether one failed."""
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    failed = False
    for check in checks:
        failed |= check.state == "failed"
        state = f"[{STATES[check.state]}]{check.state:>{STATE_WIDTH}}[/]"
        console.print(f"{state}  [bold]{plain(check.name)}[/]: {plain(check.found)}")
        if check.remedy:
            console.print(f"{'':{STATE_WIDTH}}  → {plain(check.remedy)}", style="dim")
    return failed
