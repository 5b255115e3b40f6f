import base64

import numpy as np
import OpenEXR
import pytest
from PIL import Image

from samples.errors import UnsafePackageError
from samples.panoramas import develop, read_module, view

RED = (255, 0, 0)


def panorama_with_patch(*, yaw: float, latitude: float = 0) -> Image.Image:
    pixels = np.full((256, 512, 3), 90, dtype=np.uint8)
    column, row = round((yaw / 360 + 0.5) * 512), round((0.5 - latitude / 180) * 256)
    pixels[row - 4 : row + 4, np.arange(column - 4, column + 4) % 512] = RED
    return Image.fromarray(pixels)


def centre_of_red(image: Image.Image) -> tuple[float, float]:
    pixels = np.asarray(image).astype(int)
    rows, columns = np.nonzero((pixels[..., 0] > 180) & (pixels[..., 1] < 60))
    return float(columns.mean()) + 0.5, float(rows.mean()) + 0.5


@pytest.mark.parametrize("yaw", [0, 72, 90, 180, 216, 288])
def test_what_lies_at_a_yaw_is_in_the_centre_of_that_view(yaw):
    seen = centre_of_red(view(panorama_with_patch(yaw=yaw), yaw=yaw))

    assert seen == pytest.approx((256, 192), abs=2)


def test_what_lies_at_another_yaw_is_not_seen():
    pixels = np.asarray(view(panorama_with_patch(yaw=90), yaw=270))

    assert pixels[..., 0].max() < 100


@pytest.mark.parametrize(("yaw", "latitude"), [(30, 0), (-30, 0), (0, 20), (0, -20)])
def test_lines_stay_straight_as_in_a_camera(yaw, latitude):
    focal = 256  # half the width over tan(45 degrees)

    seen = centre_of_red(view(panorama_with_patch(yaw=yaw, latitude=latitude), yaw=0))

    expected = 256 + focal * np.tan(np.radians(yaw)), 192 - focal * np.tan(np.radians(latitude))
    assert seen == pytest.approx(expected, abs=3)


def test_brighter_stays_brighter_and_a_grey_scene_is_exposed_for_middle_grey():
    ramp = np.repeat(np.geomspace(0.01, 100, 512, dtype=np.float32)[None, :, None], 256, axis=0)

    developed = np.asarray(develop(np.repeat(ramp, 3, axis=2)))

    assert (np.diff(developed[0, :, 0].astype(int)) >= 0).all()
    grey = np.asarray(develop(np.full((4, 8, 3), 7.0, dtype=np.float32)))
    assert 90 <= grey[0, 0, 0] <= 130


@pytest.mark.parametrize("sun", [(0, 0, 11_800), (0, 0, -1_400), (1e-5, -1e-6, 30), (np.inf, 3, 2), (np.nan, 0, 0)])
def test_a_sun_that_the_compression_spoilt_is_white(sun):
    radiance = np.full((64, 128, 3), 0.5, dtype=np.float32)
    radiance[30, 60] = sun

    assert np.asarray(develop(radiance))[30, 60].tolist() == [255, 255, 255]


def exr_module(folder, pixels: np.ndarray) -> bytes:
    path = folder / "panorama.exr"
    OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}, {"RGB": pixels}).write(
        str(path)
    )
    return b"export default 'data:application/exr;base64," + base64.b64encode(path.read_bytes()) + b"'"


def test_a_module_is_read_as_text(tmp_path):
    pixels = np.random.default_rng(1).random((16, 32, 3)).astype(np.float32)

    assert np.array_equal(read_module(exr_module(tmp_path, pixels), "m"), pixels)


def test_a_panorama_of_another_shape_is_refused(tmp_path):
    module = exr_module(tmp_path, np.zeros((16, 16, 3), dtype=np.float32))

    with pytest.raises(UnsafePackageError, match=r"panorama m: found the shape \(16, 16, 3\)"):
        read_module(module, "m")


@pytest.mark.parametrize(
    "module",
    [b"export default process.env", b"export default 'data:application/exr;base64,bm90IGFuIGV4cg=='"],
)
def test_a_module_without_a_panorama_is_refused(module):
    with pytest.raises(UnsafePackageError, match="panorama m: found no"):
        read_module(module, "m")
