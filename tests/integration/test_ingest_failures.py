"""What cannot be ingested fails alone, with its reason; what breaks the run says so."""

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from ingest import report as report_module
from tests.catalogues import VENUES, run, write_folder, write_manifest
from venuefinder.bootstrap import Services
from venuefinder.domain import CONTROL_CHARACTER


def test_one_bad_photo_stops_nothing(services: Services, folder: Path) -> None:
    (folder / "red-barn" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    (folder / "red-barn" / "notes.txt").write_text("call back")
    (folder / "blue-hall" / "page.jpg").write_text("<html>404</html>")
    report = run(services, folder)
    assert (report.venues.new, report.photos.new, report.photos.failed) == (4, 7, 3)
    reasons = {Path(failure.uri).name: failure.reason for failure in report.failures}
    assert set(reasons) == {"broken.jpg", "notes.txt", "page.jpg"}
    assert "HTML" in reasons["page.jpg"]
    with services.database.connect() as connection:
        kept = connection.execute(text("SELECT external_id, kind FROM ingestion_failures ORDER BY uri")).all()
        assert kept == [("blue-hall", "not-an-image"), ("red-barn", "truncated"), ("red-barn", "not-an-image")]
        assert connection.scalar(text("SELECT report -> 'photos' ->> 'failed' FROM ingestion_runs")) == "3"
    assert report.as_json()["kinds"] == {"truncated": 1, "not-an-image": 2}


def test_what_the_database_refuses_fails_its_venue_alone(services: Services, folder: Path) -> None:
    with services.database.begin() as connection:
        connection.execute(text("ALTER TABLE venues ADD CONSTRAINT no_barns CHECK (kind <> 'barn')"))
        connection.execute(text("ALTER TABLE photo_embeddings ADD CONSTRAINT no_views CHECK (view > 5) NOT VALID"))
    report = run(services, folder)
    assert (report.venues.failed, report.photos.failed, services.venues.counts()) == (4, 7, (0, 0))
    assert all("refused by the database" in failure.reason for failure in report.failures)
    assert report.kinds == {"database": 11}
    assert {failure.external_id for failure in report.failures} == set(VENUES)
    with services.database.begin() as connection:
        connection.execute(text("ALTER TABLE photo_embeddings DROP CONSTRAINT no_views"))
    report = run(services, folder)
    assert (report.venues.new, report.venues.failed, report.photos.new, report.photos.failed) == (3, 1, 5, 2)
    assert Path(report.failures[0].uri).name == "red-barn"
    assert "venue 'red-barn': refused by the database" in report.failures[0].reason
    assert "no_barns" in report.failures[0].reason
    with services.database.connect() as connection:
        assert connection.scalars(text("SELECT state FROM ingestion_runs ORDER BY id")).all() == ["done", "done"]


def test_a_path_too_long_for_an_index_fails_its_venue_alone(services: Services, tmp_path: Path) -> None:
    """PostgreSQL keeps no index entry above 2,704 bytes, and reports it as if the server could not go on."""
    letters = np.random.default_rng(0).integers(0x4E00, 0x9FFF, (12, 80))
    uri = "/".join("".join(map(chr, part)) for part in letters) + "/a.jpg"
    venues = {"deep": {"name": "Deep", "photos": {uri: "red"}}, "flat": VENUES["white-loft"]}
    report = run(services, write_folder(tmp_path / "venues", venues))
    assert (report.venues.new, report.venues.failed) == (1, 1)
    assert "venue 'deep': refused by the database (index row size" in report.failures[0].reason


@pytest.mark.parametrize("text_in_json", ["a\\u0000b", "a\\ud800b", "a\\u009bb"], ids=["NUL", "half a pair", "CSI"])
def test_text_that_postgres_or_a_terminal_cannot_take_fails_its_venue(
    services: Services, tmp_path: Path, text_in_json: str
) -> None:
    path = write_manifest(tmp_path / "venues.jsonl")
    bad = (
        f'{{"external_id": "a", "name": "{text_in_json}", "photos": ["a.jpg"]}}',
        f'{{"external_id": "b", "name": "B", "photos": ["{text_in_json}.jpg"]}}',
        f'{{"external_id": "c", "name": "C", "photos": ["c.jpg"], "attributes": {{"{text_in_json}": 1}}}}',
        f'{{"external_id": "d", "name": "D", "photos": ["d.jpg"], "{text_in_json}": 1}}',
    )
    path.write_text("\n".join(bad) + "\n" + path.read_text())
    report = run(services, path)
    assert (report.venues.failed, report.venues.new, report.kinds) == (4, 4, {"listing": 4})
    for failure in report.failures:
        assert not CONTROL_CHARACTER.search(failure.reason)
    with services.database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM ingestion_failures")) == 4
        assert connection.scalar(text("SELECT state FROM ingestion_runs")) == "done"


def test_failures_are_saved_as_the_run_goes_on(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A manifest of a million bad lines is not kept in memory, and what a killed run knew of them is not lost."""
    path = write_manifest(tmp_path / "venues.jsonl")
    path.write_text("{broken\n" * 2500 + path.read_text())
    monkeypatch.setattr(report_module, "MAX_FAILURES_KEPT", 10)
    saved: list[int] = []
    record = services.runs.record_failures

    def recorded(run_id: int, failures: Any) -> None:
        saved.append(len(failures))
        record(run_id, failures)

    monkeypatch.setattr(services.runs, "record_failures", recorded)
    report = run(services, path)
    assert (report.venues.failed, len(report.failures)) == (2500, 10)
    assert saved == [1000, 1000, 500]
    with services.database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM ingestion_failures")) == 2500


def test_what_breaks_the_writing_thread_fails_the_run(
    services: Services, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of luck")

    with monkeypatch.context() as patch:
        patch.setattr(services.venues, "write", broken)
        with pytest.raises(RuntimeError, match="out of luck") as raised:
            run(services, folder)
    assert raised.value.__traceback__  # it holds the frames, and so whatever they did not let go of
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith(("decode", "write"))]
    with services.database.connect() as connection:
        state, report = connection.execute(text("SELECT state, report FROM ingestion_runs")).one()
    assert (state, report["venues"]["read"], report["venues"]["new"]) == ("failed", 4, 0)
    assert run(services, folder).venues.new == 4


def test_a_missing_photo_is_reported_and_what_is_stored_stays(services: Services, tmp_path: Path) -> None:
    path = write_manifest(tmp_path / "venues.jsonl")
    run(services, path)
    (tmp_path / "white-loft" / "loft.jpg").unlink()
    report = run(services, path)
    assert (report.photos.failed, report.photos.unchanged) == (1, 6)
    assert "no such file" in report.failures[0].reason
    assert (report.failures[0].kind, report.failures[0].external_id) == ("missing", "white-loft")
    assert services.venues.counts() == (4, 7)


@pytest.mark.parametrize("uri", ["/etc/passwd", "../secret.jpg", "a/../../b.jpg", "file:///etc/passwd", "..\\a.jpg"])
def test_a_manifest_cannot_reach_outside_its_folder(services: Services, tmp_path: Path, uri: str) -> None:
    path = tmp_path / "venues.jsonl"
    path.write_text(json.dumps({"external_id": "a", "name": "A", "photos": [uri]}))
    report = run(services, path)
    assert (report.photos.failed, report.venues.new) == (1, 1)
    assert "a path inside the folder" in report.failures[0].reason
