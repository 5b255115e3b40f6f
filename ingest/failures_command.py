"""`venuefinder failures`."""

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO, get_args

import typer

from venuefinder.errors import FailureKind, InputError, NotFoundError
from venuefinder.records import Failure, StoredRun
from venuefinder.spreadsheets import as_cell
from venuefinder.terminal import say

COLUMNS = ("run", "source", "external_id", "kind", "uri", "reason")
KINDS: tuple[FailureKind, ...] = get_args(FailureKind)
Row = tuple[str | int, ...]


def failures_command(
    source: Annotated[
        str | None, typer.Argument(help="As given to venuefinder ingest; without it, every source.")
    ] = None,
    *,
    run: Annotated[int | None, typer.Option(help="Of this run, instead of the latest of each source.")] = None,
    kind: Annotated[str | None, typer.Option(help=f"Of this kind alone: {', '.join(KINDS)}.")] = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write them as CSV; - is stdout.")] = None,
    jsonl_file: Annotated[Path | None, typer.Option("--jsonl", help="Write them as JSON Lines; - is stdout.")] = None,
) -> None:
    """List what could not be ingested, with the reason: of the latest run of each source.

    What the next run can ingest is no longer listed. To try only these again: venuefinder ingest SOURCE --retry-failed
    """
    from venuefinder.bootstrap import Services
    from venuefinder.settings import load_settings

    wanted = _kind(kind)
    if csv_file and jsonl_file:
        raise InputError("found both --csv and --jsonl, expected one of them")
    with Services(load_settings()) as services:
        store = services.failures
        runs = _of_source([store.run(run)] if run is not None else store.latest_runs(), source)
        failed = ((one, failure) for one in runs for failure in store.of(one, wanted))
        if csv_file:
            _export(csv_file, failed, _write_csv)
        elif jsonl_file:
            _export(jsonl_file, failed, _write_jsonl)
        else:
            _show(runs, lambda one: store.of(one, wanted))


def _kind(name: str | None) -> FailureKind | None:
    for kind in KINDS:
        if kind == name:
            return kind
    if name is not None:
        raise InputError(f"--kind: found {name!r}, expected one of {', '.join(KINDS)}")
    return None


def _of_source(runs: Sequence[StoredRun], source: str | None) -> Sequence[StoredRun]:
    if source is None:
        return runs
    found = [run for run in runs if run.source in (source, str(Path(source).resolve()))]
    if not found:
        there = ", ".join(sorted({run.source for run in runs})) or "none yet; run: venuefinder ingest PATH"
        raise NotFoundError(f"source {source!r}: has no run here; sources are {there}")
    return found


def _show(runs: Sequence[StoredRun], failures_of: Callable[[StoredRun], Iterable[Failure]]) -> None:
    if not runs:
        say("nothing was ingested yet; run: venuefinder ingest PATH")
    for run in runs:
        say(f"run {run.id} of {run.source}, {run.started_at:%Y-%m-%d %H:%M}, {run.state}")
        count = 0
        for failure in failures_of(run):
            whose = f"{failure.external_id}: " if failure.external_id else ""
            say(f"  {failure.kind}  {whose}{failure.uri}: {failure.reason}")
            count += 1
        say(f"  {count:,} failed" if count else "  nothing failed")


Failed = Iterable[tuple[StoredRun, Failure]]


def _export(file: Path, failed: Failed, write: Callable[[TextIO, Iterable[Row]], int]) -> None:
    with _opened(file) as stream:
        count = write(stream, (_row(run, failure) for run, failure in failed))
    if stream is not sys.stdout:
        say(f"{file}: {count:,} failures")


@contextmanager
def _opened(file: Path) -> Iterator[TextIO]:
    if str(file) == "-":
        yield sys.stdout
        return
    with file.open("w", encoding="utf-8", newline="") as stream:
        yield stream


def _row(run: StoredRun, failure: Failure) -> Row:
    return run.id, run.source, failure.external_id or "", failure.kind, failure.uri, failure.reason


def _write_csv(stream: TextIO, rows: Iterable[Row]) -> int:
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    count = 0
    for row in rows:
        writer.writerow([as_cell(str(value)) for value in row])
        count += 1
    return count


def _write_jsonl(stream: TextIO, rows: Iterable[Row]) -> int:
    count = 0
    for row in rows:
        stream.write(json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) + "\n")
        count += 1
    return count
