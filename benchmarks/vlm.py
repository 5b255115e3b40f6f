"""What it costs to ask a vision-language model: one prompt at a time, in batches that read each photo once, and again.

    python -m benchmarks.vlm [--json FILE]                             the small model of the tests, on a CPU
    python -m benchmarks.vlm --shape 7b --device cuda [--json FILE]    the shape of Qwen2.5-VL-7B, or 3b, random weights

The small model: P(yes) of every question about every photo by a loop of transformers' `generate`, a prompt each, then
by VenueFinder's backend with nothing remembered (cold), then with other questions about the same photos (warm). By
turns, the median of `--rounds`; and the greatest difference between the probabilities of loop and backend.

Any shape: a rerank of `--candidates` venues by two photos each of 256 visual tokens, cold and warm; how many tokens a
second are read; peak memory; and the share of the rate of a plain matrix product on the same device in the same run,
counting two operations a weight and token (`model_shape.prefill_flops`).
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.vlm_shapes import SHAPES, full_size, tiny
from venuefinder.vision.photo_reading import PhotoInput, Unread, YesNo
from venuefinder.vision.relevance_question import relevance_question
from venuefinder.vlm.loading import LoadedModel
from venuefinder.vlm.model_shape import shape_of
from venuefinder.vlm.prompts import SYSTEM, answered_by_yes_or_no
from venuefinder.vlm.registry import VisionOptions
from venuefinder.vlm.transformers_backend import TransformersModel

TOKENS, SIDE = 256, 448
"""Visual tokens a photo: 448 x 448 pixels are 16 x 16 of 28."""
THINGS = ("a stage", "string lights", "long tables", "a garden", "exposed brick", "a fireplace", "a bar", "a lake")
PHOTOS_A_VENUE = 2
CACHE = 30_000_000_000
"""Bytes for what was read of photos: 100 of them take 2 GB in the shape of 7B."""
MATRIX = {"cuda": 8192, "cpu": 2048}
"""Rows and columns of the matrices whose product is the rate to compare with."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Seconds for the same answers."""

    photos: int
    questions: int
    loop: float
    cold: float
    warm: float
    difference: float
    """Greatest, between the probabilities of loop and backend."""

    @property
    def ratios(self) -> dict[str, float]:
        """How many times faster than the loop."""
        return {"cold_over_loop": round(self.loop / self.cold, 2), "warm_over_loop": round(self.loop / self.warm, 2)}


@dataclass(frozen=True, slots=True)
class Rerank:
    """One question about two photos of each candidate. Seconds; rates in operations a second."""

    candidates: int
    prompt_tokens: int
    """A photo with system text and question."""
    cold: float
    warm: float
    tokens_a_second: float
    peak_bytes: int | None
    """On the device; None on a CPU."""
    rate: float
    matrix_rate: float
    share: float
    """`rate` over `matrix_rate`."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=("tiny", *SHAPES), default="tiny")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--dtype", choices=("auto", "float32", "bfloat16", "float16"), default="auto")
    parser.add_argument("--candidates", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    shape, device, dtype = arguments.shape, arguments.device, arguments.dtype
    result = run(shape, device, dtype, candidates=arguments.candidates, rounds=arguments.rounds)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n")
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


def run(
    shape: str, device: Any, dtype: Any = "auto", *, photos: int = 8, candidates: int = 50, rounds: int = 5
) -> dict[str, Any]:
    """Measure a shape; the JSON file's content."""
    options = VisionOptions(min_tokens=TOKENS, max_tokens=TOKENS, device=device, dtype=dtype, prefix_cache_bytes=CACHE)
    with tempfile.TemporaryDirectory() as folder:
        made = tiny(Path(folder), options) if shape == "tiny" else full_size(shape, Path(folder), options)
        result: dict[str, Any] = {"shape": shape, "device": made.device, "dtype": str(made.dtype)}
        if shape == "tiny":
            compared = comparison(made, options, photos=photos, rounds=rounds)
            result["comparison"] = asdict(compared) | compared.ratios
        sizes = shape_of(str(Path(folder) / "tiny")) if shape == "tiny" else SHAPES[shape]
        if sizes is not None:
            result["rerank"] = asdict(rerank(made, options, candidates, sizes.prefill_flops))
    return result


def comparison(made: LoadedModel, options: VisionOptions, *, photos: int, rounds: int) -> Comparison:
    """Time the three ways to the same answers, by turns."""
    model, seen = TransformersModel(made, options), pictures(photos)
    questions = [YesNo(f"Does this photo show {thing}?", thing) for thing in THINGS]
    others = [YesNo(f"Is there {thing} in this photo?", thing) for thing in THINGS]
    times: dict[str, list[float]] = {"loop": [], "cold": [], "warm": []}
    looped, cold = generated(made, seen, questions), answers(model, seen, questions)
    for _ in range(rounds):
        times["loop"].append(seconds(lambda: generated(made, seen, questions)))
        model._memory.cache.clear()
        times["cold"].append(seconds(lambda: answers(model, seen, questions)))
        times["warm"].append(seconds(lambda: answers(model, seen, others)))
    model.close()
    spent = {name: round(median(values), 4) for name, values in times.items()}
    return Comparison(photos, len(questions), **spent, difference=float(np.abs(looped - cold).max()))


def rerank(made: LoadedModel, options: VisionOptions, candidates: int, flops: Callable[..., float]) -> Rerank:
    """Time a rerank of candidates with nothing read yet, and one of the same with other words."""
    import torch

    on_gpu = made.device == "cuda"
    warmed = TransformersModel(made, options)
    answers(warmed, pictures(PHOTOS_A_VENUE, seed=1), [relevance_question("a barn")])
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    seen = pictures(candidates * PHOTOS_A_VENUE, seed=2)
    cold = seconds(lambda: answers(warmed, seen, [relevance_question("rustic barn with string lights")]))
    warm = seconds(lambda: answers(warmed, seen, [relevance_question("a hall with a stage")]))
    text = len(warmed._chat.suffix(answered_by_yes_or_no(relevance_question("rustic barn with string lights").text)))
    length = warmed._chat.prefix(seen[0].open(SIDE * SIDE)).length + text
    work = len(seen) * flops(visual=TOKENS, text=length - TOKENS)
    fastest = matrix_rate(made)
    return Rerank(
        candidates=candidates,
        prompt_tokens=length,
        cold=round(cold, 4),
        warm=round(warm, 4),
        tokens_a_second=round(len(seen) * length / cold, 1),
        peak_bytes=torch.cuda.max_memory_allocated() if on_gpu else None,
        rate=work / cold,
        matrix_rate=fastest,
        share=round(work / cold / fastest, 3),
    )


def answers(model: TransformersModel, photos: Sequence[PhotoInput], questions: Sequence[YesNo]) -> np.ndarray:
    """Return P(yes) as the backend finds it: `float64 [N, Q]`."""
    found = model.verdicts(photos, questions)
    return np.array([[] if isinstance(row, Unread) else [one.probability for one in row] for row in found])


def generated(made: LoadedModel, photos: Sequence[PhotoInput], questions: Sequence[YesNo]) -> np.ndarray:
    """Return P(yes) by a loop of `generate`, a whole prompt each, as the models' own examples do: `float64 [N, Q]`."""
    return np.array([[_generated(made, photo, question) for question in questions] for photo in photos])


def _generated(made: LoadedModel, photo: PhotoInput, question: YesNo) -> float:
    import torch

    text = answered_by_yes_or_no(question.text)
    messages = [
        {"role": "system", "content": [{"type": "text", "text": SYSTEM}]},
        {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": text}]},
    ]
    prompt = made.processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    inputs = made.processor(text=[prompt], images=[photo.open(SIDE * SIDE)], return_tensors="pt").to(made.device)
    with torch.inference_mode():
        said = made.model.generate(
            **inputs, max_new_tokens=1, do_sample=False, output_logits=True, return_dict_in_generate=True
        )
    spellings = [made.processor.tokenizer.encode(word)[0] for word in ("yes", "Yes", "no", "No")]
    return float(said.logits[0][0, spellings].float().softmax(dim=-1)[:2].sum())


def pictures(number: int, *, seed: int = 0) -> list[PhotoInput]:
    """Return photos of noise, each of 256 visual tokens."""
    found = []
    for place in range(number):
        pixels = np.random.default_rng((seed, place)).integers(0, 256, size=(SIDE, SIDE, 3), dtype=np.uint8)
        image = Image.fromarray(pixels)
        digest = sha256(pixels.tobytes()).digest()
        found.append(
            PhotoInput(photo_id=place + 1, content_hash=digest, width=SIDE, height=SIDE, open=lambda _, it=image: it)
        )
    return found


def matrix_rate(made: LoadedModel) -> float:
    """Return the operations a second of a product of two square matrices in the model's numbers."""
    import torch

    side = MATRIX[made.device]
    left, right = (torch.randn(side, side, device=made.device, dtype=made.dtype) for _ in range(2))

    def multiply() -> None:
        for _ in range(5):
            torch.mm(left, right)
        if made.device == "cuda":
            torch.cuda.synchronize()

    multiply()
    return 5 * 2 * side**3 / median(seconds(multiply) for _ in range(5))


def seconds(action: Callable[[], object]) -> float:
    """Return how long a call took."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
