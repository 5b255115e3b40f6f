"""Photos whose right text is known: the sample venues', else scikit-image's, else drawn ones."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw

from venuefinder.errors import ImageError
from venuefinder.images import decode_photo, read_photo
from venuefinder.model_check import MIN_PHOTOS, KnownPhoto

MAX_PHOTO_BYTES = 20_000_000
MAX_PIXELS = 50_000_000

SAMPLES = {
    "white-court/pool-court.jpg": "a swimming pool in a white courtyard",
    "white-court/four-poster-suite.jpg": "a bedroom with a four-poster bed",
    "bough-house/street-side.jpg": "a modern house lit from within at dusk",
    "damrak-house/canal-houses.jpg": "a row of tall brick houses along a canal",
    "golden-barge/barge-on-the-lake.jpg": "a golden palace reflected in a lake",
    "midtown-roof/skyline.jpg": "a city skyline with skyscrapers",
    "cloudline-refuge/peaks-above-the-clouds.jpg": "snowy mountain peaks above the clouds",
    "sunbeam-wood/low-sun-in-the-pines.jpg": "a dark pine forest with the sun between the trees",
    "swan-water/sunset-over-the-lake.jpg": "a red sunset over calm water",
    "lock-apartment/yellow-armchair.jpg": "a yellow armchair in a living room",
    "tannery-loft/coffee-on-the-armrest.jpg": "a cup of coffee on a leather armchair",
    "ropewalk-workspace/open-floor.jpg": "people at computers in an open office",
    "lattice-room/dining-room.jpg": "a dark restaurant with a wooden ceiling",
    "assembly-ballroom/view-216.jpg": "an empty ballroom with a parquet floor",
    "dock-shed/view-144.jpg": "an empty warehouse with concrete columns",
    "long-meadow/view-000.jpg": "a green meadow under a blue sky",
}
"""Sharp photos of the sample venues, by folder and file, one text each that fits none of the others."""

SCIKIT_IMAGE = {
    "astronaut.png": "a portrait of a woman in an orange space suit",
    "brick.png": "a brick wall",
    "camera.png": "a man with a camera on a tripod",
    "chelsea.png": "the face of a tabby cat",
    "clock_motion.png": "a blurred clock",
    "coffee.png": "a cup of coffee with a spoon",
    "coins.png": "rows of old coins",
    "grass.png": "blades of grass",
    "gravel.png": "gravel and pebbles",
    "hubble_deep_field.jpg": "galaxies in deep space",
    "motorcycle_left.png": "a motorcycle in a garage",
    "rocket.jpg": "a rocket on a launch pad",
}
"""Photographs that ship with scikit-image."""

DRAWN: dict[str, str] = {
    "red": "a plain red picture",
    "green": "a plain green picture",
    "blue": "a plain blue picture",
    "yellow": "a plain yellow picture",
    "black": "a plain black picture",
    "white": "a plain white picture",
    "circle": "a red circle on a white background",
    "stripes": "black and white stripes",
}


@dataclass(frozen=True, slots=True)
class KnownPhotos:
    """Photos of one kind; `are_photographs` is False for what was drawn, which says little of a model."""

    kind: str
    photos: tuple[KnownPhoto, ...]
    are_photographs: bool


def known_photos(samples: Path) -> KnownPhotos:
    """Return the best there are: of the sample venues in the folder `samples`, of scikit-image, or drawn."""
    for kind, folder, texts in (
        ("photos of the sample venues", samples, SAMPLES),
        ("photographs of scikit-image", _scikit_image(), SCIKIT_IMAGE),
    ):
        found = _read(folder, texts) if folder else ()
        if len(found) >= MIN_PHOTOS:
            return KnownPhotos(kind, found, are_photographs=True)
    drawn = tuple(KnownPhoto(name, _drawn(name), text) for name, text in DRAWN.items())
    return KnownPhotos("drawn pictures", drawn, are_photographs=False)


def _read(folder: Path, texts: dict[str, str]) -> tuple[KnownPhoto, ...]:
    photos = []
    for name, text in texts.items():
        try:
            data = read_photo(folder / name, max_bytes=MAX_PHOTO_BYTES, root=folder)
            photos.append(KnownPhoto(name, decode_photo(data, max_pixels=MAX_PIXELS).image, text))
        except ImageError:
            continue  # a photo fewer; too few, and the next kind is taken
    return tuple(photos)


def _scikit_image() -> Path | None:
    spec = find_spec("skimage")
    return Path(spec.origin).parent / "data" if spec and spec.origin else None


def _drawn(name: str) -> Image.Image:
    background = name if name in ("red", "green", "blue", "yellow", "black") else "white"
    image = Image.new("RGB", (256, 256), background)
    draw = ImageDraw.Draw(image)
    if name == "circle":
        draw.ellipse((48, 48, 208, 208), fill="red")
    if name == "stripes":
        for left in range(0, 256, 32):
            draw.rectangle((left, 0, left + 15, 255), fill="black")
    return image
