"""A running search service while bulk ingestion writes into the same catalogue: its p95 beside, over its p95 alone.

The service is one process with a filled catalogue of CLIP-like vectors and its index; callers are threads of another,
over HTTP; ingestion is a third. All share the machine's cores and the embedded PostgreSQL. Callers are timed alone,
beside, and alone again, as many rounds as asked; a round's ratio is its p95 beside over the mean of the two alone. A
round counts only if ingestion went on throughout: it is given more photos than it can write meanwhile, and stopped.

Ingestion decodes photos of 1024 x 768 and writes as always. Its vectors are drawn, since the catalogue's are; with
`--real` it also runs the configured encoder over every photo, and throws its vectors away: the load of a model on the
same cores. `--nice` runs it as `venuefinder spaces backfill` runs.

    python -m benchmarks.ingest_beside_search [--photos 20000] [--requests 400] [--clients 4] [--rounds 3] [--real]
        [--nice 0] [--json FILE]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.catalogues import VectorEncoder, query_texts
from benchmarks.clip_like import ClipLike
from benchmarks.filling import fill
from benchmarks.photographs import write_venues
from benchmarks.search_clients import CHECKOUT, call, served
from ingest.options import RunOptions
from ingest.progress import Quiet
from ingest.report import Report
from ingest.runner import ingest
from ingest.sources import open_source
from venuefinder.bootstrap import Services
from venuefinder.protocols import Embeddings, Encoder, Pixels
from venuefinder.settings import Settings
from venuefinder.store.database import open_database

DIFFERENT = 64
"""Photographs that look different; the others are these with a number at the end, so that each is encoded."""
AHEAD = 4_000
"""Photos that ingestion is given for each round, more than it takes while callers are timed."""
FIRST = 64
"""Photos that it has written before they are."""


@dataclass(frozen=True, slots=True)
class Round:
    """What callers saw, p95 in milliseconds, and how many photos a second ingestion wrote meanwhile."""

    before: float
    beside: float
    after: float
    photos_per_second: float
    errors: int

    @property
    def ratio(self) -> float:
        """1: callers noticed nothing."""
        return self.beside / mean((self.before, self.after))


class Drawn(VectorEncoder):
    """Gives each photo a vector of the catalogue's space, and lets another encoder work on it first."""

    def __init__(self, world: ClipLike, model: Encoder | None = None) -> None:
        super().__init__(world)
        self._model = model
        self._random = np.random.default_rng(5)

    def prepare(self, image: Any) -> Pixels:
        """As the other encoder prepares it."""
        return super().prepare(image) if self._model is None else self._model.prepare(image)

    def encode_prepared(self, prepared: Sequence[Pixels]) -> Embeddings:
        """Return `float32 [N, 1, 512]`, unit norm."""
        if self._model is not None:
            self._model.encode_prepared(prepared)
        vectors = self._random.normal(size=(len(prepared), 1, self.space.dimension))
        return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


class Counting(Quiet):
    """Says on stdout how many photos are written, a line each time."""

    def update(self, report: Report) -> None:
        """Tell."""
        sys.stdout.write(f"{report.photos.new}\n")
        sys.stdout.flush()


def main() -> None:
    arguments = _arguments()
    if arguments.ingest:
        load(*arguments.ingest, real=arguments.real)
        return
    rounds = run(arguments)
    show(rounds, arguments)
    if arguments.json:
        facts = {name: getattr(arguments, name) for name in ("photos", "requests", "clients", "real", "nice")}
        arguments.json.write_text(json.dumps(facts | {"rounds": [asdict(one) for one in rounds]}, indent=1))


def run(arguments: argparse.Namespace) -> list[Round]:
    """Measure."""
    world = ClipLike()
    bodies = [{"query": text} for text in query_texts(arguments.requests)]
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        settings = Settings(data_dir=scratch / "data", database_url=None)
        with Services(settings, encoder=VectorEncoder(world)) as services:
            fill(services, world, arguments.photos)
            services.indexing.bring(services.catalogue.space, lambda _: None)
            originals = write_venues(scratch / "originals", photos=DIFFERENT)
            with served(services) as address:
                timed = partial(call, address, bodies, clients=arguments.clients)
                timed()  # pages into memory
                return [
                    one_round(timed, services, numbered(originals, scratch / f"round-{number}"), arguments)
                    for number in range(arguments.rounds)
                ]


def one_round(timed: Any, services: Services, folder: Path, arguments: argparse.Namespace) -> Round:
    """Time callers alone, beside ingestion, and alone again."""
    before = timed()
    with ingesting(services, folder, arguments) as counts:
        start = _read_up_to(counts, FIRST)
        beside = timed()
        written = counts.latest() - start
        counts.must_go_on()
    after = timed()
    seconds = beside["requests"] / beside["qps"]
    errors = before["errors"] + beside["errors"] + after["errors"]
    return Round(before["p95"], beside["p95"], after["p95"], written / seconds, errors)


class Counts:
    """What a process that ingests has written, as it tells."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._latest = 0
        if process.stdout is None:
            raise ValueError("expected a process with its output piped")
        self._lines = process.stdout

    def next(self) -> int:
        """Wait for the next count."""
        if not (line := self._lines.readline()):
            raise SystemExit("ingestion ended early; see its messages above")
        self._latest = int(line)
        return self._latest

    def latest(self) -> int:
        """Return the newest count: reads all that was told so far."""
        os.set_blocking(self._lines.fileno(), False)
        for line in self._lines:
            self._latest = int(line)
        return self._latest

    def must_go_on(self) -> None:
        """End everything where ingestion has ended: what was timed was not beside it."""
        if self._process.poll() is not None:
            raise SystemExit("ingestion ended before the callers did; give fewer --requests")


def _read_up_to(counts: Counts, photos: int) -> int:
    while counts.next() < photos:
        pass
    return counts.latest()


@contextmanager
def ingesting(services: Services, folder: Path, arguments: argparse.Namespace) -> Iterator[Counts]:
    """Ingest in a process of its own for the length of the block; interrupt it then."""
    url = services.database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [sys.executable, "-m", "benchmarks.ingest_beside_search", "--ingest", url, str(folder)]
    command = ["nice", "-n", str(arguments.nice), *command, *(["--real"] if arguments.real else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) as process:
        try:
            yield Counts(process)
        finally:
            process.kill()


def load(url: str, folder: str, *, real: bool) -> None:
    """Ingest a folder, in this process."""
    settings = Settings(database_url=None)
    encoder = Drawn(ClipLike(), Services(settings).encoder if real else None)
    with open_database(url, settings.data_dir) as database:
        ingest(
            open_source(Path(folder)), Services(settings, encoder=encoder, database=database), Counting(), RunOptions()
        )


def numbered(originals: Path, root: Path, *, per_venue: int = 8) -> Path:
    """Make a folder of AHEAD photos, no two with the same bytes."""
    pictures = [path.read_bytes() for path in sorted(originals.rglob("*.jpg"))]
    for number in range(AHEAD):
        path = root / f"venue-{root.name}-{number // per_venue:06}" / f"{number % per_venue}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pictures[number % len(pictures)] + f"{root.name} {number}".encode())
    return root


def show(rounds: Sequence[Round], arguments: argparse.Namespace) -> None:
    kind = "with the configured encoder" if arguments.real else "with drawn vectors"
    title = f"{arguments.photos:,} photos, {arguments.clients} callers, {os.cpu_count()} cores; ingestion {kind}; ms"
    table = Table(title=title)
    for name in ("p95 before", "p95 beside", "p95 after", "beside over alone", "photos/s meanwhile", "errors"):
        table.add_column(name, justify="right")
    for one in rounds:
        cells: Mapping[str, str] = {name: f"{getattr(one, name):.1f}" for name in ("before", "beside", "after")}
        table.add_row(*cells.values(), f"{one.ratio:.2f}", f"{one.photos_per_second:.1f}", str(one.errors))
    Console().print(table)
    ratios = sorted(one.ratio for one in rounds)
    Console().print(f"median {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}); 2 at most is asked for")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=20_000, help="of the catalogue that is searched")
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--real", action="store_true", help="run the configured encoder too")
    parser.add_argument("--nice", type=int, default=0, help="of the process that ingests")
    parser.add_argument("--json", type=Path, help="keep every round")
    parser.add_argument("--ingest", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
