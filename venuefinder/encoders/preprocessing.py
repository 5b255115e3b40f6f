"""Photos to model inputs, as open_clip's inference transform does it, for one or several views a photo.

The same pixels as torchvision's Resize and CenterCrop. Only of a very long and thin photo are the crops cut out while
resizing, since scaled as a whole it would be huge: 1 x 60,000 pixels would become 224 x 13,440,000.
"""

from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from PIL import Image

from venuefinder.errors import ConfigurationError
from venuefinder.protocols import Pixels

ResizeMode = Literal["shortest", "longest", "squash"]
Interpolation = Literal["bicubic", "bilinear"]
RESAMPLING = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
RESIZE_MODES = ("shortest", "longest", "squash")
MAX_VIEWS = 5
MAX_STRETCH = 8
"""Longer side over shorter, above which a photo is never scaled as a whole."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a model wants its photos: the inference half of an open_clip `preprocess_cfg`, and the number of views."""

    size: int
    """Side of the model's input, in pixels."""
    resize_mode: ResizeMode
    interpolation: Interpolation
    fill: int
    """Grey level of the bars that `longest` adds, 0 to 255."""
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    """Mean and deviation of each channel, of values in [0, 1]."""
    views: int = 1

    def prepare(self, image: Image.Image) -> Pixels:
        """Return the views of one RGB image: `uint8 [V, S, S, 3]`. Thread-safe."""
        rgb = image if image.mode == "RGB" else image.convert("RGB")
        own = [self._whole(rgb)] if self.resize_mode != "shortest" else []
        views = own + self._crops(rgb, _places(self.views - len(own)))
        return np.stack([np.asarray(view, dtype=np.uint8) for view in views])

    def _crops(self, image: Image.Image, places: list[float]) -> list[Image.Image]:
        """Return square crops, from 0, the start of the longer side, to 1, its end."""
        scaled = self._scaled(*image.size)
        squares = [_square(*scaled, place) for place in places]
        if max(image.size) > MAX_STRETCH * min(image.size):
            return [self._resized(image, _in_source(square, scaled, image.size)) for square in squares]
        resized = image.resize(scaled, RESAMPLING[self.interpolation])
        return [resized.crop(square) for square in squares]

    def _scaled(self, width: int, height: int) -> tuple[int, int]:
        """Return the size whose shorter side is the model's, rounded as torchvision's Resize rounds."""
        if width <= height:
            return self.size, int(self.size * height / width)
        return int(self.size * width / height), self.size

    def _whole(self, image: Image.Image) -> Image.Image:
        if self.resize_mode == "squash":
            return self._resized(image, (0, 0, *image.size))
        return self._with_bars(image)

    def _resized(self, image: Image.Image, box: Box) -> Image.Image:
        return image.resize((self.size, self.size), RESAMPLING[self.interpolation], box=box)

    def _with_bars(self, image: Image.Image) -> Image.Image:
        ratio = max(image.size) / self.size
        width, height = (max(1, round(side / ratio)) for side in image.size)
        canvas = Image.new("RGB", (self.size, self.size), (self.fill,) * 3)
        resized = image.resize((width, height), RESAMPLING[self.interpolation])
        canvas.paste(resized, ((self.size - width) // 2, (self.size - height) // 2))
        return canvas


def _square(width: int, height: int, place: float) -> tuple[int, int, int, int]:
    """Return the largest square of an image at `place` along its longer side, rounded as CenterCrop rounds."""
    side = min(width, height)
    left, top = round((width - side) * place), round((height - side) * place)
    return left, top, left + side, top + side


def _in_source(square: Box, scaled: tuple[int, int], source: tuple[int, int]) -> Box:
    left, top, right, bottom = square
    across, down = source[0] / scaled[0], source[1] / scaled[1]
    return left * across, top * down, min(right * across, source[0]), min(bottom * down, source[1])


def _places(count: int) -> list[float]:
    """Return `count` places spread evenly over [0, 1], the most central first."""
    if count < 2:
        return [0.5] * count
    return sorted(np.linspace(0, 1, count).tolist(), key=lambda place: abs(place - 0.5))


def preprocessing_of(config: dict[str, Any], *, views: int) -> Preprocessing:
    """Read open_clip's `preprocess_cfg`; raises ConfigurationError where VenueFinder cannot do as it says."""
    if not 1 <= views <= MAX_VIEWS:
        raise ConfigurationError(f"views: found {views}, expected 1 to {MAX_VIEWS}; set VENUEFINDER_VIEWS")
    mode = config["resize_mode"]
    if mode not in RESIZE_MODES:
        raise ConfigurationError(f"preprocess_cfg: resize_mode {mode!r}, expected one of {', '.join(RESIZE_MODES)}")
    return Preprocessing(
        size=_side(config["size"]),
        resize_mode=mode,
        # open_clip's 'random' concerns training; its inference is bicubic.
        interpolation="bilinear" if config["interpolation"] == "bilinear" else "bicubic",
        fill=int(config.get("fill_color", 0)),
        mean=_channels(config["mean"], "mean"),
        std=_channels(config["std"], "std"),
        views=views,
    )


def _side(size: int | list[int] | tuple[int, ...]) -> int:
    sides = {size} if isinstance(size, int) else set(size)
    side = next(iter(sides))
    if len(sides) != 1 or not 1 <= side <= 4096:
        raise ConfigurationError(f"preprocess_cfg: image size {size}, expected a square of 1 to 4096 pixels a side")
    return side


def _channels(values: Any, name: str) -> tuple[float, float, float]:
    channels = [float(values)] * 3 if isinstance(values, int | float) else [float(value) for value in values]
    if len(channels) != 3 or not np.isfinite(channels).all() or (name == "std" and min(channels) <= 0):
        raise ConfigurationError(f"preprocess_cfg: {name} is {values}, expected three numbers, deviations above 0")
    return cast(tuple[float, float, float], tuple(channels))
