"""Ingestion jobs from the request to the rows: real HTTP, and a worker that meets it in the database alone."""

import csv
import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import text

from ingest import job_progress
from ingest.worker import MOST_LOST, JobRunner, connections_for
from tests.catalogues import rows, run, write_folder, write_many
from tests.serving import problem_of, served
from tests.slow_encoder import HeldEncoder, SlowEncoder
from tests.streams import Told, events, told
from tests.workers import eventually, in_state, job, started, working
from venuefinder.api import streams as places
from venuefinder.api import watching
from venuefinder.bootstrap import Services
from venuefinder.jobs import JobOptions
from venuefinder.protocols import Encoder
from venuefinder.settings import Settings
from venuefinder.store.database import Database, open_database
from venuefinder.store.jobs import JobRepository
from venuefinder.store.originals import OriginalRepository
from venuefinder.store.runs import RunRepository
from venuefinder.testing import FakeEncoder

OUTLINE = {"verify": False, "prune": False, "retry_failed": False}


@pytest.fixture
def crm(tmp_path: Path) -> Path:
    """A source of four venues with seven photos."""
    return write_folder(tmp_path / "our crm" / "venues")


@pytest.fixture
def services(database: Database, tmp_path: Path, crm: Path) -> Iterator[Services]:
    """Services of a service and a worker with one source."""
    with services_of(database, tmp_path, crm=str(crm)) as services:
        yield services


@contextmanager
def services_of(
    database: Database, tmp_path: Path, encoder: Encoder | None = None, **sources: str
) -> Iterator[Services]:
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", batch_size=5, sources=sources)
    with Services(settings, encoder=encoder or FakeEncoder(), database=database) as services:
        yield services


@pytest.fixture
def api(services: Services) -> Iterator[httpx2.Client]:
    """A client of the service."""
    with served(services) as client:
        yield client


def send(api: httpx2.Client, content: bytes, name: str = "venues.jsonl", **options: Any) -> httpx2.Response:
    return api.post("/v1/ingestions", files={"manifest": (name, content)}, data=options)


def test_a_source_by_name_is_ingested(api: httpx2.Client, services: Services, database: Database) -> None:
    response = api.post("/v1/ingestions", json={"source": "crm"})
    job_id = response.json()["id"]

    assert response.json() == {"id": job_id, "state": "queued"}
    assert response.headers["location"] == f"/v1/ingestions/{job_id}"
    waiting = job(api, job_id)
    assert (waiting["state"], waiting["counts"], waiting["started_at"]) == ("queued", None, None)
    with working(services):
        found = in_state(api, job_id, "done", "failed")

    assert found["state"] == "done"
    assert (found["source"], found["uploaded"], found["options"]) == ("crm", False, OUTLINE)
    counted = {"read": 7, "new": 7, "updated": 0, "unchanged": 0, "failed": 0, "removed": 0}
    assert found["counts"]["photos"] == counted
    assert found["counts"]["venues"] == counted | {"read": 4, "new": 4}
    assert found["created_at"] <= found["started_at"] <= found["finished_at"]
    assert found["progress"]["photos_per_second"] > 0
    assert len(rows(services)) == 7
    with database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM procrastinate.procrastinate_jobs")) == 0


def test_options_reach_the_run(api: httpx2.Client, services: Services, crm: Path) -> None:
    run(services, crm)
    (crm / "white-loft" / "loft.jpg").unlink()
    (crm / "white-loft" / "venue.json").unlink()
    (crm / "white-loft").rmdir()
    with working(services):
        job_id = started(api, source="crm", prune=True, verify=True)
        found = in_state(api, job_id, "done", "failed")

    assert found["options"] == OUTLINE | {"prune": True, "verify": True}
    assert found["counts"]["venues"]["removed"] == 1
    assert found["counts"]["photos"]["unchanged"] == 6


def test_a_job_may_take_what_failed_alone(api: httpx2.Client, services: Services, crm: Path) -> None:
    (crm / "red-barn" / "page.jpg").write_text("<html>404</html>")
    run(services, crm)
    with working(services):
        job_id = started(api, source="crm", retry_failed=True)
        counts = in_state(api, job_id, "done")["counts"]
    assert (counts["venues"]["read"], counts["kinds"]) == (1, {"not-an-image": 1})


def test_the_same_again_while_it_is_queued_is_the_same_job(api: httpx2.Client) -> None:
    first, again = started(api, source="crm"), started(api, source="crm", prune=False)
    other = started(api, source="crm", prune=True)

    assert first == again != other
    assert [one["id"] for one in api.get("/v1/ingestions").json()["ingestions"]] == [other, first]


def test_jobs_of_one_source_run_one_after_the_other(database: Database, tmp_path: Path, crm: Path) -> None:
    with services_of(database, tmp_path, SlowEncoder(0.2), crm=str(crm)) as services, served(services) as api:
        first, second = started(api, source="crm"), started(api, source="crm", verify=True)
        with working(services, concurrency=2):
            one, two = in_state(api, first, "done"), in_state(api, second, "done")

    assert one["finished_at"] <= two["started_at"]


def test_jobs_at_once_leave_each_other_connections(database_url: str, tmp_path: Path) -> None:
    """Each job keeps two: five of them kept all ten that there were, and waited for more until they were given up."""
    with ExitStack() as stack:
        database = stack.enter_context(open_database(database_url, tmp_path, pool_size=connections_for(5)))
        for number in range(5):
            stack.enter_context(RunRepository(database).exclusively(f"source {number}"))
            stack.enter_context(OriginalRepository(database).holding())
        for _ in range(2 * 5):
            assert stack.enter_context(database.connect()).scalar(text("SELECT 1")) == 1


def test_pages_of_jobs_and_of_failures(api: httpx2.Client, services: Services, crm: Path) -> None:
    for number in range(5):
        (crm / "red-barn" / f"broken-{number}.jpg").write_bytes(b"<html>")
    made = [
        started(api, source="crm", verify=verify, prune=prune) for verify in (True, False) for prune in (True, False)
    ]
    with working(services):
        for job_id in made:
            in_state(api, job_id, "done")
    seen, cursor = [], None
    while True:
        page = api.get("/v1/ingestions", params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        seen += [one["id"] for one in page["ingestions"]]
        if not (cursor := page["next_cursor"]):
            break
    assert seen == made[::-1]

    failures, after = [], 0
    while after is not None:
        page = api.get(f"/v1/ingestions/{made[-1]}/failures", params={"limit": 2, "cursor": after}).json()
        failures += page["failures"]
        after = page["next_cursor"]
    assert sorted(one["uri"].rpartition("/")[2] for one in failures) == [f"broken-{number}.jpg" for number in range(5)]
    problem_of(api.get("/v1/ingestions", params={"cursor": str(uuid4())}), 404, "not-found")


def test_failures_name_no_folder_of_the_machine(api: httpx2.Client, services: Services, crm: Path) -> None:
    (crm / "red-barn" / "=cmd.jpg").write_bytes(b"no picture")
    (crm / "no-venue").mkdir()
    (crm / "no-venue" / "venue.json").write_text("{")
    with working(services):
        job_id = started(api, source="crm")
        in_state(api, job_id, "done")
    answer = api.get(f"/v1/ingestions/{job_id}/failures")
    table = api.get(f"/v1/ingestions/{job_id}/failures", headers={"accept": "text/csv"})
    cells = list(csv.reader(StringIO(table.text, newline="")))

    found = answer.json()["failures"]
    assert len(found) == 2
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert cells[0] == ["uri", "external_id", "kind", "reason"]
    assert [cell[3] for cell in cells[1:]] == [one["reason"] for one in found]
    assert not [cell for row in cells for cell in row if cell.startswith("=")]
    for secret in (str(crm), str(crm.parent), "our crm"):
        assert secret not in answer.text + table.text


def test_a_manifest_is_sent_kept_read_and_forgotten(api: httpx2.Client, services: Services, database: Database) -> None:
    lines = [{"external_id": "a", "name": "A", "photos": ["http://127.0.0.1:9/a.jpg"]}, {"external_id": "b"}]
    response = send(api, "\n".join(map(json.dumps, lines)).encode(), prune="true")
    job_id = response.json()["id"]
    kept = "SELECT content FROM ingestion_manifests"
    with database.connect() as connection:
        assert bytes(connection.scalar(text(kept))).startswith(b'{"external_id": "a"')
    with working(services):
        found = in_state(api, job_id, "done", "failed")
        failures = api.get(f"/v1/ingestions/{job_id}/failures").json()["failures"]

    assert response.status_code == 202
    assert (found["state"], found["source"], found["uploaded"]) == ("done", "venues.jsonl", True)
    assert found["counts"]["venues"]["failed"] == 1
    assert found["counts"]["photos"]["failed"] == 1
    assert {one["uri"] for one in failures} == {"http://127.0.0.1:9/a.jpg", "venues.jsonl:2"}
    with database.connect() as connection:
        assert connection.scalar(text(kept)) is None


def test_a_sent_manifest_reads_no_file_of_the_worker(api: httpx2.Client, services: Services, crm: Path) -> None:
    photo = crm / "red-barn" / "front.jpg"
    named = [str(photo), photo.as_uri(), f"../{photo.name}", "venues.jsonl", "s3://bucket/a.jpg", "/proc/self/environ"]
    with working(services):
        job_id = send(api, json.dumps({"external_id": "a", "name": "A", "photos": named}).encode()).json()["id"]
        found = in_state(api, job_id, "done", "failed")
        told_of = api.get(f"/v1/ingestions/{job_id}/failures").text

    assert found["counts"]["photos"]["failed"] == len(named)
    assert found["counts"]["photos"]["new"] == 0
    assert "/tmp" not in told_of.replace(str(photo), "").replace(photo.as_uri(), "")  # noqa: S108 - what must not be told


def test_a_job_that_fails_says_why_without_paths(api: httpx2.Client, services: Services, crm: Path) -> None:
    crm.rename(crm.parent / "elsewhere")
    with working(services):
        gone = in_state(api, started(api, source="crm"), "failed")
        empty = in_state(api, send(api, b"\n{", "a.parquet").json()["id"], "failed")

    assert "no such file or folder" in gone["message"]
    assert "our crm" not in gone["message"]
    assert gone["finished_at"]
    assert "not a Parquet file" in empty["message"]


def test_a_queued_job_is_cancelled_at_once(api: httpx2.Client, services: Services, database: Database) -> None:
    job_id, other = started(api, source="crm"), send(api, b"{}").json()["id"]
    cancelled = api.post(f"/v1/ingestions/{job_id}/cancel").json()
    api.post(f"/v1/ingestions/{other}/cancel")

    assert (cancelled["state"], cancelled["started_at"]) == ("cancelled", None)
    assert services.queue.held() == set()
    with database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM ingestion_manifests")) == 0
    assert api.post(f"/v1/ingestions/{job_id}/cancel").json() == cancelled
    assert told(api, f"/v1/ingestions/{job_id}/events")[0].name == "cancelled"


def test_a_running_job_is_cancelled_and_keeps_what_it_wrote(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_progress, "TELLING_SECONDS", 0)
    many = write_many(tmp_path / "many.jsonl", venues=300)
    encoder = HeldEncoder(batches=42)  # 210 photos: one group of a hundred is counted, the next is being written
    with (
        services_of(database, tmp_path, encoder, many=str(many)) as services,
        served(services) as api,
        working(services),
    ):
        job_id = started(api, source="many")
        encoder.wait()
        asked = api.post(f"/v1/ingestions/{job_id}/cancel").json()
        encoder.let_go()
        found = in_state(api, job_id, "cancelled", "done")
        stored = len(rows(services))

    assert (asked["state"], asked["cancel_requested"], asked["counts"]["venues"]["new"]) == ("running", True, 100)
    assert found["state"] == "cancelled"
    assert 100 <= found["counts"]["venues"]["new"] <= stored < 300


def test_a_stopped_worker_gives_its_job_back(database: Database, tmp_path: Path) -> None:
    many = write_many(tmp_path / "many.jsonl", venues=120)
    encoder = HeldEncoder()
    with services_of(database, tmp_path, encoder, many=str(many)) as services, served(services) as api:
        job_id = started(api, source="many")
        with working(services) as worker:
            encoder.wait()
            worker.stop()
            encoder.let_go()
        given_back = job(api, job_id)
        with services_of(database, tmp_path, many=str(many)) as quick, working(quick):
            found = in_state(api, job_id, "done")

    assert (given_back["state"], given_back["finished_at"]) == ("queued", None)
    assert found["started_at"] == given_back["started_at"]
    assert found["counts"]["venues"]["read"] == 120
    assert len(rows(services)) == 120


def test_what_happens_is_told_once_a_second_to_every_reader(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "POLL_SECONDS", 0.2)
    many = write_many(tmp_path / "many.jsonl", venues=120)
    encoder = HeldEncoder(batches=22)
    read = 0
    with services_of(database, tmp_path, encoder, many=str(many)) as services, served(services) as api:
        job_id = started(api, source="many")
        real = services.ingestions.job

        def counted(job_id: UUID) -> Any:
            nonlocal read
            read += 1
            return real(job_id)

        services.ingestions.job = counted  # type: ignore[method-assign] # to count how often it is called
        heard: list[list[Any]] = [[] for _ in range(5)]

        def listen(place: int) -> None:
            heard[place] = told(api, f"/v1/ingestions/{job_id}/events", **{"Last-Event-ID": "99"})

        readers = [threading.Thread(target=listen, args=(place,)) for place in range(5)]
        began = time.monotonic()
        for reader in readers:
            reader.start()
        with working(services):
            encoder.wait()
            eventually(lambda: read > 8)  # all have the job as it runs
            encoder.let_go()
            for reader in readers:
                reader.join()
        polls = (time.monotonic() - began) / watching.POLL_SECONDS

    assert {one[-1].name for one in heard} == {"done"}
    assert {one[0].data["state"] for one in heard} <= {"queued", "running"}
    assert all({event.name for event in one[:-1]} == {"progress"} for one in heard)
    assert all(one[-1].data["counts"]["venues"]["new"] == 120 for one in heard)
    assert all(
        [event.data for event in one] == list({json.dumps(event.data): event.data for event in one}.values())
        for one in heard
    )
    assert read <= len(readers) + polls + 1  # one poller, however many read


def test_streams_share_their_places_and_outlive_the_service(
    database: Database, tmp_path: Path, crm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MOST_STREAMS", 1)
    heard: list[Told] = []
    begun = threading.Event()
    with services_of(database, tmp_path, crm=str(crm)) as services:
        with served(services) as api:
            job_id = started(api, source="crm")
            stream = f"/v1/ingestions/{job_id}/events"

            def listen() -> None:
                with httpx2.stream("GET", f"{api.base_url}{stream}", timeout=60) as response:
                    for event in events(response):
                        heard.append(event)
                        begun.set()

            reader = threading.Thread(target=listen)
            reader.start()
            assert begun.wait(60)
            problem_of(api.get(stream), 503, "busy")
        reader.join()
        assert [event.name for event in heard] == ["progress"]
        with served(services) as api, working(services):
            assert told(api, stream, **{"Last-Event-ID": "1"})[-1].name == "done"


def test_a_job_that_was_never_handed_over_is_run_all_the_same(api: httpx2.Client, services: Services) -> None:
    """A service that is killed between storing a job and queueing it leaves just this."""
    stored = JobRepository(services.database).add("crm", JobOptions(), None, most=9)
    assert stored is not None
    assert services.queue.held() == set()
    with working(services):
        assert in_state(api, str(stored.id), "done")["counts"]["venues"]["new"] == 4


def test_a_source_that_somebody_else_ingests_is_waited_for(api: httpx2.Client, services: Services, crm: Path) -> None:
    with working(services):
        with RunRepository(services.database).exclusively(str(crm)):
            job_id = started(api, source="crm")
            eventually(lambda: JobRepository(services.database).get(UUID(job_id)).attempt > 1)  # type: ignore[union-attr]
            assert job(api, job_id)["state"] in ("queued", "running")
        assert in_state(api, job_id, "done", "failed")["state"] == "done"


def test_only_the_last_taker_of_a_job_may_write(services: Services) -> None:
    jobs = JobRepository(services.database)
    added = jobs.add("crm", JobOptions(), None, most=9)
    assert added is not None
    first, second = jobs.take(added.id), jobs.take(added.id)
    assert first is not None and second is not None  # noqa: PT018 - narrows both

    assert (first.attempt, first.lost, second.attempt, second.lost) == (1, 0, 2, 1)
    assert jobs.tell(first, {}, {}, run_of="x") is None
    assert jobs.finish(first, "failed") is None
    assert jobs.give_back(first) is None
    kept = [jobs.tell(second, {"venues": {"read": 1, "new": new}}, {}, run_of="x") for new in (0, 1)]
    assert [one and one.lost for one in kept] == [1, 0]  # who stored something was not lost in vain
    assert jobs.finish(second, "done") is not None
    assert jobs.take(added.id) is None
    assert jobs.finish(second, "failed") is None


def test_a_job_that_costs_every_worker_its_life_fails(services: Services, api: httpx2.Client) -> None:
    jobs = JobRepository(services.database)
    added = jobs.add("crm", JobOptions(), None, most=9)
    assert added is not None
    for _ in range(MOST_LOST + 1):
        jobs.take(added.id)

    assert JobRunner(services, threading.Event()).run(added.id)
    found = job(api, str(added.id))
    assert found["state"] == "failed"
    assert "lost 11 times in a row" in found["message"]


def test_the_use_case_needs_no_http(services: Services) -> None:
    added = services.ingestions.start("crm", JobOptions(prune=True))

    assert services.ingestions.newest(limit=2, before=None) == [added]
    assert services.ingestions.cancel(added.id) == replace(
        added, state="cancelled", cancel_requested=True, finished_at=services.ingestions.job(added.id).finished_at
    )
