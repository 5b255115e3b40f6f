"""Searches that somebody made up to break the service: refused by name or answered, never a fault of ours."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import httpx2
import pytest

from tests.serving import photo, problem_of
from venuefinder.query.negation import MOST_NEGATIVES
from venuefinder.searching.relief import MOST_TRIED

TEXTS = [
    "\x00",
    "a\x00b",
    "\x7f",
    "\ud800",
    "a\udfffb",
    "\u202e",
    "\uffff",
    "\u2028",
    "a\nb",
    " ",
    " a ",
    "'; DROP TABLE venues; --",
    "%s",
    "%(where_kind)s",
    "%",
    "{}",
    "{condition}",
    "\\",
    "'",
    '"',
    "$$",
    "/*",
    "v.id) OR 1=1 --",
    "x" * 101,
    "x" * 501,
    "x" * 5001,
    "İ" * 100,
    "ß" * 100,
    "\ufdfa" * 100,
]
OF_TEXT = [
    {"query": "?"},
    {"query": "?", "interpret": False},
    {"query": "a barn near ? for 10, no ?"},
    {"facets": ["attributes.?"]},
    {"facets": ["?"]},
    {"sort": "?"},
    {"cursor": "?"},
    {"images": [{"upload_id": "?"}]},
    {"filters": {"kind": "?"}},
    {"filters": {"city": "?"}},
    {"filters": {"near": {"place": "?"}}},
    {"filters": {"amenities": {"all": ["?"], "any": ["?"]}}},
    {"filters": {"amenities": {"none": ["?"]}}},
    {"filters": {"attributes": {"?": "?"}}},
    {"filters": {"attributes": {"?": {"min": 1}}}},
    {"filters": {"attributes": {"?": ["?", 1, None, True]}}},
    {"filters": {"price": {"max": 1, "currency": "?"}}},
    {"filters": {"?": 1}},
]
NUMBERS = [
    "1e400",
    "-1e400",
    "NaN",
    "Infinity",
    "1e-320",
    "5e-324",
    "-0.0",
    "0",
    "-1",
    "1" + 400 * "0",
    "1" + 5000 * "0",
    "1e308",
    "9223372036854775808",
    "1.5",
    "true",
    '"1"',
    '"NaN"',
    '"1e999"',
    "null",
    "[]",
    "{}",
    "89.99999999999999",
    "-180",
]
OF_NUMBER = [
    '{"limit": ?}',
    '{"query": "red", "query_weight": ?}',
    '{"query": "red", "images": [{"photo_id": 1, "weight": ?}]}',
    '{"images": [{"photo_id": ?}]}',
    '{"query": "red", "switch_off": [[0, ?]]}',
    '{"filters": {"guests": ?}}',
    '{"filters": {"near": {"latitude": ?, "longitude": 0}}, "sort": "distance"}',
    '{"filters": {"near": {"latitude": 90, "longitude": ?, "radius_km": 1}}}',
    '{"filters": {"near": {"latitude": 51.4, "longitude": -2.4, "radius_km": ?}}}',
    '{"filters": {"box": {"south": -90, "west": ?, "north": 90, "east": 180}}}',
    '{"filters": {"guests": 1000000, "price": {"max": ?, "per": "head"}}, "facets": ["price"], "sort": "price"}',
    '{"filters": {"price": {"max": 5, "hours": ?, "per": "hour"}}, "facets": ["price", "layouts"], "sort": "-price"}',
    '{"filters": {"attributes": {"ceiling_m": ?}}, "facets": ["attributes.ceiling_m"]}',
    '{"filters": {"attributes": {"ceiling_m": [?]}}}',
    '{"filters": {"attributes": {"ceiling_m": {"min": ?}}}}',
    '{"filters": {"attributes": {"ceiling_m": {"min": -1e300, "max": ?}}}}',
]
CURSORS: list[Any] = [
    [0, "a", "b", "c"],
    [-1, "", "", ""],
    [10**9, "a", "b", "c"],
    [10**30, "a", "b", "c"],
    [True, "a", "b", "c"],
    [1.0, "a", "b", "c"],
    [1, "\x00", "b", "c"],
    {"a": 1, "b": 2, "c": 3, "d": 4},
    "abcd",
    None,
    [],
]


@pytest.fixture(scope="module", autouse=True)
def venue(api: httpx2.Client) -> None:
    """A venue with a photo, and something of all that is asked for."""
    fields = {
        "name": "Red Barn",
        "kind": "barn",
        "city": "Bath",
        "latitude": 51.4,
        "longitude": -2.4,
        "amenities": ["parking"],
        "capacity": {"seated": 90},
        "price": {"amount": 30, "currency": "GBP", "unit": "hour"},
        "attributes": {"ceiling_m": 4.5},
    }
    assert api.put("/v1/venues/barn", json=fields).status_code == 201
    assert api.post("/v1/venues/barn/photos", files=[("files", ("a.jpg", photo("red")))]).is_success


def sent(api: httpx2.Client, body: str) -> None:
    answer = api.post("/v1/search", content=body.encode(), headers={"content-type": "application/json"})

    assert answer.status_code in (200, 400, 422), (body[:200], answer.text[:300])
    assert not [word for word in ("psycopg", "Traceback", "SELECT ", ".py") if word in answer.text]


@pytest.mark.parametrize("template", OF_TEXT, ids=json.dumps)
def test_texts_are_never_more_than_text(api: httpx2.Client, template: dict[str, Any]) -> None:
    for text in TEXTS:
        sent(api, json.dumps(template).replace("?", json.dumps(text)[1:-1]))


@pytest.mark.parametrize("template", OF_NUMBER)
def test_numbers_of_any_size(api: httpx2.Client, template: str) -> None:
    for number in NUMBERS:
        sent(api, template.replace("?", number))


def test_forged_cursors(api: httpx2.Client) -> None:
    for fields in CURSORS:
        sent(api, json.dumps({"cursor": urlsafe_b64encode(json.dumps(fields).encode()).decode()}))


def test_nesting_without_end(api: httpx2.Client) -> None:
    for nested in ("[" * 200_000 + "]" * 200_000, "[" * 900 + "]" * 900, '{"min":' * 900 + "1" + "}" * 900):
        sent(api, f'{{"filters": {{"attributes": {{"a": {nested}}}}}}}')


def test_what_is_stored_can_be_read_again(api: httpx2.Client) -> None:
    """The lower case of a letter may be longer than the letter."""
    fields = {"name": "x", "kind": "İ" * 100}

    assert "at most 100" in problem_of(api.put("/v1/venues/longer", json=fields), 422, "invalid-request")["detail"]
    assert api.put("/v1/venues/longer", json=fields | {"kind": "İ" * 50}).status_code == 201
    assert api.get("/v1/venues/longer").json()["venue"]["kind"] == "i̇" * 50
    assert api.delete("/v1/venues/longer").is_success


def test_a_request_marks_and_relaxes_only_so_much(api: httpx2.Client) -> None:
    unwanted = {"query": "a red barn, " + ", ".join(f"no thing{n}" for n in range(100))}
    demanding = {"filters": {"amenities": {"all": [f"thing {n}" for n in range(MOST_TRIED)]}, "attributes": {"a": 1}}}

    interpreted = api.post("/v1/search", json=unwanted).json()["interpreted"]
    relaxed = api.post("/v1/search", json=demanding).json()

    assert len(interpreted["negatives"]) == MOST_NEGATIVES
    assert f"thing{MOST_NEGATIVES}" in interpreted["text"]
    assert (relaxed["results"], relaxed["relax"]["constraint"]) == ([], "filters")
