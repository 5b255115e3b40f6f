"""Events over HTTP: told once, counted in recommendations, forgotten for good."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from tests.serving import photo, problem_of
from tests.workers import eventually
from venuefinder.bootstrap import Services
from venuefinder.events import MOST_OF_A_USER

VENUES = {"red-a": "#d22", "red-b": "#d33", "red-c": "#e22", "blue-a": "#22d", "blue-b": "#33d", "green-a": "#2a2"}


@pytest.fixture(scope="module", autouse=True)
def venues(api: httpx2.Client) -> None:
    """Venues of three colours."""
    for external_id, colour in VENUES.items():
        assert api.put(f"/v1/venues/{external_id}", json={"name": external_id.title()}).status_code == 201
        files = [("files", ("a.png", photo(colour, fmt="PNG")))]
        assert api.post(f"/v1/venues/{external_id}/photos", files=files).status_code == 201


def tell(api: httpx2.Client, user: str, *events: tuple[str, str], **fields: Any) -> dict[str, Any]:
    body = {"user": user, "events": [{"kind": kind, "venue": venue, **fields} for kind, venue in events]}
    answered = api.post("/v1/events", json=body)
    assert answered.status_code == 200, answered.text
    return dict(answered.json())


def recommended(api: httpx2.Client, **fields: Any) -> tuple[str, list[str]]:
    answer = api.post("/v1/recommendations", json={"diversity": 0} | fields).json()
    return answer["basis"], [result["venue"]["external_id"] for result in answer["results"]]


def kept(services: Services, user: str) -> int:
    with services.database.connect() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM user_events WHERE user_name = %s", (user,)).scalar()
    return int(found or 0)


def test_what_somebody_saved_is_a_taste(api: httpx2.Client) -> None:
    assert tell(api, "somebody", ("view", "red-a"), ("save", "red-a")) == {"stored": 2, "repeated": 0, "unknown": []}
    basis, found = recommended(api, user="somebody")

    assert basis == "events"
    assert set(found[:2]) == {"red-b", "red-c"}
    assert "red-a" not in found
    assert len(found) == len(VENUES) - 1
    first = api.post("/v1/recommendations", json={"user": "somebody"}).json()["results"][0]
    assert "Red-A, which was saved" in first["reason"]


def test_what_was_dismissed_never_comes_back_and_pushes_away_what_is_like_it(api: httpx2.Client) -> None:
    tell(api, "dismisser", ("dismiss", "blue-a"))
    basis, found = recommended(api, user="dismisser")

    assert basis == "dislikes"
    assert found[-1] == "blue-b"
    assert "blue-a" not in found
    assert recommended(api, user="dismisser", like=[{"venue": "blue-a"}])[1][0] == "blue-b"  # said now, it is liked


def test_who_was_never_heard_of_gets_what_everybody_gets(api: httpx2.Client) -> None:
    assert recommended(api, user="nobody-yet") == recommended(api)
    assert recommended(api, user="nobody-yet")[0] == "nothing"


def test_the_same_event_counts_once_even_when_sent_together(api: httpx2.Client, api_services: Services) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: tell(api, "repeater", ("save", "red-a"), id="e-1"), range(16)))

    assert sum(one["stored"] for one in told) == 1
    assert sum(one["repeated"] for one in told) == 15
    assert kept(api_services, "repeater") == 1
    assert tell(api, "another-one", ("save", "red-a"), id="e-1")["stored"] == 1


def test_events_of_venues_that_are_not_there_are_named(api: httpx2.Client) -> None:
    found = tell(api, "wanderer", ("view", "gone"), ("view", "red-a"), ("save", "gone"))

    assert found == {"stored": 1, "repeated": 0, "unknown": ["gone"]}


def test_forgetting_leaves_nothing(api: httpx2.Client, api_services: Services) -> None:
    tell(api, "forgetful", ("save", "red-a"), ("dismiss", "blue-a"))
    tell(api, "remembered", ("save", "red-a"))

    assert api.delete("/v1/users/forgetful/events").json() == {"deleted": 2}
    assert (kept(api_services, "forgetful"), kept(api_services, "remembered")) == (0, 1)
    assert api.delete("/v1/users/forgetful/events").json() == {"deleted": 0}
    assert recommended(api, user="forgetful")[0] == "nothing"


def test_a_venue_takes_its_events_with_it(api: httpx2.Client, api_services: Services) -> None:
    api.put("/v1/venues/short-lived", json={"name": "Short"})
    tell(api, "mourning-one", ("save", "short-lived"))
    api.delete("/v1/venues/short-lived")

    assert kept(api_services, "mourning-one") == 0


def test_one_name_cannot_fill_the_table(api: httpx2.Client, api_services: Services) -> None:
    for _ in range(MOST_OF_A_USER // 100 + 2):
        tell(api, "talkative", *[("view", "red-a")] * 100)
    tell(api, "talkative", ("save", "red-b"))

    assert kept(api_services, "talkative") == MOST_OF_A_USER
    assert recommended(api, user="talkative")[1][0] == "red-c"


def test_what_is_old_is_not_counted_and_then_deleted(api: httpx2.Client, api_services: Services) -> None:
    tell(api, "long-gone", ("save", "red-a"))
    with api_services.database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE user_events SET happened_at = now() - interval '181 days' WHERE user_name = 'long-gone'"
        )
    assert recommended(api, user="long-gone")[0] == "nothing"
    tell(api, "newer-one", ("view", "red-a"))

    assert kept(api_services, "long-gone") == 0


def test_events_wait_for_writers_of_venues_and_hold_up_none(api: httpx2.Client, api_services: Services) -> None:
    """Events held a venue further on, as rows lie, and waited for the writer's first; the writer waited for theirs."""
    for external_id in ("z-second", "z-first"):
        assert api.put(f"/v1/venues/{external_id}", json={"name": "Z"}).status_code == 201
    lock = "SELECT id FROM venues WHERE external_id = %s FOR UPDATE NOWAIT"
    with ThreadPoolExecutor(1) as pool, api_services.database.begin() as writer:
        writer.exec_driver_sql(lock, ("z-first",))
        telling = pool.submit(tell, api, "in-between", ("view", "z-second"), ("view", "z-first"))
        eventually(lambda: _somebody_waits(api_services))
        writer.exec_driver_sql(lock, ("z-second",))
        writer.commit()
        assert telling.result(30)["stored"] == 2


def _somebody_waits(services: Services) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with services.database.connect() as connection:
        return bool(connection.exec_driver_sql(waiting).scalar())


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"user": "me@example.org"}, "body.user"),
        ({"user": "short"}, "body.user"),
        ({"events": []}, "body.events"),
        ({"events": [{"kind": "view", "venue": "red-a"}] * 101}, "body.events"),
        ({"events": [{"kind": "book", "venue": "red-a"}]}, "body.events.0.kind"),
        ({"events": [{"kind": "view", "venue": "../a"}]}, "body.events.0.venue"),
        ({"events": [{"kind": "view", "venue": "red-a", "at": "2020-01-01"}]}, "body.events.0.at"),
        (
            {"events": [{"kind": "view", "venue": "a", "id": "x"}, {"kind": "save", "venue": "b", "id": "x"}]},
            "body",
        ),
    ],
)
def test_what_does_not_fit_is_named(api: httpx2.Client, body: dict[str, Any], field: str) -> None:
    whole = {"user": "somebody", "events": [{"kind": "view", "venue": "red-a"}]} | body
    found = problem_of(api.post("/v1/events", json=whole), 422, "invalid-request")

    assert field in [error["field"] for error in found["errors"]]


def test_names_that_are_no_names(api: httpx2.Client) -> None:
    problem_of(api.delete("/v1/users/me@example.org/events"), 422, "invalid-request")
    problem_of(api.post("/v1/recommendations", json={"user": "me@example.org"}), 422, "invalid-request")
