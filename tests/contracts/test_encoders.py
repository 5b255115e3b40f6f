"""What every encoder promises, asked of the fake and of the real ones alike."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from tests.checkpoints import write_clip, write_siglip
from venuefinder.encoders.registry import load_encoder
from venuefinder.protocols import Encoder, ImageEncoder, TextEncoder
from venuefinder.testing import FakeEncoder

ENCODERS = ("fake", "fake, 3 views", "starter", "clip", "clip, 3 views", "siglip", "siglip, 3 views")
REAL = ("starter", "clip", "siglip")
TEXTS = ["a ballroom with chandeliers", "Barn", "", "宴会厅 🎉", "{} {0} braces", "hall " * 400]
SHAPES = [(64, 48), (48, 64), (40, 40), (1, 1), (1, 2000), (3000, 10), (301, 77)]


def photo(width: int, height: int, seed: int = 0) -> Image.Image:
    small = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BILINEAR)


PHOTOS = [photo(width, height, seed) for seed, (width, height) in enumerate(SHAPES)]


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    """Loads an encoder of ENCODERS; `seed` makes other weights."""

    def _load(name: str, seed: int = 0) -> Encoder:
        kind, _, extra = name.partition(", ")
        views = int(extra[0]) if extra else 1
        if kind == "fake":
            return FakeEncoder(views=views, weights=str(seed))
        if kind == "starter":
            return load_encoder("starter", device="cpu")
        folder = tmp_path_factory.mktemp(kind)
        write = write_clip if kind == "clip" else write_siglip
        return load_encoder(f"open_clip:local-dir:{write(folder, seed=seed)}", device="cpu", views=views)

    return _load


@pytest.fixture(scope="module", params=ENCODERS)
def encoder(request, load) -> Encoder:
    return load(request.param)


def test_satisfies_the_protocols(encoder):
    assert isinstance(encoder, Encoder)
    assert isinstance(encoder, ImageEncoder)
    assert isinstance(encoder, TextEncoder)


def test_photos_become_unit_float32_of_the_space(encoder):
    vectors = encoder.encode_images(PHOTOS)

    assert vectors.shape == (len(PHOTOS), encoder.space.facts.views, encoder.space.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=-1), 1, atol=1e-5)


def test_texts_become_unit_float32_of_the_space(encoder):
    vectors = encoder.encode_texts(TEXTS)

    assert vectors.shape == (len(TEXTS), encoder.space.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=-1), 1, atol=1e-5)


def test_nothing_becomes_nothing(encoder):
    assert encoder.encode_images([]).shape == (0, encoder.space.facts.views, encoder.space.dimension)
    assert encoder.encode_prepared([]).dtype == np.float32
    assert encoder.encode_texts([]).shape == (0, encoder.space.dimension)
    assert encoder.encode_texts([]).dtype == np.float32
    assert encoder.count_tokens([]) == []


def test_a_batch_equals_its_photos_one_by_one_in_order(encoder):
    batch = encoder.encode_images(PHOTOS)
    singles = np.concatenate([encoder.encode_images([each]) for each in PHOTOS])

    np.testing.assert_allclose(batch, singles, atol=1e-5)
    assert all(np.abs(one - other).max() > 1e-3 for one, other in pairwise(batch)), "photos must differ, to show order"


def test_a_batch_equals_its_texts_one_by_one_in_order(encoder):
    batch = encoder.encode_texts(TEXTS)
    singles = np.concatenate([encoder.encode_texts([text]) for text in TEXTS])

    np.testing.assert_allclose(batch, singles, atol=1e-5)
    assert all(np.abs(one - other).max() > 1e-3 for one, other in pairwise(batch)), "texts must differ, to show order"


def test_many_texts_keep_their_order(encoder):
    texts = [f"hall {number}" for number in range(150)]

    np.testing.assert_allclose(
        encoder.encode_texts(texts)[[0, 70, 149]], encoder.encode_texts([texts[0], texts[70], texts[149]]), atol=1e-5
    )


def test_preparing_then_encoding_is_encoding(encoder):
    prepared = [encoder.prepare(each) for each in PHOTOS]

    np.testing.assert_array_equal(encoder.encode_prepared(prepared), encoder.encode_images(PHOTOS))


def test_any_shape_of_photo_is_prepared_alike(encoder):
    shapes = {encoder.prepare(each).shape for each in PHOTOS}
    size = encoder.space.facts.image_size

    assert len(shapes) == 1
    assert shapes.pop()[1:] == (size, size, 3)
    assert all(encoder.prepare(each).dtype == np.uint8 for each in PHOTOS)


def test_threads_prepare_and_encode_as_one_alone_does(encoder):
    photos = PHOTOS * 8
    alone = [encoder.prepare(each) for each in photos]
    vectors = encoder.encode_texts(TEXTS)

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(encoder.prepare, photos))
        texts = list(pool.map(lambda _: (encoder.encode_texts(TEXTS), encoder.count_tokens(TEXTS)), range(16)))

    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))
    assert all(np.allclose(each, vectors, atol=1e-5) for each, _ in texts)
    assert all(counts == encoder.count_tokens(TEXTS) for _, counts in texts)


def test_what_the_context_cuts_is_counted_uncut(encoder):
    context = encoder.space.facts.context_length
    short, long = encoder.count_tokens(["hall", "hall " * 400])

    assert 1 <= short <= 4
    assert long > max(400, context)


@pytest.mark.parametrize("name", REAL)
def test_what_lies_beyond_the_context_is_not_read(load, name):
    vectors = load(name).encode_texts(["hall " * 400 + "barn", "hall " * 400 + "garden"])

    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)


@pytest.mark.parametrize("name", REAL)
def test_capitals_make_no_difference_where_the_facts_say_so(load, name):
    encoder = load(name)

    assert encoder.space.facts.lower_cases
    np.testing.assert_allclose(*encoder.encode_texts(["a red hall", "A RED Hall"]), atol=1e-6)


@pytest.mark.parametrize("name", ENCODERS)
def test_loading_twice_gives_one_space_and_one_result(load, name):
    first, second = load(name), load(name)

    assert first.space.key == second.space.key
    np.testing.assert_array_equal(first.encode_images(PHOTOS[:2]), second.encode_images(PHOTOS[:2]))


@pytest.mark.parametrize("name", ["fake", "clip", "siglip"])
def test_other_weights_or_views_are_another_space(load, name):
    keys = {load(name).space.key, load(name, seed=1).space.key, load(f"{name}, 3 views").space.key}

    assert len(keys) == 3
