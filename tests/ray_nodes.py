"""Ingest by the nodes of a Ray cluster on loopback, in a process of its own:
`python -m tests.ray_nodes DATABASE_URL SOURCE [kill]`. It prints the report, how many processes encoded, and how many
nodes are left; with `kill`, the second node is killed once the first venues are written."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from ingest.options import RunOptions
from ingest.progress import Quiet
from ingest.report import Report
from ingest.runner import ingest
from ingest.sources import open_source
from tests.slow_encoder import SlowEncoder
from venuefinder.bootstrap import Services
from venuefinder.protocols import Embeddings
from venuefinder.settings import Settings
from venuefinder.store.database import open_database

TRIES = 4
MEMORY = 80 * 2**20
"""Bytes of a node's object store, about the least there is."""


class MarkingEncoder(SlowEncoder):
    """Leaves a mark in the folder of the run for each process that encodes."""

    def encode_prepared(self, prepared: object) -> Embeddings:
        """Encode: `float32 [N, 1, 16]`."""
        Path(os.environ["MARKS"], f"{os.getpid()}").touch()
        return super().encode_prepared(prepared)  # type: ignore[arg-type]


def load(_spec: str, _views: int) -> MarkingEncoder:
    """Make the encoder, on whichever node."""
    return MarkingEncoder(0.05)


class Killing(Quiet):
    """Kills a node once something is written."""

    def __init__(self, kill: object) -> None:
        super().__init__()
        self._kill = kill

    def update(self, report: Report) -> None:
        if report.venues.new and self._kill:
            kill, self._kill = self._kill, None
            kill()  # type: ignore[operator]


def two_nodes() -> tuple[Any, Any]:
    """Start a cluster of two small nodes, and return it and the second. Ray gives a node 15 seconds for each of its
    agents, which a busy machine may not have: then they are started again."""
    from ray.cluster_utils import Cluster

    of_node = {"num_cpus": 1, "object_store_memory": MEMORY, "include_dashboard": False}
    for tries_left in reversed(range(TRIES)):
        cluster = Cluster()
        try:
            cluster.add_node(**of_node)
            return cluster, cluster.add_node(**of_node)
        except Exception:
            cluster.shutdown()
            if not tries_left:
                raise
    raise AssertionError


def wait_for_both() -> None:
    """Let no actor begin before both are there, so that each has a part of the work."""
    import ray.data

    ray.data.DataContext.get_current().wait_for_min_actors_s = 300


def main(url: str, source: str, *what: str) -> None:
    """Run two nodes, and ingest."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": "60"}
    marks = Path(source).parent / "marks"
    marks.mkdir()
    os.environ["MARKS"] = str(marks)
    cluster, second = two_nodes()
    wait_for_both()
    kill = (lambda: cluster.remove_node(second, allow_graceful=False)) if "kill" in what else None
    settings = Settings(_env_file=None, data_dir=Path(source).parent / "data", batch_size=2)
    try:
        with (
            open_database(url, settings.data_dir) as database,
            Services(settings, encoder=load("", 1), database=database, load=load) as services,
        ):
            options = RunOptions(engine="ray", ray_address=cluster.address)
            report = ingest(open_source(Path(source)), services, Killing(kill), options)
        nodes = len(cluster.worker_nodes) + 1
    finally:
        cluster.shutdown()
    told = {"report": report.as_json(), "encoding": len(list(marks.iterdir())), "nodes": nodes}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
