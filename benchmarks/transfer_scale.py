"""Export and import while the catalogue grows: time and peak memory, each in a process of its own.

Catalogues are generated, 8 photos a venue, 512 dimensions, half of the venues described. The ratio is peak memory over
that of the smallest catalogue, which should be about 1.

    python -m benchmarks.transfer_scale [--photos 8000 80000] [--json FILE]
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.catalogues import VectorEncoder
from benchmarks.clip_like import ClipLike
from benchmarks.filling import fill
from benchmarks.search_clients import CHECKOUT
from venuefinder.bootstrap import Services
from venuefinder.commands.transfer import destination
from venuefinder.settings import Settings
from venuefinder.store.schema import upgrade
from venuefinder.store.snapshots import SnapshotRepository
from venuefinder.transfer.exporting import export
from venuefinder.transfer.importing import import_catalogue
from venuefinder.transfer.progress import Quiet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, nargs="+", default=[8_000, 80_000])
    parser.add_argument("--json", type=Path, help="keep the figures")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        what, folder = arguments.one
        sys.stdout.write(json.dumps({"export": exporting, "import": importing}[what](Path(folder))))
        return
    found = [measure(photos) for photos in arguments.photos]
    show(found)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))


def measure(photos: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        world = ClipLike()
        with Services(settings_of(folder / "from"), encoder=VectorEncoder(world)) as services:
            fill(services, world, photos)
        found = {name: in_a_process_of_its_own(name, folder) for name in ("export", "import")}
        size = sum(path.stat().st_size for path in (folder / "export").rglob("*") if path.is_file())
    return {"photos": photos, "bytes": size} | found


def in_a_process_of_its_own(what: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.transfer_scale", "--one", what, str(folder)]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT)
    found: dict[str, float] = json.loads(run.stdout)
    return found


def exporting(folder: Path) -> dict[str, float]:
    with Services(settings_of(folder / "from")) as services:
        snapshots = SnapshotRepository(services.database)
        started = time.perf_counter()
        export(snapshots, folder / "export", None, Quiet())
        return {"seconds": time.perf_counter() - started, "megabytes": megabytes()}


def importing(folder: Path) -> dict[str, float]:
    with Services(settings_of(folder / "to")) as services:
        upgrade(services.unchecked_database)
        progress = Timed()
        started = time.perf_counter()
        import_catalogue(folder / "export", destination(services), [], progress)
        seconds = time.perf_counter() - started
        return {"seconds": seconds, "index": time.perf_counter() - progress.indexing, "megabytes": megabytes()}


class Timed(Quiet):
    """Notes when the index begins to be built."""

    indexing = 0.0

    def say(self, message: str) -> None:
        """Look for it among what is said."""
        if "building the" in message:
            self.indexing = time.perf_counter()


def settings_of(folder: Path) -> Settings:
    return Settings(data_dir=folder, database_url=None)


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show(found: list[dict[str, Any]]) -> None:
    table = Table(title="generated catalogues, 512 dimensions")
    names = ("photos", "export, s", "peak, MB", "over the smallest", "on disk, MB", "import, s", "of it the index, s")
    for name in (*names, "peak, MB", "over the smallest"):
        table.add_column(name, justify="right")
    for one in found:
        out, into = one["export"], one["import"]
        table.add_row(
            f"{one['photos']:,}",
            f"{out['seconds']:.1f}",
            f"{out['megabytes']:.0f}",
            f"{out['megabytes'] / found[0]['export']['megabytes']:.2f}",
            f"{one['bytes'] / 1e6:.1f}",
            f"{into['seconds']:.1f}",
            f"{into['index']:.1f}",
            f"{into['megabytes']:.0f}",
            f"{into['megabytes'] / found[0]['import']['megabytes']:.2f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
