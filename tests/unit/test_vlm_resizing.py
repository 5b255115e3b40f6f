"""What a photo costs is what the model's own processor makes of it."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as some
from qwen_vl_utils import smart_resize as smart_resize_of_qwen
from transformers.models.qwen2_vl.image_processing_qwen2_vl import smart_resize

from venuefinder.errors import ConfigurationError, ImageError
from venuefinder.vlm.resizing import MAX_ASPECT, TOKEN_SIDE, TokenLimits, fitted, visual_tokens

sides = some.integers(1, 30_000)
limits = some.tuples(some.integers(1, 16_384), some.integers(1, 16_384)).map(lambda pair: TokenLimits(*sorted(pair)))


def is_ribbon(width: int, height: int) -> bool:
    return max(width, height) > MAX_ASPECT * min(width, height)


@given(sides, sides, limits)
@example(20_000, 500, TokenLimits(64, 256))
@example(14, 14, TokenLimits(1, 4))
@example(200, 1, TokenLimits(1, 1))
def test_sizes_are_those_of_the_processor(width, height, limits):
    if is_ribbon(width, height):
        with pytest.raises(ImageError, match="200 times"):
            fitted(width, height, limits)
        return

    expected = smart_resize(height, width, TOKEN_SIDE, limits.min_pixels, limits.max_pixels)

    assert fitted(width, height, limits) == expected[::-1]


@given(some.integers(64, 12_000), some.integers(64, 12_000))
def test_photos_come_out_as_qwens_own_package_sizes_them(width, height):
    allowed = TokenLimits(64, 256)
    expected = smart_resize_of_qwen(height, width, TOKEN_SIDE, allowed.min_pixels, allowed.max_pixels)

    assert fitted(width, height, allowed) == expected[::-1]


@given(some.integers(100, 12_000), some.integers(100, 12_000), some.integers(4, 2000))
def test_tokens_stay_within_the_limits_but_for_ribbons(width, height, most):
    assume(max(width, height) <= most * min(width, height))
    found = fitted(width, height, TokenLimits(4, most))

    assert found[0] % TOKEN_SIDE == found[1] % TOKEN_SIDE == 0
    assert 1 <= visual_tokens(*found) <= most


def test_a_photo_of_no_pixels_and_limits_that_cross_are_refused():
    with pytest.raises(ImageError, match="0 x 10"):
        fitted(0, 10, TokenLimits(1, 2))
    with pytest.raises(ConfigurationError, match="found 3 to 2"):
        TokenLimits(3, 2)
