"""Our open_clip path against plain open_clip, on small checkpoints of the real architectures."""

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from torchvision.transforms import Compose

from tests.checkpoints import write_clip, write_siglip
from venuefinder.encoders.registry import load_encoder

SIZES = [(640, 480), (480, 640), (333, 517), (32, 32), (31, 33), (33, 31), (255, 320), (20, 30), (250, 32), (7, 50)]
TEXTS = ["A Rustic Barn, at night!", "hall " * 300, "Café — 120 guests &amp; co.", "宴会厅", ""]
VARIANTS = {
    "clip": (write_clip, {}),
    "clip, bilinear": (write_clip, {"interpolation": "bilinear", "mean": [0, 0, 0], "std": [1, 1, 1]}),
    "clip, longest": (write_clip, {"resize_mode": "longest", "fill_color": 100}),
    "siglip": (write_siglip, {}),
}


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(width).integers(0, 256, (height, width, 3), dtype=np.uint8))


PHOTOS = [noise(*size) for size in SIZES]


@pytest.fixture(scope="module", params=VARIANTS)
def both(request, tmp_path_factory):
    """The encoder, and open_clip's model, transform and tokenizer of the same folder."""
    write, preprocessing = VARIANTS[request.param]
    folder = write(tmp_path_factory.mktemp("checkpoint"), preprocessing=preprocessing)
    model, _, transform = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    return load_encoder(f"open_clip:local-dir:{folder}", device="cpu"), (model.eval(), transform, tokenizer)


def test_photos_are_prepared_to_the_same_pixels(both):
    encoder, (_, transform, _) = both
    to_pixels = Compose(transform.transforms[:-2])

    for photo in PHOTOS:
        np.testing.assert_array_equal(encoder.prepare(photo)[0], np.asarray(to_pixels(photo)), err_msg=str(photo.size))


def test_photos_get_the_same_embeddings(both):
    encoder, (model, transform, _) = both
    with torch.inference_mode():
        expected = model.encode_image(torch.stack([transform(photo) for photo in PHOTOS]), normalize=True)

    np.testing.assert_allclose(encoder.encode_images(PHOTOS)[:, 0], expected.numpy(), atol=1e-4)


def test_texts_get_the_same_embeddings(both):
    encoder, (model, _, tokenizer) = both
    with torch.inference_mode():
        expected = model.encode_text(tokenizer(TEXTS), normalize=True)

    np.testing.assert_allclose(encoder.encode_texts(TEXTS), expected.numpy(), atol=1e-4)


def test_token_counts_are_those_open_clip_reads(both):
    encoder, (_, _, tokenizer) = both
    short = ["A Rustic Barn, at night!", "宴会厅"]

    ids = tokenizer(short)
    padding = int(tokenizer([""])[0, -1])
    read = [int((row != padding).nonzero().max()) + 1 for row in ids]
    assert encoder.count_tokens(short) == read
    assert encoder.space.facts.context_length == ids.shape[1]


def test_bfloat16_stays_in_the_same_space(both):
    encoder, _ = both
    spec = encoder.space.encoder

    half = load_encoder(spec, device="cpu", dtype="bfloat16")

    assert half.space == encoder.space
    for exact, rounded in [
        (encoder.encode_images(PHOTOS)[:, 0], half.encode_images(PHOTOS)[:, 0]),
        (encoder.encode_texts(TEXTS), half.encode_texts(TEXTS)),
    ]:
        assert (exact * rounded).sum(axis=1).min() > 0.99
