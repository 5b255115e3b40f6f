"""POST /v1/recommendations and GET /v1/venues/{external_id}/similar over HTTP."""

from typing import Any

import httpx2
import pytest

from tests.serving import photo, problem_of
from venuefinder.recommending.recommendation import RecommendationAnswer

BATH = {"latitude": 51.38, "longitude": -2.36, "city": "Bath", "country": "GB"}
VENUES: dict[str, dict[str, Any]] = {
    "red-barn": {"name": "Red Barn", "kind": "barn", **BATH, "price": {"amount": 900, "currency": "GBP"}},
    "red-mill": {"name": "Red Mill", "kind": "barn", **BATH, "price": {"amount": 700, "currency": "GBP"}},
    "red-tower": {"name": "Red Tower", "kind": "tower", "price": {"amount": 9000, "currency": "GBP"}},
    "blue-hall": {"name": "Blue Hall", "kind": "hall", "capacity": {"seated": 40}},
    "blue-loft": {"name": "Blue Loft", "kind": "loft", "capacity": {"seated": 90}, "latitude": 51.4, "longitude": -2.3},
    "green-garden": {"name": "Green Garden", "kind": "garden", "price": {"amount": 10, "currency": "EUR"}},
}
COLOUR = {"red": (210, 40, 40), "blue": (40, 40, 210), "green": (40, 170, 40)}


@pytest.fixture(scope="module", autouse=True)
def photos(api: httpx2.Client) -> dict[str, int]:
    """Six venues with a photo each, and the photos' ids."""
    found = {}
    for number, (external_id, body) in enumerate(VENUES.items()):
        assert api.put(f"/v1/venues/{external_id}", json=body).status_code == 201
        red, green, blue = COLOUR[external_id.partition("-")[0]]
        colour = f"rgb({red + 9 * number}, {green + 5 * number}, {blue})"
        files = [("files", ("a.png", photo(colour, fmt="PNG")))]
        uploaded = api.post(f"/v1/venues/{external_id}/photos", files=files)
        found[external_id] = uploaded.json()["photos"][0]["id"]
    return found


def recommended(api: httpx2.Client, **fields: Any) -> list[str]:
    answered = api.post("/v1/recommendations", json=fields)
    assert answered.status_code == 200, answered.text
    answer = RecommendationAnswer.model_validate_json(answered.content)
    return [result.venue.external_id for result in answer.results]


def test_what_is_like_a_liked_venue_comes_first_with_the_photos_that_say_so(
    api: httpx2.Client, photos: dict[str, int]
) -> None:
    answered = api.post("/v1/recommendations", json={"like": [{"venue": "red-barn"}], "diversity": 0}).json()

    first = answered["results"][0]
    assert first["venue"]["external_id"] in {"red-mill", "red-tower"}
    assert first["because"]["liked"] == "red-barn"
    assert first["because"]["liked_photo"]["id"] == photos["red-barn"]
    assert first["because"]["photo"]["id"] == photos[first["venue"]["external_id"]]
    assert first["reason"].startswith("Its photos are nearest to Red Barn")
    assert answered["basis"] == "examples"
    assert len(answered["results"]) == len(VENUES) - 1


def test_cheaper_than_more_than_anybody_may_write(api: httpx2.Client) -> None:
    """A price a head times a million guests has more digits than a limit may have, and broke the answer."""
    dear = {"name": "Dear", "price": {"amount": 9_999_999, "currency": "GBP", "unit": "head"}}
    assert api.put("/v1/venues/dear", json=dear).status_code == 201
    party, cheaper = {"guests": 1_000_000, "layout": None}, {"cheaper_than": "dear"}
    answered = api.post("/v1/recommendations", json={"filters": party, "relative": cheaper})
    assert api.delete("/v1/venues/dear").status_code == 204
    assert answered.status_code == 200, answered.text
    assert answered.json()["results"] == []


def test_similar_is_the_short_form(api: httpx2.Client) -> None:
    short = api.get("/v1/venues/red-barn/similar", params={"limit": 3, "cheaper": True}).json()
    long = {"like": [{"venue": "red-barn"}], "limit": 3, "relative": {"cheaper_than": "red-barn"}}

    assert short == api.post("/v1/recommendations", json=long).json()
    assert [result["venue"]["external_id"] for result in short["results"]] == ["red-mill"]
    assert "£200 less than Red Barn" in short["results"][0]["reason"]


def test_what_is_named_is_never_recommended(api: httpx2.Client, photos: dict[str, int]) -> None:
    found = recommended(api, like=[{"photo_id": photos["red-barn"]}], dislike=[{"venue": "red-mill"}])

    assert sorted(found) == sorted(VENUES.keys() - {"red-barn", "red-mill"})


@pytest.mark.parametrize("liked", [[], [{"venue": "red-barn"}], [{"venue": "green-garden"}]])
def test_what_is_like_something_disliked_comes_last(
    api: httpx2.Client, photos: dict[str, int], liked: list[dict[str, str]]
) -> None:
    for disliked in ({"venue": "blue-hall"}, {"photo_id": photos["blue-hall"]}):
        assert recommended(api, like=liked, dislike=[disliked], diversity=0)[-1] == "blue-loft"


def test_nothing_liked_shows_different_ones_and_says_so(api: httpx2.Client) -> None:
    answered = api.post("/v1/recommendations", json={"limit": 3}).json()

    assert answered["basis"] == "nothing"
    assert {result["score"] for result in answered["results"]} == {None}
    assert {result["venue"]["external_id"].partition("-")[0] for result in answered["results"]} == set(COLOUR)
    assert all(result["reason"].startswith("Nothing was liked yet") for result in answered["results"])


@pytest.mark.parametrize(
    ("relative", "filters", "expected"),
    [
        ({"cheaper_than": "red-barn"}, {}, {"red-mill"}),
        ({"larger_than": "blue-hall"}, {}, {"blue-loft"}),
        ({"nearer_than": "blue-loft"}, {"near": {"latitude": 51.38, "longitude": -2.36}}, {"red-barn", "red-mill"}),
        ({"cheaper_than": "red-tower", "nearer_than": "blue-loft"}, {"near": BATH}, {"red-barn", "red-mill"}),
    ],
)
def test_relative_constraints(
    api: httpx2.Client, relative: dict[str, str], filters: dict[str, Any], expected: set[str]
) -> None:
    if "near" in filters:
        filters = {"near": {name: filters["near"][name] for name in ("latitude", "longitude")}}

    assert set(recommended(api, relative=relative, filters=filters)) == expected


@pytest.mark.parametrize("like", [[], [{"venue": "red-barn"}]])
@pytest.mark.parametrize(
    "filters",
    [
        {"kind": "barn"},
        {"guests": 60},
        {"price": {"max": 800, "currency": "GBP"}},
        {"near": {"latitude": 51.38, "longitude": -2.36, "radius_km": 1}},
        {"guests": 60, "price": {"max": 800, "currency": "GBP"}},
    ],
)
def test_a_filter_never_adds_a_venue(api: httpx2.Client, like: list[dict[str, str]], filters: dict[str, Any]) -> None:
    whole, some = recommended(api, like=like), recommended(api, like=like, filters=filters)

    assert set(some) < set(whole)
    assert len(some) == len(set(some))


def test_a_picture_uploaded_is_an_example(api: httpx2.Client) -> None:
    uploaded = api.post("/v1/uploads", files=[("files", ("a.png", photo("blue", fmt="PNG")))]).json()["uploads"][0]
    answered = api.post("/v1/recommendations", json={"like": [{"upload_id": uploaded["upload_id"]}]}).json()

    assert {result["venue"]["kind"] for result in answered["results"][:1]} <= {"hall", "loft"}
    assert answered["results"][0]["because"]["upload_id"] == uploaded["upload_id"]
    assert answered["results"][0]["because"]["liked_photo"] is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"like": [{"venue": "a", "weight": 0}]}, "body.like.0.weight"),
        ({"like": [{"venue": "a", "weight": -1}]}, "body.like.0.weight"),
        ({"like": [{"venue": "a", "photo_id": 1}]}, "body.like.0"),
        ({"like": [{}]}, "body.like.0"),
        ({"like": [{"venue": f"v{number}"} for number in range(33)]}, "body.like"),
        ({"like": [{"venue": "a"}, {"venue": "a", "weight": 2}]}, "body"),
        ({"like": [{"venue": "a"}], "dislike": [{"venue": "a"}]}, "body"),
        ({"diversity": 1.1}, "body.diversity"),
        ({"limit": 0}, "body.limit"),
        ({"limit": 101}, "body.limit"),
        ({"seed": -1}, "body.seed"),
        ({"text": " "}, "body.text"),
        ({"relative": {"cheaper": "a"}}, "body.relative.cheaper"),
        ({"liked": []}, "body.liked"),
    ],
)
def test_what_does_not_fit_is_named(api: httpx2.Client, fields: dict[str, Any], field: str) -> None:
    body = problem_of(api.post("/v1/recommendations", json=fields), 422, "invalid-request")

    assert field in [error["field"] for error in body["errors"]]


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"like": [{"venue": "nowhere"}]}, r"like[0].venue: 'nowhere' is not in this catalogue"),
        ({"dislike": [{"photo_id": 999_999}]}, "dislike[0]: no photo 999999"),
        ({"like": [{"venue": "red-barn"}, {"upload_id": "gone"}]}, "like[1]: no upload 'gone'"),
        ({"relative": {"cheaper_than": "nowhere"}}, "relative.cheaper_than: 'nowhere' is not in this catalogue"),
        ({"relative": {"cheaper_than": "blue-hall"}}, "says no price"),
        ({"relative": {"larger_than": "red-barn"}}, "does not say how many it holds"),
        ({"relative": {"nearer_than": "red-barn"}}, "nearer to what? Give filters.near"),
        (
            {"relative": {"cheaper_than": "green-garden"}, "filters": {"price": {"max": 100, "currency": "GBP"}}},
            "is priced in EUR, filters.price is in GBP",
        ),
        (
            {"relative": {"cheaper_than": "red-barn"}, "filters": {"price": {"min": 900, "currency": "GBP"}}},
            "costs £900, and at least £900 is asked for; no venue is both",
        ),
    ],
)
def test_what_cannot_be_answered_says_what_to_do(api: httpx2.Client, fields: dict[str, Any], detail: str) -> None:
    assert detail in problem_of(api.post("/v1/recommendations", json=fields), 422, "unusable-input")["detail"]


def test_venues_like_one_that_is_not_there(api: httpx2.Client) -> None:
    problem_of(api.get("/v1/venues/nowhere/similar"), 404, "not-found")
    problem_of(api.get("/v1/venues/red-barn/similar", params={"limit": 0}), 422, "invalid-request")
    problem_of(api.get("/v1/venues/red-barn/similar", params={"colour": "red"}), 422, "invalid-request")
