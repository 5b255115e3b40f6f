"""The command line: each command a few lines over a use case."""

import errno
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ingest.backfill_command import backfill_command
from ingest.cli import ingest_command
from ingest.failures_command import failures_command
from ingest.worker_command import worker_command
from venuefinder import __version__, terminal, terminal_search
from venuefinder.answers import SearchAnswer
from venuefinder.bootstrap import Services
from venuefinder.calibrating.labelled_pairs import read_labels
from venuefinder.commands import describing, evaluation, lift, search_options, similar, spaces, tidy, transfer, vlm
from venuefinder.commands import search_parameters as option
from venuefinder.errors import VenueFinderError
from venuefinder.request import SearchRequest
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
app.command("failures")(failures_command)
app.command("worker")(worker_command)
app.command("export")(transfer.export_command)
app.command("import")(transfer.import_command)
app.command("describe")(describing.describe_command)
app.command("ask")(describing.ask_command)
app.command("similar")(similar.similar_command)
app.command("tidy")(tidy.tidy_command)
app.add_typer(vlm.app, name="vlm")
app.add_typer(evaluation.app, name="eval")
spaces.app.command("backfill")(backfill_command)
app.add_typer(spaces.app, name="spaces")
FULL = "; free some space, then run the command again"
INTERRUPTED = 130
"""The exit code after Ctrl-C or SIGTERM; typer's own for the first."""


def main() -> None:
    """Run the command line. Errors of ours and of the system end with one line and an exit code."""
    terminal.write_whatever_it_can()
    try:
        with _sigterm_interrupts():
            app()
    except VenueFinderError as error:
        _end(str(error), error.exit_code)
    except OSError as error:
        remedy = FULL if error.errno == errno.ENOSPC else ""
        _end(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}{remedy}", 1)
    except (KeyboardInterrupt, SystemExit) as end:
        if isinstance(end, SystemExit) and end.code != INTERRUPTED:
            raise
        _end("interrupted; what was finished stays", INTERRUPTED)


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does: its run is marked, and the embedded database let go of."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


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
    query: option.Query = None,
    *,
    image: option.Image = None,
    query_weight: option.QueryWeight = None,
    near: option.Near = None,
    radius_km: option.RadiusKm = None,
    box: option.Box = None,
    city: option.City = None,
    country: option.Country = None,
    kind: option.Kind = None,
    guests: option.Guests = None,
    layout: option.Layout = None,
    max_price: option.MaxPrice = None,
    min_price: option.MinPrice = None,
    max_minimum_spend: option.MaxMinimumSpend = None,
    per: option.Per = None,
    hours: option.Hours = None,
    currency: option.Currency = None,
    amenity: option.Amenity = None,
    any_amenity: option.AnyAmenity = None,
    no_amenity: option.NoAmenity = None,
    attribute: option.Attribute = None,
    sort: option.Sort = None,
    limit: option.Limit = 10,
    cursor: option.Cursor = None,
    facet: option.Facet = None,
    strict: option.Strict = False,
    explain: option.Explain = False,
    interpret: option.Interpret = True,
    switch_off: option.SwitchOff = None,
    rerank: option.Rerank = None,
    rerank_wait: option.RerankWait = None,
    everything: option.Everything = False,
    as_json: option.AsJson = False,
) -> None:
    """Find venues by describing them, by pictures, and by what they must offer."""
    _show(*_answered(search_options.asked(locals())), everything=everything, as_json=as_json)


def _show(request: SearchRequest, answer: SearchAnswer, *, everything: bool, as_json: bool) -> None:
    if as_json:
        typer.echo(answer.model_dump_json())
    else:
        terminal_search.show_answer(request, answer, everything=everything)


def _answered(asked: search_options.Asked) -> tuple[SearchRequest, SearchAnswer]:
    with Services(load_settings()) as services:
        request = asked.settled(lambda files: services.pictures.add(files), services.search.answer)
        if request.rerank is False:
            return request, services.search.answer(request)
        return request, services.reranking.answer(search_options.waiting(request)).without_stream()


@app.command()
def calibrate(
    pairs: Annotated[
        Path,
        typer.Argument(
            help="A CSV with the columns query, external_id and relevant, or phrase, external_id, uri and shown."
        ),
    ],
    *,
    rerank: Annotated[
        bool, typer.Option("--rerank", help="Have the vision-language model judge the venues, and measure its lift.")
    ] = False,
) -> None:
    """Fit probabilities to labelled pairs of query and venue, or what is seen to pairs of phrase and photo."""
    labels = read_labels(pairs)
    with Services(load_settings()) as services:
        if rerank:
            words = lift.measured_lift(services, labels)
        elif labels.photos:
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
    models: Annotated[bool, typer.Option("--models", help="Run the models on known photos.")] = False,
    record: Annotated[Path | None, typer.Option(help="With --models: append the encoder's figures.")] = None,
    compare_vlm: Annotated[
        str | None, typer.Option(help="With --models: a VENUEFINDER_VLM that must answer as the configured one does.")
    ] = None,
) -> None:
    """Check the installation and say the remedy for whatever is wrong."""
    from venuefinder import doctor as checks

    with Services(load_settings()) as services:
        examined = checks.check_models(services, record, compare_vlm=compare_vlm) if models else None
        failed = terminal.show_checks(examined or checks.diagnose(services))
    raise typer.Exit(1 if failed else 0)
