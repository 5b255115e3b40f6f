"""Ingestion throughput against its ceiling, in one run.

On a CPU decoding and encoding share the cores, so the ceiling is one over (decode + forward time a photo), each
measured alone on all cores; on a GPU it is the forward alone. Decode is all from the file to the tensor: reading,
checks, hash, resizing. Machines drift, so each round measures decode, forward and ingestion one after the other, and a
row shows the medians over the rounds; its ratio is the median of the rounds' ratios, with the least and the greatest.

    python -m benchmarks.ingest_throughput [--photos 150] [--rounds 5] [--batch 8 16 32] [--threads 1 2] [--folder DIR]
"""

import argparse
import itertools
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
    """Seconds a photo, measured one after the other."""

    decode: float
    forward: float
    ingest: float

    def ratio(self, *, on_gpu: bool) -> float:
        """Return the ceiling over what ingestion took: 1 is as fast as the parts allow."""
        return (self.forward if on_gpu else self.decode + self.forward) / self.ingest


def main() -> None:
    arguments = _arguments()
    settings = Settings()
    encoder = Services(settings).encoder
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or write_venues(Path(scratch) / "photos", photos=arguments.photos)
        sweep = list(itertools.product(arguments.batch, arguments.threads))
        for batch, threads in track(sweep, "measuring", console=Console(stderr=True)):
            chosen = settings.model_copy(update={"batch_size": batch, "decode_threads": threads})
            rows.append((batch, threads, [_round(chosen, encoder, folder) for _ in range(arguments.rounds)]))
    _show(rows, encoder)


def _round(settings: Settings, encoder: Encoder, folder: Path) -> Round:
    tasks = [task for found in open_source(folder) if isinstance(found, FoundVenue) for task in _tasks(found)]
    decoder = Decoder(encoder, Services(settings, encoder=encoder).originals, max_pixels=settings.max_pixels)
    prepared, decode = _decode_alone(decoder, tasks)
    forward = _forward_alone(encoder, prepared, settings.batch_size)
    return Round(decode, forward, _ingest(settings, encoder, folder) / len(tasks))


def _arguments() -> argparse.Namespace:
    cores = os.cpu_count() or 1
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, nargs="+", default=[8, 16, 32])
    parser.add_argument("--threads", type=int, nargs="+", default=sorted({1, cores}))
    parser.add_argument("--folder", type=Path, help="real photos, one sub-folder a venue, instead of synthetic ones")
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


def _ingest(settings: Settings, encoder: Encoder, folder: Path) -> float:
    with tempfile.TemporaryDirectory() as data:
        fresh = settings.model_copy(update={"data_dir": Path(data), "database_url": None})
        with Services(fresh, encoder=encoder) as services:
            upgrade(services.unchecked_database)
            _ = services.catalogue
            services.tagging.warm()  # its prompts are encoded once a machine
            started = time.perf_counter()
            ingest(open_source(folder), services, Quiet(), RunOptions())
            return time.perf_counter() - started


def _show(rows: list[tuple[int, int, list[Round]]], encoder: Encoder) -> None:
    table = Table(title=f"{encoder.space.name}, {os.cpu_count()} cores; medians, ms a photo")
    for name in ("batch", "decode threads", "decode alone", "forward alone", "ingest", "photos/s", "of the ceiling"):
        table.add_column(name, justify="right")
    for batch, threads, rounds in rows:
        ratios = sorted(one.ratio(on_gpu=encoder.device != "cpu") for one in rounds)
        decode, forward, seconds = (median(getattr(one, name) for one in rounds) for name in Round.__slots__)
        cells = (f"{1000 * decode:.1f}", f"{1000 * forward:.1f}", f"{1000 * seconds:.1f}", f"{1 / seconds:.1f}")
        spread = f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        table.add_row(str(batch), str(threads), *cells, spread)
    Console().print(table)


if __name__ == "__main__":
    main()
