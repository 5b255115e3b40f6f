"""Ingestion into a real Postgres: new, changed, unchanged, interrupted."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ingest.options import RunOptions
from ingest.progress import Quiet
from ingest.report import Report
from ingest.runner import ingest
from ingest.sources import open_source
from tests.catalogues import VENUES, paint, run, write_folder, write_manifest
from venuefinder.bootstrap import Services
from venuefinder.errors import InputError, RunCancelledError
from venuefinder.records import VenueDraft
from venuefinder.settings import Settings
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder

CONTENT = """
SELECT v.external_id, v.name, v.description, v.city, v.capacity_largest, v.price_amount, v.amenities, v.attributes,
       (SELECT json_agg(json_build_array(r.name, r.position, r.capacity_largest) ORDER BY r.position)::text
        FROM rooms r WHERE r.venue_id = v.id),
       (SELECT json_agg(json_build_array(p.uri, p.room, p.position, p.caption, encode(p.content_hash, 'hex'),
                                         e.view, e.embedding::text) ORDER BY p.position, p.uri, e.view)::text
        FROM photos p LEFT JOIN photo_embeddings e ON e.photo_id = p.id WHERE p.venue_id = v.id),
       (SELECT json_agg(json_build_array(d.chunk, d.content, d.embedding::text) ORDER BY d.chunk)::text
        FROM description_embeddings d WHERE d.venue_id = v.id)
FROM venues v ORDER BY v.external_id
"""


def content(services: Services) -> list[Any]:
    with services.database.connect() as connection:
        return [tuple(row) for row in connection.execute(text(CONTENT))]


def encoder(services: Services) -> FakeEncoder:
    made = services.encoder
    assert isinstance(made, FakeEncoder)
    return made


def test_a_folder_is_ingested_whole(services: Services, folder: Path) -> None:
    report = run(services, folder)
    assert report.as_json()["venues"] == {
        "read": 4, "new": 4, "updated": 0, "unchanged": 0, "failed": 0, "removed": 0,
    }  # fmt: skip
    assert (report.photos.read, report.photos.new, report.failures) == (7, 7, [])
    stored = services.venues.known(["blue-hall"], services.catalogue.space)["blue-hall"]
    assert stored.venue.rooms[0].name == "Cellar"
    assert [(photo.room, photo.uri, photo.embedded) for photo in stored.photos.values()] == [
        (None, "hall.jpg", True),
        ("Cellar", "cellar.jpg", True),
    ]


def test_folder_and_manifest_store_the_same(services: Services, folder: Path, tmp_path: Path) -> None:
    run(services, folder)
    from_folder = [row[:9] for row in content(services)]
    report = run(services, write_manifest(tmp_path / "list" / "venues.jsonl"))
    assert report.venues.updated == 4
    assert [row[:9] for row in content(services)] == from_folder


def test_a_second_run_reads_nothing(services: Services, folder: Path) -> None:
    run(services, folder)
    before, batches = content(services), len(encoder(services).image_batches)
    report = run(services, folder)
    assert (report.venues.unchanged, report.photos.unchanged) == (4, 7)
    assert (report.venues.new, report.venues.updated, report.photos.new, report.photos.updated) == (0, 0, 0, 0)
    assert len(encoder(services).image_batches) == batches
    assert content(services) == before


def test_a_changed_photo_is_encoded_again_and_only_it(services: Services, folder: Path) -> None:
    run(services, folder)
    paint(folder / "white-loft" / "loft.jpg", "black", size=(80, 80))
    prepared = encoder(services).prepared
    report = run(services, folder)
    assert (report.photos.updated, report.photos.unchanged, report.venues.updated) == (1, 6, 1)
    assert encoder(services).prepared == prepared + 1


def test_same_size_and_time_is_believed_unless_verify(services: Services, folder: Path) -> None:
    run(services, folder)
    path = folder / "white-loft" / "loft.jpg"
    status = path.stat()
    data = bytearray(path.read_bytes())
    paint(path, "black")
    changed = path.read_bytes()
    path.write_bytes((changed + bytes(len(data)))[: len(data)] if len(changed) <= len(data) else changed)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    same_size = path.stat().st_size == status.st_size
    assert same_size
    assert run(services, folder).photos.unchanged == 7
    report = run(services, folder, verify=True)
    assert (report.photos.updated, report.photos.unchanged) == (1, 6)
    assert (report.venues.updated, report.venues.unchanged) == (1, 3)


def test_a_touched_photo_is_hashed_but_not_encoded(services: Services, folder: Path) -> None:
    run(services, folder)
    os.utime(folder / "white-loft" / "loft.jpg", (1, 1))
    prepared = encoder(services).prepared
    report = run(services, folder)
    assert report.photos.unchanged == 7
    assert encoder(services).prepared == prepared
    assert run(services, folder).venues.unchanged == 4


def test_a_changed_description_is_embedded_again(services: Services, folder: Path) -> None:
    run(services, folder)
    path = folder / "green-garden" / "venue.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"description": "Now a car park."}))
    prepared = encoder(services).prepared
    report = run(services, folder)
    assert (report.venues.updated, report.venues.unchanged, report.photos.unchanged) == (1, 3, 7)
    assert encoder(services).prepared == prepared
    with services.database.connect() as connection:
        told = connection.scalars(text("SELECT content FROM description_embeddings ORDER BY content")).all()
    assert "Green Garden, garden. Now a car park." in told
    assert len(told) == 2


def test_a_description_that_another_writer_changed_meanwhile_is_embedded_again(
    services: Services, folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compared before another wrote, written after: the venue once kept the other's embeddings for ever."""
    run(services, folder)
    before = services.venues.known(["green-garden"])["green-garden"].venue
    other = Services(services.settings, encoder=FakeEncoder(), database=database)
    write = services.venues.write

    def overtaken(*arguments: Any) -> Any:
        monkeypatch.undo()
        rewritten = before.model_copy(update={"description": "Now a car park."})
        other.catalogue.upsert([VenueDraft(venue=rewritten, source=None)])
        return write(*arguments)

    monkeypatch.setattr(services.venues, "write", overtaken)
    path = folder / "green-garden" / "venue.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"city": "Utrecht"}))
    run(services, folder)
    assert services.venues.known(["green-garden"])["green-garden"].venue.description == before.description
    with database.connect() as connection:
        told = connection.scalars(text("SELECT content FROM description_embeddings")).all()
    assert sorted(told) == [
        "Green Garden, garden. Lawns and old trees.",
        "Red Barn, barn. A barn with beams. Parking at the door.",
    ]


def test_a_description_taken_away_leaves_no_embedding(services: Services, folder: Path) -> None:
    run(services, folder)
    path = folder / "green-garden" / "venue.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"description": ""}))
    run(services, folder)
    with services.database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM description_embeddings")) == 1


def test_a_changed_caption_costs_no_encoding(services: Services, folder: Path) -> None:
    run(services, folder)
    path = folder / "white-loft" / "venue.json"
    path.write_text(json.dumps({"name": "White Loft", "photos": [{"uri": "loft.jpg", "caption": "Windows"}]}))
    prepared = encoder(services).prepared
    assert run(services, folder).photos.updated == 1
    assert encoder(services).prepared == prepared
    stored = services.venues.known(["white-loft"], services.catalogue.space)["white-loft"]
    assert stored.photos["loft.jpg"].caption == "Windows"
    assert stored.photos["loft.jpg"].embedded


def test_a_moved_folder_is_recognised(services: Services, folder: Path, tmp_path: Path) -> None:
    run(services, folder)
    folder.rename(tmp_path / "elsewhere")
    prepared = encoder(services).prepared
    report = run(services, tmp_path / "elsewhere")
    assert (report.venues.updated, report.photos.unchanged) == (4, 7)
    assert encoder(services).prepared == prepared
    assert services.venues.counts() == (4, 7)


def test_another_encoder_gets_a_space_of_its_own(services: Services, folder: Path, database: Database) -> None:
    run(services, folder)
    other = Services(services.settings, encoder=FakeEncoder(weights="other"), database=database)
    report = run(other, folder)
    assert (report.photos.updated, report.venues.updated) == (7, 4)
    assert len(services.spaces.all()) == 2
    assert run(services, folder).photos.unchanged == 7


def test_what_changed_is_void_in_every_space(services: Services, folder: Path, database: Database) -> None:
    """Embeddings of the old bytes and the old words must not answer for the new, whichever encoder made them."""
    other = Services(services.settings, encoder=FakeEncoder(weights="other"), database=database)
    for each in (services, other):
        run(each, folder)
    paint(folder / "green-garden" / "lawn.jpg", "black", size=(80, 80))
    path = folder / "green-garden" / "venue.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"description": "Now a car park."}))
    run(services, folder)
    garden = other.catalogue.require("green-garden")
    assert not garden.described
    assert {uri: photo.embedded for uri, photo in garden.photos.items()} == {"lawn.jpg": False, "roses.jpg": True}
    assert other.catalogue.require("red-barn").described
    report = run(other, folder)
    assert (report.photos.updated, report.venues.updated, report.venues.unchanged) == (1, 1, 3)
    assert other.catalogue.require("green-garden").described


def test_several_views_are_stored(database: Database, folder: Path, tmp_path: Path) -> None:
    services = Services(Settings(data_dir=tmp_path), encoder=FakeEncoder(views=3), database=database)
    run(services, folder)
    with database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM photo_embeddings")) == 21


def test_an_interrupted_run_ends_as_if_undisturbed(services: Services, folder: Path, database: Database) -> None:
    class Killed(FakeEncoder):
        def encode_prepared(self, prepared: Any) -> Any:
            if len(self.image_batches) == 1:
                raise KeyboardInterrupt
            return super().encode_prepared(prepared)

    killed = Services(services.settings, encoder=Killed(), database=database)
    with pytest.raises(KeyboardInterrupt):
        run(killed, folder)
    with database.connect() as connection:
        assert connection.scalar(text("SELECT state FROM ingestion_runs")) == "interrupted"
    run(services, folder)
    resumed = content(services)
    services.venues.remove(VENUES)
    run(services, folder)
    assert content(services) == resumed


def test_a_cancelled_run_says_so_and_the_next_ends_as_if_undisturbed(
    services: Services, folder: Path, database: Database
) -> None:
    class Cancelling(Quiet):
        def update(self, report: Report) -> None:
            if report.venues.read:
                raise RunCancelledError("enough")

    with pytest.raises(RunCancelledError, match="enough"):
        ingest(open_source(folder), services, Cancelling(), RunOptions())
    with database.connect() as connection:
        state, report = connection.execute(text("SELECT state, report FROM ingestion_runs")).one()
    assert (state, report["venues"]["read"]) == ("cancelled", 4)
    assert services.runs.unfinished() == []
    assert run(services, folder).venues.new == 4


def test_two_runs_of_one_source_do_not_mix(services: Services, folder: Path) -> None:
    source = open_source(folder)
    with (
        services.runs.exclusively(source.identity),
        pytest.raises(InputError, match="being ingested by another process"),
    ):
        run(services, folder)
    assert run(services, folder).venues.new == 4


def test_memory_is_bounded_by_what_is_ahead(services: Services, tmp_path: Path) -> None:
    """However slow the encoder, no more than a few batches of photos wait decoded."""
    photos = {f"{number:03}.jpg": "red" for number in range(120)}
    folder = write_folder(tmp_path / "big", {"big": {"name": "Big", "photos": photos}})

    class Slow(FakeEncoder):
        ahead = 0

        def encode_prepared(self, prepared: Any) -> Any:
            time.sleep(0.01)
            self.ahead = max(self.ahead, self.prepared - sum(self.image_batches))
            return super().encode_prepared(prepared)

    slow = Slow()
    made = Services(services.settings, encoder=slow, database=services.database)
    assert run(made, folder).photos.new == 120
    assert slow.ahead <= 2 * 3 + 3 + (3 + 2 + 1)  # encoded and ready, gathered, decoded ahead
