"""Photos as strangers send them: odd, broken and hostile. Made in code, the same on every run."""

import io
import random
import struct
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageDraw

RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 170, 20), (20, 20, 220), (250, 250, 250)
SIZE = (64, 48)
"""Of the odd photos, upright: width and height in pixels."""
CORRUPT_EXIF = b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01"
"""A directory of 65,535 entries, of which none is there."""
UNDO = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera that writes this EXIF orientation stores an upright picture."""


def corners(size: tuple[int, int] = SIZE) -> Image.Image:
    """Paint four quarters: red, green / blue, white."""
    width, height = size
    image = Image.new("RGB", size, WHITE)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 2 - 1, height // 2 - 1), RED)
    draw.rectangle((width // 2, 0, width, height // 2 - 1), GREEN)
    draw.rectangle((0, height // 2, width // 2 - 1, height), BLUE)
    return image


@cache
def textured(size: tuple[int, int] = (160, 120)) -> Image.Image:
    """Paint something with edges and grain, so that its files have bytes worth breaking."""
    noise = np.random.default_rng(7).normal(0, 12, (size[1], size[0], 3))
    return Image.fromarray((np.asarray(corners(size)) + noise).clip(0, 255).astype(np.uint8))


def encoded(image: Image.Image, name: str, **options: Any) -> bytes:
    """Write an image in a format, by Pillow's name for it."""
    if name == "HEIF":
        pillow_heif.register_heif_opener()
    target = io.BytesIO()
    image.copy().save(target, name, **options)  # a copy: Pillow leaves the encoder's settings on what it saved
    return target.getvalue()


def oriented(name: str, orientation: int) -> bytes:
    """Store `corners` turned, with the EXIF orientation that says how."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    undo = UNDO[orientation]
    stored = corners() if undo is None else corners().transpose(undo)
    return encoded(stored, name, exif=exif.tobytes(), **({} if name in ("TIFF", "PNG") else {"quality": 95}))


@cache
def odd_photos() -> dict[str, bytes]:
    """Return valid photos of every unusual sort; each shows `corners`, in colour or in grey."""
    return coloured_photos() | grey_photos()


@cache
def coloured_photos() -> dict[str, bytes]:
    """Return odd photos in colour."""
    image = corners()
    clear = image.convert("RGBA")
    frames = {"save_all": True, "append_images": [Image.new("RGB", SIZE, "black")], "duration": 100}
    return {
        "jpeg progressive": encoded(image, "JPEG", quality=95, progressive=True),
        "jpeg exif corrupt": encoded(image, "JPEG", quality=95, exif=CORRUPT_EXIF),
        "jpeg cmyk": cmyk_jpeg(image),
        "jpeg cmyk without adobe": without_adobe(cmyk_jpeg(image)),
        "jpeg ycck": ycck_jpeg(image),
        "jpeg multi-picture": encoded(image, "MPO", save_all=True, append_images=[image.copy()], quality=95),
        "jpeg with a zip after it": encoded(image, "JPEG", quality=95) + b"PK\x03\x04" + bytes(400),
        "jpeg icc broken": encoded(image, "JPEG", quality=95, icc_profile=b"not a profile" * 40),
        "png palette": encoded(image.quantize(), "PNG"),
        "png palette transparency": encoded(image.quantize(), "PNG", transparency=bytes([254] * 4)),
        "png 16 bit": deep_png(image),
        "png rgba": encoded(clear, "PNG"),
        "png colour key": encoded(image, "PNG", transparency=(1, 2, 3)),
        "png animated": encoded(image, "PNG", **frames),
        "gif animated": encoded(image, "GIF", **frames),
        "webp": encoded(image, "WEBP", quality=95),
        "webp animated lossless": encoded(image, "WEBP", lossless=True, **frames),
        "webp alpha": encoded(clear, "WEBP", lossless=True),
        "avif": encoded(image, "AVIF", quality=95),
        "avif animated": encoded(image, "AVIF", quality=95, **frames),
        "heif": encoded(image, "HEIF", quality=95),
        "tiff lzw": encoded(image, "TIFF", compression="tiff_lzw"),
        "tiff jpeg": encoded(image, "TIFF", compression="jpeg", quality=95),
        "tiff deflate": encoded(image, "TIFF", compression="tiff_adobe_deflate"),
        "tiff many pages": encoded(image, "TIFF", save_all=True, append_images=[image.convert("L")] * 30),
        "tiff cmyk": encoded(cmyk(image), "TIFF"),
        "tiff lab": encoded(lab(image), "TIFF"),
    }


@cache
def grey_photos() -> dict[str, bytes]:
    """Return odd photos without colour."""
    grey = corners().convert("L")
    samples = np.asarray(grey)
    return {
        "jpeg grey": encoded(grey, "JPEG", quality=95),
        "png 1 bit": encoded(grey.convert("1"), "PNG"),
        "png 16 bit grey": encoded(deep_grey(grey), "PNG"),
        "png la": encoded(grey.convert("LA"), "PNG"),
        "tiff 16 bit": encoded(deep_grey(grey), "TIFF"),
        "tiff 32 bit": encoded(Image.fromarray(samples.astype(np.int32) * 257), "TIFF"),
        "tiff float": encoded(Image.fromarray(samples.astype(np.float32) / 255), "TIFF"),
        "tiff float nan": encoded(with_nan(grey), "TIFF"),
    }


def cmyk(image: Image.Image) -> Image.Image:
    """Separate without black: cyan is what red is not."""
    red, green, blue = (255 - np.asarray(image, dtype=np.uint8)).transpose(2, 0, 1)
    return Image.merge("CMYK", [Image.fromarray(band) for band in (red, green, blue, np.zeros_like(red))])


def cmyk_jpeg(image: Image.Image) -> bytes:
    """Write inverted CMYK with Adobe's marker, as Photoshop and Pillow do."""
    return encoded(cmyk(image), "JPEG", quality=95, subsampling=0)


def without_adobe(jpeg: bytes) -> bytes:
    """Cut the APP14 segment out."""
    start = jpeg.index(b"\xff\xee")
    return jpeg[:start] + jpeg[start + 2 + int.from_bytes(jpeg[start + 2 : start + 4], "big") :]


def ycck_jpeg(image: Image.Image) -> bytes:
    """Write the same inverted CMYK with its first three planes as YCbCr (Adobe's transform 2)."""
    # Decoders turn YCbCr to RGB and complement it: what is stored inverted is then the RGB itself, complemented.
    planes = Image.fromarray(255 - np.asarray(image)).convert("YCbCr").split()
    black = Image.new("L", image.size, 255)
    stored = Image.merge("CMYK", [*planes, black])
    inverted = Image.fromarray(255 - np.asarray(stored), mode="CMYK")
    jpeg = bytearray(encoded(inverted, "JPEG", quality=95, subsampling=0))
    jpeg[jpeg.index(b"Adobe") + 11] = 2
    return bytes(jpeg)


def lab(image: Image.Image) -> Image.Image:
    """Convert to CIE L*a*b*."""
    spaces = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    return ImageCms.ImageCmsTransform(*map(ImageCms.ImageCmsProfile, spaces), "RGB", "LAB").apply(image)


def deep_grey(grey: Image.Image) -> Image.Image:
    """Spread 8 bits over 16."""
    return Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)


def with_nan(grey: Image.Image) -> Image.Image:
    """Put a hole into floating-point samples of 0 to 255."""
    samples = np.asarray(grey).astype(np.float32)
    samples[40, 40] = np.nan
    return Image.fromarray(samples)


def chunk(name: bytes, body: bytes) -> bytes:
    """Write one PNG chunk."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *, depth: int, colour: int, rows: bytes, extra: bytes = b"") -> bytes:
    """Write a PNG by hand; `rows` each start with their filter byte."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def deep_png(image: Image.Image) -> bytes:
    """Write RGB of 16 bits a sample, which Pillow cannot."""
    samples = (np.asarray(image).astype(">u2") * 257).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in samples)
    return png(*image.size, depth=16, colour=2, rows=rows)


def png_bomb(side: int) -> bytes:
    """Write a small file of side x side black pixels, 1 bit each."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    packed = b"".join(packer.compress(row * 100) for _ in range(side // 100)) + packer.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def swapped_profile() -> bytes:
    """Return an RGB profile whose red primary is sRGB's green, and the other way round."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    table = {
        bytes(profile[at : at + 4]): at + 4 for at in range(132, 132 + 12 * int.from_bytes(profile[128:132], "big"), 12)
    }
    red, green = table[b"rXYZ"], table[b"gXYZ"]
    profile[red : red + 8], profile[green : green + 8] = profile[green : green + 8], profile[red : red + 8]
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "GRBs".encode("utf-16-be"))


@cache
def strangers() -> dict[str, tuple[bytes, str]]:
    """Return files that are no photos, each with words that its refusal must hold."""
    photo = encoded(corners(), "JPEG")
    return {
        "nothing": (b"", "empty file"),
        "zeros": (bytes(5000), "zeros"),
        "html": (b"<!DOCTYPE html><html><title>404</title></html>", "an HTML page"),
        "html with a mark": ("\ufeff\n <HTML><body>Not found</body></html>".encode(), "an HTML page"),
        "svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"></svg>', "an SVG drawing"),
        "zip": (b"PK\x03\x04" + bytes(100), "a ZIP archive"),
        "zip with a jpeg": (b"PK\x03\x04" + bytes(26) + photo, "a ZIP archive"),
        "tar": (b"photo.jpg".ljust(257, b"\0") + b"ustar\x0000" + bytes(247) + photo, "an unknown kind of file"),
        "pdf": (b"%PDF-1.7\n%", "a PDF"),
        "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) run", "a PostScript file"),
        "psd": (b"8BPS\0\x01" + bytes(40), "a Photoshop document"),
        "bmp": (encoded(corners(), "BMP"), "a BMP bitmap"),
        "jpeg 2000": (encoded(corners(), "JPEG2000"), "a JPEG 2000 image"),
        "bigtiff": (encoded(corners(), "TIFF", big_tiff=True), "a BigTIFF"),
        "mp4": (b"\0\0\0\x18ftypisom" + bytes(100), "a video"),
        "wav": (b"RIFF\x24\0\0\0WAVEfmt " + bytes(100), "a RIFF file"),
        "json": (b'{"error": "not found"}', "a JSON document"),
        "text": (b"Bad gateway", "text"),
        "program": (b"\x7fELF" + bytes(100), "a program"),
        "random": (_chance(1).randbytes(4000), "an unknown kind of file"),
    }


@cache
def costly() -> dict[str, tuple[bytes, str]]:
    """Return files cheap to send and dear to read, each with words that its refusal must hold."""
    jpeg, still = encoded(textured(), "JPEG"), encoded(corners(), "PNG")
    progressive = encoded(textured(), "JPEG", progressive=True)
    last_scan = progressive[progressive.rindex(b"\xff\xda") : -2]
    exif = b"\xff\xe1\xff\xfdExif\0\0" + bytes(65525)
    text = chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(30_000_000)))
    profile = chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(30_000_000)))
    return {
        "png of 2,500 megapixels": (png_bomb(50_000), "2,500 megapixels (50,000 x 50,000), at most 100 allowed"),
        "webp of 268 megapixels": (webp_canvas(16_384, 16_384), "at most 100 allowed"),
        "gif of 4,295 megapixels": (patched(encoded(corners(), "GIF"), 6, b"\xff\xff\xff\xff"), "at most 100 allowed"),
        "avif of 1,074 megapixels": (announcing(encoded(corners(), "AVIF"), 32_768), "1,074 megapixels"),
        "heif of 1,074 megapixels": (announcing(encoded(corners(), "HEIF"), 32_768), "1,074 megapixels"),
        "ribbon": (encoded(Image.new("L", (65_500, 40)), "JPEG"), "65,500 x 40 pixels"),
        "pixel": (encoded(Image.new("RGB", (1, 1)), "PNG"), "1 x 1 pixels, at least 16"),
        "text of 30 MB in a png": (still[:33] + text + still[33:], "broken PNG"),
        "profile of 30 MB in a png": (still[:33] + profile + still[33:], "broken PNG"),
        "chunks": (still[:33] + chunk(b"teSt", b"") * 500_000 + still[33:], "segments"),
        "fill bytes": (jpeg[:2] + b"\xff" * 3_000_000 + jpeg[2:], "segments"),
        "exif segments": (jpeg[:2] + exif * 120 + jpeg[2:], "120 EXIF segments"),
        "scans": (progressive[:-2] + last_scan * 300 + progressive[-2:], "scans, at most 100"),
        "strips": (long_tag(273, 300_000), "TIFF tag 273 of 300,000 values"),
        "fax": (encoded(corners().convert("1"), "TIFF", compression="group4"), "TIFF compressed by group4"),
        "tiff without a directory": (b"II*\0\xff\xff\xff\x7f", "truncated TIFF"),
    }


def patched(data: bytes, at: int, replacement: bytes) -> bytes:
    """Overwrite a few bytes."""
    return data[:at] + replacement + data[at + len(replacement) :]


def webp_canvas(width: int, height: int) -> bytes:
    """Write an extended WebP header that announces a canvas, around a small picture."""
    frame = encoded(corners(), "WEBP")[12:]
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + sides + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


def announcing(heif: bytes, side: int) -> bytes:
    """Overwrite the picture's size in the container (`ispe`), not in the codec's own header."""
    return patched(heif, heif.index(b"ispe") + 8, struct.pack(">II", side, side))


def long_tag(tag: int, count: int) -> bytes:
    """Write a TIFF of 16 x 16 pixels, one tag of which is a list of `count` numbers."""
    tags = {256: 16, 257: 16, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 16, 279: 256}
    end = 8 + 2 + 12 * len(tags) + 4
    entries = [
        struct.pack("<HHII", number, 4, count if number == tag else 1, end if number == tag else value)
        for number, value in tags.items()
    ]
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + b"".join(entries) + bytes(4 + 4 * count)


def mutations(count: int, seed: int = 20_260) -> Iterator[tuple[str, bytes]]:
    """Yield `count` broken files: cut short, bits flipped, spans overwritten, repeated or removed, files joined."""
    chance = _chance(seed)
    photos = {**odd_photos(), "jpeg": encoded(textured(), "JPEG"), "png": encoded(textured(), "PNG")}
    names = sorted(photos)
    for number in range(count):
        name = names[number % len(names)]
        kind = chance.choice(("cut", "flip", "header", "overwrite", "repeat", "remove", "join"))
        yield f"{number} {name}: {kind}", _broken(photos[name], kind, chance, photos[chance.choice(names)])


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - damage to repeat, not a secret


def _broken(data: bytes, kind: str, chance: random.Random, other: bytes) -> bytes:
    at = chance.randrange(len(data))
    span = chance.randrange(1, 64)
    if kind == "cut":
        return data[:at]
    if kind == "overwrite":
        return patched(data, at, chance.randbytes(min(span, len(data) - at)))
    if kind == "repeat":
        return data[:at] + data[at : at + span] * chance.randrange(2, 50) + data[at + span :]
    if kind == "remove":
        return data[:at] + data[at + span :]
    if kind == "join":
        return data[:at] + other[chance.randrange(len(other)) :]
    reach = min(len(data), 400) if kind == "header" else len(data)
    flipped = bytearray(data)
    for _ in range(chance.randrange(1, 12)):
        flipped[chance.randrange(reach)] ^= 1 << chance.randrange(8)
    return bytes(flipped)
