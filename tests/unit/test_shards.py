"""Webdataset shards: what becomes a venue, and archives that a stranger made."""

import re
import struct
import tarfile
from pathlib import Path
from typing import Any

import pytest

from ingest.sources import FoundVenue, Unreadable, open_source, samples, tar
from ingest.sources.shards import expanded
from tests import hostile
from tests.listings import failure, only, read
from tests.shards import link, write_shard
from venuefinder.errors import InputError
from venuefinder.originals.locations import member_of

PHOTO = hostile.encoded(hostile.textured(), "JPEG")
HALL = {"external_id": "hall", "name": "Hall", "city": "Bath"}


def shard(tmp_path: Path, members: Any, **options: Any) -> Path:
    return write_shard(tmp_path / "a.tar", members, **options)


def test_samples_of_one_id_are_one_venue_wherever_they_stand(tmp_path: Path) -> None:
    path = shard(
        tmp_path,
        {
            "1.jpg": PHOTO,
            "1.json": HALL | {"caption": "The stage"},
            "2.png": PHOTO,
            "2.json": {"external_id": "barn"},
            "x/3.webp": PHOTO,
            "x/3.txt": b" From the yard\n",
            "x/3.json": {"external_id": "hall", "room": "Attic"},
            "4.front.jpg": PHOTO,
            "4.json": {"external_id": "hall", "name": "Hall", "rooms": [{"name": "Attic", "capacity": {"seated": 9}}]},
        },
    )
    hall, barn = read(path)
    assert isinstance(hall, FoundVenue)
    assert isinstance(barn, FoundVenue)
    assert (hall.place, hall.listing.name, hall.listing.city) == ("a.tar:1", "Hall", "Bath")
    assert [(photo.uri, photo.caption) for photo in hall.listing.photos] == [
        ("1.jpg", "The stage"),
        ("4.front.jpg", None),
    ]
    (attic,) = hall.listing.rooms
    assert (attic.capacity.seated, [(photo.uri, photo.caption) for photo in attic.photos]) == (
        9,
        [("x/3.webp", "From the yard")],
    )
    assert (barn.listing.external_id, barn.listing.name) == ("barn", "Barn")


def test_a_photo_is_named_by_its_place_in_the_archive(tmp_path: Path) -> None:
    path = shard(tmp_path, {"1.json": HALL, "1.jpg": PHOTO})
    given = only(path).given["1.jpg"]
    member = member_of(given.file.location)
    assert member is not None
    assert (member.shard, member.size) == (str(path), len(PHOTO))
    assert path.read_bytes()[member.offset : member.offset + member.size] == PHOTO
    assert given.file.mtime_ns == path.stat().st_mtime_ns


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"1.jpg": PHOTO}, r"a\.tar:1: found no 1\.json beside it"),
        ({"1.jpg": PHOTO, "1.json": b"{"}, r"a\.tar:1\.json: not JSON"),
        ({"1.jpg": PHOTO, "1.json": b"[]"}, r"found list, expected one JSON object"),
        ({"1.jpg": PHOTO, "1.json": b"\xff"}, r"not UTF-8"),
        ({"1.jpg": PHOTO, "1.json": {"name": "x"}}, r"external_id: found None"),
        ({"1.jpg": PHOTO, "1.json": HALL | {"colour": 1}}, r"colour: found 1; there is no such field"),
        ({"1.jpg": PHOTO, "1.json": HALL | {"photos": ["/etc/passwd"]}}, r"photos: a venue's photos are the pictures"),
        ({"1.jpg": PHOTO, "1.json": HALL | {"rooms": [{"name": "A", "photos": ["b"]}]}}, r"rooms: found photos"),
        ({"1.jpg": PHOTO, "1.json": HALL | {"rooms": "A"}}, r"rooms: found str, expected a list"),
        ({"1.json": HALL}, r"photos: found none, expected at least one"),
    ],
)
def test_a_sample_that_is_none_says_why(tmp_path: Path, members: Any, message: str) -> None:
    found = [one for one in read(shard(tmp_path, members)) if isinstance(one, Unreadable)]
    assert any(re.search(message, f"{one.place}: {one.reason}") for one in found), found


def test_samples_that_contradict_each_other_are_no_venue(tmp_path: Path) -> None:
    path = shard(tmp_path, {"1.jpg": PHOTO, "1.json": HALL, "2.jpg": PHOTO, "2.json": HALL | {"city": "York"}})
    assert failure(path).reason == "city: found 'Bath' in 1 and 'York' in 2; samples of one venue must agree"


def test_a_venue_lies_in_one_shard(tmp_path: Path) -> None:
    for number in (8, 9, 10):
        write_shard(tmp_path / f"s-{number:03}.tar", {"1.jpg": PHOTO, "1.json": HALL})
    first, second, third, missing = read(tmp_path / "s-{008..011}.tar")
    assert isinstance(first, FoundVenue)
    for again in (second, third):
        assert isinstance(again, Unreadable)
        assert "'hall' is already used by s-008.tar:1" in again.reason
    assert isinstance(missing, Unreadable)
    assert (missing.place, "found no regular file" in missing.reason or "cannot be read" in missing.reason) == (
        "s-011.tar",
        True,
    )
    assert open_source(tmp_path / "s-{008..011}.tar").identity == str(tmp_path / "s-{008..011}.tar")


def test_braces_name_many() -> None:
    assert expanded("a-{08..10}.tar") == ["a-08.tar", "a-09.tar", "a-10.tar"]
    assert expanded("{0..1}/{9..10}.tar") == ["0/9.tar", "0/10.tar", "1/9.tar", "1/10.tar"]
    assert expanded("a.tar") == ["a.tar"]
    for pattern in ("{5..1}.tar", "{0..999999999}.tar", "{0..999}{0..999}.tar"):
        with pytest.raises(InputError, match=r"expected"):
            expanded(pattern)


HOSTILE: dict[str, tuple[tarfile.TarInfo | str, str]] = {
    "a symbolic link": (link("1.jpg", "/etc/passwd"), "a symbolic link, expected a file"),
    "a hard link": (link("1.jpg", "2.jpg", tarfile.LNKTYPE), "a hard link, expected a file"),
    "a device": (link("1.jpg", "", tarfile.CHRTYPE), "a device or pipe, expected a file"),
    "a pipe": (link("1.jpg", "", tarfile.FIFOTYPE), "a device or pipe, expected a file"),
    "an absolute name": ("/etc/1.jpg", "a name that leads out of the archive"),
    "a name that climbs": ("a/../../1.jpg", "a name that leads out of the archive"),
    "a bell": ("1\a.jpg", "a name that cannot be stored"),
    "a long name": (f"{'x' * 3000}.jpg", "a name that cannot be stored"),
}


@pytest.mark.parametrize(("member", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_member_is_refused_alone(tmp_path: Path, member: tarfile.TarInfo | str, reason: str) -> None:
    members = {member: PHOTO} if isinstance(member, str) else {member.name: member}
    refused, good = read(shard(tmp_path, members | {"2.jpg": PHOTO, "2.json": HALL}))
    assert isinstance(refused, Unreadable)
    assert refused.reason.startswith(reason)
    assert isinstance(good, FoundVenue)
    assert [photo.uri for photo in good.listing.photos] == ["2.jpg"]


def broken(tmp_path: Path, change: Any) -> list[Any]:
    """Return what is found in a shard of a good sample and a bad one, after a change of its bytes."""
    path = shard(tmp_path, {"1.json": HALL, "1.jpg": PHOTO, "2.json": {"external_id": "barn"}, "2.jpg": PHOTO})
    path.write_bytes(change(path.read_bytes()))
    return read(path)


def at_second(data: bytes) -> int:
    return data.index(b"2.json")


def with_size(data: bytes, size: bytes) -> bytes:
    """Change the size that the second sample's header claims, checksum and all."""
    start = at_second(data)
    header = bytearray(data[start : start + 512])
    header[124:136] = size
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    return data[:start] + bytes(header) + data[start + 512 :]


CUT: dict[str, Any] = {
    "at a header": lambda data: data[: at_second(data)],
    "within a header": lambda data: data[: at_second(data) + 100],
    "within a photo": lambda data: data[: data.index(b"2.jpg") + 700],
    "no header": lambda data: data[: at_second(data)] + b"x" * 5000,
    "a wrong checksum": lambda data: data.replace(b"2.json", b"3.json"),
    "a size of eight exabytes": lambda data: with_size(data, b"\x80" + b"\0" * 3 + struct.pack(">Q", 2**63 - 1)),
    "a size below zero": lambda data: with_size(data, b"\xff" * 11 + b"\0"),
}


@pytest.mark.parametrize("change", CUT.values(), ids=CUT)
def test_a_broken_archive_gives_what_came_before(tmp_path: Path, change: Any) -> None:
    good, *rest = broken(tmp_path, change)
    assert isinstance(good, FoundVenue)
    assert good.listing.external_id == "hall"
    assert all(isinstance(one, Unreadable) for one in rest)
    assert "; what follows was not read" in rest[-1].reason


@pytest.mark.parametrize("content", [b"", b"<html>" * 500, b"\x1f\x8b" + bytes(2000), PHOTO])
def test_what_is_no_archive_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(content)
    found = failure(path)
    assert found.place == "a.tar"
    assert "not a tar archive that can be read" in found.reason


def test_headers_have_a_budget(tmp_path: Path) -> None:
    """An extended header is read whole into memory, whatever size it claims."""
    huge = tarfile.TarInfo("1.jpg")
    huge.pax_headers = {"comment": "x" * 3_000_000}
    path = shard(tmp_path, {"0.json": HALL, "0.jpg": PHOTO, "1.jpg": huge}, format=tarfile.PAX_FORMAT)
    good, rest = read(path)
    assert isinstance(good, FoundVenue)
    assert isinstance(rest, Unreadable)
    assert rest.reason.startswith("headers of more than 1,000,000 bytes")


def test_a_sparse_file_is_refused(tmp_path: Path) -> None:
    """Its map, not its bytes, says how large it is: a few bytes claim terabytes of zeros."""
    sparse = tarfile.TarInfo("1.jpg")
    sparse.pax_headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": str(10**15), "GNU.sparse.numblocks": "1"}
    path = shard(tmp_path, {"1.jpg": sparse, "2.json": HALL, "2.jpg": PHOTO}, format=tarfile.PAX_FORMAT)
    refused, good = read(path)
    assert isinstance(refused, Unreadable)
    assert refused.reason.startswith("a sparse file, expected a file")
    assert isinstance(good, FoundVenue)


def test_a_shard_may_hold_so_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shard(tmp_path, {f"{number}.jpg": PHOTO for number in range(5)})
    monkeypatch.setattr(samples, "MAX_FILES", 3)
    assert "write smaller shards" in read(path)[-1].reason  # type: ignore[union-attr]
    path = shard(tmp_path, {"1.json": HALL | {"description": "x" * 5000}, "1.jpg": PHOTO})
    monkeypatch.setattr(samples, "MAX_FIELDS", 1000)
    assert any("at most 1,000 expected" in one.reason for one in read(path) if isinstance(one, Unreadable))
    assert tar.HEADER_BYTES == 1_000_000
