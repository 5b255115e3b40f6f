"""The page for people, as it is served. What it does in a browser is in tests/e2e."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from tests.serving import problem_of, served
from venuefinder.api.page import ADDRESSES
from venuefinder.bootstrap import Services

SCRIPT = b"console.log('a script that is long enough to be worth compressing')" * 20


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a build leaves."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>VenueFinder</title>")
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "assets" / "index-abc123.js").write_bytes(SCRIPT)
    (folder / "assets" / "inter-def456.woff2").write_bytes(b"wOF2 a font")
    return folder


@pytest.fixture(scope="module")
def page(api_services: Services, built: Path) -> Iterator[httpx2.Client]:
    """A client of a service with that page."""
    with served(api_services, page=built) as client:
        yield client


@pytest.mark.parametrize("address", [address.format(external_id="mill-barn") for address in ADDRESSES])
def test_every_address_of_the_page_is_the_page(page: httpx2.Client, address: str) -> None:
    response = page.get(address, params={"q": "a barn"})

    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<title>VenueFinder</title>" in response.text
    assert response.headers["cache-control"] == "no-cache"


def test_it_may_run_its_own_scripts_and_no_others(page: httpx2.Client) -> None:
    policy = page.get("/").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in policy
    assert "://" not in policy


def test_what_is_named_by_its_content_is_kept_for_ever(page: httpx2.Client) -> None:
    response = page.get("/assets/index-abc123.js")

    assert response.content == SCRIPT
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert page.get("/favicon.svg").headers["cache-control"] == "no-cache"


def test_what_a_browser_has_is_not_sent_again(page: httpx2.Client) -> None:
    first = page.get("/")
    again = page.get("/", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br", "gzip"), ("gzip;q=0", None), ("identity", None)])
def test_text_goes_compressed_to_who_takes_it(page: httpx2.Client, accepted: str, encoding: str | None) -> None:
    response = page.get("/assets/index-abc123.js", headers={"Accept-Encoding": accepted})

    assert response.headers.get("content-encoding") == encoding
    assert response.headers["vary"] == "Accept-Encoding"
    assert (int(response.headers["content-length"]) < len(SCRIPT)) == (encoding is not None)
    assert response.content == SCRIPT


def test_fonts_are_not_compressed_twice(page: httpx2.Client) -> None:
    response = page.get("/assets/inter-def456.woff2", headers={"Accept-Encoding": "gzip"})

    assert response.headers["content-type"] == "font/woff2"
    assert "content-encoding" not in response.headers


def test_head_tells_the_same_without_a_body(page: httpx2.Client) -> None:
    response = page.head("/")

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/venues", "/venues/a/b", "/assets/gone.js", "/assets/%2e%2e/index.html", "/v1/nowhere", "/page"],
)
def test_other_paths_are_no_page(page: httpx2.Client, path: str) -> None:
    problem_of(page.get(path, headers={"Accept": "text/html"}), 404, "no-such-route")


def test_it_takes_nothing_of_the_api(page: httpx2.Client) -> None:
    assert page.get("/healthz").json() == {"status": "alive"}
    assert "/v1/search" in page.get("/openapi.json").json()["paths"]
    assert not [path for path in page.get("/openapi.json").json()["paths"] if path in ("/", *ADDRESSES)]


def test_where_it_is_not_built_it_says_how_to_build_it(api_services: Services, tmp_path: Path) -> None:
    with served(api_services, page=tmp_path / "nothing") as client:
        response = client.get("/")

        assert (response.status_code, response.headers["content-type"]) == (404, "text/plain; charset=utf-8")
        assert "make web" in response.text
        assert client.get("/healthz").status_code == 200


def test_with_a_key_the_page_is_open_and_the_api_is_not(api_services: Services, built: Path) -> None:
    locked = api_services.settings.model_copy(update={"api_key": SecretStr("a key")})
    services = Services(locked, encoder=api_services.encoder, database=api_services.database)
    with served(services, page=built) as client:
        assert client.get("/").status_code == 200
        assert client.get("/assets/index-abc123.js").status_code == 200
        problem_of(client.post("/v1/search", json={}), 401, "unauthorised")
