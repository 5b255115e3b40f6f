"""`venuefinder eval`: how often a vision-language model says that a photo shows what it does not."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress as Bar

from venuefinder.bootstrap import Services
from venuefinder.commands.evaluation_words import evaluation_words
from venuefinder.decoding import BoundedDecoder
from venuefinder.errors import ConfigurationError, InputError
from venuefinder.evaluation.amenities import amenity_questions
from venuefinder.evaluation.photo_folder import PhotoFolder
from venuefinder.evaluation.questions import QuestionFile, read_questions
from venuefinder.evaluation.run import Evaluation, Progress, evaluate
from venuefinder.settings import Settings, load_settings
from venuefinder.terminal import plain, say

FAILURES_EXIT = 6
"""Some lines, photos or questions are not part of the figures."""

Vlm = Annotated[str | None, typer.Option("--vlm", help="The model to ask, as VENUEFINDER_VLM; else the setting's.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Ask the first so many questions only.")]
Report = Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")]

app = typer.Typer(help="Measure how often a vision-language model sees what is not there.", no_args_is_help=True)


@app.command()
def pope(
    questions: Annotated[Path, typer.Argument(help="A file of questions in POPE's format, one JSON object a line.")],
    *,
    photos: Annotated[Path, typer.Option("--photos", help="The folder with the photos that the questions name.")],
    vlm: Vlm = None,
    limit: Limit = None,
    report: Report = None,
) -> None:
    """Ask the questions of a POPE file, and show accuracy, precision, recall, F1 and yes ratio.

    Exit code 0: every question was asked. 6: bad lines, unreadable photos or a model that stopped are named.
    """
    _show(_evaluated(read_questions(questions), photos, vlm, limit), report)


@app.command()
def amenities(
    *,
    photos: Annotated[
        Path | None, typer.Option("--photos", help="The sample venues; else `samples` in the data folder.")
    ] = None,
    vlm: Vlm = None,
    limit: Limit = None,
    report: Report = None,
) -> None:
    """Ask our own questions about amenities on the photos of the sample venues. Exit codes as of `eval pope`."""
    folder = photos or load_settings().data_dir / "samples"
    if not folder.is_dir():
        raise InputError(f"{folder}: found no sample venues; run: make demo, or name their folder with --photos")
    _show(_evaluated(amenity_questions(), folder, vlm, limit), report)


def _evaluated(file: QuestionFile, photos: Path, vlm: str | None, limit: int | None) -> tuple[QuestionFile, Evaluation]:
    if not photos.is_dir():
        raise InputError(f"{photos}: no such folder, expected the photos that the questions name")
    settings = load_settings()
    chosen = settings.model_copy(update={"vlm": vlm}) if vlm else settings
    with Services(chosen) as services, _progress() as progress:
        model = services.vision
        if model is None:
            raise ConfigurationError("VENUEFINDER_VLM is off, expected a model to ask; add --vlm zero-shot or another")
        folder = _folder(photos, services, settings, embedded=model.identity.backend == "zero-shot")
        return file, evaluate(model, file.questions[:limit], folder, progress)


def _folder(photos: Path, services: Services, settings: Settings, *, embedded: bool) -> PhotoFolder:
    decoder = BoundedDecoder(max_pixels=settings.max_pixels)
    encoder = services.encoder if embedded else None
    return PhotoFolder(photos, decoder, max_bytes=settings.max_photo_bytes, encoder=encoder)


@contextmanager
def _progress() -> Iterator[Progress]:
    console = Console(stderr=True)
    with Bar(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("questions", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show(found: tuple[QuestionFile, Evaluation], report: Path | None) -> None:
    file, evaluation = found
    for line in evaluation_words(evaluation):
        say(line)
    stderr = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)
    stopped = (evaluation.stopped,) if evaluation.stopped else ()
    problems = (*file.problems, *evaluation.unread, *stopped)
    for problem in problems[:20]:
        stderr.print(f"[red]not counted:[/] {plain(problem)}")
    if len(problems) > 20:
        stderr.print(f"[red]not counted:[/] {len(problems) - 20:,} more; --json names them all")
    if report:
        found_json = {**asdict(evaluation), "bad_lines": file.problems}
        report.write_text(json.dumps(found_json, indent=2) + "\n", encoding="utf-8")
    raise typer.Exit(FAILURES_EXIT if problems else 0)
