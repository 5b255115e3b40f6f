"""One setting chooses the encoder, and says what it would accept."""

import sys

import pytest
import torch

from tests.checkpoints import write_clip
from venuefinder.encoders.device import resolve_device, resolve_dtype
from venuefinder.encoders.registry import load_encoder
from venuefinder.errors import ConfigurationError, EncoderUnavailableError


@pytest.mark.parametrize("spec", ["", "clip", "Starter", "openclip:ViT-B-32/openai", "open_clip", "hf-hub:a/b"])
def test_an_unknown_spec_names_what_is_accepted(spec):
    with pytest.raises(ConfigurationError, match=r"is unknown, expected starter, open_clip:<model>/<pretrained> or"):
        load_encoder(spec)


@pytest.mark.parametrize(
    ("spec", "near"),
    [
        ("open_clip:ViT-B-32/openia", "near it: ViT-B-32/openai"),
        ("open_clip:ViT-B-32", "near it: ViT-B-32/openai"),
        ("open_clip:ViT-B-16-SigLIP3/webli", "ViT-B-16-SigLIP2/webli"),
        ("open_clip:zzz/zzz", "ViT-B-32/laion2b_s34b_b79k"),
        ("open_clip:hf-hub:someone/model", "near it"),
        ("open_clip:ViT-B-32/../../weights.pt", "near it: ViT-B-32/openai"),
    ],
)
def test_an_unknown_model_names_those_near_it(spec, near):
    with pytest.raises(ConfigurationError, match=near):
        load_encoder(spec, device="cpu")


@pytest.mark.parametrize("path", ["", "/no/such/folder"])
def test_a_folder_that_is_not_there(path):
    with pytest.raises(EncoderUnavailableError, match=rf"the folder '{path}' does not exist"):
        load_encoder(f"open_clip:local-dir:{path}", device="cpu")


@pytest.mark.parametrize(("package", "spec"), [("open_clip", "open_clip:ViT-B-32/openai"), ("torch", "starter")])
def test_a_missing_package_names_the_extra(monkeypatch, package, spec):
    monkeypatch.setitem(sys.modules, package, None)
    extra = spec.partition(":")[0].replace("_", "-")

    with pytest.raises(
        EncoderUnavailableError, match=rf"'{package}' is missing; run: pip install 'venuefinder\[{extra}\]'"
    ):
        load_encoder(spec, device="cpu")


def test_the_starter_has_one_view():
    with pytest.raises(ConfigurationError, match="'starter': found 3 views, expected 1"):
        load_encoder("starter", device="cpu", views=3)


def test_a_device_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    with pytest.raises(ConfigurationError, match=r"device 'cuda' is not available here, found .*cpu"):
        load_encoder(f"open_clip:local-dir:{write_clip(tmp_path)}", device="cuda")


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(True, False, "cuda"), (False, True, "mps"), (False, False, "cpu"), (True, True, "cuda")],
)
def test_auto_is_the_fastest_device_there_is(monkeypatch, cuda, mps, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    assert resolve_device("auto") == expected


@pytest.mark.parametrize(
    ("dtype", "device", "expected"),
    [
        ("auto", "cpu", torch.float32),
        ("auto", "mps", torch.float32),
        ("auto", "cuda", torch.float16),
        ("bfloat16", "cpu", torch.bfloat16),
        ("float32", "cuda", torch.float32),
        ("float16", "cuda", torch.float16),
    ],
)
def test_dtypes(dtype, device, expected):
    assert resolve_dtype(dtype, device) is expected


def test_float16_needs_a_gpu():
    with pytest.raises(ConfigurationError, match="'float16' needs a GPU"):
        resolve_dtype("float16", "cpu")
