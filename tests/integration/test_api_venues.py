"""GET, PUT and DELETE of venues over HTTP."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from tests.serving import photo, problem_of
from venuefinder.api.examples import VENUE, VENUE_FIELDS
from venuefinder.bootstrap import Services
from venuefinder.records import VenueDraft


def put(api: httpx2.Client, venue: str, **fields: Any) -> httpx2.Response:
    return api.put(f"/v1/venues/{venue}", json={"name": "A venue"} | fields)


def test_a_venue_is_made_read_replaced_and_removed(api: httpx2.Client) -> None:
    made = api.put("/v1/venues/mill-barn", json=VENUE_FIELDS)
    assert made.status_code == 201
    assert made.json() == {"venue": VENUE, "photos": [], "photos_cursor": None}
    assert api.get("/v1/venues/mill-barn").json() == made.json()

    replaced = put(api, "mill-barn", name="Mill")
    assert replaced.status_code == 200
    assert replaced.json()["venue"]["name"] == "Mill"
    assert replaced.json()["venue"]["price"] is None
    assert replaced.json()["venue"]["rooms"] == []

    removed = api.delete("/v1/venues/mill-barn")
    assert (removed.status_code, removed.content) == (204, b"")
    problem_of(api.get("/v1/venues/mill-barn"), 404, "not-found")
    problem_of(api.delete("/v1/venues/mill-barn"), 404, "not-found")


def test_putting_the_same_again_changes_nothing_and_embeds_nothing(api: httpx2.Client, api_services: Services) -> None:
    first = put(api, "same", description="A hall. With light.")
    texts = len(api_services.encoder.texts)  # type: ignore[attr-defined] # the fake records its calls
    again = put(api, "same", description="A hall. With light.")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert len(api_services.encoder.texts) == texts  # type: ignore[attr-defined] # the fake records its calls


def test_addresses_may_be_long_and_of_any_script(api: httpx2.Client) -> None:
    """They were once cut off at 500 characters."""
    for url in ("https://a.example/" + 1900 * "x", "https://tèst.example/京都?q={a|b}"):
        assert put(api, "address", url=url).json()["venue"]["url"] == url


def test_photos_stay_when_a_venue_is_replaced(api: httpx2.Client) -> None:
    put(api, "shown")
    uploaded = api.post("/v1/venues/shown/photos", files=[("files", ("a.jpg", photo()))]).json()["photos"]

    assert put(api, "shown", name="Renamed").json()["photos"] == uploaded


def test_the_id_may_be_in_the_body_too(api: httpx2.Client) -> None:
    assert put(api, "twice", external_id="twice").status_code == 201
    found = problem_of(put(api, "twice", external_id="thrice"), 422, "unusable-input")

    assert "found 'thrice', expected 'twice'" in found["detail"]


@pytest.mark.parametrize("external_id", ["a", "A-1_b.c~d", "x" * 200, "...", "%41"])
def test_ids_that_are_allowed(api: httpx2.Client, external_id: str) -> None:
    assert put(api, external_id).status_code == 201
    assert api.get(f"/v1/venues/{external_id}").status_code == 200


@pytest.mark.parametrize("external_id", ["x" * 201, "caf%C3%A9", "a%20b", "a%00b", "%0a", "a%5Cb", "a'b", "%FF"])
def test_ids_that_are_not(api: httpx2.Client, external_id: str) -> None:
    found = problem_of(put(api, external_id), 422, "invalid-request")

    assert found["errors"][0]["field"] == "path.external_id"


@pytest.mark.parametrize("path", ["..%2F..%2Fetc%2Fpasswd", "%2e%2e/%2e%2e/etc/passwd", "a%2Fb", ""])
def test_paths_lead_nowhere(api: httpx2.Client, path: str) -> None:
    problem_of(api.get(f"/v1/venues/{path}"), 404, "no-such-route")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "body.name"),
        ({"name": "x" * 501}, "body.name"),
        ({"name": "a\x00b"}, "body.name"),
        ({"capacity": {"seated": -1}}, "body.capacity.seated"),
        ({"capacity": {"seated": 0}}, "body.capacity.seated"),
        ({"capacity": {"lying": 5}}, "body.capacity.lying"),
        ({"latitude": 91, "longitude": 0}, "body.latitude"),
        ({"latitude": 51.4}, "body"),
        ({"price": {"amount": -1, "currency": "GBP"}}, "body.price.amount"),
        ({"price": {"amount": 1e11, "currency": "GBP"}}, "body.price.amount"),
        ({"price": {"amount": 5}}, "body.price.currency"),
        ({"price": {"amount": 5, "currency": "GBP", "unit": "week"}}, "body.price.unit"),
        ({"url": "javascript:alert(1)"}, "body.url"),
        ({"url": "https://a.example/\n<script>"}, "body.url"),
        ({"url": 'https://a.example/" onclick="'}, "body.url"),
        ({"url": "https://a.example/" + 2000 * "x"}, "body.url"),
        ({"country": "UK!"}, "body.country"),
        ({"amenities": ["x"] * 300}, "body.amenities"),
        ({"attributes": {"": 1}}, "body.attributes"),
        ({"photos": ["a.jpg"]}, "body.photos"),
        ({"rooms": [{"name": "A"}, {"name": "A"}]}, "body"),
        ({"description": "x" * 50_001}, "body.description"),
    ],
)
def test_bad_venues_name_the_field(api: httpx2.Client, fields: Mapping[str, Any], field: str) -> None:
    found = problem_of(put(api, "bad", **fields), 422, "invalid-request")

    assert [error["field"] for error in found["errors"]] == [field]
    problem_of(api.get("/v1/venues/bad"), 404, "not-found")


@pytest.mark.parametrize("value", ["a\x00b", "x" * 6000, [1], {"a": 1}])
def test_attributes_are_plain_values_that_the_database_takes(api: httpx2.Client, value: Any) -> None:
    problem_of(put(api, "bad", attributes={"key": value}), 422, "invalid-request")


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
@pytest.mark.parametrize("field", [b'"latitude": %s, "longitude": 0', b'"attributes": {"a": %s}'])
def test_numbers_that_are_none(api: httpx2.Client, number: bytes, field: bytes) -> None:
    body = b'{"name": "A", ' + field.replace(b"%s", number) + b"}"
    response = api.put("/v1/venues/bad", content=body, headers={"content-type": "application/json"})

    problem_of(response, 422, "invalid-request")


def test_a_thousand_wrong_fields_get_a_short_answer(api: httpx2.Client) -> None:
    response = put(api, "bad", **{f"field{number}": "x" * 500 for number in range(1000)})

    found = problem_of(response, 422, "invalid-request")
    assert "and 999 more" in found["detail"]
    assert len(response.content) < 50_000


def test_other_scripts_and_every_attribute_come_back_as_sent(api: httpx2.Client) -> None:
    attributes = {"floor": "橡木", "lift": True, "floors": 3, "height_m": 4.25, "note": None, "big": 10**30, "🎉": "🎉"}
    sent = put(api, "scripts", name="京都の茶室 🍵", city="北京", amenities=["Jardín", "قاعة"], attributes=attributes)

    venue = sent.json()["venue"]
    assert venue["name"] == "京都の茶室 🍵"
    assert venue["attributes"] == attributes
    assert venue["amenities"] == ["jardín", "قاعة"]


def test_twenty_puts_of_one_venue_at_once_leave_one_whole_venue(api: httpx2.Client) -> None:
    def put_number(number: int) -> int:
        rooms = [{"name": f"Room {number}-{room}"} for room in range(3)]
        return put(api, "race", name=f"V{number}", description=f"Words {number}. More.", rooms=rooms).status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(put_number, range(20)))

    venue = api.get("/v1/venues/race").json()["venue"]
    number = venue["name"].removeprefix("V")
    assert set(statuses) <= {200, 201}
    assert venue["description"] == f"Words {number}. More."
    assert [room["name"] for room in venue["rooms"]] == [f"Room {number}-{room}" for room in range(3)]


def test_a_put_succeeds_though_another_caller_removes_the_venue_at_once(
    api: httpx2.Client, api_services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It once answered 404 to the venue that it had just stored."""
    upsert = api_services.catalogue.upsert

    def removed_at_once(drafts: Sequence[VenueDraft]) -> Mapping[str, str]:
        changes = upsert(drafts)
        api_services.catalogue.remove([draft.venue.external_id for draft in drafts])
        return changes

    monkeypatch.setattr(api_services.catalogue, "upsert", removed_at_once)
    answer = put(api, "short-lived")

    assert answer.status_code == 201
    assert answer.json()["venue"]["external_id"] == "short-lived"
    problem_of(api.get("/v1/venues/short-lived"), 404, "not-found")


def test_head_is_get_without_a_body(api: httpx2.Client) -> None:
    put(api, "head")
    got, head = api.get("/v1/venues/head"), api.head("/v1/venues/head")

    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]
    assert api.head("/v1/venues/absent").status_code == 404
