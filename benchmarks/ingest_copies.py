"""What it saves that a picture which several venues have is encoded once, and what it costs where none is.

    python -m benchmarks.ingest_copies [--photos 128] [--rounds 3]

The same number of photos is ingested with each picture once, in two and in four venues, one after the other in each
round. Then the encoding alone of photos that are all different: by way of `EncodeOnce` with its questions to a database
of as many photos, over the encoder's own.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.photographs import photograph
from ingest.decode import Decoder, ReadPhoto
from ingest.encode_once import EncodeOnce
from ingest.options import RunOptions
from ingest.planner import plan
from ingest.progress import Quiet
from ingest.runner import ingest
from ingest.sources import FoundVenue, open_source
from venuefinder.bootstrap import Services
from venuefinder.protocols import Encoder
from venuefinder.settings import Settings
from venuefinder.store.schema import upgrade

TIMES = (1, 2, 4)
PER_VENUE = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    settings = Settings()
    encoder = Services(settings).encoder
    seconds: dict[int, list[float]] = {times: [] for times in TIMES}
    over: list[float] = []
    with tempfile.TemporaryDirectory() as scratch:
        folders = {times: written(Path(scratch) / str(times), arguments.photos, times) for times in TIMES}
        for _ in range(arguments.rounds):
            for times, folder in folders.items():
                with fresh(settings, encoder) as services:
                    began = time.perf_counter()
                    ingest(open_source(folder), services, Quiet(), RunOptions())
                    seconds[times].append(time.perf_counter() - began)
                    if times == 1:
                        over.append(overhead(services, folder))
    shown = Table("each picture in", "photos/s", "over once", title=f"{arguments.photos} photos, {encoder.space.name}")
    for times, taken in seconds.items():
        ratio = median(one / other for one, other in zip(seconds[1], taken, strict=True))
        shown.add_row(f"{times} venues", f"{arguments.photos / median(taken):.1f}", f"{ratio:.2f}")
    console = Console()
    console.print(shown)
    console.print(f"all different: encoding takes {median(over):.3f} times as long as without looking")


def written(root: Path, photos: int, times: int) -> Path:
    """Write venues of photos, each picture in `times` of them."""
    pictures = root / "pictures"
    pictures.mkdir(parents=True)
    for number in range(photos // times):
        photograph(number).save(pictures / f"{number}.jpg", quality=85)
    for number in range(photos):
        folder = root / "venues" / f"venue-{number // PER_VENUE:04}"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(pictures / f"{number % (photos // times)}.jpg", folder / f"{number % PER_VENUE}.jpg")
    return root / "venues"


@contextmanager
def fresh(settings: Settings, encoder: Encoder) -> Iterator[Services]:
    """Give services over an empty database."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings.model_copy(update={"data_dir": Path(folder), "database_url": None})
        with Services(chosen, encoder=encoder) as services:
            upgrade(services.unchecked_database)
            _ = services.catalogue
            services.tagging.warm()
            yield services


def overhead(services: Services, folder: Path) -> float:
    """Return how much longer encoding takes where each batch is looked up first."""
    settings, encoder = services.settings, services.encoder
    decoder = Decoder(encoder, max_pixels=settings.max_pixels, max_bytes=settings.max_photo_bytes)
    tasks = [
        task
        for found in open_source(folder)
        if isinstance(found, FoundVenue)
        for task in plan(found, None, source="benchmark", verify=False).tasks
    ]
    photos = [photo for photo in map(decoder, tasks) if isinstance(photo, ReadPhoto)]
    known = partial(services.photo_vectors.by_content, space=services.catalogue.space)
    begun = time.perf_counter()
    for start in range(0, len(photos), settings.batch_size):
        encoder.encode_prepared(
            [it.prepared for it in photos[start : start + settings.batch_size] if it.prepared is not None]
        )
    alone = time.perf_counter() - begun
    once = EncodeOnce(encoder, lambda contents: known(contents) and {})  # asks, and encodes all the same
    begun = time.perf_counter()
    for start in range(0, len(photos), settings.batch_size):
        once(photos[start : start + settings.batch_size])
    return (time.perf_counter() - begun) / alone


if __name__ == "__main__":
    main()
