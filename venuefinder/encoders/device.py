"""Which device and dtype an encoder runs with."""

from typing import TYPE_CHECKING

from venuefinder.domain import Device, Dtype
from venuefinder.errors import ConfigurationError

if TYPE_CHECKING:
    import torch


def resolve_device(device: Device) -> str:
    """Return `cuda`, `mps` or `cpu`: the asked-for one if it is there, the fastest there is for `auto`."""
    present = _present_devices()
    if device == "auto":
        return present[0]
    if device not in present:
        raise ConfigurationError(
            f"device {device!r} is not available here, found {', '.join(present)}; set VENUEFINDER_DEVICE=auto"
        )
    return device


def resolve_dtype(dtype: Dtype, device: str) -> "torch.dtype":
    """Return the dtype to compute in. `auto` is float16 on CUDA and float32 elsewhere.

    On a CPU bfloat16 is faster where the processor has avx512_bf16 or amx_bf16, at a cost in accuracy and with results
    that depend on the batch; so there it is chosen by name only.
    """
    import torch

    if dtype == "auto":
        return torch.float16 if device == "cuda" else torch.float32
    if dtype == "float16" and device == "cpu":
        raise ConfigurationError("dtype 'float16' needs a GPU, found device 'cpu'; set VENUEFINDER_DTYPE=float32")
    by_name = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
    return by_name[dtype]


def _present_devices() -> list[str]:
    import torch

    devices = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    return [name for name, present in devices.items() if present]
