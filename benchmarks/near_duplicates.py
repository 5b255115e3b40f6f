"""How like each other copies of a photo are, and how like different photos: what `near_duplicates.DUPLICATE` rests on.

    python -m benchmarks.near_duplicates [--samples FOLDER]

Every sample photo is copied in ways that listings do, and its embedding compared with the copy's. The last rows compare
different photos, of one venue and of two.
"""

import argparse
import io
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageOps
from rich.console import Console
from rich.table import Table

from benchmarks.venue_judged import load_queries
from samples.build import CACHE, build
from venuefinder.bootstrap import Services
from venuefinder.near_duplicates import DUPLICATE, EPSILON
from venuefinder.settings import load_settings

Picture = Image.Image
Vectors = NDArray[np.float32]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=Path, help="a folder that samples.build made; made anew by default")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as data, Services(load_settings()) as services:
        samples = arguments.samples or Path(data) / "samples"
        build(samples, cache=CACHE, console=Console(stderr=True))
        venues, photos = photos_of(samples)
        queries = services.encoder.encode_texts([query.query for query in load_queries()])
        originals = services.encoder.encode_images(photos)[:, 0]
        shown = Table("", "5 % have less than", "median", "caught", f"within {EPSILON} of each other for a query")
        shown.title = f"Cosines of {len(photos)} photos with their copies, {services.encoder.space.name}"
        for name, change in COPIES.items():
            copies = services.encoder.encode_images([change(photo) for photo in photos])[:, 0]
            apart = np.abs((copies - originals) @ queries.T)
            shown.add_row(name, *spread((copies * originals).sum(axis=1)), f"{(apart <= EPSILON).mean():.0%}")
    console = Console(width=140)
    console.print(shown)
    console.print(different(originals, np.array(venues)))


def photos_of(samples: Path) -> tuple[list[str], list[Picture]]:
    """Return every photo of the samples, and the venue of each."""
    found = sorted(samples.rglob("*.jpg"))
    return [path.relative_to(samples).parts[0] for path in found], [Image.open(path).convert("RGB") for path in found]


def saved(photo: Picture, quality: int) -> Picture:
    written = io.BytesIO()
    photo.save(written, "JPEG", quality=quality)
    return Image.open(written).convert("RGB")


def cut(photo: Picture, share: float) -> Picture:
    return ImageOps.crop(photo, round(min(photo.size) * share))


def marked(photo: Picture) -> Picture:
    copy, (width, height) = photo.copy(), photo.size
    ImageDraw.Draw(copy).rectangle((width * 0.7, height * 0.9, width, height), fill="white")
    return copy


COPIES: Mapping[str, Callable[[Picture], Picture]] = {
    "saved anew, quality 60": lambda photo: saved(photo, 60),
    "half as wide": lambda photo: photo.resize((photo.width // 2, photo.height // 2)),
    "thumbnail of 320 pixels, quality 50": lambda photo: saved(ImageOps.contain(photo, (320, 320)), 50),
    "a fifth brighter": lambda photo: ImageEnhance.Brightness(photo).enhance(1.2),
    "a mark in the corner": marked,
    "mirrored": ImageOps.mirror,
    "2 % cut off each side": lambda photo: cut(photo, 0.02),
    "5 % cut off each side": lambda photo: cut(photo, 0.05),
    "10 % cut off each side": lambda photo: cut(photo, 0.1),
}


def spread(cosines: Vectors) -> tuple[str, str, str]:
    return f"{np.quantile(cosines, 0.05):.3f}", f"{np.median(cosines):.3f}", f"{(cosines >= DUPLICATE).mean():.0%}"


def different(photos: Vectors, venues: NDArray[np.str_]) -> Table:
    first, second = np.triu_indices(len(photos), 1)
    cosines, same = (photos[first] * photos[second]).sum(axis=1), venues[first] == venues[second]
    shown = Table("", "pairs", "median", "1 % have more than", "most", "caught", title="Cosines of different photos")
    for name, of in (("of one venue", same), ("of two venues", ~same)):
        ends = (f"{np.median(cosines[of]):.3f}", f"{np.quantile(cosines[of], 0.99):.3f}", f"{cosines[of].max():.3f}")
        shown.add_row(name, str(of.sum()), *ends, str((cosines[of] >= DUPLICATE).sum()))
    return shown


if __name__ == "__main__":
    main()
