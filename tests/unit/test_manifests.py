"""Manifests, well-formed and not."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.planner import plan
from ingest.sources import FoundVenue, Unreadable, lines, open_source, parquet
from tests.listings import LINE, failure, jsonl, only, read
from venuefinder.errors import InputError


@pytest.mark.parametrize("excess", [1, 2, 5000])
def test_a_line_that_is_too_long_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, excess: int
) -> None:
    monkeypatch.setattr(lines, "MAX_LINE", 1000)
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


def test_a_jsonl_line_is_a_venue(tmp_path: Path) -> None:
    found = only(jsonl(tmp_path, LINE))
    assert found.place == "venues.jsonl:1"
    assert found.listing.amenities == ("parking",)
    assert found.listing.kind == "ballroom"
    assert found.base.root == tmp_path


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
    monkeypatch.setattr("ingest.sources.lines.MAX_LINE", 1000)
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
    assert outside.startswith("not a path inside the folder of its listing; copy the photo there")
    assert outside.endswith("; named by venues.jsonl:1")
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


def test_what_a_parquet_file_repeats_is_not_in_memory_for_all_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of 2 kB that named one picture of 10 MB in two hundred rows took five gigabytes."""
    line = {"name": "B", "photos": [{"uri": "a.jpg", "bytes": b"x" * 10_000}]}
    rows = [line | {"external_id": f"v{number}"} for number in range(50)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "m.parquet", compression="zstd")
    monkeypatch.setattr(parquet, "BATCH_BYTES", 100_000)
    with pq.ParquetFile(tmp_path / "m.parquet") as file:
        assert file.metadata.serialized_size + file.metadata.row_group(0).total_byte_size < 20_000
        assert 1 <= parquet._batch_rows(file.metadata, "m.parquet") <= 10
    assert sum(isinstance(found, FoundVenue) for found in read(tmp_path / "m.parquet")) == 50


def test_bytes_called_what_no_name_is(tmp_path: Path) -> None:
    """A name that is a list ended the whole run."""
    rows = [
        {"external_id": "a", "name": "A", "photos": [{"uri": ["x"], "bytes": b"1"}]},
        {"external_id": "b", "name": "B", "photos": [{"uri": ["y"], "bytes": b"2"}]},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "m.parquet")
    reasons = [found.reason for found in read(tmp_path / "m.parquet") if isinstance(found, Unreadable)]
    assert reasons == ["photos: uri: found list, expected text"] * 2


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "venues.xlsx"
    path.write_text("")
    with pytest.raises(InputError, match=r"found a \.xlsx, expected a manifest"):
        open_source(path)
    with pytest.raises(InputError, match="no such file or folder"):
        open_source(tmp_path / "nowhere")


def test_the_count_of_lines_is_known_beforehand(tmp_path: Path) -> None:
    assert open_source(jsonl(tmp_path, LINE, LINE)).count() == 2
