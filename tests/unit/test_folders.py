"""Folders of venues, well-formed and not."""

import json
import os
from pathlib import Path

import pytest

from ingest.planner import plan
from ingest.report import Report
from ingest.sources import FoundVenue, Unreadable, open_source
from ingest.sources.folder import external_id_of
from tests.listings import failure, only, photo, read
from venuefinder.errors import InputError
from venuefinder.records import Failure


def test_a_folder_is_a_venue(tmp_path: Path) -> None:
    photo(tmp_path / "old-mill" / "b.jpg")
    photo(tmp_path / "old-mill" / "attic" / "a.png")
    (tmp_path / "old-mill" / ".DS_Store").write_text("x")
    listing = only(tmp_path).listing
    assert (listing.external_id, listing.name) == ("old-mill", "Old mill")
    assert [reference.uri for reference in listing.photos] == ["b.jpg", "attic/a.png"]


def test_venue_json_gives_the_fields_and_captions(tmp_path: Path) -> None:
    photo(tmp_path / "x" / "a.jpg")
    photo(tmp_path / "x" / "c.jpg")
    fields = {"external_id": "mill", "name": "The Mill", "photos": [{"uri": "c.jpg", "caption": "Yard"}]}
    (tmp_path / "x" / "venue.json").write_text(json.dumps(fields))
    listing = only(tmp_path).listing
    assert listing.name == "The Mill"
    assert [(reference.uri, reference.caption) for reference in listing.photos] == [("c.jpg", "Yard"), ("a.jpg", None)]


def test_photos_of_rooms_are_not_listed_twice(tmp_path: Path) -> None:
    photo(tmp_path / "x" / "a.jpg")
    photo(tmp_path / "x" / "attic.jpg")
    (tmp_path / "x" / "venue.json").write_text(json.dumps({"rooms": [{"name": "Attic", "photos": ["attic.jpg"]}]}))
    assert [(room, ref.uri) for room, ref in only(tmp_path).listing.all_photos()] == [
        (None, "a.jpg"),
        ("Attic", "attic.jpg"),
    ]


@pytest.mark.parametrize("name", ["Café Royal", "Θέατρο", "a/b".replace("/", ":"), "x" * 220])
def test_folder_names_become_distinct_valid_ids(name: str) -> None:
    made = external_id_of(name)
    assert made != external_id_of(name + "!")
    assert 0 < len(made) <= 200


def test_a_folder_without_photos_fails_alone(tmp_path: Path) -> None:
    photo(tmp_path / "good" / "a.jpg")
    (tmp_path / "empty").mkdir()
    bad, good = read(tmp_path)
    assert isinstance(good, FoundVenue)
    assert isinstance(bad, Unreadable)
    assert "found no photos" in bad.reason
    assert "empty" in bad.place


@pytest.mark.parametrize("name", [b"bad\xff.jpg", b"bell\x07.jpg"])
def test_a_file_whose_name_cannot_be_stored_fails_alone(tmp_path: Path, name: bytes) -> None:
    good = photo(tmp_path / "x" / " spaced .jpg")
    Path(os.fsdecode(os.fsencode(good.parent) + b"/" + name)).write_bytes(good.read_bytes())
    work = plan(only(tmp_path), None, source="s", verify=False)
    assert [task.draft.file.location for task in work.tasks] == [str(good)]
    (failed,) = work.failures
    assert failed.reason.startswith("its name cannot be stored: expected at most 2,000 characters of UTF-8")


def test_a_folder_whose_name_is_not_utf8_fails_alone(tmp_path: Path) -> None:
    bytes_path = os.fsencode(tmp_path) + b"/dir\xff"
    photo(Path(os.fsdecode(bytes_path)) / "a.jpg")
    found = failure(tmp_path)
    assert found.reason == "the folder's name is not UTF-8; rename it"
    reported = Report().fail(Failure(found.place, "a\0b", "listing"), is_photo=False)
    assert reported.uri.encode().endswith(b"/dir\\udcff")
    assert reported.reason == "a\\x00b"
    with pytest.raises(InputError, match="its path is not UTF-8"):
        open_source(Path(os.fsdecode(bytes_path)))


def test_links_out_of_the_source_are_refused(tmp_path: Path) -> None:
    """An unpacked archive may hold a link to anywhere; what is ingested is served."""
    photo(tmp_path / "private" / "a.jpg")
    photo(tmp_path / "source" / "good" / "a.jpg")
    (tmp_path / "source" / "stolen").symlink_to(tmp_path / "private")
    good, stolen = read(tmp_path / "source")
    assert isinstance(good, FoundVenue)
    assert isinstance(stolen, Unreadable)
    assert "a link that leads out of the source folder" in stolen.reason


def test_a_venue_json_that_is_no_file_is_refused(tmp_path: Path) -> None:
    """Reading a pipe waits for ever; reading a device never ends."""
    photo(tmp_path / "a" / "a.jpg")
    os.mkfifo(tmp_path / "a" / "venue.json")
    photo(tmp_path / "b" / "b.jpg")
    (tmp_path / "b" / "venue.json").symlink_to("/dev/zero")
    photo(tmp_path / "c" / "c.jpg")
    (tmp_path / "fields.json").write_text("{}")
    (tmp_path / "c" / "venue.json").symlink_to(tmp_path / "fields.json")
    for found in read(tmp_path):
        assert isinstance(found, Unreadable)
        assert found.reason.startswith("venue.json: found no regular file, or a link out of its folder")


def test_a_folder_that_cannot_be_looked_into_fails_its_venue(tmp_path: Path) -> None:
    """Passed over in silence, its photos would count as vanished, and --prune would remove them."""
    venue = photo(tmp_path / "x" / "a.jpg").parent
    before = os.open(".", os.O_RDONLY)
    os.chdir(venue)
    for _ in range(20):  # deeper than a path may be long
        Path("d" * 250).mkdir()
        os.chdir("d" * 250)
    os.fchdir(before)
    os.close(before)
    reason = failure(tmp_path).reason
    assert "cannot be looked into (File name too long)" in reason
    assert len(reason) < 500


def test_what_is_neither_file_nor_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "venues.jsonl")
    with pytest.raises(InputError, match="found neither a folder nor a regular file"):
        open_source(tmp_path / "venues.jsonl")


def test_photos_without_a_venue_folder_are_explained(tmp_path: Path) -> None:
    photo(tmp_path / "a.jpg")
    with pytest.raises(InputError, match="found 1 files and no sub-folder, expected one sub-folder a venue"):
        read(tmp_path)


@pytest.mark.parametrize("text", ["[1]", "{", '{"photos": "a.jpg"}', '{"rooms": 3}', '{"name": ""}', "[" * 100_000])
def test_a_bad_venue_json_fails_its_venue(tmp_path: Path, text: str) -> None:
    photo(tmp_path / "x" / "a.jpg")
    (tmp_path / "x" / "venue.json").write_text(text)
    assert failure(tmp_path).reason


def test_two_folders_with_one_id(tmp_path: Path) -> None:
    for name in "ab":
        photo(tmp_path / name / "a.jpg")
        (tmp_path / name / "venue.json").write_text('{"external_id": "same"}')
    first, second = read(tmp_path)
    assert isinstance(first, FoundVenue)
    assert isinstance(second, Unreadable)
    assert "already used by" in second.reason


def test_a_path_that_the_system_refuses_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: File name too long"):
        open_source(tmp_path / ("x" * 300))
