"""Photos copied into our own store; and every kind at once, for all who read originals."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import text

from ingest.backfill import Backfill, BackfillReport
from tests.buckets import BUCKET
from tests.catalogues import paint
from tests.hostile_web import HostileServer
from tests.serving import served
from tests.shards import write_shard
from tests.sourced import kept, manifest, readable, run, services_of, stored, venue
from venuefinder.bootstrap import Services
from venuefinder.originals.buckets import Buckets
from venuefinder.settings import Settings
from venuefinder.spaces.space_states import Missing
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder


@pytest.mark.parametrize("place", ["", "s3"])
def test_copies_outlive_what_was_copied(
    place: str, database: Database, s3: Buckets, web: HostileServer, tmp_path: Path, painted: dict[str, bytes]
) -> None:
    store = f"s3://{BUCKET}/store" if place else ""
    paint(tmp_path / "own.jpg", "white")
    path = manifest(
        tmp_path / "m.jsonl", venue(web.url("/red.jpg"), "own.jpg"), venue(web.url("/red.jpg?2"), external_id="b")
    )
    chosen = {"fetch_allow": "127.0.0.1", "photo_store": store}
    with services_of(database, tmp_path, **chosen) as services:
        run(services, path)
        assert not any(photo.file.copied for photo in stored(services))
    with services_of(database, tmp_path, copy_photos=True, **chosen) as services:
        report = run(services, path)
        assert (report.photos.updated + report.photos.unchanged, report.photos.failed) == (3, 0)
        hashes = {photo.content.content_hash for photo in stored(services) + stored(services, "b")}
        assert len(hashes) == 2
        assert all(services.originals.kept.there(one) for one in hashes)
        asked = web.asked.total()
        assert run(services, path).photos.unchanged == 3
        assert web.asked.total() == asked
    web.close()
    (tmp_path / "own.jpg").rename(tmp_path / "moved.jpg")
    with services_of(database, tmp_path, **chosen) as services:
        assert all(readable(services, photo) for photo in stored(services))
        with served(services) as api:
            shown = [api.get(photo["url"]) for photo in api.get("/v1/venues/a").json()["photos"]]
            assert {answered.status_code for answered in shown} == {200}
        services.removals.remove_venues(["a", "b"])
        assert not any(services.originals.kept.there(one) for one in hashes)


def test_what_a_copy_was_replaced_by_is_forgotten_by_the_run(database: Database, tmp_path: Path) -> None:
    path = manifest(tmp_path / "m.jsonl", venue("a.jpg", "b.jpg"))
    paint(tmp_path / "a.jpg", "red")
    paint(tmp_path / "b.jpg", "green")
    with services_of(database, tmp_path, copy_photos=True) as services:
        run(services, path)
        before = kept(services)
        paint(tmp_path / "a.jpg", "blue", size=(300, 200))
        manifest(path, venue("a.jpg"))
        run(services, path, prune=True)
        after = kept(services)
    assert (len(before), len(after), len(before & after)) == (2, 1, 0)


def test_a_copy_goes_where_a_photo_is_read_in_place_again(database: Database, tmp_path: Path) -> None:
    """A photo that changed in time alone was no longer said to be copied, and its copy stayed for ever."""
    path = manifest(tmp_path / "m.jsonl", venue("a.jpg", "b.jpg"))
    paint(tmp_path / "a.jpg", "red")
    paint(tmp_path / "b.jpg", "green")
    with services_of(database, tmp_path, copy_photos=True) as services:
        run(services, path)
        assert len(kept(services)) == 2
    os.utime(tmp_path / "a.jpg", ns=(1, 1))
    with services_of(database, tmp_path) as services:
        run(services, path)
        in_place, copied = stored(services)
        assert (in_place.file.copied, copied.file.copied) == (False, True)
        assert readable(services, in_place)
        assert readable(services, copied)
        assert kept(services) == {copied.content.content_hash.hex()}


def test_nothing_is_deleted_while_somebody_puts_originals_into_the_store(database: Database, tmp_path: Path) -> None:
    """Two venues share an original: one is removed just when a run has found it in the store already."""
    paint(tmp_path / "a.jpg", "red")
    path = manifest(tmp_path / "m.jsonl", venue("a.jpg"))
    with services_of(database, tmp_path, copy_photos=True) as services:
        run(services, path)
        before = kept(services)
        with services.removals.keeping():
            services.removals.remove_venue("a")
            assert kept(services) == before
        assert kept(services) == set()
        with database.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM unused_originals")) == 0


class Unheard:
    """`BackfillProgress` for nobody."""

    def begin(self, missing: Missing) -> None: ...
    def update(self, report: BackfillReport) -> None: ...
    def say(self, message: str) -> None: ...


def test_every_kind_is_served_and_looked_at_and_filled_into_another_space(
    database: Database, s3: Buckets, web: HostileServer, tmp_path: Path, painted: dict[str, bytes]
) -> None:
    s3.write(f"s3://{BUCKET}/kinds/a.jpg", painted["green"])
    paint(tmp_path / "own.jpg", "white")
    given = {"bytes": painted["red"], "path": "inside.jpg"}
    named = [{"path": name} for name in (web.url("/blue.jpg"), f"s3://{BUCKET}/kinds/a.jpg", "own.jpg")]
    pq.write_table(pa.Table.from_pylist([venue(given, *named)]), tmp_path / "m.parquet")
    write_shard(tmp_path / "s.tar", {"1.jpg": painted["green"], "1.json": {"external_id": "b"}})
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", fetch_allow="127.0.0.1", batch_size=3)
    encoders = {spec: FakeEncoder(weights=spec, spec=spec) for spec in ("starter", "new")}
    with Services(settings, load=lambda spec, _: encoders[spec], database=database) as services:
        assert run(services, tmp_path / "m.parquet").photos.new == 4
        assert run(services, tmp_path / "s.tar").photos.new == 1
        with served(services) as api:
            answers = [api.get(f"/v1/venues/{name}") for name in "ab"]
            pictures = [api.get(photo["url"]) for answered in answers for photo in answered.json()["photos"]]
        assert [answered.status_code for answered in pictures] == [200] * 5
        assert not any(place in answered.text for answered in answers for place in ("inline:", "tar:", str(tmp_path)))
        looked_at = services.photo_inputs.of(["a", "b"])
        seen = [photo.open(10_000).size for venue_of in looked_at.values() for photo in venue_of.photos]
        assert seen == [(116, 87)] * 5
        space = services.switching.create(encoders["new"].space)[0]
        report = Backfill(services.in_space(space), space, Unheard()).run()
    assert (report.photos, report.failures) == (5, [])
