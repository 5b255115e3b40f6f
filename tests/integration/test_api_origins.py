"""Pages of other origins, and what may be kept and asked for again."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.serving import photo, problem_of, served
from venuefinder.api.app import create_app
from venuefinder.api.origins import origins_of
from venuefinder.bootstrap import Services
from venuefinder.errors import ConfigurationError
from venuefinder.settings import Settings
from venuefinder.testing import FakeEncoder

PAGE = "http://localhost:5173"
ELSEWHERE = "https://elsewhere.example"


@pytest.fixture(scope="module")
def open_api(api_services: Services) -> Iterator[httpx2.Client]:
    """A client of the API that lets one page of another origin in."""
    settings = api_services.settings.model_copy(update={"cors_origins": f"{PAGE}, https://venues.example"})
    with served(Services(settings, encoder=FakeEncoder(), database=api_services.database)) as client:
        yield client


@pytest.fixture(scope="module")
def guarded(api_services: Services) -> Iterator[httpx2.Client]:
    """The same with a key."""
    key = Settings(_env_file=None, api_key="a-key").api_key
    settings = api_services.settings.model_copy(update={"cors_origins": PAGE, "api_key": key})
    with served(Services(settings, encoder=FakeEncoder(), database=api_services.database)) as client:
        yield client


def preflight(api: httpx2.Client, origin: str, method: str = "POST", asked: str = "content-type") -> httpx2.Response:
    headers = {"origin": origin, "access-control-request-method": method, "access-control-request-headers": asked}
    return api.request("OPTIONS", "/v1/recommendations", headers=headers)


def test_a_page_that_is_named_may_ask_and_read(open_api: httpx2.Client) -> None:
    asked = preflight(open_api, PAGE)
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, PAGE)
    assert "POST" in asked.headers["access-control-allow-methods"]

    headers = {"origin": PAGE, "sec-fetch-site": "cross-site"}
    put = open_api.put("/v1/venues/from-a-page", json={"name": "A"}, headers=headers)
    assert put.status_code == 201
    assert put.headers["access-control-allow-origin"] == PAGE
    assert "Origin" in put.headers["vary"]
    assert "access-control-allow-credentials" not in put.headers
    assert "etag" in put.headers["access-control-expose-headers"].lower()


def test_a_page_reads_problems_too(open_api: httpx2.Client) -> None:
    answered = open_api.get("/v1/venues/nowhere", headers={"origin": PAGE})

    problem_of(answered, 404, "not-found")
    assert answered.headers["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "http://localhost:51730", "https://localhost:5173"])
def test_other_pages_stay_out(open_api: httpx2.Client, origin: str) -> None:
    headers = {"origin": origin, "sec-fetch-site": "cross-site"}

    problem_of(preflight(open_api, origin), 403, "foreign-origin")
    problem_of(open_api.put("/v1/venues/a", json={"name": "A"}, headers=headers), 403, "foreign-origin")
    assert "access-control-allow-origin" not in open_api.get("/v1/venues", headers=headers).headers


def test_a_named_page_gets_no_further_than_others_under_a_foreign_name(open_api: httpx2.Client) -> None:
    """DNS rebinding gives the attacker's page an origin that is not named; the host is judged all the same."""
    problem_of(open_api.get("/v1/venues", headers={"origin": PAGE, "host": "evil.example"}), 421, "foreign-host")


def test_methods_and_headers_that_nobody_needs_are_refused(open_api: httpx2.Client) -> None:
    problem_of(preflight(open_api, PAGE, method="PATCH"), 403, "foreign-origin")
    problem_of(preflight(open_api, PAGE, asked="x-forwarded-for"), 403, "foreign-origin")


def test_the_key_is_wanted_all_the_same_and_the_preflight_needs_none(guarded: httpx2.Client) -> None:
    assert preflight(guarded, PAGE, asked="authorization").status_code == 200
    refused = guarded.get("/v1/venues", headers={"origin": PAGE})
    problem_of(refused, 401, "unauthorised")
    assert refused.headers["access-control-allow-origin"] == PAGE
    assert guarded.get("/v1/venues", headers={"origin": PAGE, "x-api-key": "a-key"}).status_code == 200


def test_nobody_is_named_by_default(api: httpx2.Client) -> None:
    problem_of(preflight(api, PAGE), 405, "method-not-allowed")
    assert "access-control-allow-origin" not in api.get("/v1/venues", headers={"origin": PAGE}).headers


@pytest.mark.parametrize(
    "setting", ["*", "venues.example", "https://", "ftp://a.example", "https://a.example/page", "https://a@b.example"]
)
def test_what_is_no_origin_is_refused(api_services: Services, setting: str) -> None:
    settings = api_services.settings.model_copy(update={"cors_origins": setting})

    with pytest.raises(ConfigurationError, match="VENUEFINDER_CORS_ORIGINS: found"):
        create_app(Services(settings, encoder=FakeEncoder(), database=api_services.database))


def test_origins_are_as_browsers_write_them() -> None:
    assert origins_of(" HTTPS://Venues.example/ ,http://localhost:5173,,https://venues.example") == (
        "https://venues.example",
        PAGE,
    )
    assert origins_of("") == ()


def fill(api: httpx2.Client, venue: str, photos: int = 3) -> None:
    assert api.put(f"/v1/venues/{venue}", json={"name": venue}).status_code in {200, 201}
    files = [
        ("files", (f"{n}.png", photo(f"rgb({200 - 40 * n}, {30 + 30 * n}, 30)", fmt="PNG"))) for n in range(photos)
    ]
    assert api.post(f"/v1/venues/{venue}/photos", files=files).status_code == 201


@pytest.mark.parametrize("path", ["/v1/venues/kept", "/v1/venues/kept/photos", "/v1/venues/kept/similar"])
def test_what_did_not_change_is_not_sent_again(api: httpx2.Client, path: str) -> None:
    fill(api, "kept")
    fill(api, "kept-too")
    first = again = api.get(path)
    for _ in range(100):  # backends may tell a little later what they wrote for `fill`
        again = api.get(path, headers={"if-none-match": again.headers["etag"]})
        if again.status_code == 304:
            break

    assert first.headers["cache-control"] == "public, no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert api.get(path, headers={"if-none-match": '"another"'}).json() == first.json()


def test_what_changed_is(api: httpx2.Client) -> None:
    fill(api, "changing")
    tags = {path: api.get(path).headers["etag"] for path in ("/v1/venues/changing", "/v1/venues/changing/photos")}
    photo_id = api.get("/v1/venues/changing/photos").json()["photos"][0]["id"]
    api.delete(f"/v1/venues/changing/photos/{photo_id}")

    for path, tag in tags.items():
        assert api.get(path, headers={"if-none-match": tag}).status_code == 200
    assert (
        api.get("/v1/venues/changing/similar", params={"limit": 3}).headers["etag"]
        != (api.get("/v1/venues/changing/similar", params={"limit": 4}).headers["etag"])
    )


def test_similar_venues_are_looked_for_anew_once_the_catalogue_changed(
    api: httpx2.Client, api_services: Services
) -> None:
    fill(api, "first")
    path = "/v1/venues/first/similar"
    before = api.get(path, params={"limit": 100})
    fill(api, "a-newcomer")
    with api_services.database.begin() as connection:  # backends tell what they wrote within ten seconds, or at once
        connection.exec_driver_sql("UPDATE venues SET updated_at = now() WHERE external_id = 'a-newcomer'")
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
    after = api.get(path, params={"limit": 100}, headers={"if-none-match": before.headers["etag"]})

    assert after.status_code == 200
    assert "a-newcomer" in [result["venue"]["external_id"] for result in after.json()["results"]]


def test_photos_come_in_pages_that_nothing_shifts(api: httpx2.Client) -> None:
    fill(api, "gallery", photos=5)
    whole = [one["id"] for one in api.get("/v1/venues/gallery/photos").json()["photos"]]
    first = api.get("/v1/venues/gallery/photos", params={"limit": 2}).json()
    assert [one["id"] for one in first["photos"]] == whole[:2]
    api.delete(f"/v1/venues/gallery/photos/{whole[1]}")
    second = api.get("/v1/venues/gallery/photos", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    third = api.get("/v1/venues/gallery/photos", params={"limit": 2, "cursor": second["next_cursor"]}).json()

    assert [one["id"] for one in second["photos"] + third["photos"]] == whole[2:]
    assert third["next_cursor"] is None
    for cursor in ("x", "1", "-1", "1-", "9" * 30):
        problem_of(api.get("/v1/venues/gallery/photos", params={"cursor": cursor}), 422, "invalid-request")


def test_venues_come_in_pages(api: httpx2.Client) -> None:
    for number in range(5):
        api.put(f"/v1/venues/zz-{number}", json={"name": "A"})
    found, cursor = [], "zz"
    while cursor:
        page = api.get("/v1/venues", params={"limit": 2, "cursor": cursor}).json()
        found += [venue["external_id"] for venue in page["venues"]]
        cursor = page["next_cursor"]

    assert found == [f"zz-{number}" for number in range(5)]
    problem_of(api.get("/v1/venues", params={"cursor": "not an id"}), 422, "invalid-request")
    problem_of(api.get("/v1/venues", params={"limit": 1001}), 422, "invalid-request")
