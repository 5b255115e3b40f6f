"""`venuefinder spaces`: change the model without an outage."""

import json
from pathlib import Path
from typing import Annotated

import typer

from venuefinder.bootstrap import Services
from venuefinder.commands import comparison, spaces_words
from venuefinder.settings import load_settings
from venuefinder.terminal import say

app = typer.Typer(help="Embedding spaces: change the model while the old one serves.", no_args_is_help=True)
Space = Annotated[
    str, typer.Argument(metavar="SPACE", help="As `spaces list` shows it; its encoder; or the first digits of its key.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_spaces(*, as_json: AsJson = False) -> None:
    """Show every embedding space: its encoder, how full and large it is, and which one serves."""
    with Services(load_settings()) as services:
        states, warning = services.fills.states(), services.pin_warning()
    if as_json:
        typer.echo(json.dumps([spaces_words.state_json(state) for state in states], ensure_ascii=False))
        return
    spaces_words.show_states(states)
    if warning:
        say(warning)


@app.command()
def create(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="An encoder, as VENUEFINDER_ENCODER names it.")],
    *,
    views: Annotated[int, typer.Option(min=1, max=5, help="Crops a photo: 1 is the model's own.")] = 1,
) -> None:
    """Make the space of an encoder, empty, beside the one that serves. Loads the encoder to prove that it is there."""
    with Services(load_settings()) as services:
        stored, is_new = services.switching.create(services.load_encoder(spec, views).space)
        serves = services.switching.active().id == stored.id
    for line in spaces_words.created_words(stored, is_new=is_new, serves=serves):
        say(line)


@app.command()
def compare(
    space: Annotated[
        str | None, typer.Argument(metavar="[SPACE]", help="What to compare; else the newest that does not serve.")
    ] = None,
    other: Annotated[str | None, typer.Argument(metavar="[OTHER]", help="With what; else the one that serves.")] = None,
    *,
    queries: Annotated[
        Path | None, typer.Option("--queries", help="A text file with a query a line; else a sample of the catalogue.")
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option("--pairs", help="A CSV with the columns query, external_id, relevant: measures nDCG@10 too."),
    ] = None,
    k: Annotated[int, typer.Option("--k", min=1, max=100, help="Results compared of each query.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Ask two spaces the same queries: how much of the results they share, how fast each is, which finds better."""
    with Services(load_settings()) as services:
        found = comparison.compared(services, (space, other), queries=queries, pairs=pairs, k=k)
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False))
        return
    for line in comparison.comparison_words(found):
        say(line)


@app.command()
def activate(
    space: Space,
    *,
    incomplete: Annotated[
        bool, typer.Option("--incomplete", help="Even where photos or descriptions have no embeddings in it.")
    ] = False,
) -> None:
    """Let a space serve from now on. Running servers follow within seconds, without a failed request."""
    with Services(load_settings()) as services:
        stored, missing = services.switching.activate(space, incomplete=incomplete)
        warning = services.pin_warning()
    for line in spaces_words.serving_words(stored, missing, warning):
        say(line)


@app.command()
def rollback() -> None:
    """Let the space serve that served before. Running servers follow within seconds."""
    with Services(load_settings()) as services:
        stored, missing = services.switching.roll_back()
        warning = services.pin_warning()
    for line in spaces_words.serving_words(stored, missing, warning):
        say(line)


@app.command()
def drop(space: Space) -> None:
    """Drop a space that does not serve: its embeddings, its index, what was measured and calibrated in it."""
    with Services(load_settings()) as services:
        stored = services.switching.drop(space)
    say(f"space {stored.space.name!r}: dropped")
