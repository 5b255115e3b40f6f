"""Synthetic photographs: as costly to decode as real ones, each different, the same every time."""

from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (1024, 768)


def photograph(seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """Return smooth shapes with grain: about 150 KB as JPEG of quality 85, like a web photo of this size."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (24, 32, 3), dtype=np.uint8))
    shapes = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), dtype=np.int16)
    grain = random.integers(-12, 13, shapes.shape, dtype=np.int16)
    return Image.fromarray(np.clip(shapes + grain, 0, 255).astype(np.uint8))


def write_venues(root: Path, *, photos: int, first: int = 0, per_venue: int = 8, size: tuple[int, int] = SIZE) -> Path:
    """Write `photos` photographs, from the `first` on, in folders of `per_venue`; what is already there stays."""
    for number in range(first, first + photos):
        path = root / f"venue-{number // per_venue:05}" / f"{number % per_venue}.jpg"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            photograph(number, size).save(path, quality=85)
    return root
