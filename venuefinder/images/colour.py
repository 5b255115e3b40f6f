"""Any pixels Pillow can hold, as 8-bit sRGB."""

import io
from functools import lru_cache
from typing import Literal

import numpy as np
from PIL import Image, ImageCms

_MAX_PROFILE_BYTES = 4 << 20
"""Print profiles reach 2 MiB; a larger one is ignored."""
_BRIGHTEST = 1e9
"""Beyond every sensor; keeps differences of samples finite."""


def to_srgb(image: Image.Image) -> Image.Image:
    """Return a loaded image of any mode as RGB: deep samples scaled, the profile applied, alpha laid on white."""
    profile = image.info.get("icc_profile")
    image = _on_white(_in_eight_bits(image))
    if image.mode == "LAB":
        return _apply(_from_lab(), image)
    transform = _transform(profile, image.mode) if _usable(profile) else None
    if transform is not None:
        return _apply(transform, image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _in_eight_bits(image: Image.Image) -> Image.Image:
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _scaled(image)
    return image


def _scaled(image: Image.Image) -> Image.Image:
    """Scale deep grey samples so that white stays white: the smallest of 1 (F), 255, 65535 that holds them all."""
    samples = np.array(image, dtype=np.float32)
    np.nan_to_num(samples, copy=False, nan=0.0)
    np.clip(samples, -_BRIGHTEST, _BRIGHTEST, out=samples)
    black, brightest = min(0.0, float(samples.min())), float(samples.max())
    whites = (65535.0,) if image.mode.startswith("I;16") else (1.0, 255.0, 65535.0)
    white = next((white for white in whites if brightest <= white), brightest)
    samples -= black
    samples *= 255.0 / (white - black)
    np.rint(samples, out=samples)
    return Image.fromarray(samples.astype(np.uint8))


def _on_white(image: Image.Image) -> Image.Image:
    """Return L, RGB, CMYK or LAB, with whatever was transparent laid on white."""
    if image.has_transparency_data:
        layer = image if image.mode == "RGBA" else image.convert("RGBA")
        canvas = Image.new("RGB", layer.size, "white")
        canvas.paste(layer, mask=layer.getchannel("A"))
        return canvas
    return image if image.mode in ("L", "RGB", "CMYK", "LAB") else image.convert("RGB")


def _usable(profile: object) -> bool:
    return isinstance(profile, bytes) and 128 < len(profile) <= _MAX_PROFILE_BYTES


def _apply(transform: ImageCms.ImageCmsTransform, image: Image.Image) -> Image.Image:
    return transform.apply(image)


@lru_cache(maxsize=32)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the way from this profile to sRGB, or None: sRGB already, for another mode, or broken."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if ImageCms.getProfileDescription(source).startswith("sRGB"):
            return None
        return ImageCms.ImageCmsTransform(source, _made("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError):
        return None


@lru_cache(maxsize=1)
def _from_lab() -> ImageCms.ImageCmsTransform:
    return ImageCms.ImageCmsTransform(_made("LAB"), _made("sRGB"), "LAB", "RGB")


def _made(space: Literal["LAB", "sRGB"]) -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space))
