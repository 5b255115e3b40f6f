"""The GPUs torch can use, and why it cannot use one that is there."""

import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path

NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """What torch found."""

    torch: str
    """Its version; the part after `+` says what it was built for."""
    gpus: tuple[str, ...]
    """Names, with memory where it is the GPU's own."""
    problem: str | None
    """Why a GPU that seems to be there cannot be used."""


def find_hardware() -> Hardware:
    """Ask torch for GPUs, and compute something on each."""
    import torch

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        usable = torch.cuda.is_available()
    if usable:
        gpus, problem = _cuda_gpus(), _failure_to_compute()
    elif torch.backends.mps.is_available():
        gpus, problem = ("Apple GPU (mps)",), None
    else:
        gpus, problem = (), _why_unusable([str(warning.message) for warning in said])
    return Hardware(torch=torch.__version__, gpus=gpus, problem=problem)


def _cuda_gpus() -> tuple[str, ...]:
    import torch

    found = [torch.cuda.get_device_properties(number) for number in range(torch.cuda.device_count())]
    return tuple(f"{gpu.name} ({gpu.total_memory / 2**30:.0f} GiB)" for gpu in found)


def _failure_to_compute() -> str | None:
    """A GPU can be listed and still run nothing: too old for this torch, or its memory taken."""
    import torch

    for number in range(torch.cuda.device_count()):
        try:
            ones = torch.ones(8, 8, device=f"cuda:{number}")
            (ones @ ones).sum().item()
        except RuntimeError as error:
            return f"GPU {number} computes nothing: {str(error).splitlines()[0]}"
    return None


def _why_unusable(warned: list[str]) -> str | None:
    """Return why torch sees no GPU although a driver is installed; None without a driver."""
    import torch

    if not NVIDIA_DRIVER.exists() and shutil.which("nvidia-smi") is None:
        return None
    if torch.version.cuda is None:
        return "an NVIDIA driver is installed, but this torch was built without CUDA"
    reason = warned[0].splitlines()[0] if warned else "no GPU is visible (CUDA_VISIBLE_DEVICES, or the container)"
    return f"an NVIDIA driver is installed, but torch, built for CUDA {torch.version.cuda}, cannot use it: {reason}"
