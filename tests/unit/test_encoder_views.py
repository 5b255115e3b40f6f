"""Several views a photo: what a wide photo shows at its side is found."""

import numpy as np
import pytest
from PIL import Image

from tests.checkpoints import write_clip, write_siglip
from venuefinder.encoders.preprocessing import Preprocessing, preprocessing_of
from venuefinder.encoders.registry import load_encoder
from venuefinder.errors import ConfigurationError

CONFIG = {"size": 8, "resize_mode": "shortest", "interpolation": "bicubic", "mean": [0.5] * 3, "std": [0.5] * 3}


def stripes(*colours: str, vertical: bool = False) -> Image.Image:
    """Squares of 40 pixels beside, or above, each other."""
    image = Image.new("RGB", (40 * len(colours), 40))
    for place, colour in enumerate(colours):
        image.paste(Image.new("RGB", (40, 40), colour), (40 * place, 0))
    return image.transpose(Image.Transpose.ROTATE_270) if vertical else image


def prepared(image: Image.Image, *, views: int, mode: str = "shortest") -> list[tuple[int, ...]]:
    """The colour in the middle of each view."""
    pixels = preprocessing_of(CONFIG | {"resize_mode": mode}, views=views).prepare(image)
    return [tuple(view[4, 4].tolist()) for view in pixels]


RED, LIME, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


@pytest.mark.parametrize("vertical", [False, True])
@pytest.mark.parametrize("repeats", [1, 9], ids=["3 to 1", "27 to 1: cut out while resizing"])
def test_centre_then_start_then_end(vertical, repeats):
    colours = [colour for colour in ("red", "lime", "blue") for _ in range(repeats)]

    assert prepared(stripes(*colours, vertical=vertical), views=1) == [LIME]
    assert prepared(stripes(*colours, vertical=vertical), views=3) == [LIME, RED, BLUE]


def test_five_views_cover_five_squares():
    image = stripes("red", "lime", "blue", "red", "lime")

    assert prepared(image, views=5) == [BLUE, LIME, RED, RED, LIME]


@pytest.mark.parametrize("mode", ["squash", "longest"])
def test_a_whole_view_comes_before_the_crops(mode):
    assert prepared(stripes("red", "lime", "blue"), views=3, mode=mode) == [LIME, RED, BLUE]


@pytest.mark.parametrize("write", [write_clip, write_siglip])
def test_a_photo_is_found_by_what_its_side_shows(tmp_path, write):
    """With a centre crop alone, two photos with the same middle are the same photo."""
    spec = f"open_clip:local-dir:{write(tmp_path, preprocessing={'resize_mode': 'shortest'})}"
    pool = Image.fromarray(np.random.default_rng(5).integers(0, 256, (40, 30, 3), dtype=np.uint8))
    with_pool, without, asked_for = stripes("grey", "grey", "grey"), stripes("grey", "grey", "grey"), stripes("grey")
    with_pool.paste(pool)
    asked_for.paste(pool)

    def scores(views: int) -> np.ndarray:
        encoder = load_encoder(spec, device="cpu", views=views)
        asked = encoder.encode_images([asked_for])[0, 0]
        return (encoder.encode_images([with_pool, without]) @ asked).max(axis=1)

    lost, found = scores(1), scores(3)

    assert lost[0] == pytest.approx(lost[1], abs=1e-6)
    assert found[0] == pytest.approx(1, abs=1e-3)
    assert found[0] > found[1] + 0.01


@pytest.mark.parametrize("views", [0, 6, -1])
def test_views_out_of_range_are_refused(views):
    with pytest.raises(ConfigurationError, match=f"found {views}, expected 1 to 5"):
        preprocessing_of(CONFIG, views=views)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": [224, 192]}, "expected a square"),
        ({"size": 0}, "expected a square"),
        ({"resize_mode": "stretch"}, "resize_mode 'stretch'"),
        ({"mean": [0.5]}, "mean is"),
        ({"std": [0.5, 0, 0.5]}, "std is"),
        ({"std": [float("nan")] * 3}, "std is"),
    ],
)
def test_preprocessing_that_cannot_be_followed_is_refused(change, message):
    with pytest.raises(ConfigurationError, match=message):
        preprocessing_of(CONFIG | change, views=1)


def test_a_long_thin_photo_is_never_scaled_as_a_whole(monkeypatch):
    """One pixel high and 60,000 wide would be scaled to 13 million by 224: three gigabytes from a file of 200 bytes."""
    sizes = []
    resize = Image.Image.resize

    def recorded(self, size, *args, **keywords):
        sizes.append(size)
        return resize(self, size, *args, **keywords)

    monkeypatch.setattr(Image.Image, "resize", recorded)
    pixels = preprocessing_of(CONFIG | {"size": 224}, views=3).prepare(Image.new("RGB", (60_000, 1)))

    assert pixels.shape == (3, 224, 224, 3)
    assert set(sizes) == {(224, 224)}


def test_other_modes_than_rgb_are_converted():
    preprocessing: Preprocessing = preprocessing_of(CONFIG, views=1)

    assert preprocessing.prepare(Image.new("L", (20, 10), 200)).tolist() == np.full((1, 8, 8, 3), 200).tolist()
