"""Which device, numbers and attention a model runs with."""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from venuefinder.domain import Device, Dtype
from venuefinder.errors import ConfigurationError

if TYPE_CHECKING:
    import torch


def resolve_device(device: Device) -> str:
    """Return `cuda`, `mps` or `cpu`: the asked-for one if it is there, the fastest there is for `auto`."""
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    present = [name for name, found in there.items() if found]
    if device == "auto":
        return present[0]
    if device not in present:
        raise ConfigurationError(
            f"device {device!r} is not available here, found {', '.join(present)}; set VENUEFINDER_DEVICE=auto"
        )
    return device


def resolve_dtype(dtype: Dtype, device: str) -> "torch.dtype":
    """Return the dtype to compute in.

    `auto` is bfloat16, in which these models are published, on CUDA and on processors with avx512_bf16; float32
    elsewhere. Encoders choose otherwise: a stored vector must not depend on the machine, a reading says what it is of.
    """
    import torch

    if dtype == "float16" and device == "cpu":
        raise ConfigurationError("dtype 'float16' needs a GPU, found device 'cpu'; set VENUEFINDER_DTYPE=float32")
    by_name = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
    if dtype != "auto":
        return by_name[dtype]
    fast = device == "cuda" or (device == "cpu" and _multiplies_bfloat16())
    return torch.bfloat16 if fast else torch.float32


def resolve_attention(device: str, dtype: "torch.dtype") -> str:
    """Return the attention's name in transformers: flash attention where it is installed and can run, else torch's."""
    import torch

    flash = device == "cuda" and dtype is not torch.float32 and find_spec("flash_attn") is not None
    return "flash_attention_2" if flash else "sdpa"


def _multiplies_bfloat16() -> bool:
    import torch

    # Older ones of torch cannot tell; they compute in float32.
    capabilities: Any = getattr(torch.cpu, "get_capabilities", dict)
    return bool(capabilities().get("avx512_bf16"))
