"""Errors that are no route's own: unknown paths, bodies too large, a database that is gone; and the health checks."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.conftest import create_database, drop_database
from tests.serving import exchanged, photo, problem_of, served
from venuefinder.api.errors import TABLE, mapped
from venuefinder.api.limits import MAX_BODY_BYTES
from venuefinder.bootstrap import Services
from venuefinder.errors import (
    DatabaseUnavailableError,
    EncodingError,
    ImageError,
    ListingError,
    RefusedToServeError,
    SchemaError,
    VenueFinderError,
)
from venuefinder.settings import Settings
from venuefinder.store.database import open_database
from venuefinder.store.embedded import EmbeddedPostgres
from venuefinder.store.schema import downgrade, upgrade
from venuefinder.testing import FakeEncoder


@pytest.mark.parametrize("path", ["/v1", "/v2/search", "/v1/search/", "/docs", "/redoc", "/v1/photos/1", "/%00", "/é"])
def test_unknown_paths(api: httpx2.Client, path: str) -> None:
    found = problem_of(api.get(path), 404, "no-such-route")

    assert "/openapi.json" in found["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/search", {"POST"}),
        ("POST", "/v1/venues/a", {"GET", "PUT", "DELETE"}),
        ("PATCH", "/v1/venues/a", {"GET", "PUT", "DELETE"}),
        ("PUT", "/v1/photos/1/image", {"GET"}),
        ("OPTIONS", "/v1/search", {"POST"}),
        ("BREW", "/healthz", {"GET"}),
    ],
)
def test_methods_that_are_not_for_a_path(api: httpx2.Client, method: str, path: str, allowed: set[str]) -> None:
    response = api.request(method, path)

    problem_of(response, 405, "method-not-allowed")
    assert set(response.headers["allow"].split(", ")) <= allowed


PUT = b"PUT /v1/venues/a HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def test_a_body_announced_too_large_is_refused_unread(api: httpx2.Client) -> None:
    answer = exchanged(api, PUT + b"Content-Length: 2000000\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"found 2,000,000 bytes or more, expected at most 1,000,000" in answer


def test_a_body_that_streams_too_large_is_cut_off(api: httpx2.Client) -> None:
    largest = b"%x\r\n" % MAX_BODY_BYTES + b" " * MAX_BODY_BYTES + b"\r\n"

    answer = exchanged(api, PUT + b"Transfer-Encoding: chunked\r\n\r\n" + largest + b"1\r\n \r\n")

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"urn:venuefinder:problem:too-large" in answer


UNREADABLE = {
    b'{"name": "A", "attributes": {"a": ' + b"[" * 100_000: "nested too deep",
    b'{"name": "A", "attributes": {"a": ' + b"9" * 5_000 + b"}}": "a number of thousands of digits",
    b'{"name": "\xff"}': "send JSON in UTF-8",
    b'{"name": ': "not JSON at character 9",
}


@pytest.mark.parametrize(("content", "says"), UNREADABLE.items(), ids=UNREADABLE.values())
def test_a_body_that_cannot_be_read_is_told_why(api: httpx2.Client, content: bytes, says: str) -> None:
    response = api.put("/v1/venues/unreadable", content=content, headers={"content-type": "application/json"})

    assert says in problem_of(response, 400, "malformed-request")["detail"]


@pytest.mark.parametrize(("sent_as", "shown"), [("", "nothing"), ("text/plain", '"text/plain"')])
def test_json_that_is_not_called_json(api: httpx2.Client, sent_as: str, shown: str) -> None:
    """What curl sends without a header; the answer once showed the body and asked for a dictionary."""
    headers = {"content-type": sent_as} if sent_as else {}
    found = problem_of(api.post("/v1/search", content=b'{"query": "red"}', headers=headers), 422, "invalid-request")

    assert found["detail"] == f"header.content-type: found {shown}; application/json is expected"


@pytest.mark.parametrize(
    ("field", "value", "detail"),
    [
        ("name", True, "body.name: found true; text is expected"),
        ("name", "", 'body.name: found ""; at least one character is expected'),
        ("name", "x" * 501, "…; at most 500 characters are allowed"),
        ("latitude", 91, "body.latitude: found 91; at most 90.0 is expected"),
        ("capacity", {"seated": 0}, "body.capacity.seated: found 0; at least 1 is expected"),
        ("country", "England", 'body.country: found "England"; two capital letters are expected'),
        ("rooms", None, "body.rooms: found null; a list is expected"),
    ],
)
def test_what_is_wrong_is_said_as_the_command_line_says_it(
    api: httpx2.Client, field: str, value: Any, detail: str
) -> None:
    body = {"name": "A", "longitude": 0, "latitude": 0} | {field: value}

    assert detail in problem_of(api.put("/v1/venues/words", json=body), 422, "invalid-request")["detail"]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00hello\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        PUT + b"Content-Length: -5\r\n\r\n{}",
        PUT + b"Transfer-Encoding: chunked\r\n\r\nno size\r\n",
    ],
)
def test_what_is_not_http_gets_a_problem_too(api: httpx2.Client, sent: bytes) -> None:
    """Such requests never reach the application; the server underneath answers them, once in plain text."""
    head, _, body = exchanged(api, sent).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"\r\ncontent-type: application/problem+json" in head.lower()
    found = json.loads(body)
    assert (found["status"], found["type"]) == (400, "urn:venuefinder:problem:malformed-request")
    assert found["instance"].removeprefix("urn:uuid:").encode() in head


def test_every_error_of_ours_has_a_problem() -> None:
    def below(kind: type[VenueFinderError]) -> Iterator[type[VenueFinderError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    # Some take more than a message; which they become is a matter of their class alone.
    assert all(mapped(kind.__new__(kind)).kind.status >= 400 for kind in below(VenueFinderError))
    assert mapped(ImageError()).kind.name == "unusable-photo"
    assert mapped(ListingError()).kind.name == "unusable-input"
    assert mapped(SchemaError()).kind.status == mapped(DatabaseUnavailableError()).kind.status == 503
    assert mapped(EncodingError()).kind.status == 500
    assert mapped(RefusedToServeError()).detail is not None
    assert {entry.kind.status for entry in TABLE.values()} == {404, 409, 422, 500, 502, 503}


@pytest.mark.parametrize("path", ["/healthz", "/v1/venues/absent", "/openapi.json"])
def test_every_answer_has_an_id_and_is_not_sniffed(api: httpx2.Client, path: str) -> None:
    first, second = api.get(path), api.get(path)

    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["cache-control"] == "no-store"


def parts(response: httpx2.Response) -> dict[str, bool]:
    found: Any = problem_of(response, 503, "not-ready")["parts"]
    return {part["part"]: part["ready"] for part in found}


@pytest.fixture
def own(embedded_server: EmbeddedPostgres, template_database: str, tmp_path: Any) -> Iterator[tuple[Services, str]]:
    """Services on a database that a test may break, and its name."""
    name = "breakable"
    create_database(embedded_server, name, template_database)
    with open_database(embedded_server.url(name), tmp_path) as database:
        yield Services(Settings(_env_file=None, data_dir=tmp_path), encoder=FakeEncoder(), database=database), name
    drop_database(embedded_server, name)


def test_ready_once_something_is_embedded(own: tuple[Services, str]) -> None:
    with served(own[0]) as api:
        assert parts(api.get("/readyz")) == {"encoder": True, "database": True, "schema": True, "space": False}
        api.put("/v1/venues/a", json={"name": "A"})
        assert parts(api.get("/readyz"))["space"] is False
        api.post("/v1/venues/a/photos", files=[("files", ("a.jpg", photo()))])
        ready = api.get("/readyz")

    assert ready.status_code == 200
    assert ready.json()["status"] == "ready"
    assert {part["part"]: part["ready"] for part in ready.json()["parts"]} == dict.fromkeys(
        ("encoder", "database", "schema", "space"), True
    )


def test_not_ready_with_a_stale_schema(own: tuple[Services, str]) -> None:
    services = own[0]
    with served(services) as api:
        downgrade(services.database)
        assert parts(api.get("/readyz")) == {"encoder": True, "database": True, "schema": False, "space": False}
        upgrade(services.database)
        assert parts(api.get("/readyz"))["schema"] is True


def test_a_database_that_goes_away(
    own: tuple[Services, str], embedded_server: EmbeddedPostgres, caplog: pytest.LogCaptureFixture
) -> None:
    services, name = own
    with served(services) as api:
        api.put("/v1/venues/a", json={"name": "A", "description": "Red."})
        drop_database(embedded_server, name)
        answers = [
            api.get("/v1/venues/a"),
            api.post("/v1/search", json={"query": "red"}),
            api.put("/v1/venues/a", json={"name": "B"}),
        ]
        health, ready = api.get("/healthz"), api.get("/readyz")
        create_database(embedded_server, name, "template_venuefinder")
        back = api.get("/v1/venues/a")

    for answer in answers:
        found = problem_of(answer, 503, "database-unavailable")
        assert name not in answer.text
        assert str(found["instance"]).removeprefix("urn:uuid:") in caplog.text
    assert health.status_code == 200
    assert parts(ready) == {"encoder": True, "database": False, "schema": False, "space": False}
    assert name not in ready.text
    problem_of(back, 404, "not-found")
