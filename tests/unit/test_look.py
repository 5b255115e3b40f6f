"""What a photo looks like: copies have near hashes, others do not; what shows nothing is flagged, photos are not."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from benchmarks.look_pictures import PLACEHOLDERS, TEXTS, drawn
from tests.drawn_scenes import saved, scene
from venuefinder.domain import PhotoLook
from venuefinder.images import LOOK_SIDE, decode_photo
from venuefinder.images.look import TINY, look_at
from venuefinder.upkeep.linking import LIKELY_BITS, SURE_BITS

NUMBERS = range(8)
COPIES = {
    "saved anew": lambda image: decode_photo(saved(image, 50), max_pixels=10**7).image,
    "a third as wide": lambda image: image.resize((image.width // 3, image.height // 3)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "grey": lambda image: ImageOps.grayscale(image).convert("RGB"),
}
WORSE = {
    "out of focus": lambda image: image.filter(ImageFilter.GaussianBlur(5)),
    "enlarged": lambda image: image.resize((60, 45)).resize(image.size, Image.Resampling.BICUBIC),
    "moved sideways": lambda image: image.filter(ImageFilter.BoxBlur((12, 0))),
}


def bits(one: PhotoLook, other: PhotoLook) -> int:
    return (one.perceptual_hash ^ other.perceptual_hash).bit_count()


@pytest.mark.parametrize("change", COPIES.values(), ids=COPIES)
def test_copies_have_nearly_the_same_hash(change):
    assert max(bits(look_at(scene(n)), look_at(change(scene(n)))) for n in NUMBERS) <= SURE_BITS


def test_different_pictures_have_hashes_far_apart():
    looks = [look_at(scene(n)) for n in range(24)]
    assert min(bits(one, other) for n, one in enumerate(looks) for other in looks[:n]) > LIKELY_BITS


@pytest.mark.parametrize("number", NUMBERS)
def test_what_looks_like_a_photo_has_no_flag(number):
    assert look_at(scene(number)).flags == ()


@pytest.mark.parametrize("change", WORSE.values(), ids=WORSE)
def test_a_blurred_photo_is_flagged(change):
    assert [look_at(change(scene(n))).flags for n in NUMBERS] == [("blurry",)] * len(NUMBERS)


def test_dim_is_not_blurred():
    """The variance of the Laplacian, which others judge by, falls with the square of contrast."""
    dim = [look_at(ImageEnhance.Brightness(scene(n)).enhance(0.25)) for n in NUMBERS]
    assert [look.flags for look in dim] == [()] * len(dim)


@pytest.mark.parametrize(("longer", "flags"), [(TINY - 1, ("tiny",)), (TINY, ())])
def test_a_thumbnail_is_tiny(longer, flags):
    assert look_at(scene(1, (longer, 150))).flags == flags


def test_a_large_original_is_not_tiny_because_its_draft_is():
    assert "tiny" not in look_at(scene(1, (150, 100)), size=(3000, 2000)).flags


@pytest.mark.parametrize("kind", ["menu", "letter", "plan"])
def test_writing_and_drawings_are_text(kind):
    looks = [look_at(drawn(TEXTS[kind], seed)) for seed in range(4)]
    assert [look.flags for look in looks] == [("text",)] * 4


@pytest.mark.parametrize("kind", PLACEHOLDERS)
def test_one_colour_and_signs_that_there_is_no_photo_are_placeholders(kind):
    looks = [look_at(drawn(PLACEHOLDERS[kind], seed)) for seed in range(4)]
    assert [look.flags for look in looks] == [("placeholder",)] * 4


def test_a_draft_looks_like_the_whole_photo():
    for number in range(2):
        data = saved(scene(number, (2048, 1536)), 85)
        whole, draft = decode_photo(data, max_pixels=10**7), decode_photo(data, max_pixels=10**7, draft=LOOK_SIDE)
        assert draft.image.width < whole.image.width
        one, other = look_at(whole.image), look_at(draft.image, size=(draft.width, draft.height))
        assert (other.flags, bits(one, other) <= 2) == (one.flags, True)
        assert other.sharpness == pytest.approx(one.sharpness, rel=0.1)


@given(width=st.integers(1, 300), height=st.integers(1, 300), seed=st.integers(0, 9))
@example(width=1, height=1, seed=0)
@example(width=65_500, height=1, seed=0)
@example(width=2, height=30_000, seed=0)
@settings(max_examples=60)
def test_every_size_can_be_looked_at(width, height, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    look = look_at(Image.fromarray(pixels))
    assert 0 <= look.perceptual_hash < 2**64
    assert np.isfinite(look.sharpness)
    assert look.sharpness >= 0
