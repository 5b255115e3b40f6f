"""What ingestion jobs survive: workers that are killed, services and databases that are started again."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from ingest import job_progress
from tests.catalogues import rows, run, write_many
from tests.servers import kill_server
from tests.serving import problem_of, served
from tests.slow_encoder import HeldEncoder
from tests.streams import told
from tests.workers import eventually, in_state, job, started, working
from venuefinder.bootstrap import Services
from venuefinder.protocols import Encoder
from venuefinder.settings import Settings
from venuefinder.store.database import Database, open_database
from venuefinder.store.embedded import EmbeddedPostgres
from venuefinder.store.schema import upgrade
from venuefinder.testing import FakeEncoder

VENUES = 220
HALF_WAY = 42
"""Batches of five until a hundred venues are stored and the next hundred are being."""


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A manifest of venues with a photo each."""
    return write_many(tmp_path / "many.jsonl", venues=VENUES)


@contextmanager
def services_of(database: Database, folder: Path, encoder: Encoder | None = None, **sources: str) -> Iterator[Services]:
    settings = Settings(_env_file=None, data_dir=folder / "data", batch_size=5, sources=sources)
    with Services(settings, encoder=encoder or FakeEncoder(), database=database) as services:
        yield services


@contextmanager
def worker_process(
    database_url: str, folder: Path, *, batches: int, **sources: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of its own that never gets beyond so many batches."""
    command = [sys.executable, "-m", "tests.job_worker", database_url, str(folder), json.dumps(sources), str(batches)]
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": path})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_another_worker_goes_on_with_the_job_of_one_that_is_killed(
    database: Database, database_url: str, tmp_path: Path, many: Path
) -> None:
    with services_of(database, tmp_path, many=str(many)) as services, served(services) as api:
        with worker_process(database_url, tmp_path, batches=HALF_WAY, many=str(many)) as worker:
            job_id = started(api, source="many")
            eventually(lambda: len(rows(services)) >= 100)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        left = job(api, job_id)
        stored = len(rows(services))
        with working(services):
            found = in_state(api, job_id, "done", "failed")
        photos = found["counts"]["photos"]
        total = len(rows(services))

    assert left["state"] == "running"  # nobody says otherwise before the worker is missed
    assert found["state"] == "done"
    assert (photos["unchanged"], photos["new"]) == (stored, VENUES - stored)
    assert total == VENUES


def test_a_job_does_not_notice_that_the_service_is_started_again(
    database: Database, tmp_path: Path, many: Path
) -> None:
    encoder = HeldEncoder(batches=HALF_WAY)
    with services_of(database, tmp_path, encoder, many=str(many)) as services, working(services):
        with served(services) as api:
            job_id = started(api, source="many")
            encoder.wait()
        with served(services) as api:
            assert job(api, job_id)["state"] == "running"
            encoder.let_go()
            heard = told(api, f"/v1/ingestions/{job_id}/events")
            done = job(api, job_id)

    assert heard[-1].name == "done"
    assert done["counts"]["photos"]["new"] == VENUES  # by one run from beginning to end


def test_worker_and_service_outlive_the_database(tmp_path: Path, many: Path) -> None:
    encoder = HeldEncoder(batches=HALF_WAY)
    with (
        EmbeddedPostgres(tmp_path / "pg") as server,
        open_database(server.url(), tmp_path) as database,
        services_of(migrated(database), tmp_path, encoder, many=str(many)) as services,
        served(services) as api,
        working(services),
    ):
        job_id = started(api, source="many")
        encoder.wait()
        kill_server(server)
        problem_of(api.get(f"/v1/ingestions/{job_id}"), 503, "database-unavailable")
        encoder.let_go()
        with closing(EmbeddedPostgres(tmp_path / "pg")) as again:
            again.start()
            found = in_state(api, job_id, "done", "failed")
            total = len(rows(services))
            with working(services):
                after = in_state(api, started(api, source="many"), "done", "failed")

    assert (found["state"], total) == ("done", VENUES)
    assert after["counts"]["photos"]["unchanged"] == VENUES


def migrated(database: Database) -> Database:
    upgrade(database)
    return database


def test_two_workers_share_the_jobs(database: Database, tmp_path: Path, many: Path) -> None:
    other = write_many(tmp_path / "other" / "other.jsonl", venues=10)
    sources = {"many": str(many), "other": str(other)}
    first, second = HeldEncoder(), HeldEncoder()
    with (
        services_of(database, tmp_path, first, **sources) as one,
        services_of(database, tmp_path, second, **sources) as two,
        served(one) as api,
        working(one),
        working(two),
    ):
        jobs = [started(api, source=source) for source in sources]
        first.wait()
        second.wait()
        running = [job(api, job_id)["state"] for job_id in jobs]
        workers = one.queue.workers()
        first.let_go()
        second.let_go()
        ended = [in_state(api, job_id, "done", "failed")["state"] for job_id in jobs]

    assert (running, workers) == (["running", "running"], 2)
    assert ended == ["done", "done"]


def test_a_job_under_way_follows_the_space_that_serves(
    database: Database, tmp_path: Path, many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that kept its model would fill the old space for days, and what it took would be found no more."""
    monkeypatch.setattr(job_progress, "TELLING_SECONDS", 0)
    held, new = HeldEncoder(batches=HALF_WAY, spec="starter"), FakeEncoder(weights="new", spec="new")
    encoders = {"starter": held, "new": new}
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", batch_size=5, sources={"many": str(many)})
    with (
        Services(settings, load=lambda spec, _: encoders[spec], database=database) as services,
        served(services) as api,
        working(services),
    ):
        job_id = started(api, source="many")
        held.wait()
        services.switching.create(new.space)
        services.switching.activate("new", incomplete=True)
        held.let_go()
        found = in_state(api, job_id, "done", "failed")
        states = {state.stored.space.encoder: state for state in services.fills.states()}

    assert found["state"] == "done"
    assert found["counts"]["photos"]["read"] == VENUES
    assert (states["new"].photos, states["new"].missing.photos) == (VENUES, 0)
    assert states["starter"].photos < VENUES


def test_a_job_whose_space_is_dropped_goes_on_in_the_one_that_serves(
    database: Database, tmp_path: Path, many: Path
) -> None:
    held, new = HeldEncoder(batches=HALF_WAY, spec="starter"), FakeEncoder(weights="new", spec="new")
    encoders = {"starter": held, "new": new}
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", batch_size=5, sources={"many": str(many)})
    with (
        Services(settings, load=lambda spec, _: encoders[spec], database=database) as services,
        served(services) as api,
        working(services),
    ):
        job_id = started(api, source="many")
        held.wait()
        services.switching.create(new.space)
        services.switching.activate("new", incomplete=True)
        services.switching.drop("starter")
        held.let_go()
        found = in_state(api, job_id, "done", "failed")
        with database.connect() as connection:
            embedded = connection.scalar(text("SELECT count(*) FROM photo_embeddings"))

    assert found["state"] == "done"
    assert embedded == VENUES


def test_what_workers_do_is_what_the_command_does(database: Database, tmp_path: Path, many: Path) -> None:
    with services_of(database, tmp_path, many=str(many)) as services, served(services) as api, working(services):
        in_state(api, started(api, source="many"), "done", "failed")
        report = run(services, many)

    assert (report.venues.unchanged, report.photos.unchanged) == (VENUES, VENUES)


def test_a_job_that_somebody_queues_again_while_it_runs_is_not_queued_twice(
    database: Database, tmp_path: Path, many: Path
) -> None:
    """A second task would keep the worker from giving the first one back, and its source would wait for ever."""
    held = HeldEncoder(batches=HALF_WAY)
    with services_of(database, tmp_path, held, many=str(many)) as services, served(services) as api:
        with working(services) as worker:
            job_id = started(api, source="many")
            held.wait()
            services.queue.defer(UUID(job_id), lane="source:many")  # as one that settles may, just too late
            worker.stop()
            held.let_go()
        with working(services):
            found = in_state(api, job_id, "done", "failed")
            after = in_state(api, started(api, source="many"), "done", "failed")

    assert (found["state"], after["state"]) == ("done", "done")
    assert after["counts"]["photos"]["unchanged"] == VENUES
