"""Search at scale: speed, recall and cost by the size of the catalogue and the share of venues that pass a filter.

    python -m benchmarks.search --photos 100000 --json FILE [--queries 200] [--data DIR] [--rounds 1]

Fills an embedded PostgreSQL with venues of 8 photos each, as vectors of 512 with CLIP's geometry (`clip_like.py`), half
of them described, and searches it through the services that the API and the command line use. Queries are texts, which
lie apart from the vectors in the index; encoding them is not timed. `--data` keeps the catalogue for the next run.

The JSON file, times in milliseconds by one caller unless said otherwise, over the queries; of several `--rounds`
each query's least counts, which takes out what else the machine does, tails included:

    machine     cores, memory_gb, load (before the run, over a minute), postgres, pgvector
    photos, venues, queries, rows (photo rows a search reads first), ef_search
    build       load_seconds, index_seconds, index_bytes, table_bytes
    tuning      seconds, recall, ef_search: what `venuefinder index` measured and chose
    filters     by filter: share of venues that pass, venues; `photos` (the photos' leg with its page) and `search` (the
                whole search), each with p50, p95, qps, recall (of the ten best venues; the leg's against brute force in
                numpy, the search's against the service's own exact answers), full (whether min(10, venues) came always)
    ratios      bare (the pgvector statement that reads as many rows with the same ef_search and iterative mode: p50,
                p95, qps, recall), photos and search: p50, over_bare (of the p50s), most (the bar: a factor and
                milliseconds over the bare statement), within (whether it is)
    clients     callers at once over HTTP, filters mixed: clients, requests, errors, p50, p95, qps of all together
    kinds       `exact` and `binary` in place of `hnsw`: by filter, the photos' leg; build seconds and bytes, ef_search
    upkeep      a tenth deleted, a tenth updated: recall, index_bytes and dead_rows before, after, vacuumed, reindexed;
                null above 100,000 photos, where it would take an hour
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks import search_clients, search_kinds, search_upkeep
from benchmarks.catalogues import FILTERS, VectorEncoder, all_fields, query_texts
from benchmarks.clip_like import PHOTOS_PER_VENUE, ClipLike
from benchmarks.exact_answers import PLACES, Exact, exact
from benchmarks.filling import fill
from benchmarks.search_legs import ROWS, Bare, PhotoLeg, Whole
from benchmarks.timing import Times, by_turns
from venuefinder.bootstrap import Services
from venuefinder.records import StoredSpace
from venuefinder.settings import Settings

BARS = {"photos": (1.5, 2.0), "search": (3.0, 4.0)}
"""What a leg and a search may take: so many times the bare statement, plus so many milliseconds."""
CHECKED = 50
"""Queries that are also answered exactly by the service: each takes a second at a million photos."""
MOST_UPKEEP = 100_000
Ask = Callable[[str], list[int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=1, help="times each query is asked; the least counts")
    parser.add_argument("--json", type=Path, required=True, help="where the figures go")
    parser.add_argument("--data", type=Path, help="data folder to keep the catalogue in, or to find it")
    arguments = parser.parse_args()
    result = run(arguments.photos, arguments.queries, rounds=arguments.rounds, data=arguments.data)
    arguments.json.write_text(json.dumps(result, indent=2) + "\n")
    show(result)


def run(photos: int, queries: int, *, rounds: int = 1, data: Path | None = None) -> dict[str, Any]:
    """Measure everything; the JSON file's content."""
    load, world, texts = os.getloadavg()[0], ClipLike(), query_texts(queries)
    with tempfile.TemporaryDirectory() if data is None else nullcontext(data) as folder:
        settings = Settings(data_dir=Path(folder), database_url=None)
        with Services(settings, encoder=VectorEncoder(world)) as services:
            say("filling")
            build = fill(services, world, photos)
            result = {"machine": machine(services, load), "photos": photos, "venues": photos // PHOTOS_PER_VENUE}
            result |= {"queries": queries, "rows": ROWS, "build": asdict(build)}
            result |= measured(services, world, texts, rounds)
    say("upkeep")
    upkeep = search_upkeep.measure(world, photos, texts) if photos <= MOST_UPKEEP else None
    return result | {"upkeep": upkeep}


def measured(services: Services, world: ClipLike, texts: Sequence[str], rounds: int) -> dict[str, Any]:
    """Measure a filled catalogue."""
    space, tuning = tuned(services)
    say("brute force")
    venues = services.venues.counts()[0]
    queries = np.stack([query.vector for query in services.queries.encode_all(texts)])
    right, fields = exact(queries, world.blocks(venues)), all_fields(world, venues)
    filters, all_read = {}, exactly(services)
    for name, where in FILTERS.items():
        say(f"filter {name}")
        filters[name] = by_filter(services, all_read, space, (where, fields.passing(name)), (right, texts), rounds)
    say("ratios")
    found = ratios(services, space, right, texts, rounds)
    say("clients")
    clients = search_clients.measure(services, bodies(texts))
    say("kinds")
    kinds = search_kinds.measure(services, space, fields, right, texts[:CHECKED])
    return {"ef_search": found.pop("ef_search"), "tuning": tuning, "filters": filters, "ratios": found} | {
        "clients": clients,
        "kinds": kinds,
    }


def tuned(services: Services) -> tuple[StoredSpace, dict[str, Any]]:
    """Do what `venuefinder index` does, and return the space with what came of it."""
    say("tuning")
    started = time.perf_counter()
    report = services.indexing.bring(services.catalogue.space, say)
    seconds = time.perf_counter() - started
    space = services.spaces.require(services.encoder.space)
    found = report.tuned
    chosen = {"recall": found.recall, "ef_search": found.ef_search} if found else {}
    return space, {"seconds": round(seconds, 1)} | chosen


def by_filter(
    services: Services,
    all_read: Services,
    space: StoredSpace,
    asked: tuple[Mapping[str, Any], NDArray[np.bool_]],
    checked: tuple[Exact, Sequence[str]],
    rounds: int,
) -> dict[str, Any]:
    """Measure leg and search under one filter, given with what passes it."""
    (where, passing), (right, texts) = asked, checked
    legs: dict[str, Ask] = {"photos": PhotoLeg(services, space, where), "search": Whole(services, where)}
    by_turns(legs, texts[:CHECKED])  # pages into memory, queries into the cache
    times, answers = by_turns(legs, texts, rounds=rounds)
    expected = min(PLACES, int(passing.sum()))
    recalls = {
        "photos": right.recall(answers["photos"], passing),
        "search": agreement(Whole(all_read, where), answers["search"], texts),
    }
    return {"share": round(float(passing.mean()), 5), "venues": int(passing.sum())} | {
        name: asdict(times[name])
        | {"recall": round(recalls[name], 4), "full": all(len(found) == expected for found in answers[name])}
        for name in times
    }


def agreement(whole: Ask, found: Sequence[Sequence[int]], texts: Sequence[str]) -> float:
    """Return the mean share of the service's own exact answers that the first answers have."""
    shares = []
    for text, answer in zip(texts[:CHECKED], found, strict=False):
        if best := whole(text):
            shares.append(len(set(best) & set(answer)) / len(best))
    return float(np.mean(shares)) if shares else 1.0


def exactly(services: Services) -> Services:
    """Return services that read every row instead of searching an index."""
    settings = services.settings.model_copy(update={"index": "exact"})
    return Services(settings, encoder=services.encoder, database=services.database)


def ratios(services: Services, space: StoredSpace, right: Exact, texts: Sequence[str], rounds: int) -> dict[str, Any]:
    """Compare leg and search with the bare statement, by turns."""
    bare = Bare(services, space)
    legs: dict[str, Ask] = {"bare": bare, "photos": PhotoLeg(services, space, {}), "search": Whole(services, {})}
    by_turns(legs, texts[:CHECKED])
    times, answers = by_turns(legs, texts, rounds=rounds)
    bare.close()
    recall = round(right.recall(answers["bare"], np.ones(right.best.shape[1], dtype=bool)), 4)
    found: dict[str, Any] = {"ef_search": bare.ef_search, "bare": asdict(times["bare"]) | {"recall": recall}}
    return found | {name: over(times[name], times["bare"], *BARS[name]) for name in BARS}


def over(times: Times, bare: Times, factor: float, more: float) -> dict[str, Any]:
    """Return how times compare with the bare statement's, and whether they are within the bar."""
    most = round(factor * bare.p50 + more, 2)
    return {"p50": times.p50, "over_bare": round(times.p50 / bare.p50, 2), "most": most, "within": times.p50 <= most}


def bodies(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return requests for all clients, filters by turns."""
    filters = list(FILTERS.values())
    return [
        {"query": texts[number % len(texts)], "filters": filters[number % len(filters)], "limit": PLACES}
        for number in range(2 * len(texts))
    ]


def machine(services: Services, load: float) -> dict[str, Any]:
    """Return what was measured on."""
    facts = services.database.facts()
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "load": round(load, 2),
        "postgres": facts.server_version,
        "pgvector": facts.extension_version,
    }


def say(doing: str) -> None:
    sys.stderr.write(f"{doing}…\n")


def show(result: Mapping[str, Any]) -> None:
    """Print the figures that matter most."""
    bare = result["ratios"]["bare"]
    title = f"{result['photos']:,} photos; ef_search {result['ef_search']}; bare statement p50 {bare['p50']:.2f} ms"
    table = Table(title=title)
    names = ("filter", "venues", "photos p50", "p95", "recall", "search p50", "p95", "searches/s", "recall", "full")
    for name in names:
        table.add_column(name, justify="right")
    for name, found in result["filters"].items():
        leg, whole = found["photos"], found["search"]
        cells = [f"{leg['p50']:.1f}", f"{leg['p95']:.1f}", f"{leg['recall']:.3f}", f"{whole['p50']:.1f}"]
        cells += [f"{whole['p95']:.1f}", f"{whole['qps']:.0f}", f"{whole['recall']:.3f}"]
        full = "yes" if leg["full"] and whole["full"] else "no"
        table.add_row(name, f"{found['venues']:,}", *cells, full)
    Console().print(table)


if __name__ == "__main__":
    main()
