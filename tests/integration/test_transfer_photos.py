"""Originals go along in an export: each once, proven by its hash, and shown where they arrive."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from tests.catalogues import paint, run
from tests.transfers import exported, imported
from venuefinder import cli
from venuefinder.bootstrap import Services
from venuefinder.commands.transfer import Kept, destination
from venuefinder.errors import InputError
from venuefinder.store.database import Database
from venuefinder.store.originals import OriginalRepository
from venuefinder.testing import FakeEncoder
from venuefinder.transfer.importing import import_catalogue
from venuefinder.transfer.progress import Quiet


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


class Swept(Kept):
    """Another process sweeps as soon as an original was found in the store."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.originals)
        self._sweep = partial(OriginalRepository(services.database).sweep, services.originals.kept.delete)

    def keep(self, data: bytes, content_hash: bytes) -> None:
        super().keep(data, content_hash)
        self._sweep()


def test_originals_that_were_let_go_of_are_not_swept_before_their_photos_are_written(
    services: Services, folder: Path, other_services: Services, tmp_path: Path
) -> None:
    """An import found an original in the store, a sweep deleted it, and the photo was written without one."""
    run(services, folder)
    exported(services, tmp_path / "export", originals=Kept(services.originals))
    imported(other_services, tmp_path / "export")
    hashes = {bytes.fromhex(name) for name in originals(tmp_path / "export")}
    with other_services.database.begin() as connection:
        connection.execute(text("DELETE FROM venues"))
    OriginalRepository(other_services.database).forget(hashes)

    into = replace(destination(other_services), originals=Swept(other_services))
    import_catalogue(tmp_path / "export", into, [], Quiet())
    assert all(other_services.originals.kept.there(content) for content in hashes)
    unused = OriginalRepository(other_services.database).sweep(other_services.originals.kept.delete)
    assert unused == 0


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
