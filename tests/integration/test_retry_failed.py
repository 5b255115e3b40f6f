"""`--retry-failed` takes what failed and nothing else; `venuefinder failures` lists and exports it."""

import csv
import io
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ingest.options import RunOptions
from ingest.progress import Quiet
from ingest.runner import ingest
from ingest.sources import open_source
from tests.catalogues import paint, run, write_folder, write_manifest
from venuefinder import cli
from venuefinder.bootstrap import Services
from venuefinder.settings import load_settings
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder


def retry(services: Services, path: Path, progress: Quiet | None = None) -> Any:
    return ingest(open_source(path), services, progress or Quiet(), RunOptions(retry_failed=True))


def failed(services: Services) -> list[tuple[str, str | None, str]]:
    """Return (source's name, venue, kind) of all that `venuefinder failures` lists."""
    store = services.failures
    return sorted(
        (Path(one.source).name, failure.external_id, failure.kind)
        for one in store.latest_runs()
        for failure in store.of(one)
    )


def encoder(services: Services) -> FakeEncoder:
    assert isinstance(services.encoder, FakeEncoder)
    return services.encoder


def test_only_what_failed_is_taken_and_what_was_mended_leaves_the_list(services: Services, folder: Path) -> None:
    (folder / "red-barn" / "cut.jpg").write_bytes((folder / "red-barn" / "front.jpg").read_bytes()[:400])
    (folder / "blue-hall" / "page.jpg").write_text("<html>404</html>")
    run(services, folder)
    assert failed(services) == [("venues", "blue-hall", "not-an-image"), ("venues", "red-barn", "truncated")]

    paint(folder / "red-barn" / "cut.jpg", "yellow")
    paint(folder / "white-loft" / "new.jpg", "white")  # in a venue that did not fail
    shutil.rmtree(folder / "green-garden")
    prepared = encoder(services).prepared
    report = retry(services, folder)
    assert (report.venues.read, report.photos.new, report.photos.failed, report.venues.removed) == (2, 1, 1, 0)
    assert encoder(services).prepared == prepared + 1
    assert failed(services) == [("venues", "blue-hall", "not-an-image")]
    assert services.venues.counts() == (4, 8)

    (folder / "blue-hall" / "page.jpg").unlink()
    assert retry(services, folder).venues.read == 1
    assert failed(services) == []
    progress = Quiet()
    assert retry(services, folder, progress).venues.read == 0
    assert progress.said == [f"nothing failed in the last run of {folder}"]
    assert run(services, folder).photos.new == 1


def test_what_an_interrupted_run_did_not_come_to_is_still_taken(
    services: Services, folder: Path, database: Database
) -> None:
    (folder / "red-barn" / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    run(services, folder)

    class Killed(FakeEncoder):
        def encode_prepared(self, _: Any) -> Any:
            raise KeyboardInterrupt

    paint(folder / "red-barn" / "cut.jpg", "yellow")
    with pytest.raises(KeyboardInterrupt):
        retry(Services(services.settings, encoder=Killed(), database=database), folder)
    assert retry(services, folder).photos.new == 1


def test_a_listing_that_could_not_be_read_is_taken_by_its_place_or_as_not_yet_stored(
    services: Services, tmp_path: Path
) -> None:
    path = write_manifest(tmp_path / "venues.jsonl")
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], "{broken", *lines[2:]]) + "\n")
    assert run(services, path).kinds == {"listing": 1}
    assert failed(services) == [("venues.jsonl", None, "listing")]

    path.write_text("\n".join(["", "", *lines]) + "\n")  # mended, and every line has moved
    report = retry(services, path)
    assert (report.venues.read, report.venues.new) == (1, 1)
    assert failed(services) == []


@pytest.fixture
def failing(
    services: Services, folder: Path, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder with two failures, another source with one, and the settings to list them."""
    (folder / "red-barn" / "=cut.jpg").write_bytes((folder / "red-barn" / "front.jpg").read_bytes()[:400])
    (folder / "blue-hall" / "page.jpg").write_text("<html>404</html>")
    run(services, folder)
    other = write_folder(tmp_path / "others", {"mill": {"name": "Mill", "photos": {"a.jpg": "red"}}})
    (other / "mill" / "b.jpg").write_text("{}")
    run(services, other)
    monkeypatch.setenv("DATABASE_URL", database_url)
    return folder


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["venuefinder", "failures", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out, told.err


def test_failures_are_listed_for_the_latest_run_of_each_source(
    failing: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told, _ = call(monkeypatch, capsys)
    assert code == 0
    assert [line for line in told.splitlines() if line.endswith("failed")] == ["  1 failed", "  2 failed"]
    assert f"truncated  red-barn: {failing}/red-barn/=cut.jpg: " in told
    _, told, _ = call(monkeypatch, capsys, str(failing), "--kind", "not-an-image")
    assert told.splitlines()[-1] == "  1 failed"
    assert "page.jpg" in told
    assert "mill" not in told
    _, told, _ = call(monkeypatch, capsys, "--run", "2")
    assert "mill" in told
    assert "red-barn" not in told


def test_failures_are_exported(
    failing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Services(load_settings()) as services, services.database.begin() as connection:
        connection.execute(text("UPDATE ingestion_failures SET reason = '=1+1' WHERE kind = 'truncated'"))
    code, told, _ = call(monkeypatch, capsys, str(failing), "--csv", str(tmp_path / "failed.csv"))
    assert (code, told) == (0, f"{tmp_path}/failed.csv: 2 failures\n")
    table = list(csv.DictReader(io.StringIO((tmp_path / "failed.csv").read_text())))
    assert {(row["external_id"], row["kind"]) for row in table} == {
        ("red-barn", "truncated"),
        ("blue-hall", "not-an-image"),
    }
    assert {row["reason"] for row in table if row["kind"] == "truncated"} == {"'=1+1"}
    _, told, _ = call(monkeypatch, capsys, "--jsonl", "-")
    lines = [json.loads(line) for line in told.splitlines()]
    assert {line["external_id"] for line in lines} == {"red-barn", "blue-hall", "mill"}
    assert set(lines[0]) == {"run", "source", "external_id", "kind", "uri", "reason"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere",), "source 'nowhere': has no run here; sources are "),
        (("--run", "99"), "run 99: there is none by that number"),
        (("--kind", "odd"), "--kind: found 'odd', expected one of missing, "),
        (("--csv", "a", "--jsonl", "b"), "found both --csv and --jsonl"),
    ],
    ids=["source", "run", "kind", "two files"],
)
def test_what_there_is_not_is_said(
    failing: Path,
    arguments: Sequence[str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, _, told = call(monkeypatch, capsys, *arguments)
    assert code == 2
    assert words in " ".join(told.split())
