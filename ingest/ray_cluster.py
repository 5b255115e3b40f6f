"""A Ray cluster: joined or started, and divided among the actors of a run."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from venuefinder.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Share:
    """What each actor takes of the cluster, and how many there are."""

    actors: int
    cpus: float
    gpus: float


@contextmanager
def joined(address: str | None) -> Iterator[None]:
    """Join a cluster, or start one on this machine, for the length of the block."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray
    import ray.data

    address = address or os.environ.get("RAY_ADDRESS")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if address:
            ray.init(address=address, **quiet)
        else:
            ray.init(address="local", include_dashboard=False, _node_ip_address="127.0.0.1", **quiet)
    except (ConnectionError, ValueError, RuntimeError) as error:
        where = address or "this machine"
        raise ConfigurationError(
            f"--engine ray: no cluster at {where} ({error}); start one with ray start --head, and give its address by "
            "--ray-address or RAY_ADDRESS"
        ) from error
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.target_max_block_size = 1  # each chunk streams as it comes, none waits for others
    logging.getLogger("ray.data").setLevel(logging.WARNING)
    try:
        yield
    finally:
        ray.shutdown()


def share_of_cluster() -> Share:
    """Divide the cluster: an actor a GPU, or else one a node.

    On CPUs an actor asks for half a node, so that there is room on others for one whose node was lost; it keeps all
    cores of its half busy decoding, and as many encoding.
    """
    import ray

    nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    resources = [node["Resources"] for node in nodes if node["Alive"] and node["Resources"].get("CPU")]
    if not resources:
        raise ConfigurationError("--engine ray: found no node with a CPU in the cluster; start one with ray start")
    if gpus := sum(int(node.get("GPU", 0)) for node in resources):
        cpus = min(node["CPU"] // node["GPU"] for node in resources if node.get("GPU"))
        return Share(gpus, max(1.0, cpus), 1.0)
    cpus = min(node["CPU"] for node in resources) / 2
    return Share(len(resources), cpus if cpus < 1 else float(int(cpus)), 0.0)
