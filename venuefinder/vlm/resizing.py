"""How large a photo reaches a model of Qwen's kind, and the visual tokens that it costs. Pure arithmetic, no torch."""

from dataclasses import dataclass
from math import ceil, floor, sqrt

from venuefinder.errors import ConfigurationError, ImageSizeError

TOKEN_SIDE = 28
"""Pixels a side of one visual token: 2 x 2 patches of 14 pixels (Qwen2-VL, arXiv:2409.12191, section 2.1)."""
MAX_ASPECT = 200
"""Longer side over shorter; Qwen's processors refuse more."""


@dataclass(frozen=True, slots=True)
class TokenLimits:
    """Visual tokens a photo is brought to: enlarged to `least`, reduced to `most`."""

    least: int
    most: int

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.most:
            raise ConfigurationError(
                f"visual tokens: found {self.least} to {self.most}, expected at least 1 and no more at least than at "
                "most; set VENUEFINDER_VLM_MIN_TOKENS and VENUEFINDER_VLM_MAX_TOKENS"
            )

    @property
    def min_pixels(self) -> int:
        """`least` in pixels."""
        return self.least * TOKEN_SIDE**2

    @property
    def max_pixels(self) -> int:
        """`most` in pixels."""
        return self.most * TOKEN_SIDE**2


def fitted(width: int, height: int, limits: TokenLimits) -> tuple[int, int]:
    """Return the width and height in pixels, multiples of 28, at which a model sees a photo of this size.

    The same as `smart_resize` of transformers' Qwen2-VL processor: about the same aspect ratio, and pixels within the
    limits, except that a ribbon may exceed `most`, since no side is below 28. Raises ImageError for sides below one
    pixel and for more than 200 to 1.
    """
    if min(width, height) < 1 or max(width, height) > MAX_ASPECT * min(width, height):
        raise ImageSizeError(f"{width:,} x {height:,} pixels, one side at most {MAX_ASPECT} times the other expected")
    rounded = (round(width / TOKEN_SIDE) * TOKEN_SIDE, round(height / TOKEN_SIDE) * TOKEN_SIDE)
    pixels = rounded[0] * rounded[1]
    if pixels > limits.max_pixels:
        scale = sqrt(width * height / limits.max_pixels)
        return _reduced(width, scale), _reduced(height, scale)
    if pixels < limits.min_pixels:
        scale = sqrt(limits.min_pixels / (width * height))
        return _enlarged(width, scale), _enlarged(height, scale)
    return rounded


def visual_tokens(width: int, height: int) -> int:
    """Return the visual tokens of a photo of a size that `fitted` returned."""
    return width // TOKEN_SIDE * (height // TOKEN_SIDE)


def _reduced(side: int, scale: float) -> int:
    return max(TOKEN_SIDE, floor(side / scale / TOKEN_SIDE) * TOKEN_SIDE)


def _enlarged(side: int, scale: float) -> int:
    return ceil(side * scale / TOKEN_SIDE) * TOKEN_SIDE
