"""Ingestion throughput against its ceiling, in one run.

On a CPU decoding and encoding share the cores, so the ceiling is one over (decode + forward time a photo), each
measured alone on all cores; on a GPU it is the forward alone. Decode is all from the file to the tensor: reading,
checks, hash, resizing. Machines drift, so each round measures decode, forward and ingestion one after the other, and a
row shows the medians over the rounds; its ratio is the median of the rounds' ratios, with the least and the greatest.

How OpenMP's threads wait for each other, asleep (PASSIVE, what VenueFinder sets) or spinning (ACTIVE), changes the
forward alone and ingestion differently. So each way of waiting is measured whole, ceiling and ingestion, in a process
of its own, and the last column holds ingestion against the fastest ceiling that any way has.

    python -m benchmarks.ingest_throughput [--photos 150] [--rounds 5] [--batch 8 16 32] [--threads 1 2]
        [--wait PASSIVE ACTIVE] [--folder DIR] [--json FILE]
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.photographs import write_venues
from ingest.decode import Decoder, ReadPhoto
from ingest.options import RunOptions
from ingest.planner import PhotoTask, plan
from ingest.progress import Quiet
from ingest.runner import ingest
from ingest.sources import FoundVenue, open_source
from venuefinder.bootstrap import Services
from venuefinder.protocols import Encoder, Pixels
from venuefinder.settings import Settings
from venuefinder.store.schema import upgrade


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds a photo, measured one after the other; which stage limited the run."""

    decode: float
    forward: float
    ingest: float
    limited_by: str

    def ceiling(self, *, on_gpu: bool) -> float:
        """Return the seconds a photo takes at least, by its parts."""
        return self.forward if on_gpu else self.decode + self.forward


@dataclass(frozen=True, slots=True)
class Measured:
    """The rounds of one setting."""

    wait: str
    batch: int
    threads: int
    encoder: str
    on_gpu: bool
    rounds: tuple[Round, ...]

    @property
    def ceiling(self) -> float:
        """The median of the rounds' ceilings, seconds a photo."""
        return median(one.ceiling(on_gpu=self.on_gpu) for one in self.rounds)

    def of(self, name: str) -> float:
        """Return the median of what the rounds took, seconds a photo."""
        return median(getattr(one, name) for one in self.rounds)

    @property
    def ratios(self) -> list[float]:
        """Each round's ceiling over what ingestion took, ascending: 1 is as fast as the parts allow."""
        return sorted(one.ceiling(on_gpu=self.on_gpu) / one.ingest for one in self.rounds)


def main() -> None:
    arguments = _arguments()
    if arguments.one:
        sys.stdout.write(json.dumps([asdict(one) for one in measure(arguments)]))
        return
    with tempfile.TemporaryDirectory() as scratch:
        arguments.folder = arguments.folder or write_venues(Path(scratch) / "photos", photos=arguments.photos)
        found = [one for wait in arguments.wait for one in in_a_process_of_its_own(arguments, wait)]
    show(found)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(one) for one in found], indent=1))


def in_a_process_of_its_own(arguments: argparse.Namespace, wait: str) -> list[Measured]:
    command = [sys.executable, "-m", "benchmarks.ingest_throughput", "--one", "--folder", str(arguments.folder)]
    command += ["--rounds", str(arguments.rounds), "--wait", wait]
    for name in ("batch", "threads"):
        command += [f"--{name}", *map(str, getattr(arguments, name))]
    run = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_WAIT_POLICY": wait}
    )
    return [
        Measured(**values | {"rounds": tuple(Round(**one) for one in values["rounds"])})
        for values in json.loads(run.stdout)
    ]


def measure(arguments: argparse.Namespace) -> list[Measured]:
    settings = Settings()
    encoder = Services(settings).encoder
    found = []
    sweep = list(itertools.product(arguments.batch, arguments.threads))
    for batch, threads in track(sweep, arguments.wait[0], console=Console(stderr=True)):
        chosen = settings.model_copy(update={"batch_size": batch, "decode_threads": threads})
        rounds = tuple(_round(chosen, encoder, arguments.folder) for _ in range(arguments.rounds))
        on_gpu = encoder.device != "cpu"
        found.append(Measured(arguments.wait[0], batch, threads, encoder.space.name, on_gpu, rounds))
    return found


def _round(settings: Settings, encoder: Encoder, folder: Path) -> Round:
    tasks = [task for found in open_source(folder) if isinstance(found, FoundVenue) for task in _tasks(found)]
    decoder = Decoder(encoder, Services(settings, encoder=encoder).originals, max_pixels=settings.max_pixels)
    prepared, decode = _decode_alone(decoder, tasks)
    forward = _forward_alone(encoder, prepared, settings.batch_size)
    seconds, limited_by = _ingest(settings, encoder, folder)
    return Round(decode, forward, seconds / len(tasks), limited_by)


def _arguments() -> argparse.Namespace:
    cores = os.cpu_count() or 1
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, nargs="+", default=[8, 16, 32])
    parser.add_argument("--threads", type=int, nargs="+", default=sorted({1, cores}))
    parser.add_argument("--wait", nargs="+", choices=["PASSIVE", "ACTIVE"], default=["PASSIVE", "ACTIVE"])
    parser.add_argument("--folder", type=Path, help="real photos, one sub-folder a venue, instead of synthetic ones")
    parser.add_argument("--json", type=Path, help="keep every round")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _tasks(found: FoundVenue) -> tuple[PhotoTask, ...]:
    return plan(found, None, source="benchmark", verify=False).tasks


def _decode_alone(decoder: Decoder, tasks: list[PhotoTask]) -> tuple[list[Pixels], float]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(decoder, tasks[:16]))
        started = time.perf_counter()
        results = list(pool.map(decoder, tasks))
        seconds = time.perf_counter() - started
    prepared = [result.prepared for result in results if isinstance(result, ReadPhoto) and result.prepared is not None]
    return prepared, seconds / len(tasks)


def _forward_alone(encoder: Encoder, prepared: list[Pixels], batch: int) -> float:
    encoder.encode_prepared(prepared[:batch])
    started = time.perf_counter()
    for start in range(0, len(prepared), batch):
        encoder.encode_prepared(prepared[start : start + batch])
    return (time.perf_counter() - started) / len(prepared)


def _ingest(settings: Settings, encoder: Encoder, folder: Path) -> tuple[float, str]:
    with tempfile.TemporaryDirectory() as data:
        fresh = settings.model_copy(update={"data_dir": Path(data), "database_url": None})
        with Services(fresh, encoder=encoder) as services:
            upgrade(services.unchecked_database)
            _ = services.catalogue
            services.tagging.warm()  # its prompts are encoded once a machine
            started = time.perf_counter()
            report = ingest(open_source(folder), services, Quiet(), RunOptions())
            return time.perf_counter() - started, report.stages.limiting or "nothing"


def show(found: Sequence[Measured]) -> None:
    table = Table(title=f"{found[0].encoder}, {os.cpu_count()} cores; medians, ms a photo")
    names = ("waiting", "batch", "decode threads", "decode alone", "forward alone", "ingest", "photos/s", "limited by")
    for name in (*names, "of its ceiling", "of the best ceiling"):
        table.add_column(name, justify="right")
    best = min(one.ceiling for one in found)
    for one in found:
        ratios = one.ratios
        limits = [each.limited_by for each in one.rounds]
        table.add_row(
            one.wait,
            str(one.batch),
            str(one.threads),
            *(f"{1000 * one.of(name):.1f}" for name in ("decode", "forward", "ingest")),
            f"{1 / one.of('ingest'):.1f}",
            max(set(limits), key=limits.count),
            f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})",
            f"{best / one.of('ingest'):.2f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
