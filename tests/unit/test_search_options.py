"""The options of `venuefinder search`: each becomes what POST /v1/search would be sent."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.serving import photo
from venuefinder import cli
from venuefinder.answers import SearchAnswer, UploadAnswer
from venuefinder.commands import search_options
from venuefinder.commands.search_options import Asked
from venuefinder.errors import ImageError, QueryError
from venuefinder.request import SearchRequest


def asked(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Asked:
    """Return what a command line asks, read by the command itself."""
    found: list[Any] = []
    monkeypatch.setattr(cli.search_options, "asked", lambda options: found.append(dict(options)) or 1 / 0)
    CliRunner().invoke(cli.app, ["search", *arguments])
    monkeypatch.undo()
    return search_options.asked(found[0])


def uploaded(files: Any) -> list[UploadAnswer]:
    return [
        UploadAnswer(upload_id=f"id-of-{len(file.read())}", width=1, height=1, expires_at=datetime.now(UTC))
        for file in files
    ]


def understood(request: SearchRequest) -> SearchAnswer:
    """Answer a first page with two understood parts, as a search does."""
    assert (request.cursor, request.facets, request.switch_off) == (None, (), ())
    common = {"meaning": {}, "applied": True}
    parts = [
        common | {"text": "for 120  Guests", "span": [5, 20], "kind": "guests"},
        common | {"text": "near Bath", "span": [21, 30], "kind": "place"},
    ]
    interpreted = {"text": "barn", "filters": {}, "parts": parts}
    return SearchAnswer.model_validate({"results": [], "interpreted": interpreted, "space": "fake"})


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        (["barn"], {"query": "barn"}),
        ([], {}),
        (
            ["--city", "Bath", "--kind", "barn", "--country", "GB"],
            {"filters": {"city": "Bath", "kind": "barn", "country": "GB"}},
        ),
        (["--guests", "120", "--layout", "seated"], {"filters": {"guests": 120, "layout": "seated"}}),
        (["--near", "Bath"], {"filters": {"near": {"place": "Bath"}}}),
        (["--near", "Bath, GB", "--radius-km", "7.5"], {"filters": {"near": {"place": "Bath, GB", "radius_km": 7.5}}}),
        (["--near", "-51.4, 2"], {"filters": {"near": {"latitude": -51.4, "longitude": 2}}}),
        (["--box", "-2,170,1.5,-170"], {"filters": {"box": {"south": -2, "west": 170, "north": 1.5, "east": -170}}}),
        (["--max-price", "5000"], {"filters": {"price": {"max": 5000}}}),
        (
            ["--min-price", "9.5", "--max-price", "40", "--per", "head", "--hours", "6", "--currency", "EUR"],
            {"filters": {"price": {"min": 9.5, "max": 40, "per": "head", "hours": 6, "currency": "EUR"}}},
        ),
        (["--max-minimum-spend", "0"], {"filters": {"price": {"max_minimum_spend": 0}}}),
        (["--hours", "3"], {"filters": {"price": {"hours": 3}}}),
        (
            ["--amenity", "wifi", "--amenity", "parking", "--any-amenity", "garden", "--no-amenity", "carpets"],
            {"filters": {"amenities": {"all": ["wifi", "parking"], "any": ["garden"], "none": ["carpets"]}}},
        ),
        (
            [
                "--attribute",
                "floor=oak",
                "--attribute",
                "ceiling=3.5..",
                "--attribute",
                "area=..90",
                "--attribute",
                "a=1..2",
            ],
            {
                "filters": {
                    "attributes": {
                        "floor": "oak",
                        "ceiling": {"min": 3.5},
                        "area": {"max": 90},
                        "a": {"min": 1, "max": 2},
                    }
                }
            },
        ),
        (
            ["--attribute", "n=4", "--attribute", "n=5", "--attribute", "licensed=true", "--attribute", 'code="4"'],
            {"filters": {"attributes": {"n": [4, 5], "licensed": True, "code": "4"}}},
        ),
        (
            ["--attribute", "a=..", "--attribute", "b=x=y", "--attribute", "c={}"],
            {"filters": {"attributes": {"a": "..", "b": "x=y", "c": "{}"}}},
        ),
        (
            ["--sort", "-price", "--limit", "3", "--facet", "kind", "--facet", "attributes.a b"],
            {"sort": "-price", "limit": 3, "facets": ["kind", "attributes.a b"]},
        ),
        (
            ["x", "--strict", "--explain", "--no-interpret", "--cursor", "abc"],
            {"query": "x", "strict": True, "explain": True, "interpret": False, "cursor": "abc"},
        ),
        (
            ["x", "--query-weight", "-1", "--image", "photo:17=2.5"],
            {"query": "x", "query_weight": -1, "images": [{"photo_id": 17, "weight": 2.5}]},
        ),
        (
            ["--image", "photo:1", "--image", "upload:a-B_9=-.5"],
            {"images": [{"photo_id": 1}, {"upload_id": "a-B_9", "weight": -0.5}]},
        ),
    ],
)
def test_options_ask_what_the_api_would_be_sent(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], body: dict[str, Any]
) -> None:
    found = asked(monkeypatch, *arguments)

    assert found.request == SearchRequest.model_validate(body)
    assert found.settled(uploaded, understood) is found.request


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--radius-km", "5"], "--radius-km: found no --near with it"),
        (["--currency", "EUR"], "--currency: found no --max-price with it"),
        (["--per", "head"], "--per: found no --max-price with it"),
        (["--per", "table", "--max-price", "4"], "filters.price.per"),
        (["--box", "1,2,3"], "--box: found '1,2,3', expected SOUTH,WEST,NORTH,EAST"),
        (["--box", "2,0,1,0"], "south 2.0 lies north of north 1.0"),
        (["--near", "91,0"], "filters.near.latitude: found 91.0"),
        (["--attribute", "floor"], "--attribute: found 'floor', expected NAME=VALUE"),
        (["--attribute", "a=3..2"], "min 3.0 is above max 2.0"),
        (["--max-price", "5", "--min-price", "6"], "min 6.0 is above max 5.0"),
        (["--sort", "colour"], "sort: found"),
        (["--sort", "distance"], "Give filters.near"),
        (["--facet", "colour"], "facets.0: found"),
        (["--image", "photo:1=0"], "a weight of 0 asks nothing"),
        (["--image", "photo:1=99"], "images.0.weight: found 99"),
        (["--image", "photo:1=-1"], "every weight is negative"),
        (["--image", "photo:1", "--image", "photo:1=2"], "the same picture twice"),
        (["--image", "upload:a b"], "images.0.upload_id"),
        (["--amenity", "wifi", "--no-amenity", "WiFi"], "'wifi' is both in all and in none"),
        ([text for number in range(1, 10) for text in ("--image", f"photo:{number}")], "images: found"),
    ],
)
def test_what_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str) -> None:
    with pytest.raises(QueryError) as wrong:
        asked(monkeypatch, *arguments)
    assert message in str(wrong.value)


def test_files_are_uploaded_and_keep_their_places_and_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a=2").write_bytes(b"1")
    (tmp_path / "b").write_bytes(b"22")
    images = [f"--image={tmp_path / 'a=2'}", "--image=photo:7", f"--image={tmp_path / 'b'}=-3", "--image=upload:up"]
    found = asked(monkeypatch, *images)

    request = found.settled(uploaded, understood)

    assert [(file.name, file.size) for file in found.files] == [(str(tmp_path / "a=2"), 1), (str(tmp_path / "b"), 2)]
    assert [(image.upload_id, image.photo_id, image.weight) for image in request.images] == [
        ("id-of-1", None, 1),
        (None, 7, 1),
        ("id-of-2", None, -3),
        ("up", None, 1),
    ]


@pytest.mark.parametrize("name", ["missing.jpg", ".", "photo:x", "x" * 5_000, "a\x00b", "/dev/null", ""])
def test_pictures_that_are_no_files(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(ImageError, match=r"--image: found no file .* expected a picture's path, photo:ID or upload:ID"):
        asked(monkeypatch, "--image", name)


def test_a_file_is_read_only_when_its_turn_comes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(photo())
    found = asked(monkeypatch, "--image", str(path))
    path.write_bytes(b"other")

    assert found.files[0].read() == b"other"


@pytest.mark.parametrize(
    ("words", "spans"),
    [
        (["near bath"], [(21, 30)]),
        (["120 guests", "Bath", "BATH"], [(5, 20), (21, 30)]),
        (["a"], [(21, 30)]),
    ],
)
def test_parts_are_switched_off_by_their_words(
    monkeypatch: pytest.MonkeyPatch, words: list[str], spans: list[tuple[int, int]]
) -> None:
    options = [text for word in words for text in ("--switch-off", word)]
    found = asked(monkeypatch, "barn for 120  Guests near Bath", "--cursor", "c", "--facet", "kind", *options)

    request = found.settled(uploaded, understood)

    assert request == found.request.model_copy(update={"switch_off": tuple(spans)})


@pytest.mark.parametrize("words", ["lawn", " ", "barn"])
def test_words_that_are_no_part_cannot_be_switched_off(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    found = asked(monkeypatch, "barn for 120  Guests near Bath", "--switch-off", words)

    with pytest.raises(QueryError, match=r"--switch-off: found .*\('for 120  Guests', 'near Bath'\)"):
        found.settled(uploaded, understood)
