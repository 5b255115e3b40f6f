"""Search on a real Postgres: order, filters, what is told of a hit."""

from pathlib import Path
from typing import Any

import pytest

from tests.catalogues import run, write_folder
from venuefinder.bootstrap import Services
from venuefinder.calibrating.background_queries import BACKGROUND_QUERIES
from venuefinder.errors import SpaceError
from venuefinder.records import VenueDraft
from venuefinder.request import SearchRequest
from venuefinder.settings import Settings
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Services:
    made = Services(Settings(data_dir=tmp_path / "data"), encoder=FakeEncoder(), database=database)
    run(made, write_folder(tmp_path / "venues"))
    return made


def found(services: Services, query: str = "red", limit: int = 10, **filters: Any) -> list[str]:
    answer = services.search.answer(SearchRequest.model_validate({"query": query, "filters": filters, "limit": limit}))
    return [hit.venue.external_id for hit in answer.results]


@pytest.mark.parametrize(
    ("query", "venue", "uri"),
    [
        ("a red room", "red-barn", "front.jpg"),
        ("blue walls", "blue-hall", "hall.jpg"),
        ("all white", "white-loft", "loft.jpg"),
        ("a black cellar", "blue-hall", "cellar.jpg"),
    ],
)
def test_the_right_venue_comes_first_with_the_photo_that_matched(
    services: Services, query: str, venue: str, uri: str
) -> None:
    best = services.search.answer(SearchRequest(query=query)).results[0]
    assert best.venue.external_id == venue
    assert best.photo is not None
    assert best.photo.uri == uri
    assert best.photo.url.startswith(f"/v1/photos/{best.photo.id}/image?v=")
    assert best.rank == 1
    assert best.probability is None
    assert best.percentile is not None
    assert best.percentile > 90


def test_all_venues_come_back_ranked(services: Services) -> None:
    answer = services.search.answer(SearchRequest(query="green"))
    assert len(answer.results) == 4
    scores = [hit.score for hit in answer.results]
    assert scores == sorted(scores, reverse=True)
    assert [hit.rank for hit in answer.results] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("filters", "venues"),
    [
        ({"city": "bath"}, {"red-barn", "blue-hall"}),
        ({"city": "BATH ", "kind": "Barn"}, {"red-barn"}),
        ({"guests": 120}, {"red-barn", "blue-hall"}),
        ({"guests": 120, "layout": "seated"}, {"red-barn"}),
        ({"guests": 250}, {"blue-hall"}),
        ({"price": {"max": 4500}}, {"red-barn", "blue-hall"}),
        ({"price": {"max": 2999}}, set()),
        ({"price": {"max": 3000}}, {"blue-hall"}),
        ({"guests": 40, "price": {"max": 3000}}, {"blue-hall"}),
        ({"guests": 100, "price": {"max": 5000}}, {"red-barn"}),
        ({"price": {"max": 1000, "currency": "EUR"}}, {"green-garden"}),
        ({"amenities": {"all": ["Parking", "bar"]}}, {"red-barn"}),
        ({"amenities": {"any": ["bar", "pool"]}}, {"red-barn"}),
        ({"amenities": {"none": ["parking"]}}, {"green-garden", "white-loft"}),
        ({"city": "Paris"}, set()),
    ],
)
def test_filters(services: Services, filters: dict[str, Any], venues: set[str]) -> None:
    assert set(found(services, **filters)) == venues


@pytest.mark.parametrize("city", ["Gießen", "gießen", "GIEßEN", " Gießen "])
def test_a_city_is_found_as_it_is_written(services: Services, tmp_path: Path, city: str) -> None:
    """Python folds ß to ss, PostgreSQL's lower() does not: one side alone must not fold."""
    venues = {"keller": {"name": "Keller", "city": "Gießen", "photos": {"a.jpg": "red"}}}
    run(services, write_folder(tmp_path / "cities", venues))
    assert found(services, city=city) == ["keller"]


def test_what_a_price_filter_left_out_is_counted(services: Services) -> None:
    request = SearchRequest.model_validate({"query": "red", "filters": {"price": {"max": 5000}, "guests": 10}})
    left_out = services.search.answer(request).left_out
    assert (left_out.other_currency, left_out.unknown_price, left_out.unknown_capacity) == (1, 1, 2)


def test_prices_and_capacities_of_rooms_count_as_said(services: Services, tmp_path: Path) -> None:
    """A venue that its room let through was once counted as left out, and one priced by its rooms alone was not."""
    attic = {"name": "Attic", "capacity": {"seated": 20}, "price": {"amount": 100, "currency": "GBP"}, "photos": []}
    euros = {"amount": 900, "currency": "EUR"}
    venues = {
        "let-through": {"name": "A", "price": euros, "rooms": [attic], "photos": {"a.jpg": "red"}},
        "euros-only": {"name": "B", "rooms": [attic | {"price": euros}], "photos": {"b.jpg": "red"}},
    }
    for venue in venues.values():
        venue["city"] = "Lille"
    run(services, write_folder(tmp_path / "rooms", venues))
    filters = {"city": "lille", "guests": 15, "price": {"max": 5000}}
    answer = services.search.answer(SearchRequest.model_validate({"query": "red", "filters": filters}))
    assert [hit.venue.external_id for hit in answer.results] == ["let-through"]
    left_out = answer.left_out
    assert (left_out.other_currency, left_out.unknown_price, left_out.unknown_capacity) == (1, 0, 0)


def test_what_scores_compare_with_grows_with_the_space(services: Services, tmp_path: Path) -> None:
    def measured() -> tuple[int, int]:
        space = services.spaces.require(services.encoder.space)
        assert space.photo_background is not None
        return space.background_photos, space.photo_background.pairs // len(BACKGROUND_QUERIES)

    def grow(name: str, photos: int) -> None:
        venue = {"name": name, "photos": {f"{number}.jpg": "yellow" for number in range(photos)}}
        run(services, write_folder(tmp_path / name, {name: venue}))

    assert measured() == (7, 7)
    grow("a-little", 6)
    assert measured() == (7, 7)
    grow("to-twice", 1)
    assert measured() == (14, 14)


def test_descriptions_that_come_later_are_measured_when_they_come(database: Database, tmp_path: Path) -> None:
    services = Services(Settings(data_dir=tmp_path / "data"), encoder=FakeEncoder(), database=database)
    run(services, write_folder(tmp_path / "venues", {"bare": {"name": "Bare", "photos": {"a.jpg": "red"}}}))
    assert services.spaces.require(services.encoder.space).text_background is None
    venue = services.catalogue.require("bare").venue.model_copy(update={"description": "Red walls."})
    services.catalogue.upsert([VenueDraft(venue=venue, source=None)])
    found(services)
    assert services.spaces.require(services.encoder.space).text_background is not None


def test_limit(services: Services) -> None:
    assert len(found(services, limit=2)) == 2
    assert found(services, limit=2) == found(services, limit=4)[:2]


def test_other_scripts_emoji_and_long_queries_are_answered(services: Services) -> None:
    for query in ("🎉", "結婚式場", "قاعة", "red " * 400):
        assert len(found(services, query)) == 4


def test_a_query_that_is_cut_says_so(services: Services) -> None:
    answer = services.search.answer(SearchRequest(query="word " * 60))
    assert "62 tokens, but the encoder reads 32" in answer.warnings[0]
    assert services.search.answer(SearchRequest(query="red")).warnings == []


def test_queries_are_encoded_once(services: Services) -> None:
    encoder = services.encoder
    assert isinstance(encoder, FakeEncoder)
    found(services, "a red barn")
    before = len(encoder.texts)
    found(services, "a red barn")
    assert len(encoder.texts) == before


def test_an_empty_catalogue_says_what_to_do(database: Database, tmp_path: Path) -> None:
    services = Services(Settings(data_dir=tmp_path), encoder=FakeEncoder(), database=database)
    with pytest.raises(SpaceError, match="nothing is embedded yet; run: venuefinder ingest"):
        found(services)


def test_another_encoder_is_refused(services: Services) -> None:
    other = Services(services.settings, encoder=FakeEncoder(weights="other"), database=services.database)
    with pytest.raises(SpaceError, match="embedded with 'fake'"):
        found(other)
