"""The configured encoder: does it load, where does it run, and is it the stand-in."""

import time

from PIL import Image

from venuefinder.bootstrap import Services
from venuefinder.doctor.check import Step, Verdict, ok, warning
from venuefinder.settings import Settings

PROBE_SIDE = 256
"""Pixels."""
STARTER = (
    "the starter is not CLIP, and far from it: for 73.1 % of descriptions the photo is among the first 5 of 100. In a "
    "much harder test, first of COCO's 5,000, CLIP ViT-B-32 finds 30.4 % and SigLIP ViT-B-16 47.8 % as published; "
    "the starter was not measured there"
)
"""Figures: docs/models/starter.md."""
BETTER = "VENUEFINDER_ENCODER=open_clip:ViT-B-16-SigLIP2/webli"


def steps(services: Services) -> list[Step]:
    """Return what to look at of the encoder."""
    remedy = "run: pip install --force-reinstall 'venuefinder[starter,open-clip]'"
    return [
        Step("encoder", lambda: _encoder(services), remedy),
        Step("encoder quality", lambda: _quality(services.encoder.space.encoder), remedy, needs=("encoder",)),
    ]


def _encoder(services: Services) -> Verdict:
    encoder = services.encoder
    space = encoder.space
    started = time.perf_counter()
    encoder.encode_images([Image.new("RGB", (PROBE_SIDE, PROBE_SIDE), "tan")])
    encoder.encode_texts(["a barn with string lights"])
    seconds = time.perf_counter() - started
    device, dtype = place_of(services.settings, space.encoder)
    return ok(
        f"{space.name}: {space.dimension} values a photo, {space.facts.image_size} px, on {device} in {dtype}; "
        f"first photo and text in {seconds:.2f} s"
    )


def place_of(settings: Settings, encoder: str) -> tuple[str, str]:
    """Return the device and the dtype that these settings come to for an encoder, for example ('cuda', 'float16')."""
    from venuefinder.encoders.device import resolve_device, resolve_dtype

    device = resolve_device(settings.device)
    starter_default = encoder == "starter" and settings.dtype == "auto"
    dtype = resolve_dtype("float32" if starter_default else settings.dtype, device)
    return device, str(dtype).removeprefix("torch.")


def _quality(encoder: str) -> Verdict:
    """Say what the starter is not."""
    if encoder != "starter":
        return ok("figures: venuefinder doctor --models")
    return warning(STARTER, f"with a model hub, set {BETTER} and ingest again; see docs/models/starter.md")
