"""VenueFinder beside what a user would pick instead: same photos, same filters, venues counted, recall 0.99.

    python -m benchmarks.peers --photos 100000 --json FILE [--queries 100] [--only NAME …] [--data DIR]

Needs the dependency group `peers`; what is not installed is named as missing. Each runs in a process of its own, alone,
one caller asking one query after the other for ten venues. A peer's setting is the one with the best p50 of those that
reach recall 0.99; VenueFinder takes its own. Peers run inside the caller's process and are handed vectors; VenueFinder
asks a server over a socket, and keeps a catalogue besides. `--data` keeps VenueFinder's catalogue, or finds there what
`benchmarks.search` filled.

The JSON file, times in milliseconds:

    machine, photos, queries, target
    peers   by name: missing (why), or database (whether it keeps and filters columns itself), versions, build_seconds,
            disk_bytes, memory_mb (most of the process, the photos' 2 kB each included; not of our server), and filters:
            depth, effort, p50, p95, qps, recall, reached (whether the target was; if not, the figures are those of the
            best recall), full (whether min(10, venues) came always)
    ahead   by filter: the databases with a better p50 than "VenueFinder, venues" at the target recall
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.catalogues import VectorEncoder, all_fields, query_texts
from benchmarks.clip_like import PHOTOS_PER_VENUE, ClipLike
from benchmarks.exact_answers import PLACES, Exact, exact
from benchmarks.peer import WHERE, Peer, Photos, Query
from benchmarks.peer_databases import Chroma, LanceDB, LanceGraph, MilvusLite, QdrantEdge
from benchmarks.peer_libraries import Faiss, FaissFlat, Hnswlib
from benchmarks.peer_ours import Nearest, Search
from benchmarks.timing import by_turns

CHECKOUT = Path(__file__).parent.parent
OURS = Nearest.name
PEERS: tuple[type[Peer], ...] = (
    Nearest, Search, QdrantEdge, LanceDB, LanceGraph, MilvusLite, Chroma, Faiss, FaissFlat, Hnswlib,
)  # fmt: skip
TARGET = 0.99
HOPELESS_MS = 500.0
"""Settings this slow are not widened further."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--only", nargs="+", metavar="NAME", help=f"of: {', '.join(peer.name for peer in PEERS)}")
    parser.add_argument("--json", type=Path, help="where the figures go")
    parser.add_argument("--data", type=Path, help="data folder to keep VenueFinder's catalogue in, or to find it")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        sys.stdout.write(json.dumps(one(named(arguments.one), arguments.photos, arguments.queries, arguments.data)))
        return
    if arguments.json is None:
        parser.error("the following arguments are required: --json")
    names = arguments.only or [peer.name for peer in PEERS]
    result = run([named(name) for name in names], arguments.photos, arguments.queries, arguments.data)
    arguments.json.write_text(json.dumps(result, indent=2) + "\n")
    show(result)


def named(name: str) -> type[Peer]:
    """Return the peer of that name."""
    found = {peer.name: peer for peer in PEERS}
    if name not in found:
        raise SystemExit(f"peer {name!r}: unknown; expected one of: {', '.join(found)}")
    return found[name]


def run(peers: Sequence[type[Peer]], photos: int, queries: int, data: Path | None = None) -> dict[str, Any]:
    """Measure each peer in a process of its own; the JSON file's content."""
    memory = round(psutil.virtual_memory().total / 2**30)
    machine = {"cores": os.cpu_count(), "memory_gb": memory, "load": round(os.getloadavg()[0], 2)}
    results = {}
    for peer in peers:
        sys.stderr.write(f"{peer.name}…\n")
        results[peer.name] = in_a_process_of_its_own(peer, photos, queries, data)
    asked = {"machine": machine, "photos": photos, "queries": queries, "target": TARGET}
    return asked | {"peers": results, "ahead": {where: ahead(results, where) for where in WHERE}}


def in_a_process_of_its_own(peer: type[Peer], photos: int, queries: int, data: Path | None) -> dict[str, Any]:
    """Return what the peer's process says; one that ends otherwise is named with its last words."""
    command = [sys.executable, "-m", "benchmarks.peers", "--one", peer.name]
    command += ["--photos", str(photos), "--queries", str(queries), *(["--data", str(data)] if data else [])]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, cwd=CHECKOUT)
    if ended.returncode:
        return {"missing": f"it failed: {ended.stderr.strip().splitlines()[-1:]}"}
    result: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return result


def one(peer: type[Peer], photos: int, queries: int, data: Path | None = None) -> dict[str, Any]:
    """Build one peer and measure it."""
    try:
        versions = {package: version(package) for package in peer.packages}
    except PackageNotFoundError as error:
        return {"missing": f"not installed: {error.name}"}
    world, venues = ClipLike(), photos // PHOTOS_PER_VENUE
    blocks, fields = list(world.blocks(venues)), all_fields(world, venues)
    asked = [Query(text, VectorEncoder(world).encode_texts([text])[0]) for text in query_texts(queries)]
    right = exact(np.stack([query.vector for query in asked]), blocks)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as passing:
        folder = data if data and issubclass(peer, Nearest) else Path(passing)
        built = peer(folder)
        started = time.perf_counter()
        built.build(Photos.of(blocks, fields))
        seconds = time.perf_counter() - started
        filters = {where: best_setting(built, where, asked, right, fields.passing(where)) for where in WHERE}
        if isinstance(built, Nearest):
            seconds = built.build_seconds
            built.close()
        disk = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    facts = {"database": peer.is_database, "versions": versions, "build_seconds": round(seconds, 1)}
    return facts | {"disk_bytes": disk, "memory_mb": memory, "filters": filters}


def best_setting(
    peer: Peer, where: str, asked: Sequence[Query], right: Exact, passing: NDArray[np.bool_]
) -> dict[str, Any]:
    """Return the figures of the fastest setting that reaches the target, or of the one with the best recall."""
    tried = [found for depth in peer.depths for found in _wider_and_wider(peer, (where, depth), asked, right, passing)]
    reached = [found for found in tried if found["reached"]]
    if reached:
        return min(reached, key=lambda found: float(found["p50"]))
    return max(tried, key=lambda found: (float(found["recall"]), -float(found["p50"])))


def _wider_and_wider(
    peer: Peer, how: tuple[str, int], asked: Sequence[Query], right: Exact, passing: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    """Measure wider settings until one reaches the target."""
    tried: list[dict[str, Any]] = []
    for effort in (effort for effort in peer.efforts if effort >= how[1] or len(peer.efforts) == 1):
        peer.widen(effort)
        found = measured(peer, how, asked, right, passing)
        tried.append({"depth": how[1], "effort": effort} | found)
        if found["reached"] or found["p50"] > HOPELESS_MS:
            break
    return tried


def measured(
    peer: Peer, how: tuple[str, int], asked: Sequence[Query], right: Exact, passing: NDArray[np.bool_]
) -> dict[str, Any]:
    """Ask all queries with one setting, the first ones twice: pages into memory."""
    where, depth = how
    actions = {peer.name: lambda query: peer.venues(query, where, depth)}
    by_turns(actions, asked[: len(asked) // 4])
    times, answers = by_turns(actions, asked)
    recall = right.recall(answers[peer.name], passing)
    counted = {"recall": round(recall, 4), "reached": recall >= TARGET}
    if isinstance(peer, Search):
        counted = {"recall": None, "reached": True}
    expected = min(PLACES, int(passing.sum()))
    full = all(len(found) == expected for found in answers[peer.name])
    return asdict(times[peer.name]) | counted | {"full": full}


def ahead(results: Mapping[str, Any], where: str) -> list[str]:
    """Return the databases that answer faster than ours at the target."""
    if "filters" not in results.get(OURS, {}):
        return []
    ours = results[OURS]["filters"][where]["p50"]
    return [
        name
        for name, found in results.items()
        if found.get("database")
        and name not in (Nearest.name, Search.name)
        and found["filters"][where]["reached"]
        and found["filters"][where]["p50"] < ours
    ]


def show(result: Mapping[str, Any]) -> None:
    """Print p50 at the target recall, the recall where it was not reached."""
    table = Table(title=f"{result['photos']:,} photos, {result['queries']} queries: p50 in ms at recall {TARGET}")
    for name in ("", *WHERE, "built in s", "on disk, MB", "memory, MB"):
        table.add_column(name, justify="left" if not name else "right")
    for name, found in result["peers"].items():
        if "missing" in found:
            table.add_row(name, found["missing"])
            continue
        cells = [_cell(found["filters"][where]) for where in WHERE]
        disk = f"{found['disk_bytes'] / 1e6:.0f}" if found["disk_bytes"] else ""
        table.add_row(name, *cells, f"{found['build_seconds']:.0f}", disk, str(found["memory_mb"]))
    Console().print(table)


def _cell(found: Mapping[str, Any]) -> str:
    return f"{found['p50']:.2f}" if found["reached"] else f"{found['p50']:.2f} (recall {found['recall']:.2f})"


if __name__ == "__main__":
    main()
