"""`venuefinder ingest`."""

import json
import sys
from typing import Annotated

import typer

from ingest.options import EngineName, RunOptions
from ingest.sources import open_source
from ingest.terminal import TerminalProgress, show

FAILURES_EXIT = 6
"""The run ended, but some venues or photos failed; the report names them."""


Place = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="A folder with a sub-folder a venue, a .jsonl, .csv or .parquet manifest, or .tar shards: a path, or "
        "an address in s3://, gs://, az://, http(s)://.",
    ),
]
Verify = Annotated[bool, typer.Option("--verify", help="Read and hash every photo again.")]
Prune = Annotated[bool, typer.Option("--prune", help="Remove what this source no longer lists.")]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Take only what failed in the last run.")]
Engine = Annotated[
    EngineName, typer.Option(help="Where photos are decoded and encoded: in this process, or on a Ray cluster.")
]
RayAddress = Annotated[
    str | None, typer.Option(help="A running cluster: auto or host:port. Without it: RAY_ADDRESS, or this machine.")
]
AsJson = Annotated[bool, typer.Option("--json", help="End with the report as one line of JSON.")]


def ingest_command(  # noqa: PLR0913 - each is an option of the command line
    place: Place,
    *,
    verify: Verify = False,
    prune: Prune = False,
    retry_failed: RetryFailed = False,
    engine: Engine = "local",
    ray_address: RayAddress = None,
    as_json: AsJson = False,
) -> None:
    """Bring the catalogue to what a source lists.

    Exit code 0: everything is in. 6: the run ended, but some venues or photos failed.
    """
    from ingest.runner import ingest
    from venuefinder.bootstrap import Services
    from venuefinder.settings import load_settings

    options = RunOptions(verify=verify, prune=prune, retry_failed=retry_failed, engine=engine, ray_address=ray_address)
    with Services(load_settings()) as services:
        source = open_source(place, services.network)
        with TerminalProgress(source) as progress:
            progress.say(f"database: {services.database.where}")
            progress.say(f"encoder: {services.encoder.space.name}")
            report = ingest(source, services, progress, options)
    show(report)
    if as_json:
        sys.stdout.write(json.dumps(report.as_json(), ensure_ascii=False) + "\n")
    raise typer.Exit(FAILURES_EXIT if report.failed else 0)
