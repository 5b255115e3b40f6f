"""Exports that are broken, forged or of another version are refused with a reason, and change nothing."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.catalogues import run, write_folder
from tests.conftest import create_database, drop_database
from tests.transfers import exported, imported, rewritten, signed_anew
from venuefinder.bootstrap import Services
from venuefinder.errors import InputError
from venuefinder.settings import Settings
from venuefinder.store.database import open_database
from venuefinder.store.embedded import EmbeddedPostgres
from venuefinder.testing import FakeEncoder

KEY = FakeEncoder().space.key
VECTORS, CHUNKS, TAGS = (f"spaces/{KEY}/{name}.parquet" for name in ("photos", "descriptions", "tags"))
Forge = Callable[[Path], None]
TAG = {"venue": 1, "photo": 1, "version": "1", "tags": ["x"], "probabilities": [0.5]}


@pytest.fixture(scope="module")
def good(embedded_server: EmbeddedPostgres, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of four venues. Copy it before you change it."""
    folder = tmp_path_factory.mktemp("good")
    create_database(embedded_server, "good", template_database)
    settings = Settings(_env_file=None, data_dir=folder / "data")
    with (
        open_database(embedded_server.url("good"), folder) as database,
        Services(settings, encoder=FakeEncoder(), database=database) as services,
    ):
        run(services, write_folder(folder / "venues"))
        exported(services, folder / "export")
    drop_database(embedded_server, "good")
    return folder / "export"


@pytest.fixture(scope="module")
def target(
    embedded_server: EmbeddedPostgres, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    """A catalogue that stays empty, since nothing is taken in."""
    folder = tmp_path_factory.mktemp("target")
    create_database(embedded_server, "target", template_database)
    settings = Settings(_env_file=None, data_dir=folder / "data")
    with (
        open_database(embedded_server.url("target"), folder) as database,
        Services(settings, database=database) as services,
    ):
        yield services
    drop_database(embedded_server, "target")


def told(name: str, value: Any) -> Forge:
    """Say something else in the manifest."""

    def forge(folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps(manifest | {name: value}))

    return forge


def measured(**values: Any) -> Forge:
    """Say something else of the space."""

    def forge(folder: Path) -> None:
        (space,) = json.loads((folder / "spaces.json").read_text())
        (folder / "spaces.json").write_text(json.dumps([space | values]))

    return forge


def changed(name: str, row: int = 0, /, **values: Any) -> Forge:
    """Change values in a row of a table."""

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rows[row] |= values
        return rows

    return lambda folder: rewritten(folder / name, change)


def rows_of(name: str, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Forge:
    return lambda folder: rewritten(folder / name, change)


def cut(folder: Path) -> None:
    os.truncate(folder / "photos.parquet", (folder / "photos.parquet").stat().st_size // 2)


def flipped(folder: Path) -> None:
    data = bytearray((folder / VECTORS).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / VECTORS).write_bytes(data)


def linked(folder: Path) -> None:
    (folder / "photos.parquet").rename(folder / "elsewhere")
    (folder / "photos.parquet").symlink_to(folder / "elsewhere")


def no_table(folder: Path) -> None:
    (folder / "venues.parquet").write_bytes(b"PAR1 and nothing else")


def wider(folder: Path) -> None:
    """Vectors of another dimension, as another model makes them."""
    table = pq.read_table(folder / VECTORS)
    vectors = pa.array([[1.0] + [0.0] * 31] * table.num_rows, pa.list_(pa.float16(), 32))
    pq.write_table(table.set_column(3, "embedding", vectors), folder / VECTORS)


def twice(folder: Path) -> None:
    """One name for two venues and their photos."""
    for name in ("venues.parquet", "photos.parquet"):
        rewritten(folder / name, lambda rows: [row | {"external_id": "blue-hall"} for row in rows])


def more_columns(folder: Path) -> None:
    table = pq.read_table(folder / "venues.parquet")
    pq.write_table(table.append_column("notes", pa.array(["x"] * table.num_rows)), folder / "venues.parquet")


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), r"found no manifest\.json, expected a folder that"),
        (lambda folder: (folder / "manifest.json").write_text("{"), r"manifest\.json: not JSON"),
        (lambda folder: (folder / "manifest.json").write_text("[]"), "expected the manifest of a venuefinder"),
        (told("format", "other"), "expected the manifest of a venuefinder catalogue"),
        (told("version", 2), "found version 2, expected 1; import it with the VenueFinder that wrote it"),
        (told("version", True), "found version true, expected 1"),
        (told("spaces", ["../../etc"]), r"manifest\.json: spaces\.0"),
        (told("files", {"../venues.parquet": {"sha256": "0" * 64, "bytes": 1}}), r"\.\./venues\.parquet.* not belong"),
        (lambda folder: (folder / TAGS).unlink(), "found no regular file, expected one of"),
        (cut, r"photos\.parquet: found [\d,]+ bytes, expected [\d,]+; copy the export anew"),
        (flipped, "its content is not what was written"),
        (linked, "found no regular file"),
    ],
)
def test_what_is_not_as_it_was_written(good: Path, target: Services, tmp_path: Path, harm: Forge, message: str) -> None:
    folder = shutil.copytree(good, tmp_path / "export")
    harm(folder)
    with pytest.raises(InputError, match=message):
        imported(target, folder)
    assert target.venues.counts() == (0, 0)


BACKGROUND = {"quantiles": [0.1] * 101, "mean": 0, "std": 1, "pairs": 9}


@pytest.mark.parametrize(
    ("forge", "message"),
    [
        (no_table, r"venues\.parquet: not a Parquet file"),
        (more_columns, r"found the column notes: string, expected venue: int64"),
        (wider, r"found the column embedding: fixed_size_list.*\[32\], expected .*\[16\]"),
        (measured(dimension=32), "make the key .*, expected the same"),
        (measured(facts={"image_size": 9, "resize_mode": "squash"}), "make the key"),
        (measured(key="0" * 64), "make the key"),
        (measured(encoder="a\x00b"), "control character"),
        (measured(photo_background=BACKGROUND | {"quantiles": [1, 0]}), "expected 101 finite ascending scores"),
        (measured(photo_background=BACKGROUND | {"mean": float("inf")}), "found the number Infinity"),
        (measured(tuned={"ef_search": "wide", "recall": 1, "photos": 1}), "tuned.ef_search"),
        (changed("venues.parquet", external_id="../up"), "external_id: found .*, digits and"),
        (changed("venues.parquet", name="a\x1b[31mb"), r"venues\.parquet: row 1 .*control character"),
        (changed("venues.parquet", name=""), "name: found"),
        (changed("venues.parquet", source="a\x00b"), "source: .*control character"),
        (changed("venues.parquet", latitude=91.0), "latitude: found 91"),
        (changed("venues.parquet", attributes='{"a": [1]}'), r"attributes\.a: .*expected text, a number"),
        (changed("venues.parquet", attributes="{"), "attributes: not JSON"),
        (twice, "the venue 'blue-hall' twice"),
        (rows_of("venues.parquet", lambda rows: [rows[0], *rows]), "found venue 1 after 1, expected ascending numbers"),
        (rows_of("venues.parquet", lambda rows: rows[::-1]), "found rows of venue 1 out of place"),
        (rows_of("venues.parquet", lambda rows: rows[1:]), r"photos\.parquet: found rows of venue 1 out of place"),
        (rows_of("photos.parquet", lambda rows: rows[::-1]), "found a row of photo 1, expected photos of its venue"),
        (rows_of("photos.parquet", lambda rows: [rows[0], *rows]), "two photos"),
        (rows_of("photos.parquet", lambda rows: rows[1:]), "found a row of photo 1, expected photos of its venue"),
        (changed("photos.parquet", uri="a\x00b"), r"photos\.parquet: row 1 .*uri: .*control character"),
        (
            changed("photos.parquet", location="../../etc/passwd"),
            "location: found '../../etc/passwd'; expected an absolute",
        ),
        (changed("photos.parquet", location="/venues/../../etc/passwd"), "expected an absolute path without '..'"),
        (changed("photos.parquet", location="file:///etc/passwd"), "expected one of the schemes http, https"),
        (changed("photos.parquet", location="tar:0:9:file:///a.tar"), "expected one of the schemes"),
        (changed("photos.parquet", location=f"upload:{'0' * 64}"), "expected the hash of the photo's content"),
        (changed("photos.parquet", location="/a\x07b"), "location: .*control character"),
        (changed("photos.parquet", format="EXE"), "format: found 'EXE', expected one of JPEG"),
        (changed("photos.parquet", width=0), "width: found 0; at least 1"),
        (changed("photos.parquet", file_bytes=-1), "file_bytes: found -1"),
        (changed("photos.parquet", flags=["nice"]), "flags.0: found"),
        (changed("photos.parquet", sharpness=float("nan")), "sharpness: found NaN"),
        (changed("photos.parquet", perceptual_hash=None), "expected all or none of them"),
        (changed("photos.parquet", external_id="white-loft"), "another venue's name"),
        (changed(VECTORS, embedding=[float("nan")] + [0.0] * 15), "row 1: its embedding has the L2 norm nan"),
        (changed(VECTORS, embedding=[2.0] + [0.0] * 15), "L2 norm 2, space 'fake@.*expects 1"),
        (changed(VECTORS, embedding=[float("inf")] + [0.0] * 15), "L2 norm inf"),
        (changed(VECTORS, embedding=None), "found nothing in the column embedding"),
        (changed(VECTORS, view=1), r"found the views \[1\], expected 1, from 0 on"),
        (changed(VECTORS, photo=99), "found a row of photo 99, expected photos of its venue"),
        (rows_of(VECTORS, lambda rows: [*rows, rows[-1] | {"venue": 99}]), "found rows of venue 99 out of place"),
        (changed(CHUNKS, content="a\x00b"), "without control characters"),
        (changed(CHUNKS, chunk=7), "found its chunks out of order"),
        (changed(CHUNKS, venue=1), "of no description"),
        (rows_of(TAGS, lambda _: [TAG | {"probabilities": [0.5, 0.5]}]), "found 2, expected one for each of 1"),
        (rows_of(TAGS, lambda _: [TAG | {"probabilities": [1.5]}]), "probabilities.0: found 1.5; at most 1"),
        (rows_of(TAGS, lambda _: [TAG | {"photo": 99}]), "found a row of photo 99"),
    ],
)
def test_what_no_export_says_with_hashes_that_fit(
    good: Path, target: Services, tmp_path: Path, forge: Forge, message: str
) -> None:
    folder = shutil.copytree(good, tmp_path / "export")
    forge(folder)
    signed_anew(folder)
    with pytest.raises(InputError, match=message):
        imported(target, folder)
    assert target.venues.counts() == (0, 0)


def test_rows_that_unpack_to_more_than_memory_holds(
    good: Path, target: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(good, tmp_path / "export")
    monkeypatch.setattr("venuefinder.transfer.tables.MOST_GROUP", 100)
    with pytest.raises(InputError, match=r"row group 0 unpacks to .* bytes, expected 100 at most"):
        imported(target, folder)


def test_a_manifest_that_is_too_large(good: Path, target: Services, tmp_path: Path, monkeypatch: Any) -> None:
    folder = shutil.copytree(good, tmp_path / "export")
    monkeypatch.setattr("venuefinder.transfer.manifest.MOST_JSON", 100)
    with pytest.raises(InputError, match="found more than 100 bytes"):
        imported(target, folder)
