"""Photos to embeddings, ours against what else one would run, on the same photos and the same local checkpoint.

    ours             `venuefinder ingest` from the folder to rows in PostgreSQL: checks, hashes, looks, embeddings
    ours, bfloat16   the same with VENUEFINDER_DTYPE=bfloat16, where the processor multiplies that fast
    loader           a DataLoader of torch over open_clip, written as a user would: embeddings into one numpy file
    clip-retrieval   its inference step (reader, mapper, writer), into numpy files; needs a Python that has it

Each runs in a process of its own, with the model loaded and warm before the clock starts, by turns in each round. Batch
size and decoding workers are the same for all. A ratio is a peer's seconds over ours within a round; the table has the
medians, with the least and the greatest.

    python -m benchmarks.ingest_peers [--photos 300] [--rounds 3] [--batch 32] [--workers 2] [--model ViT-B-32]
        [--size 1024 768] [--checkpoint DIR] [--folder DIR] [--clip-retrieval PYTHON] [--json FILE]

Without `--checkpoint` one of the model's shape is written, with random weights: as fast as any other. clip-retrieval
wants an environment of its own: `python -m venv DIR && DIR/bin/pip install clip-retrieval`, then DIR/bin/python.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.photographs import SIZE, write_venues
from benchmarks.search_clients import CHECKOUT
from ingest.options import RunOptions
from ingest.progress import Quiet
from ingest.runner import ingest
from ingest.sources import open_source
from venuefinder.bootstrap import Services
from venuefinder.settings import Settings
from venuefinder.store.schema import upgrade

STEP = Path(__file__).parent / "clip_retrieval_step.py"
OURS, HALF = "ours", "ours, bfloat16"
WARM = 1_000_000
"""The first of the photographs that warm up: none of those that are measured."""


@dataclass(frozen=True, slots=True)
class Job:
    """What each of them does: embed the photos under `folder` by the checkpoint."""

    folder: Path
    checkpoint: Path
    model: str
    """The name of its shape, which clip-retrieval asks for."""
    batch: int
    workers: int

    def arguments(self) -> list[str]:
        """Return it as options of this program."""
        options = {"folder": self.folder, "checkpoint": self.checkpoint, "batch": self.batch, "workers": self.workers}
        return [part for name, value in options.items() for part in (f"--{name}", str(value))]


def ours(job: Job, *, dtype: str = "auto") -> tuple[int, float]:
    """Ingest into an empty catalogue; return photos and seconds."""
    with tempfile.TemporaryDirectory() as data:
        settings = Settings(
            data_dir=Path(data),
            database_url=None,
            encoder=f"open_clip:local-dir:{job.checkpoint}",
            dtype=dtype,
            batch_size=job.batch,
            decode_threads=job.workers,
        )
        with Services(settings) as services:
            upgrade(services.unchecked_database)
            services.catalogue.known([])
            warm = write_venues(Path(data) / "warm", photos=job.batch, first=WARM)
            ingest(open_source(warm), services, Quiet(), RunOptions())
            started = time.perf_counter()
            report = ingest(open_source(job.folder), services, Quiet(), RunOptions())
            return report.photos.new, time.perf_counter() - started


def loader(job: Job) -> tuple[int, float]:
    """Do what a user of open_clip writes; return photos and seconds."""
    import open_clip
    import torch
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset

    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{job.checkpoint}")
    model.eval()

    class Photos(Dataset[Any]):
        files = sorted(job.folder.rglob("*.jpg"))

        def __len__(self) -> int:
            return len(self.files)

        def __getitem__(self, place: int) -> Any:
            return preprocess(Image.open(self.files[place]).convert("RGB"))

    with torch.inference_mode(), tempfile.TemporaryDirectory() as scratch:
        model.encode_image(torch.stack([Photos()[0]] * job.batch), normalize=True)
        started = time.perf_counter()
        batches = DataLoader(Photos(), batch_size=job.batch, num_workers=job.workers)
        vectors = np.concatenate([model.encode_image(batch, normalize=True).numpy() for batch in batches])
        np.save(Path(scratch) / "vectors.npy", vectors)
        return len(vectors), time.perf_counter() - started


WAYS: Mapping[str, Callable[[Job], tuple[int, float]]] = {
    OURS: ours,
    HALF: lambda job: ours(job, dtype="bfloat16"),
    "loader": loader,
}


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or write_venues(
            Path(scratch) / "photos", photos=arguments.photos, size=tuple(arguments.size)
        )
        checkpoint = arguments.checkpoint or write_checkpoint(Path(scratch) / "checkpoint", arguments.model)
        job = Job(folder.resolve(), checkpoint.resolve(), arguments.model, arguments.batch, arguments.workers)
        if arguments.one:
            sys.stdout.write(json.dumps(WAYS[arguments.one](job)))
            return
        found = run(job, arguments.rounds, arguments.clip_retrieval)
    show(found, checkpoint.name if arguments.checkpoint else f"{arguments.model}, random weights", job)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))


def run(job: Job, rounds: int, clip_retrieval: Path | None) -> list[dict[str, float]]:
    """Return each round's photos a second by way."""
    commands = {
        name: [sys.executable, "-m", "benchmarks.ingest_peers", "--one", name, *job.arguments()] for name in WAYS
    }
    if clip_retrieval:
        commands["clip-retrieval"] = [str(clip_retrieval), str(STEP), "--model", job.model, *job.arguments()]
    turns = track([(turn, name) for turn in range(rounds) for name in commands], console=Console(stderr=True))
    found: list[dict[str, float]] = [{} for _ in range(rounds)]
    for turn, name in turns:
        ran = subprocess.run(commands[name], check=True, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT)
        photos, seconds = json.loads(ran.stdout.splitlines()[-1])
        found[turn][name] = photos / seconds
    return found


def write_checkpoint(folder: Path, name: str) -> Path:
    """Write a checkpoint of one of open_clip's shapes, as `local-dir:` wants it."""
    import open_clip
    import torch
    from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    torch.manual_seed(0)
    preprocessing = {"mean": OPENAI_DATASET_MEAN, "std": OPENAI_DATASET_STD, "interpolation": "bicubic"}
    config = {
        "model_cfg": open_clip.get_model_config(name),
        "preprocess_cfg": preprocessing | {"resize_mode": "shortest"},
    }
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    weights = {key: value.contiguous() for key, value in open_clip.create_model(name).state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    return folder


def show(found: Sequence[Mapping[str, float]], checkpoint: str, job: Job) -> None:
    table = Table(title=f"{checkpoint}; batches of {job.batch}, {job.workers} workers, {os.cpu_count()} cores")
    for name in ("", "photos/s", "ours over it", "ours in bfloat16 over it"):
        table.add_column(name, justify="left" if not name else "right")
    for name in found[0]:
        speed = median(one[name] for one in found)
        table.add_row(
            name, f"{speed:.1f}", *(_ratios([one[way] / one[name] for one in found]) for way in list(WAYS)[:2])
        )
    Console().print(table)


def _ratios(ratios: Sequence[float]) -> str:
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=300)
    parser.add_argument("--size", type=int, nargs=2, default=SIZE, help="of synthetic photos, in pixels")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--workers", type=int, default=2, help="processes or threads that read and decode")
    parser.add_argument("--model", default="ViT-B-32", help="whose shape the checkpoint has")
    parser.add_argument("--checkpoint", type=Path, help="a folder with open_clip_config.json and its weights")
    parser.add_argument("--folder", type=Path, help="real .jpg photos, one sub-folder a venue")
    parser.add_argument("--clip-retrieval", type=Path, help="the Python of an environment that has clip-retrieval")
    parser.add_argument("--json", type=Path, help="keep every round")
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
