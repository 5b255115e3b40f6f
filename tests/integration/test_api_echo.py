"""What `interpreted` echoes is what a search went by: asked for outright, it finds the same."""

from collections.abc import Mapping
from typing import Any

import httpx2
import pytest

from tests.catalogues import run, write_folder
from tests.filtering import passes
from venuefinder.answers import SearchAnswer
from venuefinder.bootstrap import Services
from venuefinder.domain import Venue
from venuefinder.request import VenueFilter
from venuefinder.testing import COLOURS

VENUES = 60
CITIES = (("Bath", "GB", 51.38, -2.36), ("Bristol", "GB", 51.45, -2.59), ("Lyon", "FR", 45.76, 4.84))
AMENITIES = ("parking", "wi-fi", "stage", "carpets", "bar", "dog friendly")
PRICES = (("event", 4000, None), ("head", 30, 1500), ("hour", 250, None), ("event", 9000, None))


@pytest.fixture(scope="module")
def venues(api_services: Services, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Venue]:
    """60 venues that differ in all that a sentence may ask for, by their ids."""
    run(api_services, write_folder(tmp_path_factory.mktemp("echo"), {f"v{n:02}": listing(n) for n in range(VENUES)}))
    return {f"v{n:02}": api_services.catalogue.require(f"v{n:02}").venue for n in range(VENUES)}


def listing(number: int) -> Mapping[str, Any]:
    colour, kind = list(COLOURS)[number % 5], ("barn", "hall", "loft")[number % 3]
    city, country, latitude, longitude = CITIES[number // 2 % 3]
    unit, amount, least = PRICES[number // 3 % 4]
    return {
        "name": f"The {colour} {kind} {number}",
        "kind": kind,
        "city": city,
        "country": country,
        "latitude": latitude + number / 1000,
        "longitude": longitude,
        "description": f"A {colour} {kind} with beams, number {number}.",
        "capacity": {"seated": 20 + 3 * number, "theatre": 40 + 3 * number},
        "price": {"amount": amount, "currency": "GBP", "unit": unit, "minimum_spend": least},
        "amenities": [amenity for place, amenity in enumerate(AMENITIES) if number * 7 % 11 >> place % 4 & 1],
        "photos": {"a.jpg": colour, "b.jpg": list(COLOURS)[number // 5 % 5]},
    }


def answer(api: httpx2.Client, body: Mapping[str, Any]) -> tuple[SearchAnswer, Mapping[str, Any]]:
    """Return an answer, and what it says it understood as its caller gets it."""
    response = api.post("/v1/search", json={"limit": VENUES, **body})
    assert response.status_code == 200, response.text
    return SearchAnswer.model_validate_json(response.content), response.json()["interpreted"]


def order(found: SearchAnswer) -> list[tuple[str, float]]:
    return [(hit.venue.external_id, hit.score) for hit in found.results]


@pytest.mark.parametrize(
    "sentence",
    [
        "red walls for 100 guests",
        "150 seated, oak beams",
        "a rustic barn near Bath",
        "blue walls in Bristol",
        "a white loft in France",
        "beams within 10 miles of Bristol",
        "green walls with parking and wi-fi",
        "dog friendly, must have a stage",
        "red walls under £5k",
        "between £2k and £5k for 100 guests, beams",
        "yellow hall at £40pp for 80 guests",
        "string lights for 6 hours under £2000",
        "a blue hall with no minimum spend",
        "for 120 guests under £5k near Bath",
        "near Lyon with parking",
    ],
)
def test_what_was_understood_finds_the_same_asked_for_outright(
    api: httpx2.Client, venues: Mapping[str, Venue], sentence: str
) -> None:
    found, understood = answer(api, {"query": sentence})
    text = {"query": understood["text"]} if understood["text"] else {}
    again, plain = answer(api, {**text, "interpret": False, "filters": understood["filters"]})

    assert any(part["applied"] for part in understood["parts"])
    assert 0 < found.total < VENUES
    assert again.total == found.total
    assert order(again) == order(found)
    assert plain == {**understood, "parts": []}


@pytest.mark.parametrize("sentence", ["white walls near Bath, no carpets", "a red barn without a stage or a bar"])
def test_what_should_not_be_there_is_among_the_filters_echoed(
    api: httpx2.Client, venues: Mapping[str, Venue], sentence: str
) -> None:
    """In another order, since what no filter says counts against a venue only while it is in the sentence."""
    found, understood = answer(api, {"query": sentence})
    again, _ = answer(api, {"query": understood["text"], "interpret": False, "filters": understood["filters"]})

    assert understood["negatives"]
    assert 0 < found.total < VENUES
    assert again.total == found.total
    assert {name for name, _ in order(again)} == {name for name, _ in order(found)}


@pytest.mark.parametrize(
    "sentence",
    [
        "red walls for 100 guests near Bath under £5k, no carpets",
        "150 seated with parking",
        "for 6 hours under £2000 in Bristol",
        "at £40pp for 80 guests in France",
    ],
)
def test_the_venues_found_are_those_that_the_echo_lets_through(
    api: httpx2.Client, venues: Mapping[str, Venue], sentence: str
) -> None:
    found, understood = answer(api, {"query": sentence})
    where = VenueFilter.model_validate(understood["filters"])
    through = {name for name, venue in venues.items() if passes(venue, where)}

    assert 0 < len(through) < VENUES
    assert {name for name, _ in order(found)} == through
