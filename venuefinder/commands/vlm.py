"""`venuefinder vlm`: what a vision-language model would cost."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from venuefinder.commands.budget_words import budget_words
from venuefinder.errors import ImageError, InputError
from venuefinder.images import photo_size, read_photo, sniff
from venuefinder.settings import Settings, load_settings
from venuefinder.terminal import plain, say
from venuefinder.vlm.budget import PhotoCost, Plan, SizedPhoto, budget_of, cost_of
from venuefinder.vlm.model_shape import shape_of
from venuefinder.vlm.prompt_tokens import text_tokens
from venuefinder.vlm.resizing import TokenLimits

DEFAULT_MODEL = "Qwen/Qwen2.5-VL-7B-Instruct"
"""Where the setting names no model."""
FAILURES_EXIT = 6
"""Some photos could not be read; the others were counted."""
NAMED = 20
"""Bad photos that are named one by one; all of them in JSON."""

app = typer.Typer(help="Vision-language models: what they would cost.", no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Vision-language models: what they would cost."""


@app.command()
def budget(
    photos: Annotated[list[Path], typer.Argument(help="Photos, or folders of them.")],
    *,
    tokens: Annotated[
        int | None, typer.Option(min=4, max=16384, help="Visual tokens a photo at most; else the setting's.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="A model's name, or a folder with its config.json; else the setting's.")
    ] = None,
    tflops: Annotated[
        float, typer.Option(min=0.001, help="10^12 operations a second that the device keeps up.")
    ] = 100.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Show what photos cost the configured model: visual tokens, memory, time. Nothing is loaded or sent.

    Exit code 0: every photo was counted. 6: some could not be read.
    """
    settings = load_settings()
    plan = plan_of(settings, tokens=tokens, model=model, tflops=tflops)
    costs, problems, passed_over = _counted(photos, plan, settings)
    found = budget_of(costs, plan)
    if as_json:
        rest = {"model": plan.model, "tflops": tflops, "text_tokens_counted": plan.text.counted, "problems": problems}
        typer.echo(json.dumps({**asdict(found), **rest, "passed_over": passed_over}))
    else:
        for line in budget_words(found, plan, settings.vlm if model is None else model):
            say(line)
        _tell(problems, passed_over)
    raise typer.Exit(FAILURES_EXIT if problems else 0)


def plan_of(settings: Settings, *, tokens: int | None, model: str | None, tflops: float) -> Plan:
    """Return how photos would be read under these settings; `tokens` and `model` replace theirs."""
    name = model or _model_of(settings.vlm)
    most = tokens or settings.vlm_max_tokens
    least = settings.vlm_min_tokens if tokens is None else min(settings.vlm_min_tokens, tokens)
    is_local = model is not None or settings.vlm.startswith("transformers:")
    return Plan(
        model=name.rstrip("/").rpartition("/")[2] if Path(name).is_dir() else name,
        limits=TokenLimits(least, most),
        text=text_tokens(Path(name) if is_local else None),
        shape=shape_of(name),
        value_bytes=4 if settings.dtype == "float32" else 2,
        quantised=settings.vlm_quantise == "4bit",
        tflops=tflops,
    )


def _model_of(spec: str) -> str:
    backend, _, rest = spec.partition(":")
    return {"transformers": rest, "openai": rest.partition("#")[2]}.get(backend) or DEFAULT_MODEL


def _counted(paths: Sequence[Path], plan: Plan, settings: Settings) -> tuple[list[PhotoCost], dict[str, str], int]:
    """Return what each photo costs, why others could not be counted, and how many files of folders are no photos."""
    costs, problems, passed_over = [], {}, 0
    for path, is_named in _files(paths):
        try:
            data = read_photo(path, max_bytes=settings.max_photo_bytes)
            if not is_named and sniff(data) is None:
                passed_over += 1
                continue
            costs.append(cost_of(SizedPhoto(str(path), *photo_size(data, max_pixels=settings.max_pixels)), plan))
        except ImageError as error:
            problems[str(path)] = str(error)
    if not costs and not problems:
        raise InputError(f"{', '.join(map(str, paths))}: found no photos, expected photos or folders of them")
    return costs, problems, passed_over


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield each file, and whether it was named itself; of folders, all below that are not hidden, in order."""
    for path in paths:
        if not path.is_dir():
            yield path, True
            continue
        for parent, folders, files in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            yield from ((Path(parent) / name, False) for name in sorted(files) if not name.startswith("."))


def _tell(problems: dict[str, str], passed_over: int) -> None:
    """Name what was not counted, on stderr."""
    console = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)
    for photo, reason in list(problems.items())[:NAMED]:
        console.print(f"[red]not counted:[/] {plain(photo)}: {plain(reason)}")
    if len(problems) > NAMED:
        console.print(f"[red]not counted:[/] {len(problems) - NAMED:,} more; --json names them all")
    if passed_over:
        console.print(f"{passed_over:,} files are no photos", style="dim")
