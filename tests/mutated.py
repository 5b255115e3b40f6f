"""Files that were photos, or pretend to be: damaged, rewritten where lengths stand, two formats in one, far too large.

By thousands, the same on every run. `hostile` has the single cases that each stand for one limit.
"""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from tests import hostile

SEED = 20_261
EXTENSIONS = ("jpg", "png", "webp", "gif", "tif", "heic", "avif", "txt", "exe", "JPEG")
LENGTHS = (0, 1, 2, 3, 7, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
"""What is written where a length, a count or an offset stands."""
SIDES = (16, 40, 1_000, 16_383, 32_768, 65_500, 65_535)
"""Pixels."""


class Mutated(NamedTuple):
    """One file; `kind` says what was done to it."""

    name: str
    kind: str
    data: bytes


def mutated(count: int, seed: int = SEED) -> Iterator[Mutated]:
    """Yield `count` files of every kind in turn, under an extension that is mostly wrong."""
    chance = random.Random(seed)  # noqa: S311 - damage to repeat, no secret
    damaged = hostile.mutations(count, seed)
    turns = [kind for kind, (often, _) in KINDS.items() for _ in range(often)]
    for number in range(count):
        kind = turns[number % len(turns)]
        data = next(damaged)[1] if kind == "damaged" else KINDS[kind][1](chance)
        yield Mutated(f"{number:05}.{chance.choice(EXTENSIONS)}", kind, data)


def write_mutated(root: Path, count: int, *, a_venue: int = 50, seed: int = SEED) -> Path:
    """Write a folder of venues with so many mutated files, `a_venue` in each."""
    for number, file in enumerate(mutated(count, seed)):
        folder = root / f"v{number // a_venue:04}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file.name).write_bytes(file.data)
    return root


@cache
def photos() -> tuple[bytes, ...]:
    """Return sound photos of every format and sort."""
    textured = tuple(hostile.encoded(hostile.textured(), name) for name in ("JPEG", "PNG", "WEBP", "TIFF", "HEIF"))
    return (*hostile.odd_photos().values(), *textured)


@cache
def too_much() -> tuple[bytes, ...]:
    """Return files that are cheap to send and dear to read."""
    return tuple(data for data, _ in hostile.costly().values())


def _lengths(chance: random.Random) -> bytes:
    """Overwrite two or four bytes, mostly near the start, where formats keep lengths, counts and offsets."""
    data = bytearray(chance.choice(photos()))
    for _ in range(chance.randrange(1, 4)):
        value, order, wide = chance.choice(LENGTHS), chance.choice("<>"), chance.choice((True, False))
        packed = struct.pack(f"{order}{'I' if wide else 'H'}", value if wide else value & 0xFFFF)
        at = chance.randrange(2, max(3, min(len(data), chance.choice((100, 1_000, 100_000))) - 4))
        data[at : at + len(packed)] = packed
    return bytes(data)


def _chunks(chance: random.Random) -> bytes:
    """Change a PNG behind its checksums: sizes, depths and data that fit each other as little as they like."""
    depth, colour = chance.choice((1, 2, 4, 8, 16)), chance.choice((0, 2, 3, 4, 6))
    width, height = chance.choice(SIDES), chance.choice(SIDES)
    rows = chance.randbytes(chance.randrange(1, 4_000)) if chance.random() < 0.5 else bytes(100_000)
    palette = hostile.chunk(b"PLTE", chance.randbytes(3 * chance.randrange(1, 300)))
    text = hostile.chunk(chance.choice((b"iCCP", b"zTXt", b"eXIf", b"tRNS", b"acTL")), chance.randbytes(60))
    extra = b"".join(chance.sample((palette, text, b""), 2))
    return hostile.png(width, height, depth=depth, colour=colour, rows=rows, extra=extra)


def _polyglot(chance: random.Random) -> bytes:
    """Put a photo behind, before or inside another format."""
    photo = chance.choice(photos())
    page = b"<!DOCTYPE html><script>alert(1)</script>" + bytes(chance.randrange(200))
    pdf = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n" + chance.randbytes(50)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("photo.jpg", photo)
    other = chance.choice((page, pdf, archive.getvalue(), b"#!/bin/sh\nexit 1\n", b"GIF89a", b"\xff\xd8\xff\xe0"))
    return chance.choice((other + photo, photo + other, photo[:20] + other + photo[20:]))


def _sides(chance: random.Random) -> bytes:
    """Announce sides up to the largest a format can, with the data of a small picture or of none."""
    width, height = chance.choice(SIDES), chance.choice(SIDES)
    jpeg = hostile.encoded(hostile.corners(), "JPEG")
    frame = jpeg.index(b"\xff\xc0") + 5
    gif = hostile.encoded(hostile.corners(), "GIF")
    tiff = hostile.encoded(hostile.corners(), "TIFF")
    made: tuple[Callable[[], bytes], ...] = (
        lambda: hostile.patched(jpeg, frame, struct.pack(">HH", height, width)),
        lambda: hostile.patched(gif, 6, struct.pack("<HH", width, height)),
        lambda: hostile.webp_canvas(width, height),
        lambda: hostile.announcing(hostile.encoded(hostile.corners(), "AVIF"), width),
        lambda: hostile.announcing(hostile.encoded(hostile.corners(), "HEIF"), width),
        lambda: tiff.replace(struct.pack("<HHIH", 256, 3, 1, 64), struct.pack("<HHIH", 256, 3, 1, width)),
        lambda: hostile.encoded(Image.new("L", (min(width, 65_500), 16)), "JPEG"),
    )
    return chance.choice(made)()


def _bomb(chance: random.Random) -> bytes:
    """Break a few bytes of what is dear to read, or none."""
    data = bytearray(chance.choice(too_much()))
    for _ in range(chance.randrange(3) if data else 0):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def _metadata(chance: random.Random) -> bytes:
    """Carry profiles and EXIF far larger than the picture, true or not."""
    size = chance.choice((10, 3_000, 60_000, 2_000_000))
    filling = bytes(size) if chance.random() < 0.5 else chance.randbytes(size)
    image = hostile.corners()
    made: tuple[Callable[[], bytes], ...] = (
        lambda: hostile.encoded(image, "JPEG", icc_profile=filling),
        lambda: hostile.encoded(image, "JPEG", exif=b"Exif\0\0II*\0" + filling[:60_000]),
        lambda: hostile.encoded(image, "PNG", icc_profile=filling),
        lambda: hostile.encoded(image, "WEBP", icc_profile=filling, exif=b"Exif\0\0" + filling),
        lambda: hostile.encoded(image, "TIFF", icc_profile=filling),
        lambda: _with_chunk(hostile.encoded(image, "PNG"), b"zTXt", b"k\0\0" + zlib.compress(filling)),
    )
    return chance.choice(made)()


def _animated(chance: random.Random) -> bytes:
    """Have many frames, some of them broken."""
    name = chance.choice(("GIF", "PNG", "WEBP", "TIFF", "MPO"))
    frames = [hostile.corners().rotate(90 * number) for number in range(chance.randrange(2, 40))]
    data = bytearray(hostile.encoded(hostile.corners(), name, save_all=True, append_images=frames))
    for _ in range(chance.randrange(4)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def _stranger(chance: random.Random) -> bytes:
    """Be no photo at all."""
    return chance.choice([data for data, _ in hostile.strangers().values()])


def _with_chunk(png: bytes, name: bytes, body: bytes) -> bytes:
    return png[:33] + hostile.chunk(name, body) + png[33:]


KINDS: dict[str, tuple[int, Callable[[random.Random], bytes]]] = {
    "damaged": (4, lambda _: b""),
    "lengths": (4, _lengths),
    "chunks": (4, _chunks),
    "polyglot": (3, _polyglot),
    "sides": (3, _sides),
    "metadata": (2, _metadata),
    "animated": (2, _animated),
    "stranger": (2, _stranger),
    "bomb": (1, _bomb),
}
"""How often in 25, and what makes them."""
