"""POST /v1/uploads over HTTP: pictures to search with."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from tests.integration.conftest import MAX_PHOTO_BYTES
from tests.serving import exchanged, photo, problem_of, served
from venuefinder.bootstrap import Services
from venuefinder.settings import Settings
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder

KEY = "a-key-for-pictures"


@pytest.fixture(scope="module", autouse=True)
def venue(api: httpx2.Client) -> None:
    """A catalogue with something embedded in it."""
    assert api.put("/v1/venues/told", json={"name": "Told", "description": "A red room."}).status_code == 201


def upload(api: httpx2.Client, *contents: bytes, **options: Any) -> httpx2.Response:
    files = [("files", (f"picture-{number}.jpg", content)) for number, content in enumerate(contents, start=1)]
    return api.post("/v1/uploads", files=files, **options)


def kept(services: Services) -> int:
    with services.database.connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM query_pictures")) or 0)


def test_pictures_get_ids_in_the_order_of_the_files(api: httpx2.Client) -> None:
    answer = upload(api, photo("red", size=(90, 60)), photo("blue", fmt="PNG", size=(50, 70)))

    assert answer.status_code == 201
    first, second = answer.json()["uploads"]
    assert [(shown["width"], shown["height"]) for shown in (first, second)] == [(90, 60), (50, 70)]
    assert first["upload_id"] != second["upload_id"]
    assert datetime.fromisoformat(first["expires_at"]) > datetime.now(UTC)


HOSTILE = {
    "a PDF": b"%PDF-1.7 ...",
    "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "cut": photo(size=(400, 400), fmt="PNG")[:200],
    "nothing": b"",
    "an icon": photo(size=(8, 8)),
    "many pixels": photo(size=(2000, 1001), fmt="PNG"),
    "many bytes": photo() + bytes(MAX_PHOTO_BYTES),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_one_bad_picture_refuses_them_all_and_is_named(
    api: httpx2.Client, api_services: Services, content: bytes
) -> None:
    before = kept(api_services)

    found = problem_of(upload(api, photo("yellow"), content), 422, "unusable-photo")

    assert found["detail"].startswith("file 2 ('picture-2.jpg'): ")
    assert kept(api_services) == before


def test_too_many_pictures(api: httpx2.Client) -> None:
    assert upload(api, *[photo()] * 8).status_code == 201
    assert "8" in problem_of(upload(api, *[photo()] * 9), 400, "malformed-request")["detail"]


def test_requests_that_are_no_upload(api: httpx2.Client) -> None:
    mixed = [("files", ("a.jpg", photo())), ("captions", (None, b"Dusk"))]
    misspelt = problem_of(api.post("/v1/uploads", files=mixed), 422, "invalid-request")
    json = problem_of(api.post("/v1/uploads", json={"files": ["/etc/passwd"]}), 422, "invalid-request")
    text_part = problem_of(api.post("/v1/uploads", files=[("files", (None, b"text"))]), 422, "invalid-request")
    form = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n' + photo()
    cut = api.post("/v1/uploads", content=form, headers={"content-type": "multipart/form-data; boundary=x"})

    assert misspelt["detail"] == 'body.captions: found "Dusk"; there is no such field; expected files'
    assert json["detail"].startswith('header.content-type: found "application/json"; expected multipart/form-data')
    assert text_part["detail"] == "body.files.0: found text; a file is expected: a part with a filename"
    assert "cut short" in problem_of(cut, 400, "malformed-request")["detail"]
    problem_of(api.post("/v1/uploads"), 422, "invalid-request")
    problem_of(api.get("/v1/uploads"), 405, "method-not-allowed")


def test_an_upload_announced_above_the_limit_is_refused_unread(api: httpx2.Client) -> None:
    answer = exchanged(api, b"POST /v1/uploads HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % 10**12)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_an_upload_may_be_larger_than_json(api: httpx2.Client) -> None:
    padded = photo() + bytes(MAX_PHOTO_BYTES - 10_000)

    assert upload(api, padded, padded).status_code == 201


def test_pages_of_other_sites_upload_nothing(api: httpx2.Client, api_services: Services) -> None:
    before = kept(api_services)

    problem_of(upload(api, photo(), headers={"origin": "https://evil.example"}), 403, "foreign-origin")
    assert kept(api_services) == before


def test_where_there_is_a_key_it_is_wanted(api_services: Services) -> None:
    settings = api_services.settings.model_copy(update={"api_key": Settings(_env_file=None, api_key=KEY).api_key})
    services = Services(settings, encoder=FakeEncoder(), database=api_services.database)
    with served(services) as guarded:
        problem_of(upload(guarded, photo()), 401, "unauthorised")
        assert upload(guarded, photo(), headers={"x-api-key": KEY}).status_code == 201


def test_nothing_is_embedded_yet(database: Database, api_services: Services) -> None:
    services = Services(api_services.settings, encoder=FakeEncoder(), database=database)
    with served(services) as api:
        problem_of(upload(api, photo()), 409, "not-embedded")


def test_a_service_that_starts_forgets_what_has_expired(api_services: Services, api: httpx2.Client) -> None:
    upload(api, photo())
    with api_services.database.begin() as connection:
        connection.execute(text("UPDATE query_pictures SET created_at = created_at - interval '1 hour'"))

    with served(Services(api_services.settings, encoder=FakeEncoder(), database=api_services.database)):
        assert kept(api_services) == 0
