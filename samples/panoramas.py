"""Photos of a real place out of one spherical panorama.

A panorama is equirectangular: H x 2H, the centre column looks to yaw 0, yaw grows to the right, the top row is the
zenith. A view is what a camera in the middle would have taken.
"""

import base64
import io
import re

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samples.errors import UnsafePackageError

Radiance = NDArray[np.float32]
FIELD_OF_VIEW = 90.0
"""Degrees, across the width."""
VIEW_SIZE = (512, 384)
KEY = 0.18
"""The grey a scene is exposed for: Reinhard et al., Photographic Tone Reproduction for Digital Images (2002)."""
SUN = 100.0
"""Radiance above which the colour is what the compression made of it; it was white."""
LAMP, NOTHING = 1.0, 1e-3
"""Radiance above which a colour without any of one channel is white, too: the compression lost that channel."""
OVERSAMPLING = 4
MAX_SIDE = 8_192
_DATA_URL = re.compile(rb"'data:application/exr;base64,([A-Za-z0-9+/=]+)'")


def read_module(module: bytes, name: str) -> Radiance:
    """Return the linear panorama `float32 [H, 2H, 3]` that a JavaScript module carries as a base64 data URL.

    The module is searched as text; it is never run. Raises UnsafePackageError when it holds no such panorama.
    """
    import OpenEXR

    match = _DATA_URL.search(module)
    if match is None:
        raise UnsafePackageError(f"panorama {name}: found no data URL, expected an OpenEXR file in base64")
    try:
        pixels = OpenEXR.File(io.BytesIO(base64.b64decode(match[1], validate=True))).channels()["RGB"].pixels
    except (ValueError, RuntimeError, KeyError) as error:
        raise UnsafePackageError(f"panorama {name}: found no readable OpenEXR file with RGB ({error})") from error
    if pixels.ndim != 3 or pixels.shape[1] != 2 * pixels.shape[0] or pixels.shape[1] > MAX_SIDE:
        raise UnsafePackageError(f"panorama {name}: found the shape {pixels.shape}, expected H x 2H x 3")
    return np.asarray(pixels, dtype=np.float32)


def develop(radiance: Radiance, *, key: float = KEY) -> Image.Image:
    """Tone-map linear radiance `float32 [H, W, 3]` to an sRGB image of the same size.

    Luminance by Reinhard's global operator (equations 1 and 4), white at the 98th percentile.
    """
    scene = _repaired(radiance)
    luminance = np.maximum(scene @ np.array([0.2126, 0.7152, 0.0722]), 1e-6)
    exposed = luminance * key / np.exp(np.log(luminance + 1e-4).mean())
    white = max(float(np.percentile(exposed, 98)), 1.0)
    mapped = exposed * (1 + exposed / white**2) / (1 + exposed)
    linear = np.clip(scene * (mapped / luminance)[..., None], 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)  # IEC 61966-2-1
    return Image.fromarray(np.rint(encoded * 255).astype(np.uint8))


def _repaired(radiance: Radiance) -> Radiance:
    # Around a sun the compression rings far below zero, and half floats may overflow: both were very bright.
    scene = np.abs(np.nan_to_num(radiance, nan=65_504.0, posinf=65_504.0, neginf=65_504.0))
    peak, least = scene.max(axis=-1, keepdims=True), scene.min(axis=-1, keepdims=True)
    spoilt = (peak > SUN) | ((least < NOTHING) & (peak > LAMP))
    return np.where(spoilt, peak, scene).astype(np.float32)


def view(panorama: Image.Image, *, yaw: float, size: tuple[int, int] = VIEW_SIZE) -> Image.Image:
    """Return the perspective view to `yaw` degrees, level, 90 degrees wide, of `size` (width, height) pixels."""
    return Image.fromarray(_sample(_enlarged(panorama), *_directions(yaw, size)))


def _directions(yaw: float, size: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    width, height = size
    focal = width / 2 / np.tan(np.radians(FIELD_OF_VIEW) / 2)
    x, y = np.meshgrid(np.arange(width) + 0.5 - width / 2, height / 2 - np.arange(height) - 0.5)
    longitude = np.arctan2(x, focal) + np.radians(yaw)
    latitude = np.arctan2(y, np.hypot(x, focal))
    return longitude, latitude


def _enlarged(panorama: Image.Image) -> NDArray[np.uint8]:
    # A smooth enlargement first: sampling a coarse panorama bilinearly shows its pixels as diamonds. It wraps around.
    width, height = panorama.size
    margin = 8
    wrapped = Image.new("RGB", (width + 2 * margin, height))
    for left in (margin - width, margin, margin + width):
        wrapped.paste(panorama, (left, 0))
    large = wrapped.resize((wrapped.width * OVERSAMPLING, height * OVERSAMPLING), Image.Resampling.BICUBIC)
    return np.asarray(large)[:, margin * OVERSAMPLING : (margin + width) * OVERSAMPLING]


def _sample(
    pixels: NDArray[np.uint8], longitude: NDArray[np.float64], latitude: NDArray[np.float64]
) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    column = np.floor((longitude / (2 * np.pi) + 0.5) * width).astype(int) % width
    row = np.clip(np.floor((0.5 - latitude / np.pi) * height).astype(int), 0, height - 1)
    sampled: NDArray[np.uint8] = pixels[row, column]
    return sampled
