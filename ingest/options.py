"""What a run is asked to do besides bringing the catalogue to what a source lists."""

from dataclasses import dataclass
from typing import Literal

EngineName = Literal["local", "ray"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How to run. Frozen and of plain values: a job of the API carries it as JSON."""

    verify: bool = False
    """Read and hash every photo again, whatever its size and time say."""
    prune: bool = False
    """Remove what the source no longer lists."""
    retry_failed: bool = False
    """Take only venues that failed, or had failed photos, in this source's last run. Nothing is pruned."""
    ray_address: str | None = None
    """Of a running Ray cluster; None: that of RAY_ADDRESS, or else one of this machine alone."""
    engine: EngineName = "local"
    """Where photos are decoded and encoded: in this process, or by the workers of a Ray cluster."""
