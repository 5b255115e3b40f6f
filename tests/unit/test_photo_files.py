"""Reading photos from folders that strangers fill, and what a hostile file may cost."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import hostile
from venuefinder.errors import ImageError
from venuefinder.images import decode_photo, read_photo

LIMIT = 100_000


def test_reads_a_file_whole(tmp_path: Path) -> None:
    photo = tmp_path / "Größe, 会場 & co.jpg"
    photo.write_bytes(b"x" * LIMIT)
    assert read_photo(photo, max_bytes=LIMIT, root=tmp_path) == b"x" * LIMIT


def test_refuses_a_file_too_large_unread(tmp_path: Path) -> None:
    photo = tmp_path / "huge.jpg"
    with photo.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(ImageError, match="1,000,000,000,000 bytes, at most 100,000 allowed"):
        read_photo(photo, max_bytes=LIMIT)


def test_refuses_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(ImageError, match="empty file"):
        read_photo(tmp_path / "empty.jpg", max_bytes=LIMIT)


@pytest.mark.parametrize("kind", ["a folder", "a named pipe", "a socket", "a device"])
def test_refuses_what_is_no_regular_file(tmp_path: Path, kind: str) -> None:
    """Opening a pipe that nobody writes to would wait for ever."""
    path = tmp_path / "p.jpg"
    if kind == "a folder":
        path.mkdir()
    elif kind == "a named pipe":
        os.mkfifo(path)
    elif kind == "a socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
    else:
        path = Path(os.devnull)
    with pytest.raises(ImageError, match=f"{kind}, expected a photo|No such device or address"):
        read_photo(path, max_bytes=LIMIT)


@pytest.mark.parametrize("name", ["missing.jpg", "nul\0byte.jpg", "long" * 1000 + ".jpg", "file.txt/photo.jpg"])
def test_refuses_a_path_that_leads_nowhere(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.txt").write_text("not a folder")
    with pytest.raises(ImageError, match=r"no such file|cannot be read"):
        read_photo(tmp_path / name, max_bytes=LIMIT, root=tmp_path)


def test_follows_links_within_the_source(tmp_path: Path) -> None:
    (tmp_path / "real.jpg").write_bytes(b"photo")
    (tmp_path / "link.jpg").symlink_to("real.jpg")
    assert read_photo(tmp_path / "link.jpg", max_bytes=LIMIT, root=tmp_path) == b"photo"


@pytest.mark.parametrize("target", ["../secret.jpg", "{secret}", "folder/secret.jpg", "../venues-other/secret.jpg"])
def test_refuses_links_out_of_the_source(tmp_path: Path, target: str) -> None:
    root, other = tmp_path / "venues", tmp_path / "venues-other"
    root.mkdir()
    other.mkdir()
    for secret in (tmp_path / "secret.jpg", other / "secret.jpg"):
        secret.write_bytes(b"secret")
    (root / "folder").symlink_to(tmp_path)
    (root / "p.jpg").symlink_to(target.format(secret=tmp_path / "secret.jpg"))
    assert read_photo(root / "p.jpg", max_bytes=LIMIT) == b"secret"
    with pytest.raises(ImageError, match="leads out of the source folder"):
        read_photo(root / "p.jpg", max_bytes=LIMIT, root=root)


def test_refuses_dots_out_of_the_source(tmp_path: Path) -> None:
    (tmp_path / "venues").mkdir()
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    with pytest.raises(ImageError, match="leads out of the source folder"):
        read_photo(tmp_path / "venues" / ".." / "secret.jpg", max_bytes=LIMIT, root=tmp_path / "venues")


def test_accepts_a_source_that_is_itself_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "p.jpg").write_bytes(b"photo")
    (tmp_path / "venues").symlink_to("disk")
    assert read_photo(tmp_path / "venues" / "p.jpg", max_bytes=LIMIT, root=tmp_path / "venues") == b"photo"


def test_refuses_a_loop_of_links(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").symlink_to("b.jpg")
    (tmp_path / "b.jpg").symlink_to("a.jpg")
    with pytest.raises(ImageError, match=r"loop|symbolic links"):
        read_photo(tmp_path / "a.jpg", max_bytes=LIMIT, root=tmp_path)


@pytest.mark.parametrize("change", ["grows", "shrinks", "is rewritten"])
def test_notices_a_file_that_changes_while_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    photo = tmp_path / "uploading.jpg"
    photo.write_bytes(b"x" * 5000)
    look, looks = os.fstat, []

    def look_then_change(descriptor: int) -> os.stat_result:
        result = look(descriptor)
        looks.append(result)
        if len(looks) == 1:
            photo.write_bytes(b"y" * {"grows": 9000, "shrinks": 100, "is rewritten": 5000}[change])
            os.utime(photo, ns=(0, result.st_mtime_ns + 1))
        return result

    monkeypatch.setattr(os, "fstat", look_then_change)
    with pytest.raises(ImageError, match="changed while it was read"):
        read_photo(photo, max_bytes=LIMIT)


@pytest.mark.parametrize("name", hostile.costly())
def test_refuses_what_would_cost_too_much(name: str) -> None:
    data, words = hostile.costly()[name]
    with pytest.raises(ImageError) as refusal:
        decode_photo(data, max_pixels=100_000_000)
    assert words in str(refusal.value)


def test_refuses_bombs_in_little_memory(tmp_path: Path) -> None:
    """In a process that may grow by 256 MB only, each is still refused for what it is, not for want of memory."""
    for number, (data, _) in enumerate(hostile.costly().values()):
        (tmp_path / f"{number:02}").write_bytes(data)
    program = """
import resource, sys
from pathlib import Path
import psutil
from venuefinder.errors import ImageError
from venuefinder.images import decode_photo

for path in sorted(Path(sys.argv[1]).iterdir()):
    data = path.read_bytes()
    room = psutil.Process().memory_info().vms + 256_000_000
    resource.setrlimit(resource.RLIMIT_AS, (room, resource.RLIM_INFINITY))
    try:
        decode_photo(data, max_pixels=100_000_000)
    except ImageError as error:
        print("memory" if "memory" in str(error).lower() else "refused")
"""
    command = [sys.executable, "-W", "error", "-c", program, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout.split() == ["refused"] * len(hostile.costly()), result.stderr
