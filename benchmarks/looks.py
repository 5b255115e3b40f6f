"""What flags of photos are worth: precision and recall on photos, on photos made worse, and on drawn pictures.

    python -m benchmarks.looks FOLDER_OF_PHOTOS [FOLDER …] [--wrong FILE]

Every photo under the folders counts as one without a flag, but for those whose paths `--wrong` lists, a line each
followed by the flag that is right. Each photo is blurred, enlarged from little, and shrunk too; pictures that are no
photos are drawn (`look_pictures.py`). Last it prints what a look costs, and what a draft changes of it.
"""

import argparse
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image, ImageFilter
from rich.console import Console
from rich.table import Table

from benchmarks.look_pictures import PLACEHOLDERS, TEXTS, drawn
from venuefinder.domain import PhotoLook
from venuefinder.errors import ImageError
from venuefinder.images import decode_photo
from venuefinder.images.look import LOOK_SIDE, look_at

Picture = Image.Image
LONGEST = 1024
"""Pixels to which photos are shrunk before they are blurred: blurs are of this size."""
LEAST = 300
"""Pixels of the shorter side below which a photo is not made worse: it is a thumbnail already."""
MADE = 60
"""Pictures of each kind that are drawn."""
QUALITIES = (60, 75, 85, 95)
MOST_PIXELS = 200_000_000


def gaussian(photo: Picture, radius: float) -> Picture:
    return photo.filter(ImageFilter.GaussianBlur(radius * max(photo.size) / LONGEST))


def enlarged(photo: Picture, side: int) -> Picture:
    little = photo.copy()
    little.thumbnail((side, side))
    return little.resize(photo.size, Image.Resampling.BICUBIC)


def moved(photo: Picture, pixels: int) -> Picture:
    """Return the photo as a camera sees it that moves sideways meanwhile."""
    rows = np.asarray(photo, dtype=np.float32)
    steps = range(max(2, round(pixels * max(photo.size) / LONGEST)))
    return Image.fromarray(np.mean([np.roll(rows, step, axis=1) for step in steps], axis=0).astype(np.uint8))


WORSE: Mapping[str, Callable[[Picture], Picture]] = {
    "blurred by 2 pixels of 1,024": lambda photo: gaussian(photo, 2),
    "by 3": lambda photo: gaussian(photo, 3),
    "by 4": lambda photo: gaussian(photo, 4),
    "by 6": lambda photo: gaussian(photo, 6),
    "enlarged from 200 pixels": lambda photo: enlarged(photo, 200),
    "from 120": lambda photo: enlarged(photo, 120),
    "moved by 16 pixels": lambda photo: moved(photo, 16),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--wrong", type=Path, help="photos that deserve a flag")
    arguments = parser.parse_args()
    console = Console(width=120, soft_wrap=True)
    right = deserved(arguments.wrong)
    flagged: Counter[tuple[str, str]] = Counter()
    worse: dict[str, list[PhotoLook]] = {name: [] for name in WORSE}
    costs, drafts, photos = [], [], 0
    for path, data, photo in photos_under(arguments.folders):
        began = perf_counter()
        look = look_at(photo)
        costs.append(perf_counter() - began)
        photos += 1
        for flag in look.flags:
            told = "right" if flag == right.get(str(path)) else "wrong"
            flagged[flag, told] += 1
            console.print(f"{flag} ({told}): {path}, sharpness {look.sharpness:.2f}") if flag != "tiny" else None
        drafts.append((look, drafted(data)))
        if min(photo.size) >= LEAST and not look.flags:
            photo.thumbnail((LONGEST, LONGEST))
            for name, change in WORSE.items():
                worse[name].append(look_at(saved(change(photo), QUALITIES[photos % len(QUALITIES)])))
    console.print(f"{photos} photos: {dict(flagged)}")
    console.print(shares("Photos made worse", "blurry", worse))
    console.print(shares("Drawn", "text", made(TEXTS)))
    console.print(shares("Drawn", "placeholder", made(PLACEHOLDERS)))
    console.print(f"A look takes {np.median(costs) * 1e3:.2f} ms, 5 % more than {np.quantile(costs, 0.95) * 1e3:.2f}")
    off = [abs(one.sharpness / max(other.sharpness, 0.01) - 1) for one, other in drafts]
    console.print(
        f"A draft changes at most {max(bits(*pair) for pair in drafts)} bits, and flags of "
        f"{sum(one.flags != other.flags for one, other in drafts)}; sharpness by a median of {np.median(off):.1%}, "
        f"at most {max(off):.1%}"
    )


def deserved(path: Path | None) -> dict[str, str]:
    lines = path.read_text().splitlines() if path else []
    return dict(line.rsplit(maxsplit=1) for line in lines if line.strip())  # type: ignore[misc]  # two parts a line


def photos_under(folders: list[Path]) -> Iterator[tuple[Path, bytes, Picture]]:
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        try:
            yield path, data, decode_photo(data, max_pixels=MOST_PIXELS).image
        except ImageError:
            continue


def drafted(data: bytes) -> PhotoLook:
    photo = decode_photo(data, max_pixels=MOST_PIXELS, draft=LOOK_SIDE)
    return look_at(photo.image, size=(photo.width, photo.height))


def made(kinds: Mapping[str, Callable[..., None]]) -> dict[str, list[PhotoLook]]:
    return {
        name: [look_at(saved(drawn(draw, seed), QUALITIES[seed % 4])) for seed in range(MADE)]
        for name, draw in kinds.items()
    }


def saved(photo: Picture, quality: int) -> Picture:
    written = io.BytesIO()
    photo.save(written, "JPEG", quality=quality)
    return Image.open(written).convert("RGB")


def bits(one: PhotoLook, other: PhotoLook) -> int:
    return (one.perceptual_hash ^ other.perceptual_hash).bit_count()


def shares(title: str, flag: str, looks: Mapping[str, list[PhotoLook]]) -> Table:
    table = Table(title, "pictures", flag, "another flag", "none")
    for name, found in looks.items():
        told = sum(flag in look.flags for look in found)
        others = sum(bool(look.flags) and flag not in look.flags for look in found)
        table.add_row(
            name,
            str(len(found)),
            *(f"{n / max(len(found), 1):.0%}" for n in (told, others, len(found) - told - others)),
        )
    return table


if __name__ == "__main__":
    main()
