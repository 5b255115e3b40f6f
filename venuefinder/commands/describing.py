"""`venuefinder describe` and `venuefinder ask`: what venues are like by their photos."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from venuefinder.answers import Status
from venuefinder.bootstrap import Services
from venuefinder.describing.describe_all import AllDescribed, describe_all
from venuefinder.describing.description import Description
from venuefinder.describing.question_answer import MAX_QUESTION, QuestionAnswer, VenueQuestion
from venuefinder.errors import InputError
from venuefinder.progress_bar import ProgressBar
from venuefinder.settings import load_settings
from venuefinder.terminal import plain, say

INCOMPLETE_EXIT = 6
"""The run ended, but some photos were not read."""
MARKS: dict[Status, str] = {"seen": "green", "stated": "cyan", "contradicted": "red", "unknown": "dim"}
ExternalId = Annotated[str, typer.Argument(metavar="EXTERNAL_ID", help="The venue's id in your own system.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]


def describe_command(
    external_id: Annotated[
        str | None, typer.Argument(metavar="EXTERNAL_ID", help="The venue's id in your own system.")
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Describe every venue, and keep what was read.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what a venue is like: each claim with the photo that shows it.

    What was read is kept: stopped at any time, the next run goes on from there. Exit code 6 of --all: some photos were
    not read.
    """
    if (external_id is None) != everything:
        found = "neither" if external_id is None else "both"
        raise InputError(f"describe: found {found}, expected the external id of a venue or --all")
    with Services(load_settings()) as services:
        if external_id is None:
            _describe_all(services, as_json=as_json)
            return
        description = services.describing.describe(external_id)
    if as_json:
        typer.echo(description.model_dump_json())
    else:
        _show(description)


def ask_command(
    external_id: ExternalId,
    question: Annotated[str, typer.Argument(help="What yes or no answers: 'is there a stage?'")],
    *,
    as_json: AsJson = False,
) -> None:
    """Ask about a venue: by its photos what can be seen, by its listing what cannot."""
    with Services(load_settings()) as services:
        answer = services.questions.ask(external_id, _question(question))
    if as_json:
        typer.echo(answer.model_dump_json())
    else:
        _show_answer(answer)


def _question(words: str) -> VenueQuestion:
    length = len(words.strip())
    if not 1 <= length <= MAX_QUESTION or not words.isprintable():
        raise InputError(
            f"question: found {length} characters, expected 1 to {MAX_QUESTION} without control characters"
        )
    return VenueQuestion(question=words)


def _describe_all(services: Services, *, as_json: bool) -> None:
    with TerminalProgress() as progress:
        report = describe_all(services.describing, services.venues, progress)
    forgotten = services.readings.forget_unused()
    if as_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        say(f"{report.described:,} venues described, {report.incomplete:,} in part, {report.failed:,} not")
        if forgotten:
            say(f"forgot {forgotten:,} readings of photos that are gone")
    raise typer.Exit(INCOMPLETE_EXIT if report.incomplete or report.failed else 0)


class TerminalProgress(ProgressBar):
    """How far a run over all venues is; on no terminal, only what matters is said."""

    def __init__(self) -> None:
        columns = (TextColumn("venues"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        super().__init__(*columns)

    def begin(self, venues: int) -> None:
        """Show how many there are."""
        self.start(venues)

    def update(self, report: AllDescribed) -> None:
        """Move the bar."""
        self.move(report.venues)


def _show(description: Description) -> None:
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    console.print(plain(description.summary))
    attribute = ""
    for claim in description.claims:
        if claim.attribute != attribute:
            attribute = claim.attribute
            console.print(f"[bold]{attribute.replace('_', ' ')}[/]")
        shown = _evidence(claim.photo_id, claim.probability)
        console.print(f"  [{MARKS[claim.status]}]{claim.status}[/]  {plain(claim.value)}{shown}")
    console.print(f"{description.photos_read} of {description.photos} photos read by {plain(description.model)}")
    for photo in description.unread:
        console.print(f"  photo {photo.photo_id}: {plain(photo.reason)}", style="dim")


def _show_answer(answer: QuestionAnswer) -> None:
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    console.print(plain(answer.text))
    for part in answer.parts:
        shown = _evidence(part.photo_id, part.probability)
        console.print(f"  [{MARKS[part.status]}]{part.status}[/]  {plain(part.text)}{shown}")


def _evidence(photo_id: int | None, probability: float | None) -> str:
    known = [f"photo {photo_id}"] if photo_id is not None else []
    known += [f"probability {probability:.2f}"] if probability is not None else []
    return f" ({', '.join(known)})" if known else ""
