"""What a photo looks like, for telling copies and for putting last what shows nothing. NumPy and Pillow only."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from venuefinder.domain import LOOK_VERSION, Flag, PhotoLook

__all__ = ["LOOK_SIDE", "LOOK_VERSION", "look_at"]

LOOK_SIDE: Final = 224
"""What `decode_photo` is asked for, at least, as `draft`: from there on a draft looks as the whole photo does."""
TINY: Final = 200
"""Pixels of the longer side below which a photo is `tiny`: half of what a page of results shows it at."""
BLURRY: Final = 0.58
"""Sharpness below which a photo is `blurry`."""
PLACEHOLDER: Final = 0.96
"""Share of neighbours that hardly differ, from which on there is nothing to see."""
TEXT_COLOURS: Final = 0.82
"""Share of a picture that its two main colours cover, from which on it may be `text`."""
TEXT_SHADES: Final = 0.09
"""Share of neighbours that differ a little, up to which it is: photos have shades, writing has edges."""

_SHARP_AREA: Final = 131_072
_COARSE_AREA: Final = 32_768
"""Pixels that a photo is reduced to, at most, to judge its edges and its colours."""
_NEAR: Final = 14
"""Steps of 255 by which a colour may be off and still be that colour."""
_SAME: Final = 3
_SHADE: Final = 16
"""Steps of 255 up to which neighbours hardly differ, and up to which they differ a little."""
_BRIGHTER: Final = 1.0

Grey = NDArray[np.int16]


def look_at(image: Image.Image, *, size: tuple[int, int] | None = None) -> PhotoLook:
    """Look at an upright RGB photo; `size` is that of the original where `image` is a draft of it.

    A draft whose shorter side has 2 x `LOOK_SIDE` pixels or more gives the same look as the photo decoded whole, but
    for rounding: a few bits of the hash, a twentieth of the sharpness.
    """
    fine = _reduced(_shrunk(image, _SHARP_AREA).convert("L"), _SHARP_AREA)
    coarse = _reduced(fine, _COARSE_AREA)
    sharpness = _sharpness(_grey(fine))
    flags: list[Flag] = ["tiny"] if max(size or image.size) < TINY else []
    if _differences(_grey(coarse.reduce(2)))[0] >= PLACEHOLDER:
        flags.append("placeholder")
    elif _differences(_grey(coarse))[1] <= TEXT_SHADES and _two_colours(image) >= TEXT_COLOURS:
        flags.append("text")
    elif sharpness < BLURRY:
        flags.append("blurry")
    return PhotoLook(perceptual_hash=_hash(coarse), sharpness=sharpness, flags=tuple(flags))


def _shrunk(image: Image.Image, area: int) -> Image.Image:
    """Return the image reduced by a whole factor, which is fast, to `area` pixels or up to four times as many."""
    factor = int((image.width * image.height / area) ** 0.5)
    return image.reduce(min(factor, image.width, image.height)) if factor > 1 else image


def _reduced(image: Image.Image, area: int) -> Image.Image:
    """Return the image in proportion, of `area` pixels at most, every original pixel averaged in."""
    scale = (area / (image.width * image.height)) ** 0.5
    if scale >= 1:
        return image
    size = (max(4, round(image.width * scale)), max(4, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BOX)


def _grey(image: Image.Image) -> Grey:
    return np.asarray(image, dtype=np.int16)


def _sharpness(grey: Grey) -> float:
    """Return how steeply the sharpest edges rise: their second difference over their first, in the worse direction.

    An edge blurred by a Gaussian of s pixels has at most exp(-1/2) / s = 0.61 / s, however strong it is, so that dim
    and plain photos are not taken for blurred ones as they are by the variance of the Laplacian (Pech-Pacheco et al.
    2000, doi:10.1109/ICPR.2000.903548). Motion blurs one direction. The 99th percentile leaves single pixels out.
    """
    rows, before, after = grey[1:-1:2], grey[:-2:2], grey[2::2]
    across = rows[:, 2:], rows[:, :-2], rows[:, 1:-1]
    down = after[: len(rows)], before[: len(rows)], rows
    return min(
        2 * _strongest(one + other - 2 * middle) / (_strongest(one - other) + 2)
        for one, other, middle in (across, down)
    )


def _strongest(differences: Grey) -> float:
    """Return the 99th percentile of the absolute differences; 0 where there are none."""
    sizes = np.abs(differences.ravel())
    place = int(sizes.size * 0.99)
    return float(np.partition(sizes, place)[place]) if sizes.size else 0.0


def _differences(grey: Grey) -> tuple[float, float]:
    """Return the shares of pixels that hardly differ, and that differ a little, from their right and lower one.

    A line of pixels has no such pairs: all of it counts as hardly different.
    """
    corner = grey[:-1, :-1]
    if not corner.size:
        return 1.0, 0.0
    most = np.maximum(np.abs(grey[1:, :-1] - corner), np.abs(grey[:-1, 1:] - corner))
    same = np.count_nonzero(most <= _SAME) / most.size
    return same, np.count_nonzero(most <= _SHADE) / most.size - same


def _two_colours(image: Image.Image) -> float:
    """Return the share of pixels near one of the two colours that most have."""
    pixels = np.asarray(_reduced(_shrunk(image, _COARSE_AREA), _COARSE_AREA)).reshape(-1, 3)
    rest = pixels[~_of_main_colour(pixels)]
    left = np.count_nonzero(~_of_main_colour(rest)) if rest.size else 0
    return 1.0 - left / len(pixels)


def _of_main_colour(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which pixels, `uint8 [N, 3]`, are near the commonest colour; colours are counted in cells of 16 steps."""
    cells = (pixels >> 4).astype(np.int32) @ np.array([256, 16, 1], dtype=np.int32)
    commonest = np.bincount(cells).argmax()
    main = np.median(pixels[cells == commonest], axis=0).astype(np.int16)
    near: NDArray[np.bool_] = (np.abs(pixels.astype(np.int16) - main) <= _NEAR).all(axis=1)
    return near


def _hash(image: Image.Image) -> int:
    """Return the difference hash, 64 bits (Krawetz 2013, "Kind of Like That", dHash).

    The picture as 9 x 8 grey fields; a bit is whether a field is brighter than the one to its left, by more than what
    compressing anew may add to a plain wall.
    """
    fields = np.asarray(image.convert("F").resize((9, 8), Image.Resampling.BOX))
    bits = fields[:, 1:] - fields[:, :-1] > _BRIGHTER
    return int.from_bytes(np.packbits(bits).tobytes(), "big")
