"""Folders and manifests, well-formed and not."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from ingest.planner import plan
from ingest.report import Report
from ingest.sources import Found, FoundVenue, Unreadable, manifest, open_source
from ingest.sources.folder import external_id_of
from venuefinder.errors import InputError

LINE = {
    "external_id": "hall-1",
    "name": "Hall",
    "kind": "Ballroom",
    "city": "Bath",
    "country": "GB",
    "latitude": 51.38,
    "longitude": -2.36,
    "capacity": {"seated": 120},
    "price": {"amount": 4500, "currency": "GBP", "unit": "event", "minimum_hours": 4},
    "amenities": ["Parking", "parking "],
    "attributes": {"floor": 2},
    "rooms": [{"name": "Attic", "capacity": {"standing": 20}, "photos": ["attic.jpg"]}],
    "photos": ["a.jpg", {"uri": "b.jpg", "caption": "The stage"}],
}


def photo(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 48), "red").save(path)
    return path


def read(path: Path) -> list[Found]:
    return list(open_source(path))


def only(path: Path) -> FoundVenue:
    (found,) = read(path)
    assert isinstance(found, FoundVenue), found
    return found


def failure(path: Path) -> Unreadable:
    (found,) = read(path)
    assert isinstance(found, Unreadable), found
    return found


def jsonl(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "venues.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


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
    assert [task.path for task in work.tasks] == [good]
    (failed,) = work.failures
    assert failed.reason.startswith("its name cannot be stored: expected at most 2,000 characters of UTF-8")


def test_a_folder_whose_name_is_not_utf8_fails_alone(tmp_path: Path) -> None:
    bytes_path = os.fsencode(tmp_path) + b"/dir\xff"
    photo(Path(os.fsdecode(bytes_path)) / "a.jpg")
    found = failure(tmp_path)
    assert found.reason == "the folder's name is not UTF-8; rename it"
    reported = Report().fail(found.place, "a\0b", is_photo=False)
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


@pytest.mark.parametrize("excess", [1, 2, 5000])
def test_a_line_that_is_too_long_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, excess: int
) -> None:
    monkeypatch.setattr(manifest, "MAX_LINE", 1000)
    long, good = read(jsonl(tmp_path, "x" * (1000 + excess - 1), LINE))
    assert isinstance(long, Unreadable)
    assert isinstance(good, FoundVenue)
    path = tmp_path / "venues.csv"
    path.write_text(f"external_id,name,photos\na,{'x' * (1000 + excess)},a.jpg\n")
    with pytest.raises(InputError, match=r"venues\.csv:2: more than 1,000 characters"):
        read(path)


def test_a_parquet_file_with_text_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "venues.parquet"
    names = pa.array([b"\xff"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"external_id": ["a"], "name": names, "photos": [["a.jpg"]]}), path)
    with pytest.raises(InputError, match=r"venues\.parquet: not a Parquet file that can be read .*utf-8"):
        read(path)


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


def test_a_jsonl_line_is_a_venue(tmp_path: Path) -> None:
    found = only(jsonl(tmp_path, LINE))
    assert found.place == "venues.jsonl:1"
    assert found.listing.amenities == ("parking",)
    assert found.listing.kind == "ballroom"
    assert found.folder == tmp_path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"latitude": float("nan")}, "latitude: found NaN"),
        ({"latitude": 91}, "latitude: found 91"),
        ({"latitude": None}, "must be given together"),
        ({"capacity": {"seated": -1}}, "capacity.seated: found -1"),
        ({"capacity": {"seated": 1.5}}, "capacity.seated: found 1.5"),
        ({"capacity": {"chairs": 3}}, "no such field"),
        ({"price": {"amount": 1, "currency": "pounds"}}, "price.currency"),
        ({"price": {"amount": -1, "currency": "GBP"}}, "price.amount: found -1"),
        ({"external_id": "a b"}, "external_id"),
        ({"name": "  "}, "name"),
        ({"name": "a\u0000b"}, "control character"),
        ({"photos": [], "rooms": []}, "found none, expected at least one"),
        ({"photos": ["a.jpg", "a.jpg"]}, "must be unique"),
        (
            {"rooms": [{"name": room, "photos": [f"{room}{n}.jpg" for n in range(6000)]} for room in "AB"]},
            "found 12,002 with those of the rooms, expected at least one and at most 10,000",
        ),
        ({"rooms": [{"name": "A"}, {"name": "A"}]}, "must be unique"),
        ({"url": "javascript:alert(1)"}, "; URL scheme should be 'http' or 'https'"),
        ({"colour": "red"}, "no such field"),
        ({"country": "United Kingdom"}, "two capital letters are expected, as in GB (ISO 3166-1)"),
        ({"price": {"amount": 1, "currency": "gbp"}}, "three capital letters are expected"),
        ({"photos": "a.jpg"}, 'photos: found "a.jpg"; a list is expected'),
        ({"capacity": 5}, "capacity: found 5; an object is expected"),
        ({"capacity": {"seated": "12"}}, 'capacity.seated: found "12"; a whole number is expected'),
        ({"name": ""}, 'name: found ""; at least one character is expected'),
        ({"attributes": {"a": {"b": 1}}}, 'attributes.a: found {"b": 1}; expected text, a number, true, false or null'),
        ({"attributes": {"a": float("inf")}}, "attributes.a: found Infinity; expected a finite number"),
        ({"attributes": {"a": "\u0000"}}, "attributes.a: found"),
        ({"attributes": {"a": "x" * 5001}}, "expected at most 5000 characters"),
    ],
)
def test_a_bad_field_names_what_was_found(tmp_path: Path, change: dict[str, object], message: str) -> None:
    reason = failure(jsonl(tmp_path, LINE | change)).reason
    assert message in reason


def test_a_line_that_is_not_json_fails_alone(tmp_path: Path) -> None:
    bad, listed, good = read(jsonl(tmp_path, "{oops", "[]", LINE))
    assert isinstance(bad, Unreadable)
    assert bad.place == "venues.jsonl:1"
    assert "not JSON" in bad.reason
    assert isinstance(listed, Unreadable)
    assert isinstance(good, FoundVenue)


def test_a_second_line_with_the_same_id_fails(tmp_path: Path) -> None:
    _, second = read(jsonl(tmp_path, LINE, LINE))
    assert isinstance(second, Unreadable)
    assert second.place == "venues.jsonl:2"
    assert "already used by venues.jsonl:1" in second.reason


def test_csv_has_flat_columns(tmp_path: Path) -> None:
    path = tmp_path / "venues.csv"
    path.write_text(
        "external_id,name,capacity_seated,price_amount,price_currency,amenities,photos,latitude,longitude,attributes\n"
        'hall-1,Hall,120,4500,GBP,parking|bar,a.jpg|b.jpg,51.4,-2.4,"{""floor"": 2}"\n'
        "hall-2,Bare,,,,,c.jpg,,,\n"
    )
    full, bare = read(path)
    assert isinstance(full, FoundVenue)
    assert full.listing.capacity.seated == 120
    assert full.listing.price is not None
    assert full.listing.price.unit == "event"
    assert full.listing.amenities == ("parking", "bar")
    assert [reference.uri for reference in full.listing.photos] == ["a.jpg", "b.jpg"]
    assert full.listing.attributes == {"floor": 2}
    assert isinstance(bare, FoundVenue)
    assert bare.listing.price is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty, expected a first line"),
        ("external_id,name\n", "column 'photos' is missing"),
        ("external_id,name,photos,color\n", "unknown column 'color'"),
        ("external_id,name,photos,photos\n", "column 'photos' is there twice"),
    ],
)
def test_a_wrong_csv_header_stops_before_anything(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "venues.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read(path)


@pytest.mark.parametrize("name", ["venues.jsonl", "venues.csv"])
def test_a_manifest_without_venues_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("" if name.endswith("jsonl") else "external_id,name,photos\n")
    with pytest.raises(InputError, match=f"{name}: found no venues, expected one a line"):
        read(tmp_path / name)


@pytest.mark.parametrize(("separator", "shown"), [(";", "';'"), ("\t", r"'\\t'")])
def test_another_separator_is_named(tmp_path: Path, separator: str, shown: str) -> None:
    path = tmp_path / "venues.csv"
    path.write_text(separator.join(("external_id", "name", "photos")) + "\n")
    with pytest.raises(InputError, match=f"columns are separated by {shown}, expected ','"):
        read(path)


def test_text_in_another_encoding_is_refused_and_not_mangled(tmp_path: Path) -> None:
    path = tmp_path / "venues.csv"
    path.write_bytes("external_id,name,photos\na,Café,a.jpg\nb,Bar,a.jpg\n".encode("latin-1"))
    bad, good = read(path)
    assert isinstance(good, FoundVenue)
    assert isinstance(bad, Unreadable)
    assert (bad.place, bad.reason) == ("venues.csv:2", "name: not UTF-8; save the manifest in UTF-8")
    path.write_text("external_id,name,photos\na,A,a.jpg\n", encoding="utf-16")
    with pytest.raises(InputError, match=r"venues\.csv:1: the first line is not UTF-8"):
        read(path)
    lines = tmp_path / "venues.jsonl"
    lines.write_bytes(json.dumps(LINE | {"name": "Café"}, ensure_ascii=False).encode("latin-1"))
    assert "not UTF-8; save the manifest in UTF-8" in failure(lines).reason


def test_a_line_without_an_end_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.sources.manifest.MAX_LINE", 1000)
    long, good = read(jsonl(tmp_path, "x" * 3500, LINE))
    assert isinstance(long, Unreadable)
    assert (long.place, long.reason) == ("venues.jsonl:1", "more than 1,000 bytes, expected one venue a line")
    assert isinstance(good, FoundVenue)
    assert good.place == "venues.jsonl:2"


def test_a_csv_cell_may_list_many_photos(tmp_path: Path) -> None:
    path = tmp_path / "venues.csv"
    uris = [f"{number:06}-{'x' * 20}.jpg" for number in range(6000)]
    path.write_text(f"external_id,name,photos\na,A,{'|'.join(uris)}\n")
    assert len(only(path).listing.photos) == 6000


def test_a_photo_that_is_missing_names_the_line(tmp_path: Path) -> None:
    work = plan(only(jsonl(tmp_path, LINE | {"photos": ["../a.jpg"]})), None, source="s", verify=False)
    outside, missing = (failed.reason for failed in work.failures)
    assert outside.startswith("named by venues.jsonl:1: it is not a path inside the folder of its listing")
    assert missing == "no such file; named by venues.jsonl:1"


def test_a_bad_csv_line_fails_alone(tmp_path: Path) -> None:
    path = tmp_path / "venues.csv"
    path.write_text("external_id,name,photos,capacity_seated\na,A,a.jpg\nb,B,b.jpg,many\nc,C,c.jpg,5\n")
    short, words, good = read(path)
    assert isinstance(short, Unreadable)
    assert "found 3 values, expected 4" in short.reason
    assert isinstance(words, Unreadable)
    assert words.place == "venues.csv:3"
    assert "found 'many'" in words.reason
    assert isinstance(good, FoundVenue)


def test_parquet_may_be_nested_or_flat(tmp_path: Path) -> None:
    flat = {"external_id": "b", "name": "B", "photos": ["b.jpg"], "capacity_seated": 7}
    for number, line in enumerate((LINE, flat)):
        path = tmp_path / f"{number}.parquet"
        pq.write_table(
            pa.Table.from_pylist([{k: v for k, v in line.items() if k != "photos"} | {"photos": ["x.jpg"]}]), path
        )
        assert only(path).listing.capacity.seated == (120, 7)[number]


def test_a_parquet_file_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "venues.parquet"
    path.write_bytes(b"not parquet")
    with pytest.raises(InputError, match=r"venues\.parquet: not a Parquet file"):
        read(path)


def test_a_path_that_the_system_refuses_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: File name too long"):
        open_source(tmp_path / ("x" * 300))


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "venues.xlsx"
    path.write_text("")
    with pytest.raises(InputError, match=r"found a \.xlsx, expected a manifest"):
        open_source(path)
    with pytest.raises(InputError, match="no such file or folder"):
        open_source(tmp_path / "nowhere")


def test_the_count_of_lines_is_known_beforehand(tmp_path: Path) -> None:
    assert open_source(jsonl(tmp_path, LINE, LINE)).count() == 2
