"""Retrieval on a real Postgres: exact where it is exact, near enough where it is not, full pages, one order."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.crowds import with_index
from venuefinder.bootstrap import Services
from venuefinder.errors import QueryError
from venuefinder.request import SearchRequest
from venuefinder.searching.paging import Cursor, fingerprint
from venuefinder.searching.ranking import DESCRIPTION_WEIGHT, FLOOR
from venuefinder.settings import Settings
from venuefinder.store.database import Database
from venuefinder.store.nearest import NearestVenues
from venuefinder.testing import FakeEncoder

VENUES, PHOTOS = 2_000, 2
KINDS = 50
VENUE_ROWS = """
INSERT INTO venues (external_id, name, kind, latitude, longitude, capacity_seated, rooms_standing, rooms_largest,
                    price_amount, price_currency, price_unit, amenities, attributes)
SELECT 'v' || n, 'V ' || n, 'k' || n % :kinds, 50 + n % 7, n % 11, 1 + n % 500, 1 + n % 600, 1 + n % 600,
       100 + n * 37 % 9000, 'GBP', 'event',
       CASE WHEN n % 4 = 0 THEN ARRAY['stage', 'parking'] WHEN n % 4 = 1 THEN ARRAY['parking'] ELSE ARRAY[]::text[] END,
       jsonb_build_object('floor', (ARRAY['oak', 'stone'])[1 + n % 2], 'ceiling_m', n % 10)
FROM generate_series(1, :venues) n
"""
ROOM_ROWS = """
INSERT INTO rooms (venue_id, position, name, capacity_standing) SELECT id, 0, 'Hall', rooms_standing FROM venues
"""
PHOTO_ROWS = """
INSERT INTO photos (venue_id, position, uri, location, content_hash, file_bytes, width, height, format)
SELECT v.id, n, n::text, '/x', sha256(v.id::text::bytea), 1, 1, 1, 'JPEG' FROM venues v, generate_series(1, :photos) n
ORDER BY v.id, 2
"""
EMBEDDING = "INSERT INTO photo_embeddings VALUES (:space, :photo, 0, :venue, CAST(:vector AS halfvec))"


@pytest.fixture(scope="module")
def crowd(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Services:
    """2,000 venues of 2 photos each, random unit vectors; venue n of kind 'k<n % 50>'."""
    settings = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("crowd"))
    services = Services(settings, encoder=FakeEncoder(), database=module_database)
    _fill(services)
    return services


def _fill(services: Services) -> None:
    space = services.catalogue.space
    vectors = unit(np.random.default_rng(1).normal(size=(VENUES * PHOTOS, space.space.dimension)))
    with services.database.begin() as connection:
        connection.execute(text(VENUE_ROWS), {"venues": VENUES, "kinds": KINDS})
        connection.execute(text(ROOM_ROWS))
        connection.execute(text(PHOTO_ROWS), {"photos": PHOTOS})
        rows = connection.execute(text("SELECT id, venue_id FROM photos ORDER BY id")).all()
        connection.execute(
            text(EMBEDDING),
            [
                {"space": space.id, "photo": photo, "venue": venue, "vector": str(vector.tolist())}
                for (photo, venue), vector in zip(rows, vectors, strict=True)
            ],
        )
    with services.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float16).astype(np.float32)


@pytest.fixture(scope="module")
def exactly(crowd: Services) -> Services:
    """The same catalogue, read without an approximate index."""
    return with_index(crowd, "exact")


def names(services: Services, query: str | None = "anything", **fields: Any) -> list[str]:
    request = SearchRequest.model_validate({"query": query, "interpret": False} | fields)
    return [hit.venue.external_id for hit in services.search.answer(request).results]


def cosines(crowd: Services, query: str) -> dict[str, float]:
    """Every venue's cosine by its best photo, computed by numpy."""
    asked = unit(crowd.encoder.encode_texts([query])[0]).astype(np.float64)
    statement = text("SELECT v.external_id, e.embedding FROM photo_embeddings e JOIN venues v ON v.id = e.venue_id")
    best: dict[str, float] = {}
    with crowd.database.connect() as connection:
        for name, vector in connection.execute(statement):
            best[name] = max(best.get(name, -2.0), float(vector.to_numpy().astype(np.float64) @ asked))
    return best


def brute_force(crowd: Services, query: str) -> list[str]:
    """Every venue by the cosine of its best photo."""
    best = cosines(crowd, query)
    return sorted(best, key=lambda name: (-best[name], name))


@pytest.mark.parametrize("query", ["one", "two", "three"])
def test_exact_results_equal_brute_force(crowd: Services, exactly: Services, query: str) -> None:
    assert names(exactly, query, limit=1000) == brute_force(crowd, query)[:1000]


@pytest.mark.parametrize("limit", [1, 10, 30, 31, 100, 1000])
@pytest.mark.parametrize("kind", [None, "k7"])
def test_pages_are_full(exactly: Services, kind: str | None, limit: int) -> None:
    """With a filter that leaves n venues, exactly min(n, limit) come back."""
    answer = exactly.search.answer(
        SearchRequest.model_validate({"query": "x", "limit": limit, "filters": {"kind": kind}})
    )
    assert answer.total == (VENUES // KINDS if kind else VENUES)
    assert len(answer.results) == min(limit, answer.total)
    assert [hit.rank for hit in answer.results] == list(range(1, len(answer.results) + 1))


@pytest.fixture
def searched(crowd: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    """The crowd with plans as of a large catalogue: the index is searched unless few venues pass."""
    monkeypatch.setattr("venuefinder.store.plans.READ_ROW", 1.0)
    return crowd


@pytest.mark.parametrize("filters", [{}, {"guests": 250}, {"amenities": {"all": ["stage"]}}, {"kind": "k3"}])
def test_the_index_finds_what_reading_all_finds(
    searched: Services, exactly: Services, filters: Mapping[str, Any]
) -> None:
    shares = []
    for number in range(20):
        right = names(exactly, f"query {number}", filters=filters)
        shares.append(len(set(right) & set(names(searched, f"query {number}", filters=filters))) / len(right))
    assert np.mean(shares) >= 0.99


@pytest.mark.parametrize("limit", [7, 130, 600])
def test_pages_equal_one_long_page(searched: Services, limit: int) -> None:
    """Through all tiers, and beyond them where every row is read."""
    found, cursor = [], None
    while True:
        answer = searched.search.answer(SearchRequest(query="pages", limit=limit, cursor=cursor))
        found += [hit.venue.external_id for hit in answer.results]
        cursor = answer.next_cursor
        if cursor is None or (limit < 600 and len(found) > 10 * limit):
            break
    assert len(set(found)) == len(found)
    assert found[:1000] == names(searched, "pages", limit=1000)[: len(found)]
    if limit == 600:
        assert cursor is None
        assert len(found) == VENUES


@pytest.mark.parametrize("sort", ["price", "-price", "guests", "-guests", "name"])
def test_sorted_pages_equal_one_long_page(crowd: Services, sort: str) -> None:
    for query in (None, "sorted"):
        found, cursor = [], None
        for _ in range(4):
            asked = {"query": query, "sort": sort, "limit": 23, "cursor": cursor, "filters": {"kind": "k7"}}
            answer = crowd.search.answer(SearchRequest.model_validate(asked))
            found += [hit.venue.external_id for hit in answer.results]
            if (cursor := answer.next_cursor) is None:
                break
        assert found == names(crowd, query, sort=sort, limit=100, filters={"kind": "k7"})
        assert len(found) == VENUES // KINDS


LISTED: dict[str, Callable[[int], Any]] = {
    "price": lambda n: 100 + n * 37 % 9000,
    "guests": lambda n: max(n % 500, n % 600),
    "name": str,
}
"""What the crowd's venue number n is sorted by."""


def scores_of(crowd: Services, query: str) -> dict[str, float]:
    """Every venue's score by its photos, the only leg there is: in standard deviations above unrelated pairs."""
    crowd.search.answer(SearchRequest(query=query))  # the first search of a space measures what is unrelated
    background = crowd.spaces.require(crowd.encoder.space).photo_background
    assert background is not None
    return {
        name: (1 - DESCRIPTION_WEIGHT) * (cosine - background.mean) / background.std
        for name, cosine in cosines(crowd, query).items()
    }


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("sort", ["price", "-price", "guests", "-guests", "name", "-name"])
def test_relevant_venues_come_first_in_the_order_of_the_field_then_the_others(
    crowd: Services, sort: str, strict: bool
) -> None:
    """`strict` leaves the others out."""
    of_kind = [n for n in range(1, VENUES + 1) if n % KINDS == 7]
    ordered = sorted(of_kind, key=lambda n: f"v{n}")
    ordered.sort(key=LISTED[sort.removeprefix("-")], reverse=sort.startswith("-"))
    score = scores_of(crowd, "sorted")
    relevant = [f"v{n}" for n in ordered if score[f"v{n}"] >= FLOOR]
    others = [f"v{n}" for n in ordered if score[f"v{n}"] < FLOOR]
    assert min(len(relevant), len(others)) > 5

    found, cursor = [], None
    while True:
        asked = {"query": "sorted", "sort": sort, "strict": strict, "limit": 7, "cursor": cursor}
        answer = crowd.search.answer(SearchRequest.model_validate({**asked, "filters": {"kind": "k7"}}))
        found += answer.results
        if (cursor := answer.next_cursor) is None:
            break
    assert [hit.venue.external_id for hit in found] == (relevant if strict else relevant + others)
    assert [hit.below_floor for hit in found] == [score[hit.venue.external_id] < FLOOR for hit in found]


def test_a_cursor_is_good_for_its_query_and_index_alone(crowd: Services) -> None:
    request = SearchRequest(query="cursors")
    cursor = crowd.search.answer(request).next_cursor
    with pytest.raises(QueryError, match="another query"):
        crowd.search.answer(SearchRequest(query="others", cursor=cursor))
    with pytest.raises(QueryError, match="rebuilt"):
        with_index(crowd, "exact").search.answer(SearchRequest(query="cursors", cursor=cursor))


def test_pages_beyond_the_last_are_empty_whatever_a_cursor_says(crowd: Services) -> None:
    """And cost no more than the pages before: rows beyond are not scored."""
    request = SearchRequest(query="far")
    with crowd.index.reading(crowd.spaces.require(crowd.encoder.space)) as reading:
        generation = reading.generation()
    far = Cursor(offset=10**9, after="v1x", query=fingerprint(request), generation=generation).encode()
    answer = crowd.search.answer(SearchRequest(query="far", cursor=far))
    assert (answer.results, answer.next_cursor, answer.total) == ([], None, VENUES)


BOX = {"south": 50, "west": 2, "north": 54, "east": 9}
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["k1", "k7"]),
        "guests": st.integers(1, 500),
        "price": st.integers(100, 9000).map(lambda most: {"max": most}),
        "amenities": st.sampled_from([{"all": ["stage"]}, {"none": ["parking"]}, {"any": ["stage", "parking"]}]),
        "layout": st.sampled_from(["seated", "standing", "theatre"]),
        "attributes": st.sampled_from([{"floor": "oak"}, {"ceiling_m": {"min": 4}}, {"floor": ["stone", "brick"]}]),
        "box": st.sampled_from([BOX, BOX | {"west": 5, "east": 1}, BOX | {"north": 50}]),
        "near": st.sampled_from([1, 200, 900]).map(lambda km: {"latitude": 52, "longitude": 4.1, "radius_km": km}),
    },
)


def seating(filters: dict[str, Any]) -> dict[str, Any]:
    """Filters as they can be sent: a layout says how guests sit."""
    return {name: value for name, value in filters.items() if name != "layout" or "guests" in filters}


def everything(services: Services, query: str, filters: dict[str, Any]) -> set[str]:
    """All venues that pass, page after page."""
    found, cursor = [], None
    while True:
        asked = {"query": query, "limit": 1000, "filters": seating(filters), "cursor": cursor}
        answer = services.search.answer(SearchRequest.model_validate(asked))
        found += [hit.venue.external_id for hit in answer.results]
        if (cursor := answer.next_cursor) is None:
            assert len(found) == len(set(found)) == answer.total
            return set(found)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=FILTERS, other=FILTERS, query=st.sampled_from(["one", "two"]))
@example(one={"price": {"max": 3000}}, other={"guests": 300, "layout": "standing"}, query="one")
@example(one={"guests": 300, "layout": "standing"}, other={"price": {"max": 3000}}, query="one")
@example(one={"attributes": {"floor": "oak"}}, other={"box": BOX}, query="one")
@example(one={"box": BOX}, other={"near": {"latitude": 52, "longitude": 4.1, "radius_km": 900}}, query="one")
def test_to_add_a_filter_never_adds_a_venue(
    crowd: Services, one: dict[str, Any], other: dict[str, Any], query: str
) -> None:
    assert everything(crowd, query, other | one) <= everything(crowd, query, one)


def test_a_photo_finds_itself(crowd: Services) -> None:
    for photo_id in (1, 77, 1_999, 4_000):
        answer = crowd.search.answer(SearchRequest.model_validate({"images": [{"photo_id": photo_id}]}))
        assert answer.results[0].photo is not None
        assert answer.results[0].photo.id == photo_id


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    images=st.lists(
        st.tuples(st.integers(1, 4_000), st.sampled_from([1.0, 0.5, -0.3])),
        min_size=2,
        max_size=8,
        unique_by=lambda image: image[0],
    ).filter(lambda images: any(weight > 0 for _, weight in images)),
    data=st.data(),
)
def test_the_order_of_pictures_is_irrelevant(
    crowd: Services, images: list[tuple[int, float]], data: st.DataObject
) -> None:
    def found(pictures: Sequence[tuple[int, float]]) -> list[tuple[str, float]]:
        asked = [{"photo_id": photo_id, "weight": weight} for photo_id, weight in pictures]
        answer = crowd.search.answer(SearchRequest.model_validate({"query": "x", "images": asked}))
        return [(hit.venue.external_id, hit.score) for hit in answer.results]

    assert found(images) == found(data.draw(st.permutations(images)))


def test_scores_fall_from_place_to_place(searched: Services) -> None:
    answer = searched.search.answer(SearchRequest(query="falling", limit=200, explain=True))
    first = [hit.score for hit in answer.results][:30]
    assert all(before >= after for before, after in pairwise(first))
    for hit in answer.results:
        assert hit.explain is not None
        assert sum(leg.contribution for leg in hit.explain) == pytest.approx(hit.score, abs=1e-4)


def test_the_photo_leg_alone_finds_the_same(crowd: Services) -> None:
    """What tuning measures is what a search does."""
    finder, space = NearestVenues(crowd.database), crowd.spaces.require(crowd.encoder.space)
    vector = crowd.encoder.encode_texts(["legs"])[0]
    right = finder.nearest_venues(vector, space=space, depth=10, exact=True)
    assert len(set(finder.nearest_venues(vector, space=space, depth=10, ef_search=200)) & set(right)) >= 9
