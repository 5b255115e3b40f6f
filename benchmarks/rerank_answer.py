"""What asking for a rerank costs the first answer: searches with and without, over HTTP, by turns.

    python -m benchmarks.rerank_answer [--requests N] [--limit N]

The catalogue and the encoder are those of the settings (`make demo` makes one). The model is the fake of the tests,
which answers at once; each stream is read to its end before the next search, so that no rerank runs beside it.
"""

import argparse
import sys
import time
from statistics import median, quantiles

import httpx2

from tests.serving import served
from venuefinder.bootstrap import Services
from venuefinder.settings import load_settings
from venuefinder.testing import FakeVisionLanguageModel

QUERY = "a hall with long tables and light"
WARMING = 10
"""Pairs that are not counted."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--limit", type=int, default=10)
    arguments = parser.parse_args()
    with Services(load_settings(), vision=FakeVisionLanguageModel()) as services, served(services) as api:
        times = run(api, requests=arguments.requests, limit=arguments.limit)
    for rerank, seconds in times.items():
        milliseconds = [1000 * one for one in seconds]
        p50, p95 = median(milliseconds), quantiles(milliseconds, n=20)[-1]
        sys.stdout.write(f"{'with' if rerank else 'without'} rerank: p50 {p50:.1f} ms, p95 {p95:.1f} ms\n")


def run(api: httpx2.Client, *, requests: int, limit: int) -> dict[bool, list[float]]:
    """Return the seconds of each answer, without and with rerank."""
    times: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(WARMING + requests):
        for rerank in (turn % 2 == 0, turn % 2 == 1):
            seconds = answered(api, rerank=rerank, limit=limit)
            if turn >= WARMING:
                times[rerank].append(seconds)
    return times


def answered(api: httpx2.Client, *, rerank: bool, limit: int) -> float:
    """Return the seconds until the answer; a rerank is read to its end after that."""
    started = time.perf_counter()
    response = api.post("/v1/search", json={"query": QUERY, "limit": limit, "rerank": rerank})
    seconds = time.perf_counter() - started
    answer = response.raise_for_status().json()
    if rerank:
        ends = [line for line in api.get(answer["rerank"]["stream"]).text.splitlines() if line.startswith("event: ")]
        if ends[-1] != "event: done":
            sys.exit(f"the rerank ended with {ends[-1]!r}, expected a final order")
    return seconds


if __name__ == "__main__":
    main()
