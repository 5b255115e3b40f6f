"""How much faster concurrent searches encode their texts together than each for itself, in the same run.

Threads encode distinct texts with the configured encoder, each its own one after the other as searches do: once through
`QueryEncoder`, which batches what waits, and once by a call of the encoder for each text. The two take turns, and the
median of the rounds counts.

    python -m benchmarks.query_encoding [--threads 16] [--texts 40] [--rounds 5] [--json FILE]
"""

import argparse
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from venuefinder.bootstrap import Services
from venuefinder.protocols import TextEncoder
from venuefinder.searching.query_encoder import QueryEncoder
from venuefinder.settings import load_settings

PLACES = ("barn", "loft", "ballroom", "boathouse", "chapel", "greenhouse", "rooftop bar", "warehouse")
LOOKS = ("rustic", "white", "candlelit", "panelled", "bright", "industrial", "vaulted", "modern")
THINGS = ("string lights", "a stage", "long tables", "a garden", "exposed brick", "a fireplace", "chandeliers")


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast texts were encoded."""

    a_second: float
    cpu_milliseconds: float
    """A text, of all threads: what a busy machine does not change much."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--texts", type=int, default=40, help="of each thread, in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with Services(load_settings()) as services:
        encoder = services.encoder
        encoder.encode_texts(["the first call is slow"])
        rates = measure(encoder, arguments.threads, arguments.texts, arguments.rounds)
    show(rates, f"{encoder.space.name} on {encoder.device}, {arguments.threads} threads")
    if arguments.json:
        arguments.json.write_text(json.dumps({name: asdict(found) for name, found in rates.items()}, indent=2) + "\n")


def measure(encoder: TextEncoder, threads: int, count: int, rounds: int) -> dict[str, Rate]:
    """Return the medians of the rounds: one by one, together, and of one thread alone."""
    taken: dict[str, list[Rate]] = {}
    for number in range(rounds):
        texts = [[text(number, thread, index) for index in range(count)] for thread in range(threads)]
        ways: dict[str, tuple[Callable[[str], object], list[list[str]]]] = {
            "one by one": (lambda one: (encoder.encode_texts([one]), encoder.count_tokens([one])), texts),
            "together": (QueryEncoder(encoder).encode, texts),
            "one thread alone": (QueryEncoder(encoder).encode, texts[:1]),
        }
        for name, (encode, asked) in ways.items():
            taken.setdefault(name, []).append(rate(encode, asked))
    return {name: Rate(*np.median([astuple(one) for one in rates], axis=0)) for name, rates in taken.items()}


def text(number: int, thread: int, index: int) -> str:
    """Return a request that no other thread or round asks."""
    words = (number * 1_000 + thread) * 1_000 + index
    look, place, thing = LOOKS[words % 8], PLACES[words // 8 % 8], THINGS[words % 7]
    return f"{look} {place} with {thing} for {words} guests"


def rate(encode: Callable[[str], object], texts: list[list[str]]) -> Rate:
    """Encode each list in a thread of its own."""
    count = sum(map(len, texts))
    with ThreadPoolExecutor(len(texts)) as pool:
        started, used = time.perf_counter(), time.process_time()
        list(pool.map(lambda own: [encode(one) for one in own], texts))
        taken, spent = time.perf_counter() - started, time.process_time() - used
    return Rate(a_second=count / taken, cpu_milliseconds=1000 * spent / count)


def show(rates: dict[str, Rate], title: str) -> None:
    table = Table(title=title)
    for name in ("texts encoded", "a second", "over one by one", "CPU a text, ms"):
        table.add_column(name, justify="right")
    for name, found in rates.items():
        ratio = found.a_second / rates["one by one"].a_second
        table.add_row(name, f"{found.a_second:.0f}", f"{ratio:.2f}", f"{found.cpu_milliseconds:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
