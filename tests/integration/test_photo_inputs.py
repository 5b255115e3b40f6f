"""Photos as models get them: from real files and a real database."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.catalogues import VENUES, paint, run, write_folder
from venuefinder.bootstrap import Services
from venuefinder.errors import ImageError
from venuefinder.testing import FakeEncoder


def test_photos_come_in_listing_order_with_embeddings_and_captions(services: Services, tmp_path: Path) -> None:
    venue = {**VENUES["red-barn"], "photos": {"front.jpg": "red", "yard.jpg": "green"}}
    folder = write_folder(tmp_path / "venues", {"red-barn": venue})
    run(services, folder)
    found = services.photo_inputs.of(["red-barn", "nowhere"])
    assert list(found) == ["red-barn"]
    stored = services.venues.known(["red-barn"])["red-barn"]
    assert found["red-barn"].venue == stored.venue
    photos = found["red-barn"].photos
    assert [photo.photo_id for photo in photos] == [photo.id for photo in stored.photos.values()]
    encoded = FakeEncoder().encode_images([photo.open(10_000) for photo in photos])
    given = np.array([photo.embeddings for photo in photos])
    np.testing.assert_allclose(given, encoded, atol=1e-2)


def test_a_photo_that_no_encoder_of_now_has_embedded_has_no_embeddings(services: Services, folder: Path) -> None:
    run(services, folder)
    other = Services(services.settings, encoder=FakeEncoder(weights="other"), database=services.database)
    assert {photo.embeddings for photo in other.photo_inputs.of(["red-barn"])["red-barn"].photos} == {None}


@pytest.mark.parametrize("size", [(1200, 900), (900, 1200), (4000, 100), (20, 16)])
@pytest.mark.parametrize("pixels", [1, 50_176, 10_000_000])
def test_photos_are_decoded_to_about_what_was_asked(
    services: Services, tmp_path: Path, size: tuple[int, int], pixels: int
) -> None:
    path = tmp_path / "venues" / "hall" / "a.jpg"
    paint(path, "red", size=size)
    (path.parent / "venue.json").write_text('{"name": "Hall"}')
    run(services, tmp_path / "venues")
    image = services.photo_inputs.of(["hall"])["hall"].photos[0].open(pixels)
    wanted = min(pixels, size[0] * size[1])
    assert image.mode == "RGB"
    assert wanted <= image.width * image.height <= wanted + 2 * max(size)
    assert abs(image.width * size[1] - image.height * size[0]) <= 2 * max(size)


def test_a_photo_lying_on_its_side_comes_upright(services: Services, tmp_path: Path) -> None:
    folder = tmp_path / "venues" / "hall"
    folder.mkdir(parents=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (400, 100), "red").save(folder / "a.jpg", exif=exif)
    run(services, tmp_path / "venues")
    photo = services.photo_inputs.of(["hall"])["hall"].photos[0]
    assert (photo.width, photo.height) == (100, 400)
    assert photo.open(10_000).size == (50, 200)


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda path: path.unlink(), "no such file"),
        (lambda path: path.write_bytes(b"\xff\xd8\xff garbage"), "JPEG"),
        (lambda path: paint(path, "blue"), "changed since it was ingested; run venuefinder ingest again"),
    ],
)
def test_an_original_that_is_no_longer_that_photo_is_refused(
    services: Services, folder: Path, harm: object, reason: str
) -> None:
    run(services, folder)
    photo = services.photo_inputs.of(["white-loft"])["white-loft"].photos[0]
    assert callable(harm)
    harm(folder / "white-loft" / "loft.jpg")
    with pytest.raises(ImageError, match=reason) as refused:
        photo.open(1_000)
    assert str(folder) not in str(refused.value)
