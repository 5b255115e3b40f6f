"""How like copies of a photo are, and how like different photos: what `near_duplicates` and `linking` rest on.

    python -m benchmarks.near_duplicates [--samples FOLDER] [--photos FOLDER ...]

Every sample photo is copied in ways that listings do; its embedding and its perceptual hash are compared with the
copy's. The last rows compare different photos: of one sample venue, of two, and with `--photos` any two of these and of
the photos in folders. Pairs of those that would be linked are named, for eyes to judge.
"""

import argparse
import io
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageOps
from rich.console import Console
from rich.table import Table

from benchmarks.venue_judged import load_queries
from samples.build import CACHE, build
from venuefinder.bootstrap import Services
from venuefinder.images import look_at
from venuefinder.protocols import ImageEncoder
from venuefinder.searching.near_duplicates import DUPLICATE, EPSILON
from venuefinder.settings import load_settings
from venuefinder.upkeep.linking import LIKELY_BITS, SURE_BITS, proves

Picture = Image.Image
Vectors = NDArray[np.float32]


BATCH = 16
"""Photos in memory at once, but for the samples."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of photos: embeddings `float32 [N, D]`, unit norm, and hashes `uint64 [N]`."""

    vectors: Vectors
    hashes: NDArray[np.uint64]

    def linked(self, other: "Known") -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which of N pairs are copies by their hashes alone, and which by these or the embeddings."""
        bits = np.bitwise_count(self.hashes ^ other.hashes)
        sure = (bits <= SURE_BITS) & proves(self.hashes) & proves(other.hashes)
        return sure, sure | ((bits <= LIKELY_BITS) & ((self.vectors * other.vectors).sum(axis=1) >= DUPLICATE))

    def at(self, places: NDArray[np.int64]) -> "Known":
        """Return some of them."""
        return Known(self.vectors[places], self.hashes[places])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=Path, help="a folder that samples.build made; made anew by default")
    parser.add_argument("--photos", type=Path, nargs="*", default=[], help="folders of photos, no two of them alike")
    arguments = parser.parse_args()
    console = Console(width=140)
    with tempfile.TemporaryDirectory() as data, Services(load_settings()) as services:
        samples = arguments.samples or Path(data) / "samples"
        build(samples, cache=CACHE, console=Console(stderr=True))
        venues, photos = photos_of(samples)
        queries = services.encoder.encode_texts([query.query for query in load_queries()])
        originals = known(services.encoder, photos)
        shown = Table(
            "", "5 % have less than", "median", "caught", f"within {EPSILON} for a query", "by hash", "linked"
        )
        shown.title = f"{len(photos)} photos and their copies, {services.encoder.space.name}"
        for name, change in COPIES.items():
            copies = known(services.encoder, [change(photo) for photo in photos])
            apart = np.abs((copies.vectors - originals.vectors) @ queries.T)
            told = (f"{(apart <= EPSILON).mean():.0%}", *(f"{part.mean():.0%}" for part in originals.linked(copies)))
            shown.add_row(name, *spread((copies.vectors * originals.vectors).sum(axis=1)), *told)
        console.print(shown)
        console.print(different(originals, np.array(venues)))
        if arguments.photos:
            paths = sorted(path for folder in arguments.photos for path in folder.rglob("*.jpg"))
            console.print(named([str(path) for path in paths], [*known_of(services.encoder, paths)]))


def known(encoder: ImageEncoder, photos: Sequence[Picture]) -> Known:
    """Return the embeddings of the first view, and the hashes."""
    vectors = [encoder.encode_images(photos[start : start + BATCH])[:, 0] for start in range(0, len(photos), BATCH)]
    return Known(np.concatenate(vectors), np.array([look_at(it).perceptual_hash for it in photos], dtype=np.uint64))


def known_of(encoder: ImageEncoder, paths: Sequence[Path]) -> Iterator[Known]:
    """Yield what is kept of photos, a batch at a time."""
    for start in range(0, len(paths), BATCH):
        yield known(encoder, [Image.open(path).convert("RGB") for path in paths[start : start + BATCH]])


def named(names: Sequence[str], batches: Sequence[Known]) -> str:
    """Return which pairs of photos would be linked, were they of one venue."""
    every = Known(np.concatenate([it.vectors for it in batches]), np.concatenate([it.hashes for it in batches]))
    linked: list[str] = []
    for place in range(len(names) - 1):
        others = every.at(np.arange(place + 1, len(names)))
        _, either = Known(every.vectors[place], every.hashes[place]).linked(others)
        linked += [f"  {names[place]} and {names[place + 1 + other]}" for other in np.flatnonzero(either)]
    return "\n".join([f"{len(linked)} of {len(names) * (len(names) - 1) // 2:,} pairs would be linked:", *linked])


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


def different(photos: Known, venues: NDArray[np.str_]) -> Table:
    first, second = np.triu_indices(len(venues), 1)
    cosines = (photos.vectors[first] * photos.vectors[second]).sum(axis=1)
    same = venues[first] == venues[second]
    linked = photos.at(first).linked(photos.at(second))[1]
    shown = Table("", "pairs", "median", "1 % have more than", "most", "caught", "linked", title="Different photos")
    for name, of in (("of one venue", same), ("of two venues", ~same)):
        ends = (f"{np.median(cosines[of]):.3f}", f"{np.quantile(cosines[of], 0.99):.3f}", f"{cosines[of].max():.3f}")
        counts = ((cosines[of] >= DUPLICATE).sum(), linked[of].sum())
        shown.add_row(name, str(of.sum()), *ends, *map(str, counts))
    return shown


if __name__ == "__main__":
    main()
