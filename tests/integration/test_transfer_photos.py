"""Originals go along in an export: each once, proven by its hash, and shown where they arrive."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.catalogues import paint, run
from tests.transfers import exported, imported
from venuefinder import cli
from venuefinder.bootstrap import Services
from venuefinder.commands.transfer import Kept
from venuefinder.errors import InputError
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder


def originals(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in (folder / "originals").rglob("*") if path.is_file()}


def test_photos_go_along(
    services: Services, folder: Path, other_services: Services, other_database: Database, tmp_path: Path
) -> None:
    run(services, folder)
    report = exported(services, tmp_path / "export", originals=Kept(services.originals))
    assert (report.failed, len(originals(tmp_path / "export"))) == (0, 7)
    for path in folder.rglob("*.jpg"):
        path.rename(path.with_suffix(".gone"))
    imported(other_services, tmp_path / "export")
    stored = services.venues.known(["red-barn"])["red-barn"].photos["front.jpg"]
    arrived = other_services.venues.known(["red-barn"])["red-barn"].photos["front.jpg"]
    assert arrived.file.copied
    assert arrived.file.location == stored.file.location
    assert other_services.originals.of(arrived) == (folder / "red-barn" / "front.gone").read_bytes()

    for path in folder.rglob("*.gone"):
        path.rename(path.with_suffix(".jpg"))
    encoder = FakeEncoder()
    again = run(Services(other_services.settings, encoder=encoder, database=other_database), folder)
    assert (again.photos.failed, encoder.prepared) == (0, 0)


def test_a_photo_that_is_another_by_now_stays_behind(services: Services, folder: Path, tmp_path: Path) -> None:
    run(services, folder)
    paint(folder / "white-loft" / "loft.jpg", "black")
    (folder / "red-barn" / "yard.jpg").unlink()
    report = exported(services, tmp_path / "export", originals=Kept(services.originals))
    assert report.failed == 2
    assert {one.uri: "changed" in one.reason for one in report.not_copied} == {"loft.jpg": True, "yard.jpg": False}
    assert len(originals(tmp_path / "export")) == 5


def test_an_original_that_is_not_what_its_name_says(
    services: Services, folder: Path, other_services: Services, tmp_path: Path
) -> None:
    run(services, folder)
    exported(services, tmp_path / "export", originals=Kept(services.originals))
    forged = next(iter(originals(tmp_path / "export").values()))
    forged.write_bytes(b"something else")
    with pytest.raises(InputError, match=r"its content is not what was written \(SHA-256 differs\)"):
        imported(other_services, tmp_path / "export")
    forged.unlink()
    forged.symlink_to(folder / "red-barn" / "front.jpg")
    with pytest.raises(InputError, match="leads out of"):
        imported(other_services, tmp_path / "export")
    assert other_services.venues.counts() == (0, 0)


def test_the_command_line_names_what_stays_behind(
    services: Services, folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(services, folder)
    (folder / "red-barn" / "yard.jpg").unlink()
    monkeypatch.setenv("DATABASE_URL", database_url)
    done = CliRunner().invoke(cli.app, ["export", "export", "--photos"], catch_exceptions=False)
    assert done.exit_code == 6
    assert "not copied: red-barn/yard.jpg: no such file" in done.stdout
