"""POST /v1/search over HTTP."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.serving import photo, problem_of, served
from venuefinder.answers import SearchAnswer
from venuefinder.bootstrap import Services
from venuefinder.settings import Settings
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder


@pytest.fixture(scope="module", autouse=True)
def venues(api: httpx2.Client) -> None:
    """A red barn with a price, a blue hall without."""
    barn = {"name": "Red Barn", "description": "A barn.", "price": {"amount": 900, "currency": "GBP"}, "city": "Bath"}
    for external_id, body, colour in (("barn", barn, "red"), ("hall", {"name": "Blue Hall"}, "blue")):
        assert api.put(f"/v1/venues/{external_id}", json=body).status_code == 201
        uploaded = api.post(f"/v1/venues/{external_id}/photos", files=[("files", ("a.png", photo(colour, fmt="PNG")))])
        assert uploaded.status_code == 201


def search(api: httpx2.Client, query: str = "red", **fields: Any) -> httpx2.Response:
    return api.post("/v1/search", json={"query": query, **fields})


@pytest.mark.parametrize(("query", "venue"), [("red walls", "barn"), ("blue", "hall"), ("🎉 red 結婚式 قاعة", "barn")])
def test_the_right_venue_comes_first_with_a_photo_to_show(api: httpx2.Client, query: str, venue: str) -> None:
    answer = SearchAnswer.model_validate_json(search(api, query).content)

    assert answer.results[0].venue.external_id == venue
    shown = answer.results[0].photo
    assert shown is not None
    assert api.get(shown.url).headers["content-type"] == "image/jpeg"


def test_filters_leave_out_and_count(api: httpx2.Client) -> None:
    body = search(api, filters={"price": {"max": 1000}}).json()

    assert [hit["venue"]["external_id"] for hit in body["results"]] == ["barn"]
    assert body["left_out"] == {"other_currency": 0, "unknown_price": 1, "unknown_capacity": 0}
    assert body["results"][0]["venue"]["price"]["amount"] == 900


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"query": ""}, "body.query"),
        ({"query": " \n"}, "body.query"),
        ({"query": "x" * 10_000}, "body.query"),
        ({"query": "a\x00b"}, "body.query"),
        ({"query": 7}, "body.query"),
        ({"limit": 0}, "body.limit"),
        ({"limit": 10**9}, "body.limit"),
        ({"limit": 1.5}, "body.limit"),
        ({"limit": True}, "body.limit"),
        ({"limit": "5"}, "body.limit"),
        ({"sort": "colour"}, "body.sort"),
        ({"colour": "red"}, "body.colour"),
        ({"query_weight": 0}, "body"),
        ({"query_weight": 11}, "body.query_weight"),
        ({"query_weight": -1}, "body"),
        ({"images": [{"photo_id": number} for number in range(1, 10)]}, "body.images"),
        ({"images": [{"photo_id": 1, "weight": 0}]}, "body.images.0"),
        ({"images": [{"photo_id": 1}, {"photo_id": 1, "weight": 2}]}, "body"),
        ({"images": [{}]}, "body.images.0"),
        ({"images": [{"photo_id": 1, "upload_id": "a"}]}, "body.images.0"),
        ({"images": [{"photo_id": "1"}]}, "body.images.0.photo_id"),
        ({"images": [{"photo_id": 2**63}]}, "body.images.0.photo_id"),
        ({"images": [{"upload_id": "../etc"}]}, "body.images.0.upload_id"),
        ({"images": [{"url": "http://127.0.0.1/"}]}, "body.images.0.url"),
        ({"cursor": ""}, "body.cursor"),
        ({"cursor": "x" * 2_000}, "body.cursor"),
        ({"facets": ["colour"]}, "body.facets.0"),
        ({"facets": ["kind"] * 30}, "body.facets"),
        ({"strict": "yes please"}, "body.strict"),
        ({"switch_off": [[0]]}, "body.switch_off.0.1"),
        ({"switch_off": [[-1, 5]]}, "body.switch_off.0.0"),
        ({"filters": {"near": {}}}, "body.filters.near"),
        ({"filters": {"near": {"latitude": 51}}}, "body.filters.near"),
        ({"filters": {"near": {"place": "Bath", "radius_km": 0}}}, "body.filters.near.radius_km"),
        ({"filters": {"box": {"south": 2, "west": 0, "north": 1, "east": 1}}}, "body.filters.box"),
        ({"filters": {"country": "gb"}}, "body.filters.country"),
        ({"filters": {"price": {}}}, "body.filters.price"),
        ({"filters": {"price": {"min": 2, "max": 1}}}, "body.filters.price"),
        ({"filters": {"price": {"max": 1, "hours": 0}}}, "body.filters.price.hours"),
        ({"filters": {"amenities": {"all": ["wifi"], "none": ["WiFi"]}}}, "body.filters.amenities"),
        ({"filters": {"amenities": {"any": ["wifi"], "none": ["wifi"]}}}, "body.filters.amenities"),
        ({"filters": {"colour": "red"}}, "body.filters.colour"),
        ({"filters": {"guests": -5}}, "body.filters.guests"),
        ({"filters": {"guests": "many"}}, "body.filters.guests"),
        ({"filters": {"layout": "seated"}}, "body.filters"),
        ({"filters": {"layout": "lying", "guests": 5}}, "body.filters.layout"),
        ({"filters": {"price": {"max": -1}}}, "body.filters.price.max"),
        ({"filters": {"price": {"max": 5, "currency": "pounds"}}}, "body.filters.price.currency"),
        ({"filters": {"amenities": {"all": ["x"] * 300}}}, "body.filters.amenities.all"),
        ({"filters": {"amenities": ["parking"]}}, "body.filters.amenities"),
    ],
)
def test_bad_requests_name_the_field_and_what_was_found(api: httpx2.Client, fields: dict[str, Any], field: str) -> None:
    found = problem_of(api.post("/v1/search", json={"query": "red"} | fields), 422, "invalid-request")

    assert [error["field"] for error in found["errors"]] == [field]
    assert found["errors"][0]["found"]
    assert found["errors"][0]["expected"]
    assert found["detail"].startswith(field)
    assert len(found["detail"]) < 1000


def test_every_thing_wrong_is_named(api: httpx2.Client) -> None:
    found = problem_of(api.post("/v1/search", json={"query": "", "limit": 0, "x": 1}), 422, "invalid-request")

    assert {error["field"]: error["found"] for error in found["errors"]} == {
        "body.query": '""',
        "body.limit": "0",
        "body.x": "1",
    }


@pytest.mark.parametrize(
    "content",
    [
        b'{"query": "red", "filters": {"price": {"max": NaN}}}',
        b'{"query": "red", "limit": 1e999}',
        b'{"query": "red", "\\ud800": 1}',
        b'{"query": "\\ud800"}',
        b'{"query": "red", "limit": ' + b"9" * 4000 + b"}",
        b"[]",
        b'"red"',
        b"null",
        b"",
    ],
)
def test_json_that_is_no_search(api: httpx2.Client, content: bytes) -> None:
    response = api.post("/v1/search", content=content, headers={"content-type": "application/json"})

    assert problem_of(response, 422, "invalid-request")["errors"]


@pytest.mark.parametrize(
    "content", [b"{", b'{"query": "red"', b"\xff\xfe", b"[" * 100_000, b'{"limit": ' + b"9" * 5000 + b"}"]
)
def test_a_body_that_is_not_json(api: httpx2.Client, content: bytes) -> None:
    problem_of(
        api.post("/v1/search", content=content, headers={"content-type": "application/json"}), 400, "malformed-request"
    )


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", None])
def test_only_json_is_taken_for_json(api: httpx2.Client, content_type: str | None) -> None:
    """A form of another site's page can send these types without the browser asking first."""
    headers = {"content-type": content_type} if content_type else {}

    problem_of(api.post("/v1/search", content=b'{"query": "red"}', headers=headers), 422, "invalid-request")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=8,
)
NUMBER = st.floats(-200, 200) | st.integers(-200, 200)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.text(max_size=20) | JSON,
        "city": st.text(max_size=20) | JSON,
        "guests": st.integers(-10, 2_000_000) | JSON,
        "layout": st.sampled_from(["seated", "standing", "cabaret"]) | JSON,
        "price": st.fixed_dictionaries({"max": st.floats() | st.integers() | st.text()}, optional={"currency": JSON})
        | JSON,
        "amenities": st.dictionaries(st.sampled_from(["all", "any", "none"]), st.lists(st.text(max_size=9))) | JSON,
        "near": st.fixed_dictionaries(
            {}, optional={"place": st.text(max_size=9), "latitude": NUMBER, "longitude": NUMBER, "radius_km": NUMBER}
        ),
        "box": st.fixed_dictionaries(dict.fromkeys(("south", "west", "north", "east"), NUMBER)),
        "attributes": st.dictionaries(st.text(max_size=9), JSON | st.fixed_dictionaries({"min": NUMBER}), max_size=3),
    },
)
REQUESTS = (
    st.fixed_dictionaries(
        {},
        optional={
            "query": st.text(min_size=1, max_size=40) | st.sampled_from(["red for 9 under £5", "no parking near Bath"]),
            "query_weight": NUMBER,
            "images": st.lists(st.fixed_dictionaries({"photo_id": st.integers(0, 3), "weight": NUMBER}), max_size=3),
            "filters": FILTERS,
            "limit": st.integers(-1, 2000) | JSON,
            "sort": st.sampled_from(["price", "-guests", "distance", "-name", "relevance"]) | JSON,
            "cursor": st.text(max_size=40),
            "facets": st.lists(st.sampled_from(["kind", "price", "layouts", "attributes.x"]) | st.text(max_size=5)),
            "strict": st.booleans(),
            "explain": st.booleans(),
            "interpret": st.booleans(),
            "switch_off": st.lists(st.tuples(st.integers(-1, 50), st.integers(-1, 50)), max_size=2),
        },
    )
    | JSON
)


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck), database=None)
@given(body=REQUESTS)
def test_whatever_is_asked_gets_an_answer_or_a_problem(api: httpx2.Client, body: Any) -> None:
    response = api.post("/v1/search", content=json.dumps(body), headers={"content-type": "application/json"})

    if response.status_code == 200:
        SearchAnswer.model_validate_json(response.content)
    else:
        wrong = "unusable-input" if "unusable-input" in response.text else "invalid-request"
        assert problem_of(response, 422, wrong)["detail"]


def test_twenty_searches_at_once(api: httpx2.Client) -> None:
    with ThreadPoolExecutor(20) as pool:
        responses = list(pool.map(lambda number: search(api, "red" if number % 2 else "blue"), range(60)))

    assert {response.status_code for response in responses} == {200}
    best = [response.json()["results"][0]["venue"]["external_id"] for response in responses]
    assert best == ["hall", "barn"] * 30


def test_nothing_embedded_by_this_encoder(database: Database, api_services: Services) -> None:
    services = Services(api_services.settings, encoder=FakeEncoder(), database=database)
    with served(services) as api:
        found = problem_of(search(api), 409, "not-embedded")
        assert "venuefinder ingest" in found["detail"]
        assert api.put("/v1/venues/empty", json={"name": "Empty"}).status_code == 201
        problem_of(search(api), 409, "not-embedded")
        assert api.put("/v1/venues/told", json={"name": "Told", "description": "A red room."}).status_code == 201
        assert [hit["venue"]["external_id"] for hit in search(api).json()["results"]] == ["told", "empty"]


def test_a_photo_counts_from_the_first_one_on(database: Database, api_services: Services) -> None:
    """The background of photos was once not measured until there were two."""
    services = Services(api_services.settings, encoder=FakeEncoder(), database=database)
    with served(services) as api:
        api.put("/v1/venues/told", json={"name": "Told", "description": "A red room."})
        assert search(api).json()["results"][0]["percentile"] is None
    services = Services(api_services.settings, encoder=FakeEncoder(), database=database)
    with served(services) as api:
        api.post("/v1/venues/told/photos", files=[("files", ("a.jpg", photo("red")))])
        assert search(api).json()["results"][0]["percentile"] > 90


def test_an_encoder_that_misbehaves_is_our_problem_and_is_not_explained(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = FakeEncoder()
    services = Services(Settings(_env_file=None, data_dir=tmp_path), encoder=encoder, database=database)
    with served(services) as api:
        api.put("/v1/venues/told", json={"name": "Told", "description": "A red room."})
        monkeypatch.setattr(encoder, "encode_texts", lambda _: 1 / 0)
        response = search(api, "never asked before")

    found = problem_of(response, 500, "internal-error")
    assert "zero" not in response.text
    assert found["instance"].removeprefix("urn:uuid:") in caplog.text
    assert "ZeroDivisionError" in caplog.text
