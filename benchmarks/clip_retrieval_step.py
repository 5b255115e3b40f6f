"""clip-retrieval's inference step, timed from the first photo that is asked for to the last file that is written.

Run by the Python of an environment that has clip-retrieval; it imports nothing of ours. `benchmarks.ingest_peers`
starts it. Ends with a line of JSON: photos and seconds.

The package itself imports its search service and index builder, with all that they need; the inference step alone needs
clip-retrieval, all_clip, clip-anytorch with "setuptools<70", ftfy, fire, termcolor, braceexpand, webdataset,
sentence-transformers and open_clip.
So it is imported without the rest, and without wandb, to which nothing is reported here.
"""

import argparse
import json
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np


def _inference_step() -> Any:
    found = find_spec("clip_retrieval")
    if found is None or found.submodule_search_locations is None:
        raise SystemExit(f"{sys.executable}: has no clip-retrieval; run: pip install clip-retrieval")
    package = ModuleType("clip_retrieval")
    package.__path__ = list(found.submodule_search_locations)
    sys.modules["clip_retrieval"] = package
    sys.modules.setdefault("wandb", ModuleType("wandb"))
    from clip_retrieval.clip_inference import worker

    return worker


step = _inference_step()

times: dict[str, float] = {}


class TimedReader(step.FilesReader):
    """Notes when the first photo is asked for: the model is loaded and warm by then."""

    def __iter__(self) -> Any:
        times["started"] = time.perf_counter()
        return super().__iter__()


class TimedWriter(step.NumpyWriter):
    """Notes when all is written."""

    def flush(self) -> None:
        """Write what is left."""
        super().flush()
        times["ended"] = time.perf_counter()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    arguments = parser.parse_args()
    step.FilesReader, step.NumpyWriter = TimedReader, TimedWriter
    with tempfile.TemporaryDirectory() as out:
        step.worker(
            tasks=[0],
            input_dataset=arguments.folder,
            output_folder=out,
            output_partition_count=1,
            batch_size=arguments.batch,
            num_prepro_workers=arguments.workers,
            enable_text=False,
            use_jit=False,
            clip_model=f"open_clip:{arguments.model}/{arguments.checkpoint / 'open_clip_model.safetensors'}",
        )
        photos = sum(len(np.load(path)) for path in Path(out).rglob("img_emb_*.npy"))
    sys.stdout.write(f"\n{json.dumps([photos, times['ended'] - times['started']])}\n")


if __name__ == "__main__":
    main()
