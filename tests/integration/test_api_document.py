"""The OpenAPI document: what a client is generated from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel

from venuefinder.answers import RerankScore, SearchAnswer
from venuefinder.api import schemas
from venuefinder.api.app import ROUTES
from venuefinder.api.ingestion_schemas import (
    FailuresAnswer,
    IngestionAnswer,
    IngestionRequest,
    IngestionsAnswer,
    StartedAnswer,
)
from venuefinder.api.problems import MEDIA_TYPE, Problem
from venuefinder.describing.description import Description
from venuefinder.describing.question_answer import QuestionAnswer, VenueQuestion
from venuefinder.events import EventsRequest
from venuefinder.recommending.recommendation import RecommendationAnswer, RecommendationRequest
from venuefinder.request import SearchRequest
from venuefinder.reranking.events import RerankDone, RerankFailed

Document = dict[str, Any]
MODELS: dict[str, type[BaseModel]] = {
    model.__name__: model
    for model in (
        Description,
        FailuresAnswer,
        IngestionAnswer,
        IngestionRequest,
        IngestionsAnswer,
        Problem,
        StartedAnswer,
        QuestionAnswer,
        RecommendationAnswer,
        RecommendationRequest,
        SearchAnswer,
        SearchRequest,
        EventsRequest,
        schemas.ForgottenAnswer,
        schemas.HealthAnswer,
        schemas.PhotosAnswer,
        schemas.ReadyAnswer,
        schemas.RecordedAnswer,
        schemas.UploadsAnswer,
        schemas.VenueAnswer,
        schemas.VenueBody,
        schemas.VenuesAnswer,
        VenueQuestion,
    )
}

NOT_JSON = (
    "multipart/form-data",
    "image/jpeg",
    "image/webp",
    "text/event-stream",
    "text/csv",
    "application/schema+json",
)


@pytest.fixture(scope="module")
def document(api: httpx2.Client) -> Document:
    """The document as served."""
    response = api.get("/openapi.json")
    assert response.headers["content-type"] == "application/json"
    return dict(response.json())


def operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def contents(operation: Document) -> Iterator[tuple[str, str, Document]]:
    """Yield (status or 'body', media type, content) of an operation."""
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        yield "body", media_type, content
    for status, response in operation["responses"].items():
        for media_type, content in response.get("content", {}).items():
            yield status, media_type, content


def nodes(value: Any) -> Iterator[Document]:
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from nodes(child)
    elif isinstance(value, list):
        for child in value:
            yield from nodes(child)


def test_it_has_the_routes_there_are(document: Document) -> None:
    routers = [module.router for module in ROUTES]
    served = {
        (route.path, method.lower())
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }

    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == served
    names = (
        "askVenue cancelRerank deletePhoto deleteVenue describeVenue getDescriptionSchema getHealth getPhotoImage "
        "forgetUser getReadiness getVenue listPhotos listVenues putVenue recommendVenues recordEvents searchVenues "
        "similarVenues streamRerank cancelIngestion getIngestion listIngestionFailures listIngestions startIngestion "
        "streamIngestion"
    )
    uploaded = ("uploadPhotos", "uploadPictures")
    assert {operation["operationId"] for _, operation in operations(document)} == {*names.split(), *uploaded}


def test_every_operation_is_described(document: Document) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    for _, operation in operations(document):
        assert operation["summary"]
        assert operation["description"]
        assert set(operation["tags"]) <= tags


def test_every_body_and_answer_has_an_example_that_its_own_model_takes(document: Document) -> None:
    seen = 0
    for path, operation in operations(document):
        for status, media_type, content in contents(operation):
            if media_type in NOT_JSON:
                continue
            model = MODELS[content["schema"]["$ref"].rpartition("/")[2]]
            assert content["examples"], (path, status)
            for name, example in content["examples"].items():
                taken = model.model_validate(example["value"], strict=media_type == MEDIA_TYPE)
                seen += 1
                if status != "body":
                    assert taken.model_dump(mode="json", exclude_none=model is Problem) == example["value"], (
                        path,
                        name,
                    )
    assert seen > 40


def test_the_events_of_a_stream_are_shown_as_they_come(document: Document) -> None:
    models = {"score": RerankScore, "description": Description, "done": RerankDone, "error": RerankFailed}
    content = document["paths"]["/v1/reranks/{token}/events"]["get"]["responses"]["200"]["content"]
    examples = content["text/event-stream"]["examples"]

    assert set(content) == {"text/event-stream"}
    assert set(examples) == set(models)
    for name, example in examples.items():
        event, data, number = example["value"].strip().splitlines()
        assert event == f"event: {name}"
        assert models[name].model_validate_json(data.removeprefix("data: "))
        assert number.startswith("id: ")


def test_problems_are_problems_of_the_status_they_stand_under(document: Document) -> None:
    for path, operation in operations(document):
        failures = {status for status in operation["responses"] if status >= "400"}
        assert path == "/healthz" or failures
        assert path.startswith("/v1/") == ("401" in failures)
        for status in failures:
            content = operation["responses"][status]["content"]
            assert list(content) == [MEDIA_TYPE]
            assert {example["value"]["status"] for example in content[MEDIA_TYPE]["examples"].values()} == {int(status)}


def test_what_any_operation_may_answer_is_listed_with_each(document: Document) -> None:
    for methods in document["paths"].values():
        for method, operation in methods.items():
            assert {"421", "500"} <= set(operation["responses"])
            assert ("403" in operation["responses"]) == (method != "get")


def test_every_reference_leads_somewhere(document: Document) -> None:
    names = {node["$ref"] for node in nodes(document["paths"]) if isinstance(node.get("$ref"), str)}
    names |= {node["$ref"] for node in nodes(document["components"]) if isinstance(node.get("$ref"), str)}

    assert {f"#/components/schemas/{name}" for name in document["components"]["schemas"]} >= names


def test_money_is_a_number_in_and_out(document: Document) -> None:
    answered = document["components"]["schemas"]["Price-Output"]["properties"]["amount"]

    assert answered["type"] == "number"


def test_the_key_is_documented_where_it_is_wanted(document: Document) -> None:
    schemes = document["components"]["securitySchemes"]

    assert {scheme["type"] for scheme in schemes.values()} == {"http", "apiKey"}
    for path, operation in operations(document):
        wanted = [set(choice) for choice in operation.get("security", [])]
        assert wanted == ([{"bearer"}, {"apiKey"}, set()] if path.startswith("/v1/") else [])


def test_it_names_no_other_host(document: Document) -> None:
    assert "servers" not in document
    assert not [node for node in nodes(document) if "externalDocs" in node]


def test_the_guide_shows_every_operation(document: Document) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "api.md").read_text()

    for path, methods in document["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path}`" in guide
    for content in (content for _, operation in operations(document) for *_, content in contents(operation)):
        for name in content.get("examples", {}):
            if content["schema"].get("$ref", "").endswith("/Problem"):
                assert f"`{name}`" in guide
