"""Decoding: every odd photo comes out upright and in its colours, everything else is refused with a reason."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageCms, TiffImagePlugin

from tests import hostile
from venuefinder.errors import ImageError
from venuefinder.images import ALLOWED_FORMATS, DecodedPhoto, decode_photo, photo_size, sniff, thumbnail

MAX_PIXELS = 100_000_000


def decoded(data: bytes, **options: int) -> DecodedPhoto:
    return decode_photo(data, max_pixels=MAX_PIXELS, **options)


def quarters(image: Image.Image) -> np.ndarray:
    """Mean colour of the four quarters, without their edges: float64 [4, 3]."""
    pixels = np.asarray(image, dtype=np.float64)
    height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
    areas = [pixels[top : top + height, left : left + width] for top in (0, height) for left in (0, width)]
    return np.array([area[4:-4, 4:-4].mean(axis=(0, 1)) for area in areas])


def squashed(image: Image.Image) -> np.ndarray:
    return np.asarray(image.resize((64, 64), Image.Resampling.BICUBIC), dtype=np.float64)


def assert_plain(photo: DecodedPhoto) -> None:
    """The image is RGB in memory of its own, with nothing of the file left on it."""
    assert type(photo.image) is Image.Image
    assert photo.image.mode == "RGB"
    assert photo.image.info == {}
    assert photo.format in ALLOWED_FORMATS
    photo.image.getpixel((0, 0))


@pytest.mark.parametrize("name", hostile.coloured_photos())
def test_keeps_colours(name: str) -> None:
    photo = decoded(hostile.coloured_photos()[name])
    assert_plain(photo)
    assert (photo.width, photo.height) == photo.image.size == hostile.SIZE
    expected = np.array([hostile.RED, hostile.GREEN, hostile.BLUE, hostile.WHITE])
    assert np.abs(quarters(photo.image) - expected).max() < 7


@pytest.mark.parametrize("name", hostile.grey_photos())
def test_keeps_greys(name: str) -> None:
    photo = decoded(hostile.grey_photos()[name])
    assert_plain(photo)
    expected = quarters(hostile.corners().convert("L").convert("RGB"))
    # One bit a pixel shows grey as a pattern of dots, which is right only on average.
    assert np.abs(quarters(photo.image) - expected).max() < (25 if "1 bit" in name else 3)


@pytest.mark.parametrize("orientation", hostile.UNDO)
@pytest.mark.parametrize("name", [name for name in ALLOWED_FORMATS if name != "GIF"])
def test_turns_upright(name: str, orientation: int) -> None:
    photo = decoded(hostile.oriented(name, orientation))
    assert (photo.width, photo.height) == photo.image.size == hostile.SIZE
    expected = np.array([hostile.RED, hostile.GREEN, hostile.BLUE, hostile.WHITE])
    assert np.abs(quarters(photo.image) - expected).max() < 7


@pytest.mark.parametrize("orientation", hostile.UNDO)
@pytest.mark.parametrize("name", [name for name in ALLOWED_FORMATS if name != "GIF"])
def test_the_header_alone_tells_the_upright_size(name: str, orientation: int) -> None:
    assert photo_size(hostile.oriented(name, orientation), max_pixels=MAX_PIXELS) == hostile.SIZE


def test_the_size_of_a_photo_is_read_without_decoding_it() -> None:
    cut = hostile.encoded(hostile.textured(), "JPEG")[:-2000]
    with pytest.raises(ImageError, match="truncated"):
        decode_photo(cut, max_pixels=MAX_PIXELS)
    assert photo_size(cut, max_pixels=MAX_PIXELS) == hostile.textured().size


def test_turns_a_draft_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = hostile.corners((640, 480)).transpose(Image.Transpose.ROTATE_90)
    photo = decoded(hostile.encoded(stored, "JPEG", exif=exif), draft=60)
    assert (photo.width, photo.height) == (640, 480)
    assert photo.image.size == (160, 120)
    assert np.abs(quarters(photo.image)[0] - hostile.RED).max() < 7


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_scales_16_bits_to_8_without_clipping(name: str) -> None:
    ramp = np.tile(np.linspace(0, 65535, 256).round().astype(np.uint16), (20, 1))
    photo = decoded(hostile.encoded(Image.fromarray(ramp), name))
    assert np.asarray(photo.image)[10, :, 0].tolist() == list(range(256))


@pytest.mark.parametrize(
    ("black", "white"), [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0), (0.0, 65535.0), (-5000.0, 90000.0), (-3e38, 3e38)]
)
def test_scales_floating_point_of_any_range(black: float, white: float) -> None:
    ramp = np.tile(np.linspace(black / 2, white / 2, 200, dtype=np.float32) * 2, (20, 1))
    shown = np.asarray(decoded(hostile.encoded(Image.fromarray(ramp), "TIFF")).image)[10, :, 0].astype(int)
    assert (shown[0], shown[-1]) == (0, 255)
    assert (np.diff(shown) >= 0).all()


def test_lays_transparency_on_white() -> None:
    clear = hostile.corners().convert("RGBA")
    clear.putalpha(0)
    half = hostile.corners().convert("RGBA")
    half.putalpha(128)
    assert np.asarray(decoded(hostile.encoded(clear, "PNG")).image).min() == 255
    mixed = (np.asarray(hostile.corners(), dtype=np.float64) * 128 + 255 * 127) / 255
    assert np.abs(np.asarray(decoded(hostile.encoded(half, "PNG")).image) - mixed).max() <= 1


def test_applies_the_colour_profile() -> None:
    """The profile calls green what is stored as red; the primaries are pure, so that no gamut clips."""
    stored = Image.new("RGB", (32, 32), (255, 0, 0))
    photo = decoded(hostile.encoded(stored, "PNG", icc_profile=hostile.swapped_profile()))
    red, green, blue = photo.image.getpixel((9, 9))
    assert green > 200
    assert green > 2 * max(red, blue)


def test_leaves_srgb_untouched() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = hostile.textured()
    photo = decoded(hostile.encoded(image, "PNG", icc_profile=profile))
    assert photo.image.tobytes() == image.tobytes()


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_ignores_a_profile_of_another_colour_space(mode: str) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (lab, hostile.swapped_profile())[: 1 if mode == "RGB" else 2]:
        image = hostile.textured().convert(mode)
        photo = decoded(hostile.encoded(image, "PNG", icc_profile=profile))
        assert photo.image.tobytes() == image.convert("RGB").tobytes()


@pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize(("draft", "size"), [(200, (1001, 747)), (186, (500, 373)), (93, (250, 186)), (40, (125, 93))])
def test_drafts_in_proportion(name: str, draft: int, size: tuple[int, int]) -> None:
    """A draft once kept the odd pixels at the edge, which stretched the picture by up to half a per cent."""
    data = hostile.encoded(hostile.textured((1001, 747)), name)
    photo = decoded(data, draft=draft)
    assert (photo.width, photo.height) == (1001, 747)
    assert photo.image.size == size
    assert np.abs(squashed(photo.image) - squashed(decoded(data).image)).mean() < 1


def test_hashes_the_bytes() -> None:
    data = hostile.encoded(hostile.corners(), "JPEG")
    assert decoded(data).content_hash == hashlib.sha256(data).digest()


def test_decodes_alike_in_many_threads() -> None:
    photos = list(hostile.odd_photos().values()) * 4
    alone = [decoded(data).image.tobytes() for data in photos]
    with ThreadPoolExecutor(8) as pool:
        together = [photo.image.tobytes() for photo in pool.map(decoded, photos)]
    assert together == alone


@pytest.mark.parametrize("name", hostile.strangers())
def test_refuses_what_is_no_photo(name: str) -> None:
    data, words = hostile.strangers()[name]
    assert sniff(data) is None
    with pytest.raises(ImageError, match=f"^(found )?.*{words}"):
        decoded(data)


@pytest.mark.parametrize("name", ALLOWED_FORMATS)
def test_refuses_a_truncated_photo(name: str) -> None:
    data = hostile.encoded(hostile.textured(), name)
    assert sniff(data) == name
    for part in np.linspace(0.02, 0.97, 40):
        cut = data[: int(len(data) * part)]
        with pytest.raises(ImageError, match=f"^(truncated|broken) {name}: .+"):
            decoded(cut)


def test_says_how_much_is_missing() -> None:
    data = hostile.encoded(hostile.textured(), "WEBP")
    with pytest.raises(ImageError, match=f"truncated WEBP: 1,000 of {len(data):,} bytes; copy it again"):
        decoded(data[:1000])


def test_refuses_more_pixels_than_asked_for() -> None:
    data = hostile.encoded(hostile.corners((200, 100)), "JPEG")
    assert decode_photo(data, max_pixels=20_000).image.size == (200, 100)
    with pytest.raises(ImageError, match=r"0\.02 megapixels \(200 x 100\), at most 0\.02 allowed"):
        decode_photo(data, max_pixels=19_999)


def test_mutated_photos_decode_or_are_refused() -> None:
    """No other exception, no warning (they are errors here), and what decodes is a whole image."""
    whole, reasons = 0, []
    for _, data in hostile.mutations(3_000):
        try:
            photo = decode_photo(data, max_pixels=1_000_000)
        except ImageError as error:
            reasons.append(str(error))
        else:
            assert_plain(photo)
            whole += 1
    assert whole > 500
    assert len(reasons) > 500
    assert all(5 < len(reason) < 400 and "\n" not in reason for reason in reasons)


def test_keeps_pillow_quiet_about_corrupt_exif() -> None:
    exif = hostile.CORRUPT_EXIF
    with pytest.warns(UserWarning, match="Corrupt EXIF"):
        TiffImagePlugin.ImageFileDirectory_v2(exif[6:14]).load(io.BytesIO(exif[14:]))
    assert decoded(hostile.encoded(hostile.corners(), "JPEG", exif=exif)).image.size == hostile.SIZE


@pytest.mark.parametrize("fmt", ["JPEG", "WEBP"])
def test_thumbnails_are_small_and_anonymous(fmt: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of Jane Doe"
    exif.get_ifd(0x8825)[1] = "N"
    data = hostile.encoded(
        hostile.textured((800, 600)), "JPEG", exif=exif, comment=b"Jane Doe", icc_profile=hostile.swapped_profile()
    )
    small = thumbnail(decoded(data).image, width=200, fmt=fmt)  # type: ignore[arg-type]  # parametrised
    assert b"Jane Doe" not in small
    with Image.open(io.BytesIO(small)) as image:
        assert (image.format, image.size) == (fmt, (200, 150))
        assert not image.getexif()
        assert not {"exif", "icc_profile", "comment", "xmp"} & set(image.info)


def test_thumbnails_drop_a_comment_kept_in_memory() -> None:
    image = hostile.corners()
    image.info["comment"] = b"Jane Doe"
    assert b"Jane Doe" not in thumbnail(image, width=4000)


def test_thumbnails_show_the_photo_and_never_enlarge_it() -> None:
    image = hostile.corners((300, 200))
    with Image.open(io.BytesIO(thumbnail(image, width=4000))) as small:
        assert small.size == (300, 200)
        assert np.abs(quarters(small) - quarters(image)).max() < 7
    with Image.open(io.BytesIO(thumbnail(Image.new("RGB", (5000, 20)), width=64))) as ribbon:
        assert ribbon.size == (64, 1)
