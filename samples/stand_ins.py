"""Stand-ins for the sample venues where npm cannot be had: photographs that are no venues, and say so.

They come with scikit-image and scikit-learn, which are installed already; neither library is imported.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from samples.errors import SamplesError
from samples.photos import clean_jpeg
from samples.recipe import Sample
from venuefinder.domain import Listing, PhotoRef


@dataclass(frozen=True, slots=True)
class StandIn:
    """A photograph that ships with a Python package."""

    package: str
    path: str
    title: str
    caption: str
    credit: str


_CC0 = "scikit-image, CC0"
_FREE = "scikit-image, no known copyright restrictions"
STAND_INS = (
    StandIn(
        "skimage",
        "data/astronaut.png",
        "an astronaut",
        "An astronaut in an orange suit, a flag",
        "NASA; scikit-image, public domain",
    ),
    StandIn(
        "skimage", "data/brick.png", "a brick wall", "A wall of bricks in black and white", f"CC0 Textures; {_CC0}"
    ),
    StandIn(
        "skimage", "data/chelsea.png", "a cat", "A tabby cat looking at the camera", f"Stefan van der Walt; {_CC0}"
    ),
    StandIn(
        "skimage", "data/coffee.png", "a cup of coffee", "An espresso on a wooden table", f"Rachel Michetti; {_CC0}"
    ),
    StandIn("skimage", "data/coins.png", "coins", "Old coins in rows", f"Brooklyn Museum; {_FREE}"),
    StandIn("skimage", "data/grass.png", "grass", "Grass from above, in black and white", f"linolafett; {_CC0}"),
    StandIn("skimage", "data/gravel.png", "gravel", "Gravel from above, in black and white", f"CC0 Textures; {_CC0}"),
    StandIn(
        "skimage",
        "data/rocket.jpg",
        "a rocket",
        "A rocket on its launch pad at night",
        "SpaceX; scikit-image, public domain",
    ),
    StandIn(
        "sklearn",
        "datasets/images/china.jpg",
        "a pagoda",
        "A red Chinese pagoda with tiled roofs above a lake",
        "danielbuechele; scikit-learn, CC BY 2.0, shrunk",
    ),
    StandIn(
        "sklearn",
        "datasets/images/flower.jpg",
        "a flower",
        "An orange flower in bloom",
        "vultilion; scikit-learn, CC BY 2.0, shrunk",
    ),
)


def samples() -> Iterator[Sample]:
    """Yield every stand-in that this environment has; raises SamplesError when it has none."""
    found = [(stand_in, path) for stand_in in STAND_INS if (path := _locate(stand_in)) is not None]
    if not found:
        raise SamplesError(
            "stand-in photos: found neither scikit-image's nor scikit-learn's, expected one of them; run: make setup"
        )
    for stand_in, path in found:
        yield _sample(stand_in, path)


def _locate(stand_in: StandIn) -> Path | None:
    spec = find_spec(stand_in.package)
    folders = (spec.submodule_search_locations or []) if spec is not None else []
    paths = (Path(folder) / stand_in.path for folder in folders)
    return next((path for path in paths if path.is_file()), None)


def _sample(stand_in: StandIn, path: Path) -> Sample:
    name = stand_in.path.rsplit("/", 1)[-1].split(".")[0].replace("_", "-")
    listing = Listing(
        external_id=f"stand-in-{name}",
        name=f"Not a venue: {stand_in.title}",
        description=f"This is not a venue but a stand-in photo. {stand_in.caption}.",
        kind="not a venue",
        attributes={"sample": True, "photo_credit": stand_in.credit},
        photos=(PhotoRef(uri=f"{name}.jpg", caption=stand_in.caption),),
    )
    return Sample(listing, {f"{name}.jpg": clean_jpeg(path.read_bytes(), stand_in.path)})
