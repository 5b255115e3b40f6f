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


_SKIMAGE = "scikit-image's sample data"
_SKLEARN = "scikit-learn's sample images (CC BY 2.0)"
STAND_INS = (
    StandIn("skimage", "data/astronaut.png", "an astronaut", "An astronaut in an orange suit, a flag", _SKIMAGE),
    StandIn("skimage", "data/brick.png", "a brick wall", "A wall of bricks in black and white", _SKIMAGE),
    StandIn("skimage", "data/chelsea.png", "a cat", "A tabby cat looking at the camera", _SKIMAGE),
    StandIn("skimage", "data/coffee.png", "a cup of coffee", "A cup of espresso on a wooden table", _SKIMAGE),
    StandIn("skimage", "data/coins.png", "coins", "Old coins in rows", _SKIMAGE),
    StandIn("skimage", "data/grass.png", "grass", "Grass from above, in black and white", _SKIMAGE),
    StandIn("skimage", "data/gravel.png", "gravel", "Gravel from above, in black and white", _SKIMAGE),
    StandIn("skimage", "data/motorcycle_left.png", "a motorcycle", "A motorcycle in a garage", _SKIMAGE),
    StandIn("skimage", "data/rocket.jpg", "a rocket", "A rocket on its launch pad at night", _SKIMAGE),
    StandIn("sklearn", "datasets/images/china.jpg", "a pagoda", "A Chinese temple with a tiled roof", _SKLEARN),
    StandIn("sklearn", "datasets/images/flower.jpg", "a flower", "An orange dahlia in bloom", _SKLEARN),
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
