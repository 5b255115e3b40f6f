"""A cursor goes on after the venue it names, whatever was added or removed before it."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.catalogues import paint

NAMES = ("b", "d", "f", "h", "j", "l")
RED = ("d", "h")


@pytest.fixture
def kind(api: httpx2.Client, request: pytest.FixtureRequest) -> str:
    """Six venues of a kind of their own, two of them red."""
    kind = re.sub(r"[^a-z]+", "-", request.node.name)[:60]
    for name in NAMES:
        add(api, kind, name)
    return kind


def add(api: httpx2.Client, kind: str, name: str) -> None:
    assert api.put(f"/v1/venues/{kind}-{name}", json={"name": name, "kind": kind}).status_code == 201
    path = Path(f"{name}.jpg")
    paint(path, "red" if name in RED else "blue")
    files = [("files", (path.name, path.read_bytes()))]
    assert api.post(f"/v1/venues/{kind}-{name}/photos", files=files).status_code == 201


def remove(api: httpx2.Client, kind: str, name: str) -> None:
    assert api.delete(f"/v1/venues/{kind}-{name}").status_code == 204


def page(api: httpx2.Client, kind: str, cursor: str | None = None, **asked: Any) -> tuple[str, str | None]:
    """Return the names of two hits, and the cursor of the next two."""
    body = {"filters": {"kind": kind}, "limit": 2, "cursor": cursor, "interpret": False} | asked
    answer = api.post("/v1/search", json=body).json()
    return "".join(hit["venue"]["name"] for hit in answer["results"]), answer["next_cursor"]


@pytest.mark.parametrize(
    ("order", "pages"),
    [
        ({"sort": "name"}, ("bd", "fh", "jl")),
        ({"sort": "name", "query": "red"}, ("dh", "ab", "fj")),  # the relevant ones first, then what comes new
        ({"query": "red"}, None),
    ],
    ids=["listed", "relevant ones listed first", "by relevance"],
)
def test_added(api: httpx2.Client, kind: str, order: dict[str, Any], pages: tuple[str, ...] | None) -> None:
    first, cursor = page(api, kind, **order)
    add(api, kind, "a")
    second, cursor = page(api, kind, cursor, **order)
    add(api, kind, "aa")
    third, _ = page(api, kind, cursor, **order)
    if pages:
        assert (first, second, third) == pages
    shown = first + second + third
    assert len(set(shown)) == len(shown) == 6


def test_removed(api: httpx2.Client, kind: str) -> None:
    first, cursor = page(api, kind, sort="name")
    remove(api, kind, "b")
    second, cursor = page(api, kind, cursor, sort="name")
    remove(api, kind, "h")  # the one the cursor names: then places are counted, and none is shown twice
    third, _ = page(api, kind, cursor, sort="name")
    assert (first, second, third) == ("bd", "fh", "l")


@pytest.mark.parametrize("after", ["no such venue", "nul \0", "half \ud800", "x" * 100_000])
def test_a_forged_venue_in_a_cursor_is_no_matter_or_refused(api: httpx2.Client, kind: str, after: str) -> None:
    body = {"filters": {"kind": kind}, "limit": 2, "sort": "name", "interpret": False}
    given = api.post("/v1/search", json=body).json()["next_cursor"]
    offset, _, *rest = json.loads(urlsafe_b64decode(given + "=="))
    forged = urlsafe_b64encode(json.dumps([offset, after, *rest]).encode()).decode().rstrip("=")
    response = api.post("/v1/search", json=body | {"cursor": forged})
    if response.status_code == 200:
        assert [hit["venue"]["name"] for hit in response.json()["results"]] == ["f", "h"]
    else:
        assert response.status_code == 422
        assert "cursor" in response.text
