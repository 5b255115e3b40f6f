"""One setting chooses the encoder: `starter`, `open_clip:<model>/<pretrained>` or `open_clip:local-dir:<path>`."""

import importlib
from types import ModuleType
from typing import Any

from venuefinder.domain import Device, Dtype
from venuefinder.encoders.device import resolve_device
from venuefinder.errors import ConfigurationError, EncoderUnavailableError
from venuefinder.protocols import Encoder

ACCEPTED = "starter, open_clip:<model>/<pretrained> or open_clip:local-dir:<path>"
OPEN_CLIP = "open_clip:"


def load_encoder(spec: str, *, device: Device = "auto", dtype: Dtype = "auto", views: int = 1) -> Encoder:
    """Load the encoder a setting names, with its weights proven to be there.

    `views` is the embeddings a photo, 1 to 5; the starter has 1. Raises ConfigurationError for a spec, device or number
    of views there is not, EncoderUnavailableError where a package or the weights are missing.
    """
    if spec == "starter":
        return _load_starter(device=device, dtype=dtype, views=views)
    if spec.startswith(OPEN_CLIP):
        _require("open_clip", extra="open-clip")
        module = _require("venuefinder.encoders.open_clip", extra="open-clip")
        encoder: Encoder = module.load_open_clip(spec, device=resolve_device(device), dtype=dtype, views=views)
        return encoder
    raise ConfigurationError(f"encoder {spec!r} is unknown, expected {ACCEPTED}; set VENUEFINDER_ENCODER")


def _load_starter(*, device: Device, dtype: Dtype, views: int) -> Encoder:
    if views != 1:
        raise ConfigurationError(f"encoder 'starter': found {views} views, expected 1; set VENUEFINDER_VIEWS=1")
    _require("torch", extra="starter")
    starter: Any = _require("venuefinder.encoders.starter", extra="starter")
    encoder: Encoder = starter.load_starter(device=resolve_device(device), dtype=dtype)
    return encoder


def _require(module: str, *, extra: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise EncoderUnavailableError(
            f"encoder: the package {error.name!r} is missing; run: pip install 'venuefinder[{extra}]'"
        ) from error
