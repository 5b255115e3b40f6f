"""Requests for ingestion jobs that are refused, and in which words."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from pydantic import SecretStr

from tests.serving import problem_of, served
from venuefinder import ingestions
from venuefinder.bootstrap import Services
from venuefinder.settings import Settings
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder

MANIFEST_BYTES = 1_000


@pytest.fixture(scope="module")
def services(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services with one source, and nobody who works on jobs."""
    folder = tmp_path_factory.mktemp("requests")
    sources = {"crm": str(folder / "a secret place")}
    settings = Settings(_env_file=None, data_dir=folder, sources=sources, max_manifest_bytes=MANIFEST_BYTES)
    with Services(settings, encoder=FakeEncoder(), database=module_database) as services:
        yield services


@pytest.fixture(scope="module")
def served_api(services: Services) -> Iterator[httpx2.Client]:
    """A client of the service."""
    with served(services) as client:
        yield client


@pytest.fixture
def api(served_api: httpx2.Client) -> Iterator[httpx2.Client]:
    """The client, and no job left behind."""
    yield served_api
    for job in jobs(served_api):
        served_api.post(f"/v1/ingestions/{job['id']}/cancel")


def jobs(api: httpx2.Client) -> list[dict[str, Any]]:
    found = api.get("/v1/ingestions", params={"limit": 1000}).json()["ingestions"]
    return [job for job in found if job["state"] == "queued"]


def send(api: httpx2.Client, content: bytes, name: str = "venues.jsonl", **options: Any) -> httpx2.Response:
    return api.post("/v1/ingestions", files={"manifest": (name, content)}, data=options)


HOSTILE: list[tuple[Any, int, str]] = [
    ({"source": "elsewhere"}, 422, "unusable-input"),
    ({"source": "/etc/passwd"}, 422, "invalid-request"),
    ({"source": "../crm"}, 422, "invalid-request"),
    ({"source": "https://evil.example/a.jsonl"}, 422, "invalid-request"),
    ({"source": "crm\u0000"}, 422, "invalid-request"),
    ({"source": ""}, 422, "invalid-request"),
    ({"source": ["crm"]}, 422, "invalid-request"),
    ({}, 422, "invalid-request"),
    ([], 422, "invalid-request"),
    (None, 422, "invalid-request"),
    ({"source": "crm", "engine": "ray"}, 422, "invalid-request"),
    ({"source": "crm", "prune": "yes"}, 422, "invalid-request"),
    ({"source": "crm", "manifest": "a"}, 422, "invalid-request"),
]


@pytest.mark.parametrize(("body", "status", "name"), HOSTILE)
def test_bodies_that_are_refused(api: httpx2.Client, body: Any, status: int, name: str) -> None:
    found = problem_of(api.post("/v1/ingestions", json=body), status, name)

    if name == "unusable-input":
        assert "expected one that the operator of this service allows: crm" in found["detail"]
    assert jobs(api) == []


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"source": "crm"}', "text/plain", 422),
        (b'{"source": "crm"}', "", 422),
        (b"source=crm", "application/x-www-form-urlencoded", 422),
        (b"--b\r\n", "multipart/form-data; boundary=b", 400),
        (b" " * 1_000_001, "application/json", 413),
    ],
)
def test_bodies_that_are_no_requests(api: httpx2.Client, content: bytes, media_type: str, status: int) -> None:
    headers = {"content-type": media_type} if media_type else {}
    assert api.post("/v1/ingestions", content=content, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("name", "content", "data"),
    [
        ("../venues.jsonl", b"{}", {}),
        ("a/b.jsonl", b"{}", {}),
        (".jsonl", b"{}", {}),
        ("venues.exe", b"{}", {}),
        ("venues", b"{}", {}),
        ("x" * 100 + ".jsonl", b"{}", {}),
        ("venues\n.jsonl", b"{}", {}),
        ("venues.jsonl", b"", {}),
        ("venues.jsonl", b" \n", {}),
        ("venues.jsonl", b"{}", {"source": "crm"}),
        ("venues.jsonl", b"{}", {"prune": "perhaps"}),
        ("venues.jsonl", b"{}", {"prune": ["true", "false"]}),
    ],
)
def test_forms_that_are_refused(api: httpx2.Client, name: str, content: bytes, data: dict[str, Any]) -> None:
    assert send(api, content, name, **data).status_code == 422
    assert jobs(api) == []


def test_forms_without_a_file_or_with_two(api: httpx2.Client) -> None:
    as_text = {"manifest": (None, "{}")}
    twice = [("manifest", ("a.jsonl", b"{}")), ("manifest", ("b.jsonl", b"{}"))]

    problem_of(api.post("/v1/ingestions", files=as_text), 422, "invalid-request")
    problem_of(api.post("/v1/ingestions", files=twice), 400, "malformed-request")


def test_manifests_above_the_limit_are_cut_off(api: httpx2.Client) -> None:
    assert send(api, b"x" * MANIFEST_BYTES).status_code == 202
    problem_of(send(api, b"x" * (MANIFEST_BYTES + 1)), 413, "too-large")
    problem_of(send(api, b"x" * 200_000), 413, "too-large")


def test_only_so_many_are_queued(api: httpx2.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingestions, "MOST_QUEUED", 3)
    sent = [send(api, b"{}") for _ in range(4)]

    assert [response.status_code for response in sent] == [202, 202, 202, 503]
    assert "3 queued" in problem_of(sent[-1], 503, "busy")["detail"]
    api.post(f"/v1/ingestions/{sent[0].json()['id']}/cancel")
    assert send(api, b"{}").status_code == 202


@pytest.mark.parametrize("path", ["", "/events", "/failures", "/cancel"])
@pytest.mark.parametrize(
    ("job_id", "status", "name"),
    [("0b7c3b9e-6a0f-4c39-8f0e-6a2f0d6f9c11", 404, "not-found"), ("1", 422, "invalid-request")],
)
def test_jobs_that_are_not_there(api: httpx2.Client, path: str, job_id: str, status: int, name: str) -> None:
    method = "POST" if path == "/cancel" else "GET"
    problem_of(api.request(method, f"/v1/ingestions/{job_id}{path}"), status, name)
    if path == "/failures":
        csv_asked = {"accept": "text/csv"}
        problem_of(api.get(f"/v1/ingestions/{job_id}{path}", headers=csv_asked), status, name)


def test_everything_wants_the_key_and_pages_of_other_sites_start_nothing(services: Services) -> None:
    job_id = uuid4()
    paths = [
        ("POST", ""),
        ("GET", ""),
        ("GET", f"/{job_id}"),
        ("GET", f"/{job_id}/events"),
        ("GET", f"/{job_id}/failures"),
    ]
    with served(services) as api:
        foreign = api.post("/v1/ingestions", json={"source": "crm"}, headers={"origin": "https://evil.example"})
        problem_of(foreign, 403, "foreign-origin")
    locked = Services(
        services.settings.model_copy(update={"api_key": SecretStr("a key of ours")}),
        encoder=FakeEncoder(),
        database=services.database,
    )
    with locked, served(locked) as api:
        for method, path in [*paths, ("POST", f"/{job_id}/cancel")]:
            problem_of(api.request(method, f"/v1/ingestions{path}"), 401, "unauthorised")
