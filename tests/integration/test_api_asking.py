"""POST /v1/search over HTTP, in all that it can be asked: sentences, pictures, filters, pages, facets, marks."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from tests.serving import photo, problem_of
from venuefinder.answers import SearchAnswer
from venuefinder.bootstrap import Services
from venuefinder.request import VenueFilter
from venuefinder.searching import relief

VENUES: dict[str, tuple[dict[str, Any], str]] = {
    "barn": (
        {
            "name": "Red Barn",
            "description": "A red barn with oak beams. String lights in the garden.",
            "kind": "barn",
            "city": "Bath",
            "country": "GB",
            "latitude": 51.38,
            "longitude": -2.36,
            "capacity": {"seated": 120},
            "price": {"amount": 30, "currency": "GBP", "unit": "head", "minimum_spend": 2000},
            "amenities": ["parking", "garden"],
            "attributes": {"floor": "oak", "ceiling_m": 4.5},
        },
        "red",
    ),
    "hall": (
        {
            "name": "Blue Hall",
            "description": "A hall.",
            "kind": "hall",
            "city": "Bristol",
            "country": "GB",
            "latitude": 51.45,
            "longitude": -2.59,
            "capacity": {"seated": 60},
            "rooms": [
                {
                    "name": "Loft",
                    "capacity": {"seated": 200},
                    "price": {"amount": 4000, "currency": "GBP", "unit": "event"},
                }
            ],
            "amenities": ["carpets"],
        },
        "blue",
    ),
    "cafe": (
        {
            "name": "Green Cafe",
            "kind": "cafe",
            "city": "Lyon",
            "country": "FR",
            "latitude": 45.76,
            "longitude": 4.84,
            "price": {"amount": 100, "currency": "EUR", "unit": "hour"},
        },
        "green",
    ),
}


@pytest.fixture(scope="module", autouse=True)
def photos(api: httpx2.Client) -> dict[str, int]:
    """Three venues with a photo each; the photo's id by the venue's."""
    ids = {}
    for external_id, (body, colour) in VENUES.items():
        assert api.put(f"/v1/venues/{external_id}", json=body).status_code == 201
        sent = api.post(f"/v1/venues/{external_id}/photos", files=[("files", ("a.png", photo(colour, fmt="PNG")))])
        ids[external_id] = int(sent.json()["photos"][0]["id"])
    return ids


def answer(api: httpx2.Client, **body: Any) -> SearchAnswer:
    response = api.post("/v1/search", json=body)
    assert response.status_code == 200, response.text
    return SearchAnswer.model_validate_json(response.content)


def found(api: httpx2.Client, **body: Any) -> list[str]:
    return [hit.venue.external_id for hit in answer(api, **body).results]


def refused(api: httpx2.Client, **body: Any) -> str:
    return str(problem_of(api.post("/v1/search", json=body), 422, "unusable-input")["detail"])


def upload(api: httpx2.Client, colour: str) -> str:
    sent = api.post("/v1/uploads", files=[("files", ("a.jpg", photo(colour)))])
    return str(sent.json()["uploads"][0]["upload_id"])


SENTENCE = "red walls for 100 guests under £5k near Bath, no carpets"


def test_one_sentence_is_understood_and_explained(api: httpx2.Client) -> None:
    body = answer(api, query=SENTENCE, explain=True)

    assert [hit.venue.external_id for hit in body.results] == ["barn"]
    understood = body.interpreted
    assert understood is not None
    assert understood.filters.guests == 100
    assert understood.filters.price is not None
    assert understood.filters.price.max == 5000
    assert understood.filters.near is not None
    assert understood.filters.near.latitude == pytest.approx(51.38, abs=0.01)
    assert understood.negatives == ["carpets"]
    assert {part.kind for part in understood.parts} == {"guests", "price", "place", "negation"}
    for part in understood.parts:
        assert SENTENCE[slice(*part.span)] == part.text
    best = body.results[0]
    assert best.price is not None
    assert best.price.total == 3000
    assert best.distance_km == pytest.approx(0, abs=0.1)
    assert best.explain is not None
    assert sum(leg.contribution for leg in best.explain) == pytest.approx(best.score, abs=0.001)
    assert {clause.status for clause in best.clauses} <= {"seen", "stated", "unknown"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"images": [{"photo_id": n} for n in range(1, 10)]}, "body.images: found "),
        ({"images": [{"photo_id": n} for n in range(1, 10)]}, "; at most 8 are allowed"),
        ({"facets": ["colour"]}, "kind, city, country, amenities, layouts, price or attributes.NAME is expected"),
        ({"images": [{"upload_id": "?"}]}, "an upload_id as POST /v1/uploads answers is expected"),
    ],
)
def test_what_does_not_fit_is_said_in_words(api: httpx2.Client, body: dict[str, Any], expected: str) -> None:
    assert expected in problem_of(api.post("/v1/search", json=body), 422, "invalid-request")["detail"]


def test_a_part_can_be_switched_off_and_all_of_them(api: httpx2.Client) -> None:
    start = SENTENCE.index("for 100 guests")
    off = answer(api, query=SENTENCE, switch_off=[[start, start + len("for 100 guests")]]).interpreted
    plain = answer(api, query=SENTENCE, interpret=False).interpreted

    assert off is not None
    assert off.filters.guests is None
    assert "for 100 guests" in off.text
    assert plain is not None
    assert (plain.text, plain.parts, plain.filters) == (SENTENCE, [], VenueFilter())
    assert "switch_off: [0, 1] is no part of the query" in refused(api, query=SENTENCE, switch_off=[[0, 1]])


def test_a_filter_given_wins_over_one_understood(api: httpx2.Client) -> None:
    understood = answer(api, query=SENTENCE, filters={"guests": 20}).interpreted

    assert understood is not None
    assert understood.filters.guests == 20
    assert [part.applied for part in understood.parts if part.kind == "guests"] == [False]


def test_an_ambiguous_place_is_asked_back(api: httpx2.Client) -> None:
    told = refused(api, filters={"near": {"place": "Cambridge"}})
    body = answer(api, query="red walls near Cambridge")

    assert told.startswith("filters.near.place: 'Cambridge' may mean Cambridge, GB; Cambridge, ")
    assert body.total == 3
    assert body.interpreted is not None
    part = body.interpreted.parts[-1]
    assert not part.applied
    assert {"Cambridge, GB", "Cambridge, Massachusetts, US"} <= {candidate.name for candidate in part.candidates}
    for candidate in part.candidates:
        assert api.post("/v1/search", json={"filters": {"near": {"place": candidate.name}}}).status_code == 200


def test_a_place_that_nobody_knows(api: httpx2.Client) -> None:
    assert "Qwertyville" in refused(api, filters={"near": {"place": "Qwertyville"}})


@pytest.mark.parametrize(
    ("filters", "venues"),
    [
        ({"kind": "Barn"}, {"barn"}),
        ({"city": "bath"}, {"barn"}),
        ({"country": "GB"}, {"barn", "hall"}),
        ({"near": {"latitude": 51.4, "longitude": -2.4}}, {"barn", "hall"}),
        ({"near": {"latitude": 51.4, "longitude": -2.4, "radius_km": 5}}, {"barn"}),
        ({"box": {"south": 45, "west": 4, "north": 46, "east": 5}}, {"cafe"}),
        ({"guests": 150, "layout": "seated"}, {"hall"}),
        ({"guests": 100, "price": {"max": 3500}}, {"barn"}),
        ({"guests": 100, "price": {"max": 30, "per": "head"}}, {"barn"}),
        ({"price": {"max": 600, "currency": "EUR", "hours": 6}}, {"cafe"}),
        ({"amenities": {"all": ["parking"], "any": ["garden", "pool"], "none": ["carpets"]}}, {"barn"}),
        ({"attributes": {"floor": ["stone", "oak"], "ceiling_m": {"min": 4}}}, {"barn"}),
        ({"attributes": {"floor": "stone"}}, set()),
    ],
)
def test_filters(api: httpx2.Client, filters: dict[str, Any], venues: set[str]) -> None:
    assert set(found(api, filters=filters)) == venues
    assert set(found(api, query="red", filters=filters)) == venues


def test_a_room_that_matches_is_named(api: httpx2.Client) -> None:
    hit = answer(api, filters={"guests": 150, "price": {"max": 5000}}).results[0]

    assert (hit.venue.external_id, hit.room) == ("hall", "Loft")
    assert hit.price is not None
    assert hit.price.total == 4000


@pytest.mark.parametrize(
    ("sort", "venues"),
    [("name", ["hall", "cafe", "barn"]), ("-name", ["barn", "cafe", "hall"]), ("-guests", ["hall", "barn", "cafe"])],
)
def test_other_orders(api: httpx2.Client, sort: str, venues: list[str]) -> None:
    assert found(api, sort=sort) == venues


def test_pictures_find_what_looks_like_them(api: httpx2.Client, photos: dict[str, int]) -> None:
    uploaded = upload(api, "blue")

    assert found(api, images=[{"upload_id": uploaded}])[0] == "hall"
    for venue, photo_id in photos.items():
        assert found(api, images=[{"photo_id": photo_id}])[0] == venue
    both = [{"photo_id": photos["barn"]}, {"photo_id": photos["hall"], "weight": -1}]
    assert found(api, images=both)[0] == "barn"
    assert found(api, images=both)[-1] == "hall"
    assert found(api, query="blue", query_weight=0.2, images=[{"photo_id": photos["cafe"], "weight": 3}])[0] == "cafe"


def test_the_order_of_pictures_is_irrelevant(api: httpx2.Client, photos: dict[str, int]) -> None:
    images = [
        {"photo_id": photos["barn"], "weight": 2},
        {"photo_id": photos["cafe"]},
        {"upload_id": upload(api, "red")},
    ]

    one = [(hit.venue.external_id, hit.score) for hit in answer(api, images=images).results]
    other = [(hit.venue.external_id, hit.score) for hit in answer(api, images=images[::-1]).results]
    assert [name for name, _ in one] == [name for name, _ in other]
    assert [score for _, score in one] == pytest.approx([score for _, score in other], abs=0.01)


def test_pictures_that_are_not_there(api: httpx2.Client, api_services: Services, photos: dict[str, int]) -> None:
    there = {"photo_id": photos["barn"]}
    expired = upload(api, "red")
    with api_services.database.begin() as connection:
        connection.execute(text("UPDATE query_pictures SET created_at = created_at - interval '1 hour'"))

    assert refused(api, images=[there, {"photo_id": 2**62}]).startswith(f"images[1]: no photo {2**62} embedded")
    assert refused(api, images=[there, {"upload_id": expired}]) == (
        f"images[1]: no upload '{expired}'; it may have expired (uploads are kept an hour): upload it again"
    )


def test_pages_are_one_long_list(api: httpx2.Client) -> None:
    whole = found(api, query="red")
    first = answer(api, query="red", limit=2)
    second = answer(api, query="red", limit=2, cursor=first.next_cursor)

    assert [hit.venue.external_id for hit in (*first.results, *second.results)] == whole
    assert [hit.rank for hit in second.results] == [3]
    assert second.next_cursor is None
    assert "another query" in refused(api, query="blue", limit=2, cursor=first.next_cursor)
    assert "cursor: found 'nonsense', expected next_cursor of an answer" in refused(api, query="red", cursor="nonsense")


@pytest.mark.parametrize(
    "cursor", ["WzEsMl0", "e30", "bnVsbA", "W1tbW1tb", "é", "\u0000", "a" * 1000, "WzFlOTk5LCIiLCIiLCIiXQ"]
)
def test_cursors_that_nobody_gave_out(api: httpx2.Client, cursor: str) -> None:
    refused(api, query="red", cursor=cursor)


def test_facets_count_what_else_there_is(api: httpx2.Client) -> None:
    facets = answer(api, filters={"kind": "barn"}, facets=["kind", "city", "amenities", "attributes.floor"]).facets

    assert {value.value: value.count for value in facets["kind"]} == {"barn": 1, "hall": 1, "cafe": 1}
    assert {value.value: value.count for value in facets["city"]} == {"Bath": 1}
    assert {value.value for value in facets["amenities"]} == {"parking", "garden"}
    assert {value.value for value in facets["attributes.floor"]} == {"oak"}


def test_strict_drops_weak_matches_and_says_what_to_relax(api: httpx2.Client) -> None:
    loose = answer(api, query="red", filters={"city": "Bristol"})
    strict = answer(api, query="red", filters={"city": "Bristol"}, strict=True)

    assert [(hit.venue.external_id, hit.below_floor) for hit in loose.results] == [("hall", True)]
    assert strict.results == []
    assert strict.relax is not None
    assert (strict.relax.constraint, strict.relax.venues) == ("city", 1)


def test_filters_that_nothing_passes_say_what_to_relax(api: httpx2.Client) -> None:
    body = answer(api, query="red", filters={"city": "Bath", "guests": 5_000})

    assert (body.results, body.total) == ([], 0)
    assert body.relax is not None
    assert (body.relax.constraint, body.relax.text, body.relax.venues) == ("guests", "5,000 guests", 1)


def test_filters_that_only_fail_together_are_relaxed_together(api: httpx2.Client) -> None:
    body = answer(api, query="red", filters={"city": "Nowhere", "guests": 5_000})

    assert body.relax is not None
    assert (body.relax.constraint, body.relax.venues) == ("filters", 3)
    assert body.relax.text == "all filters together: in Nowhere, 5,000 guests"


def test_nothing_is_asked_lists_everything(api: httpx2.Client) -> None:
    body = answer(api)

    assert [hit.venue.name for hit in body.results] == ["Blue Hall", "Green Cafe", "Red Barn"]
    assert body.total == 3


def test_what_cancels_out_is_refused(api: httpx2.Client, photos: dict[str, int]) -> None:
    same = upload(api, "red")
    twin = [{"upload_id": same}, {"upload_id": upload(api, "red"), "weight": -1}]

    assert "cancel each other out" in refused(api, images=twin)


def test_strict_drops_nothing_where_all_words_became_filters(api: httpx2.Client) -> None:
    """Nothing is asked that a venue could match weakly."""
    asked = answer(api, query="for 100 guests", sort="relevance", strict=True)
    assert (asked.interpreted.text, asked.interpreted.filters.guests) == ("", 100)
    assert {hit.venue.external_id for hit in asked.results} == {"barn", "hall"}
    assert asked.relax is None or asked.relax.venues > asked.total


def test_no_more_is_relaxed_once_it_has_taken_long(api: httpx2.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"query": "red", "filters": {"city": "Bath", "guests": 5_000}}
    assert answer(api, **asked).relax is not None
    monkeypatch.setattr(relief, "MOST_SECONDS", -1.0)
    assert answer(api, **asked).relax is None
