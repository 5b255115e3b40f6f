"""The command line: each command a few lines over a use case."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ingest.cli import ingest_command
from venuefinder import __version__, search_options, terminal, terminal_search
from venuefinder.bootstrap import Services
from venuefinder.errors import VenueFinderError
from venuefinder.labelled_pairs import read_labels
from venuefinder.settings import load_settings
from venuefinder.store.schema import head, upgrade

app = typer.Typer(
    help="Find a venue by describing it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("ingest")(ingest_command)


def main() -> None:
    """Run the command line. Errors of ours and of the system end with one line and an exit code."""
    terminal.write_whatever_it_can()
    try:
        app()
    except VenueFinderError as error:
        _end(str(error), error.exit_code)
    except OSError as error:
        _end(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", 1)
    except KeyboardInterrupt:
        _end("interrupted; what was finished stays", 130)


def _end(message: str, exit_code: int) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"[red]error:[/] {terminal.plain(message)}")
    sys.exit(exit_code)


def _version(*, show: bool) -> None:
    if show:
        typer.echo(f"venuefinder {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=lambda show: _version(show=show), is_eager=True)
    ] = False,
) -> None:
    """Find a venue by describing it."""


@app.command()
def init() -> None:
    """Create or migrate the database. Safe to run again."""
    with Services(load_settings()) as services:
        upgrade(services.unchecked_database)
        terminal.say(f"{services.unchecked_database.where}: schema {head()} is in place")


@app.command()
def search(  # noqa: PLR0913 - each is an option of the command line
    query: Annotated[
        str | None, typer.Argument(help="The venue in plain words: guests, budget, place and all.")
    ] = None,
    *,
    image: Annotated[
        list[str] | None,
        typer.Option(help="PATH, photo:ID or upload:ID, with =WEIGHT if not 1; negative: look different. Repeatable."),
    ] = None,
    query_weight: Annotated[float | None, typer.Option(help="How much the words weigh beside pictures.")] = None,
    near: Annotated[str | None, typer.Option(help="Only venues near this place, or near LATITUDE,LONGITUDE.")] = None,
    radius_km: Annotated[float | None, typer.Option(help="How far --near reaches.")] = None,
    box: Annotated[str | None, typer.Option(help="Only venues in SOUTH,WEST,NORTH,EAST, degrees.")] = None,
    city: Annotated[str | None, typer.Option(help="Only venues in this city.")] = None,
    country: Annotated[str | None, typer.Option(help="Only venues in this country, for example GB.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind, for example 'barn'.")] = None,
    guests: Annotated[int | None, typer.Option(help="Only venues, or with a room, that hold so many people.")] = None,
    layout: Annotated[str | None, typer.Option(help="How the guests sit: seated, standing, theatre, …")] = None,
    max_price: Annotated[float | None, typer.Option(help="At most this for it all, in --currency.")] = None,
    min_price: Annotated[float | None, typer.Option(help="At least this for it all.")] = None,
    max_minimum_spend: Annotated[float | None, typer.Option(help="No higher minimum spend than this.")] = None,
    per: Annotated[str | None, typer.Option(help="What the prices are for: event, head or hour.")] = None,
    hours: Annotated[float | None, typer.Option(help="How long the event lasts, to count its price.")] = None,
    currency: Annotated[
        str | None, typer.Option(help="ISO 4217 code of the prices, GBP if not given; venues in others are left out.")
    ] = None,
    amenity: Annotated[list[str] | None, typer.Option(help="Must have; may be repeated.")] = None,
    any_amenity: Annotated[list[str] | None, typer.Option(help="Must have one of these.")] = None,
    no_amenity: Annotated[list[str] | None, typer.Option(help="Must not have.")] = None,
    attribute: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE or NAME=LOW..HIGH; a name repeated: one of the values.")
    ] = None,
    sort: Annotated[
        str | None, typer.Option(help="relevance, price, guests, distance, name; -price: greatest first.")
    ] = None,
    limit: Annotated[int, typer.Option(help="How many venues a page, 1 to 1000.")] = 10,
    cursor: Annotated[str | None, typer.Option(help="The page after the one that named this.")] = None,
    facet: Annotated[
        list[str] | None, typer.Option(help="Count kind, city, country, amenities, layouts, price or attributes.NAME.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Drop weak matches, possibly all.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show the parts of each score.")] = False,
    interpret: Annotated[bool, typer.Option(help="Understand guests, budget, place and the rest.")] = True,
    switch_off: Annotated[list[str] | None, typer.Option(help="Words of the query to read as plain words.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show weak matches too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer of POST /v1/search.")] = False,
) -> None:
    """Find venues by describing them, by pictures, and by what they must offer."""
    asked = search_options.asked(locals())
    with Services(load_settings()) as services:
        request = asked.settled(lambda files: services.pictures.add(files), services.search.answer)
        answer = services.search.answer(request)
    if as_json:
        typer.echo(answer.model_dump_json())
    else:
        terminal_search.show_answer(request, answer, everything=everything)


@app.command()
def calibrate(
    pairs: Annotated[
        Path,
        typer.Argument(
            help="A CSV with the columns query, external_id and relevant, or phrase, external_id, uri and shown."
        ),
    ],
) -> None:
    """Fit probabilities to labelled pairs of query and venue, or what is seen to pairs of phrase and photo."""
    labels = read_labels(pairs)
    with Services(load_settings()) as services:
        if labels.photos:
            words = terminal.seen_words(services.seen_calibration.fit(labels.photos))
        else:
            words = terminal.calibration_words(services.calibration.fit(labels.venues))
    for line in words:
        terminal.say(line)


@app.command()
def index(
    *,
    drop_others: Annotated[bool, typer.Option("--drop-others", help="Drop indexes of other kinds.")] = False,
) -> None:
    """Build the index that VENUEFINDER_INDEX asks for, clear away dead rows, and tune it to its target recall.

    Safe to run again, and while searches and ingestion go on.
    """
    with Services(load_settings()) as services:
        space = services.spaces.require(services.encoder.space)
        report = services.indexing.bring(space, terminal.say, drop_others=drop_others)
    for line in terminal.index_words(report):
        terminal.say(line)


@app.command()
def serve(
    *,
    host: Annotated[
        str, typer.Option(help="Address to bind; other than loopback needs VENUEFINDER_API_KEY.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
) -> None:
    """Serve the HTTP API."""
    from venuefinder.api.serving import serve as serve_api

    with Services(load_settings()) as services:
        serve_api(services, host=host, port=port)


@app.command()
def doctor(
    *,
    models: Annotated[bool, typer.Option("--models", help="Run the encoder on known photos and texts.")] = False,
    record: Annotated[Path | None, typer.Option(help="With --models: append the figures to this file.")] = None,
) -> None:
    """Check the installation and say the remedy for whatever is wrong."""
    from venuefinder import doctor as checks

    with Services(load_settings()) as services:
        results = checks.check_models(services, record=record) if models else checks.diagnose(services)
        failed = terminal.show_checks(results)
    raise typer.Exit(1 if failed else 0)
