"""A catalogue is exported and imported: nothing is lost, nothing is computed again."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from tests.catalogues import VENUES, run, write_folder, write_many
from tests.conftest import create_database, drop_database
from tests.transfers import everything, exported, imported
from tests.workers import eventually
from venuefinder import cli
from venuefinder.bootstrap import Services
from venuefinder.calibrating.calibration import Calibrator
from venuefinder.calibrating.evidence import SeenRule
from venuefinder.calibrating.fusion import Fusion, Lift, MeasuredFusion
from venuefinder.errors import InputError, NotFoundError
from venuefinder.records import Tuning
from venuefinder.request import SearchRequest
from venuefinder.settings import Settings
from venuefinder.store.arrivals import ArrivalRepository
from venuefinder.store.database import Database, open_database
from venuefinder.store.embedded import EmbeddedPostgres
from venuefinder.store.fusions import FusionRepository
from venuefinder.store.snapshots import SnapshotRepository
from venuefinder.testing import FakeEncoder, FakeVisionLanguageModel

TAGGED = """
UPDATE photo_tags SET tags = '{outdoors,garden}', probabilities = '{0.75,NULL}'
WHERE photo_id = (SELECT min(id) FROM photos)
"""
QUERIES = ("a red room", "blue walls in Bath", "gardens with old trees", "parking for 100 guests", "black")


@pytest.fixture(scope="module")
def full(
    embedded_server: EmbeddedPostgres, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    """A catalogue with two spaces, several views, copies of photos, and all that can be measured or fitted.

    No test changes it. Its photos are in `venues` beside its data folder.
    """
    folder = tmp_path_factory.mktemp("full")
    create_database(embedded_server, "full", template_database)
    settings = Settings(_env_file=None, data_dir=folder / "data")
    with (
        open_database(embedded_server.url("full"), folder) as database,
        Services(settings, encoder=FakeEncoder(), database=database) as services,
    ):
        fill(services, write_folder(folder / "venues"))
        yield services
    drop_database(embedded_server, "full")


def fill(services: Services, folder: Path) -> None:
    other = Services(services.settings, encoder=FakeEncoder(weights="other", views=2), database=services.database)
    shutil.copy(folder / "white-loft" / "loft.jpg", folder / "white-loft" / "loft-again.jpg")
    for each in (services, other):
        run(each, folder)
    spaces = services.spaces
    space = spaces.require(services.encoder.space)
    spaces.remember_calibrator(space, Calibrator(1.25, -0.1, space.space.key, 40))
    spaces.remember_seen(space, SeenRule(0.31, 0.95, 0.4, 90, 9, 12.5, -3.25))
    spaces.remember_tuning(space, Tuning(ef_search=80, recall=0.997, photos=8))
    FusionRepository(services.database).remember(space, FakeVisionLanguageModel().identity, FUSION)
    with services.database.begin() as connection:
        connection.execute(text(TAGGED))


@pytest.fixture(scope="module")
def export_folder(full: Services) -> Path:
    """Its export. No test changes it."""
    folder = full.settings.data_dir.parent / "export"
    report = exported(full, folder)
    assert (report.venues, report.photos, report.embeddings) == (4, 8, 28)
    return folder


def photos_of(full: Services) -> Path:
    return full.settings.data_dir.parent / "venues"


FUSION = MeasuredFusion(
    fusion=Fusion(retrieval=0.5, model=1.5, intercept=-0.75),
    lift=Lift(queries=12, retrieval=0.7, model=0.72, fused=0.8, error=0.01),
    pairs=96,
    photos=2,
    setting="a" * 64,
)


def answers(services: Services) -> list[dict[str, Any]]:
    """What queries are answered, numbers of photos left out."""
    found = []
    for query in QUERIES:
        answer = services.search.answer(SearchRequest(query=query, explain=True)).model_dump(mode="json")
        for hit in answer["results"]:
            if hit["photo"]:
                hit["photo"].pop("id")
                hit["photo"].pop("url")
        found.append({name: value for name, value in answer.items() if name not in ("took_ms", "next_cursor")})
    return json.loads(json.dumps(found).replace('"photo_id"', '"of"'))  # type: ignore[no-any-return]


def url_of(database: Database) -> str:
    return database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def searching(services: Services, database: Database) -> Services:
    return Services(services.settings, encoder=FakeEncoder(), database=database)


def test_nothing_is_lost(full: Services, export_folder: Path, other_services: Services, tmp_path: Path) -> None:
    taken = imported(other_services, export_folder).taken
    assert (taken.venues_new, taken.photos_new, taken.embedded, taken.described) == (4, 8, 16, 4)
    before, after = everything(full), everything(other_services)
    for name, rows in before.items():
        assert rows
        assert after[name] == rows, name


def test_the_same_space_serves_and_answers_the_same(
    full: Services, export_folder: Path, other_services: Services, other_database: Database, tmp_path: Path
) -> None:
    report = imported(other_services, export_folder)
    assert report.serves is not None
    assert report.serves.space.key == full.encoder.space.key
    assert answers(searching(other_services, other_database)) == answers(full)
    assert other_services.indexes.kinds(report.serves) == {"hnsw", "exact"}


def test_ingesting_the_source_afterwards_reads_nothing(
    full: Services, export_folder: Path, other_services: Services, other_database: Database, tmp_path: Path
) -> None:
    imported(other_services, export_folder)
    encoder = FakeEncoder()
    report = run(Services(other_services.settings, encoder=encoder, database=other_database), photos_of(full))
    assert (report.venues.unchanged, report.photos.unchanged) == (4, 8)
    assert (encoder.prepared, encoder.texts) == (0, [])


def test_importing_again_changes_nothing(
    full: Services, export_folder: Path, other_services: Services, tmp_path: Path
) -> None:
    imported(other_services, export_folder)
    before = everything(other_services)
    taken = imported(other_services, export_folder).taken
    assert (taken.venues_unchanged, taken.photos_unchanged, taken.embedded, taken.described) == (4, 8, 0, 0)
    assert everything(other_services) == before


def test_what_was_exported_is_written_again_to_the_byte(
    full: Services, export_folder: Path, other_services: Services, tmp_path: Path
) -> None:
    """All but numbers and times, so that exports can be compared."""
    imported(other_services, export_folder)
    exported(other_services, tmp_path / "two")
    assert (export_folder / "spaces.json").read_bytes() == (tmp_path / "two" / "spaces.json").read_bytes()
    for path in export_folder.rglob("*.parquet"):
        one, two = pq.read_table(path), pq.read_table(tmp_path / "two" / path.relative_to(export_folder))
        kept = [name for name in one.column_names if name not in ("venue", "photo", "duplicate_of")]
        assert one.select(kept).equals(two.select(kept)), path


def test_other_readers_find_vectors_of_half_precision(full: Services, tmp_path: Path) -> None:
    exported(full, tmp_path / "export", every=False)
    (key,) = json.loads((tmp_path / "export" / "manifest.json").read_text())["spaces"]
    table = pq.read_table(tmp_path / "export" / "spaces" / key / "photos.parquet")
    vectors = np.stack(table["embedding"].to_pandas().to_numpy())
    assert (vectors.dtype, vectors.shape) == (np.float16, (8, 16))
    with full.database.connect() as connection:
        statement = "SELECT embedding FROM photo_embeddings JOIN embedding_spaces s ON s.id = space_id"
        rows = connection.exec_driver_sql(f"{statement} WHERE s.key = %s ORDER BY photo_id", (key,)).scalars()
        assert np.array_equal(vectors, np.stack([row.to_numpy() for row in rows]))


def test_one_space_alone_can_be_exported(full: Services, other_services: Services, tmp_path: Path) -> None:
    exported(full, tmp_path / "export", every=False)
    report = imported(other_services, tmp_path / "export")
    assert [space.space.key for space in report.spaces] == [full.encoder.space.key]
    assert other_services.fills.missing(report.spaces[0]).photos == 0


def test_an_export_is_one_moment(services: Services, folder: Path, other_services: Services, tmp_path: Path) -> None:
    """What others write while it goes on is not in it, in no table."""
    run(services, folder)
    with SnapshotRepository(services.database).open(None) as snapshot:
        space = snapshot.spaces[0].stored
        services.venues.remove(["red-barn"])
        assert snapshot.counts() == (4, 7)
        assert {listed.venue.external_id for venues in snapshot.venues() for listed in venues} == set(VENUES)
        assert sum(len(photos) for photos in snapshot.photos()) == 7
        assert sum(len(batch.venues) for batch in snapshot.photo_vectors(space)) == 7
        assert sum(len(batch.venues) for batch in snapshot.description_vectors(space)) == 2
    exported(services, tmp_path / "after")
    assert imported(other_services, tmp_path / "after").taken.venues_new == 3


def test_an_export_does_not_overwrite(full: Services, tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="expected a new or an empty folder"):
        exported(full, tmp_path / "export")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="expected a new or an empty folder"):
        exported(full, tmp_path / "file")
    assert (tmp_path / "export" / "mine.txt").read_text() == "mine"


def test_an_export_that_fails_leaves_nothing(services: Services, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="found no venues"):
        exported(services, tmp_path / "export")
    assert not (tmp_path / "export").exists()


def test_into_a_catalogue_with_other_venues(
    full: Services, export_folder: Path, other_services: Services, other_database: Database, tmp_path: Path
) -> None:
    """What is named in both is as the export has it; what is here alone stays; so do the space that serves here, and
    what was measured here."""
    here = Services(other_services.settings, encoder=FakeEncoder(weights="third"), database=other_database)
    venues = {
        "red-barn": {
            "name": "Blue Barn",
            "description": "Was blue once.",
            "photos": {"front.jpg": "blue", "x.jpg": "red"},
        },
        "own": {"name": "Own", "photos": {"own.jpg": "white"}},
    }
    run(here, write_folder(tmp_path / "here", venues))
    report = imported(other_services, export_folder)
    assert (report.taken.venues_new, report.taken.venues_updated) == (3, 1)
    assert report.serves is not None
    assert report.serves.space.key == here.encoder.space.key
    known = other_services.venues.known(["red-barn", "own"], other_services.spaces.require(full.encoder.space))
    assert known["red-barn"].venue == full.venues.known(["red-barn"])["red-barn"].venue
    assert {uri: photo.embedded for uri, photo in known["red-barn"].photos.items()} == {
        "front.jpg": True,
        "yard.jpg": True,
        "x.jpg": False,
    }
    assert known["own"].photos.keys() == {"own.jpg"}
    void = other_services.venues.known(["red-barn"], report.serves)["red-barn"]
    assert not void.photos["front.jpg"].embedded  # its bytes are others now, in the space that serves here too
    assert not void.described


def test_what_was_measured_here_stays(
    full: Services, export_folder: Path, other_services: Services, other_database: Database, tmp_path: Path
) -> None:
    here = searching(other_services, other_database)
    run(here, write_folder(tmp_path / "here", {"own": {"name": "Own", "photos": {"own.jpg": "white"}}}))
    before = here.spaces.require(here.encoder.space)
    imported(other_services, export_folder)
    after = here.spaces.require(here.encoder.space)
    assert (after.photo_background, after.calibrator, after.seen) == (before.photo_background, None, None)
    assert before.photo_background is not None


def test_photos_that_moved_are_found_again(
    full: Services, export_folder: Path, other_services: Services, other_database: Database, tmp_path: Path
) -> None:
    here, there = photos_of(full), tmp_path / "elsewhere"
    report = imported(other_services, export_folder, f"{here}={there}")
    assert (report.looked_for, report.not_there, report.unused) == (4, 4, ())
    shutil.copytree(here, there)
    report = imported(other_services, export_folder, f"{here}/={there}", "/nowhere=/x")
    assert (report.not_there, report.taken.photos_unchanged, report.unused) == (0, 8, ("/nowhere",))
    again = run(searching(other_services, other_database), there)
    assert (again.venues.unchanged, again.photos.unchanged) == (4, 8)


def test_an_import_that_is_stopped_is_finished_by_the_next(
    full: Services, export_folder: Path, other_services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("venuefinder.transfer.importing.GROUP_VENUES", 1)
    take, taken = ArrivalRepository.take, []

    def stopped(self: ArrivalRepository, *arguments: Any) -> Any:
        if len(taken) == 2:
            raise KeyboardInterrupt
        taken.append(take(self, *arguments))
        return taken[-1]

    with monkeypatch.context() as patched:
        patched.setattr(ArrivalRepository, "take", stopped)
        with pytest.raises(KeyboardInterrupt):
            imported(other_services, export_folder)
    assert other_services.venues.counts()[0] == 2
    report = imported(other_services, export_folder)
    assert (report.taken.venues_unchanged, report.taken.venues_new) == (2, 2)
    assert everything(other_services) == everything(full)


def test_an_import_that_is_killed_is_finished_by_the_next(
    services: Services, other_services: Services, other_database: Database, tmp_path: Path
) -> None:
    """It waits for the last venue, which another has written and not committed, when it is killed."""
    run(services, write_many(tmp_path / "many.jsonl", venues=201))
    exported(services, tmp_path / "export")
    other_services.spaces.ensure(services.encoder.space, indexed=False)  # which locks the table of venues
    command = [str(Path(sys.executable).parent / "venuefinder"), "import", str(tmp_path / "export")]
    with other_database.engine.connect() as other:
        other.execute(text("INSERT INTO venues (external_id, name) VALUES ('v200', 'Not yet')"))
        with subprocess.Popen(
            command, env=os.environ | {"DATABASE_URL": url_of(other_database)}, stderr=subprocess.DEVNULL
        ) as process:
            try:
                eventually(lambda: process.poll() is not None or _someone_waits(other_services))
                assert process.poll() is None
            finally:
                process.kill()
    assert other_services.venues.counts()[0] == 200
    assert imported(other_services, tmp_path / "export").taken.venues_new == 1
    assert everything(other_services) == everything(services)


def _someone_waits(services: Services) -> bool:
    with services.database.connect() as connection:
        waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return bool(connection.scalar(text(waits)))


def test_the_command_line(full: Services, other_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url_of(full.database))
    monkeypatch.setenv("VENUEFINDER_ENCODER", "none:such")
    exporting = CliRunner().invoke(cli.app, ["export", "export", "--all-spaces"], catch_exceptions=False)
    assert exporting.exit_code == 0
    assert "4 venues, 8 photos and 28 embeddings" in exporting.stdout
    monkeypatch.setenv(
        "DATABASE_URL", other_database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    )
    importing = CliRunner().invoke(cli.app, ["import", "export", "--photos-root", "/a=/b"], catch_exceptions=False)
    assert importing.exit_code == 0
    assert "venues: 4 new, 0 updated, 0 unchanged" in importing.stdout
    assert f"space {full.encoder.space.name!r} serves" in importing.stdout
    assert "--photos-root /a: no photo lay there" in importing.stdout


def test_the_command_line_says_what_is_wrong(
    full: Services, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url_of(full.database))
    for arguments, message in (
        (["export", "x", "--space", "nothing"], "space 'nothing': found no space of that name"),
        (["export", "x", "--space", "a", "--all-spaces"], "found both"),
        (["import", "nowhere"], "nowhere: found no folder"),
        (["import", "x", "--photos-root", "here"], "expected OLD=NEW"),
    ):
        with pytest.raises((InputError, NotFoundError), match=message):
            CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
