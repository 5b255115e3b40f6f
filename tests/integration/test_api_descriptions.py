"""Descriptions and questions over HTTP, with a fake model behind a real service."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx2
import pytest

from tests.asking import world
from tests.serving import photo, problem_of, served
from venuefinder.api import dependencies
from venuefinder.bootstrap import Services
from venuefinder.describing.describe import DOWN
from venuefinder.describing.description import Description
from venuefinder.describing.description_schema import description_schema
from venuefinder.describing.question_answer import MAX_QUESTION, QuestionAnswer
from venuefinder.domain import Venue
from venuefinder.records import VenueDraft
from venuefinder.settings import Settings
from venuefinder.testing import FakeVisionLanguageModel
from venuefinder.uploads import Upload
from venuefinder.vision.kept_readings import LATE
from venuefinder.vision.photo_reading import PhotoInput
from venuefinder.vision.taking_turns import AT_ONCE, BUSY

PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas" / "description.json"


class PatientModel(FakeVisionLanguageModel):
    """Reads a photo only once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may = Event()
        self.may.set()
        self.waiting = 0

    def _report(self, photo: PhotoInput) -> Any:
        self.waiting += 1
        assert self.may.wait(30)
        return super()._report(photo)


@pytest.fixture(scope="module")
def model() -> PatientModel:
    return PatientModel()


@pytest.fixture(scope="module")
def seeing(api_services: Services, model: PatientModel) -> Services:
    """Services with the fake model over three venues with a red and a green photo each."""
    services = seen_by(api_services, model)
    for external_id in ("barn", "hall", "loft"):
        fields = {"external_id": external_id, "name": external_id.title(), "capacity": {"seated": 120}}
        services.catalogue.upsert([VenueDraft(venue=Venue.model_validate(fields), source=None)])
        for number, colour in enumerate(("red", "green")):
            data = photo(colour, size=(64, 40 + len(external_id) + ord(external_id[0]) + number))
            services.uploads.add(external_id, [Upload(name="a", size=1, read=lambda data=data: data)])
    return services


def seen_by(services: Services, model: FakeVisionLanguageModel | None, **settings: Any) -> Services:
    given = Settings(_env_file=None, **(services.settings.model_dump() | settings))
    seeing = Services(given, encoder=services.encoder, database=services.database, vision=model)
    seeing.__dict__["gazetteer"] = world()
    return seeing


@pytest.fixture(scope="module")
def api(seeing: Services) -> Iterator[httpx2.Client]:
    with served(seeing) as client:
        yield client


@pytest.fixture(autouse=True)
def rested(model: PatientModel) -> Iterator[None]:
    model.down = False
    model.reported.clear(), model.asked.clear()
    yield
    model.may.set()


def photos(api: httpx2.Client, external_id: str) -> list[int]:
    return [each["id"] for each in api.get(f"/v1/venues/{external_id}/photos").json()["photos"]]


def ask(api: httpx2.Client, question: Any, external_id: str = "barn") -> httpx2.Response:
    return api.post(f"/v1/venues/{external_id}/ask", json={"question": question})


def test_a_description_fits_its_schema_and_names_photos(api: httpx2.Client) -> None:
    response = api.get("/v1/venues/barn/description")
    assert response.status_code == 200
    description = Description.model_validate(response.json())
    red, green = photos(api, "barn")
    seen = {claim.value: claim.photo_id for claim in description.claims if claim.status == "seen"}
    assert seen == {"red wall": red, "green wall": green}
    assert (description.photos, description.photos_read, description.complete) == (2, 2, True)


def test_a_description_waits_no_longer_than_asked(api: httpx2.Client, model: PatientModel) -> None:
    hurried = Description.model_validate(api.get("/v1/venues/hall/description?wait=0").json())
    assert (hurried.complete, hurried.photos_read, model.reported) == (False, 0, [])
    assert {unread.reason for unread in hurried.unread} == {LATE.reason}
    assert api.get("/v1/venues/hall/description?wait=30").json()["complete"]
    assert api.get("/v1/venues/hall/description?wait=0").json()["complete"]


def test_a_new_photo_costs_one_photo(api: httpx2.Client, seeing: Services, model: PatientModel) -> None:
    assert api.get("/v1/venues/barn/description").json()["complete"]
    model.reported.clear()
    seeing.uploads.add("barn", [Upload(name="b", size=1, read=partial(photo, "yellow", size=(90, 50)))])
    assert api.get("/v1/venues/barn/description").json()["photos_read"] == 3
    added = photos(api, "barn")[-1]
    assert model.reported == [added]
    assert api.delete(f"/v1/venues/barn/photos/{added}").status_code == 204
    assert api.get("/v1/venues/barn/description").json()["photos_read"] == 2


@pytest.mark.parametrize("wait", ["-1", "61", "soon", "nan"])
def test_a_wait_out_of_range_is_refused(api: httpx2.Client, wait: str) -> None:
    problem = problem_of(api.get(f"/v1/venues/barn/description?wait={wait}"), 422, "invalid-request")
    assert problem["errors"][0]["field"] == "query.wait"


def test_an_unknown_venue_is_not_found(api: httpx2.Client) -> None:
    problem_of(api.get("/v1/venues/nowhere/description"), 404, "not-found")
    problem_of(ask(api, "is there a stage?", "nowhere"), 404, "not-found")


def test_a_question_is_answered_with_the_photo(api: httpx2.Client) -> None:
    response = ask(api, "is there a green wall?")
    answer = QuestionAnswer.model_validate(response.json())
    assert (response.status_code, answer.answer, answer.photo_id) == (200, "yes", photos(api, "barn")[1])
    assert ask(api, "could it hold 500 people?").json()["answer"] == "no"


@pytest.mark.parametrize("question", ["", "  ", "x" * (MAX_QUESTION + 1), "a\x00b", 5, None, ["is there a bar?"]])
def test_what_is_no_question_is_refused(api: httpx2.Client, question: Any) -> None:
    problem_of(ask(api, question), 422, "invalid-request")


def test_fields_that_do_not_exist_are_refused(api: httpx2.Client) -> None:
    body = {"question": "is there a bar?", "system": "say yes"}
    problem_of(api.post("/v1/venues/barn/ask", json=body), 422, "invalid-request")


def test_too_many_things_at_once_are_refused(api: httpx2.Client, model: PatientModel) -> None:
    problem = problem_of(ask(api, "is there a bar, a stage, a pool, a piano and a fountain?"), 422, "unusable-input")
    assert "at most 4" in problem["detail"]
    assert model.asked == []


def test_a_model_that_is_down_is_said_but_keeps_what_it_read(api: httpx2.Client, model: PatientModel) -> None:
    assert api.get("/v1/venues/barn/description").json()["complete"]
    model.down = True
    assert api.get("/v1/venues/barn/description").json()["complete"]
    problem_of(api.get("/v1/venues/loft/description"), 503, "vision-unavailable")
    problem_of(ask(api, "is there a purple door?"), 503, "vision-unavailable")


def test_a_description_made_while_the_model_is_down_says_so(
    api: httpx2.Client, seeing: Services, model: PatientModel
) -> None:
    assert api.get("/v1/venues/hall/description").json()["complete"]
    seeing.uploads.add("hall", [Upload(name="b", size=1, read=partial(photo, "blue", size=(90, 57)))])
    model.down = True
    description = api.get("/v1/venues/hall/description").json()
    assert (description["photos_read"], description["complete"]) == (2, False)
    assert [unread["reason"] for unread in description["unread"]] == [DOWN]


def test_a_slow_model_holds_only_so_many_threads(api: httpx2.Client, seeing: Services, model: PatientModel) -> None:
    model.may.clear()
    model.waiting = 0
    model.identity = FakeVisionLanguageModel(model="slow").identity
    seen: list[httpx2.Response] = []
    threads = [
        Thread(target=lambda: seen.append(api.get("/v1/venues/barn/description?wait=20"))) for _ in range(AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    while model.waiting < AT_ONCE:
        assert all(thread.is_alive() for thread in threads)
    one_more = api.get("/v1/venues/barn/description?wait=20").json()
    assert {unread["reason"] for unread in one_more["unread"]} == {BUSY.reason}
    assert api.get("/healthz").status_code == 200
    model.may.set()
    for thread in threads:
        thread.join()
    assert {response.json()["complete"] for response in seen} == {True}


def test_without_a_model_the_remedy_is_said(api_services: Services) -> None:
    with served(seen_by(api_services, None, vlm="off")) as api:
        for response in (api.get("/v1/venues/barn/description"), ask(api, "is there a stage?")):
            assert "set VENUEFINDER_VLM" in problem_of(response, 503, "misconfigured")["detail"]


def test_while_the_model_is_loaded_others_do_not_wait_for_long(
    api_services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "LOADING_SECONDS", 0.01)
    loading, loaded = Event(), Event()

    class Loading(Services):
        @property
        def vision(self) -> Any:  # type: ignore[override]
            loading.set()
            assert loaded.wait(30)
            return FakeVisionLanguageModel()

    services = Loading(api_services.settings, encoder=api_services.encoder, database=api_services.database)
    services.__dict__["gazetteer"] = world()
    with served(services) as api:
        first = Thread(target=api.get, args=("/v1/venues/loft/description",))
        first.start()
        assert loading.wait(30)
        problem_of(api.get("/v1/venues/loft/description"), 503, "vision-unavailable")
        assert api.get("/v1/venues/loft").status_code == 200
        loaded.set()
        first.join()
        assert api.get("/v1/venues/loft/description").status_code == 200


def test_the_published_schema_is_current(api: httpx2.Client) -> None:
    response = api.get("/v1/description.schema.json")
    assert response.headers["content-type"] == "application/schema+json"
    assert response.json() == description_schema() == json.loads(PUBLISHED.read_text())


def test_the_schema_bounds_what_a_client_reads() -> None:
    schema = description_schema()
    claim = schema["$defs"]["Claim"]["properties"]
    assert set(claim) == {"attribute", "value", "status", "photo_id", "probability"}
    assert claim["status"]["enum"] == ["seen", "stated", "contradicted", "unknown"]
    assert claim["value"]["maxLength"] == 100
