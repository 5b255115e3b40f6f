"""Ingestion at scale: peak memory while the catalogue grows tenfold, and the time unchanged photos take to pass.

The photos are hard links to a few small ones and the encoder is a fake, so that what is measured is ours: reader,
planner, pipeline, writer; `--real` takes the configured encoder, at its price in time. Each size runs in a process of
its own; the ratio is peak memory at the larger size over the smaller one, and the passing of unchanged photos over a
bare walk of the same files that only asks their size and time. *Beside the model* is the peak less what the process
took once the encoder was loaded and had encoded a batch.

    python -m benchmarks.ingest_scale [--photos 1000 10000 100000] [--real] [--json FILE]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.photographs import photograph
from ingest.options import RunOptions
from ingest.progress import Quiet
from ingest.runner import ingest
from ingest.sources import open_source
from venuefinder.bootstrap import Services
from venuefinder.settings import Settings
from venuefinder.store.schema import upgrade
from venuefinder.testing import FakeEncoder

PHOTOS_PER_VENUE = 8
DIFFERENT = 50
BATCH = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--real", action="store_true", help="the configured encoder instead of a fake")
    parser.add_argument("--json", type=Path, help="keep the figures")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        sys.stdout.write(json.dumps(measure(arguments.one, real=arguments.real)))
        return
    found = [in_a_process_of_its_own(photos, real=arguments.real) for photos in arguments.photos]
    show(found)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))


def in_a_process_of_its_own(photos: int, *, real: bool) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.ingest_scale", "--one", str(photos)]
    command += ["--real"] if real else []
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, float] = json.loads(run.stdout)
    return result


def measure(photos: int, *, real: bool) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = link_photos(Path(scratch) / "photos", photos)
        settings = Settings(data_dir=Path(scratch) / "data", database_url=None, batch_size=BATCH)
        with Services(settings, encoder=None if real else FakeEncoder()) as services:
            upgrade(services.unchecked_database)
            services.encoder.encode_images([photograph(number, (320, 240)) for number in range(BATCH)])
            services.encoder.encode_texts(["warm"])
            model = megabytes()
            first = seconds_of(folder, services)
            peak = megabytes()
            again = seconds_of(folder, services)
        return {"photos": photos, "first": first, "peak": peak, "model": model, "again": again, "walk": walk(folder)}


def megabytes() -> float:
    """Return the most memory that this process has taken so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def link_photos(root: Path, photos: int) -> Path:
    originals = root.parent / "originals"
    originals.mkdir(parents=True)
    for number in range(DIFFERENT):
        photograph(number, (320, 240)).save(originals / f"{number}.jpg")
    for number in range(photos):
        path = root / f"venue-{number // PHOTOS_PER_VENUE:06}" / f"{number % PHOTOS_PER_VENUE}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        os.link(originals / f"{number % DIFFERENT}.jpg", path)
    return root


def seconds_of(folder: Path, services: Services) -> float:
    started = time.perf_counter()
    ingest(open_source(folder), services, Quiet(), RunOptions())
    return time.perf_counter() - started


def walk(folder: Path) -> float:
    started = time.perf_counter()
    for parent, _, files in os.walk(folder):
        for name in files:
            os.stat(f"{parent}/{name}")  # noqa: PTH116 - the cheapest way is the ceiling
    return time.perf_counter() - started


def show(results: list[dict[str, float]]) -> None:
    table = Table(title="photos of 320 x 240")
    names = (
        "photos",
        "first run, s",
        "peak memory, MB",
        "beside the model, MB",
        "over the smallest",
        "unchanged, s",
        "over a bare walk",
    )
    for name in names:
        table.add_column(name, justify="right")
    for result in results:
        table.add_row(
            f"{result['photos']:,.0f}",
            f"{result['first']:.1f}",
            f"{result['peak']:.0f}",
            f"{result['peak'] - result['model']:.0f}",
            f"{result['peak'] / results[0]['peak']:.2f}",
            f"{result['again']:.2f}",
            f"{result['again'] / result['walk']:.0f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
