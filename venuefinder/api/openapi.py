"""The OpenAPI document: FastAPI's, with problem details and the API key in it."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from venuefinder.api import problems
from venuefinder.api.examples import ANSWERS, problem_responses
from venuefinder.api.gate import CHANGING_METHODS
from venuefinder.api.ingestion_schemas import IngestionRequest
from venuefinder.api.problems import Problem

DESCRIPTION = """\
Find a venue by describing it, or by pictures of what it should look like. The answer says how the words were
understood; each venue found comes with the photo that matched, and says for each thing asked whether a photo shows it
or the listing says it.

Every error is a problem of RFC 9457 (`application/problem+json`); compare its `type`. Where the service has an API
key, every path under `/v1` wants it, as `Authorization: Bearer …` or `X-API-Key: …`.
"""
TAGS = [
    {"name": "search", "description": "Words, pictures and filters in, ranked venues out."},
    {"name": "recommendations", "description": "What somebody likes in, other venues out."},
    {"name": "venues", "description": "One venue at a time, under your own id."},
    {"name": "descriptions", "description": "What a venue is like by its photos, and questions about it."},
    {"name": "photos", "description": "The photos of a venue, and pictures of them in several widths."},
    {"name": "ingestions", "description": "Many venues at once, in the background, by workers on any machine."},
    {"name": "health", "description": "For whoever runs the service."},
]
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
KEY_OR_NONE: list[dict[str, list[str]]] = [{"bearer": []}, {"apiKey": []}, {}]
"""Either form of the key; none where the service has no key."""
EVERYWHERE = (problems.FOREIGN_HOST, problems.INTERNAL)
"""What the service answers whichever operation is asked for, before or around it."""
CHANGING = (problems.FOREIGN_ORIGIN,)
CHANGES = frozenset(method.lower() for method in CHANGING_METHODS)


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of the application."""
    found = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
    )
    components = found["components"]
    components["securitySchemes"] = SECURITY_SCHEMES
    _, schemas = models_json_schema(
        [(Problem, "serialization"), (IngestionRequest, "validation")], ref_template="#/components/schemas/{model}"
    )
    components["schemas"] |= schemas["$defs"]
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _add_answer(operation)
            for status, response in problem_responses(*EVERYWHERE, *(CHANGING if method in CHANGES else ())).items():
                operation["responses"].setdefault(str(status), response)
            if path.startswith("/v1/"):
                operation["security"] = KEY_OR_NONE
    return found


def _add_answer(operation: dict[str, Any]) -> None:
    """Give examples of success. Passed through a route, FastAPI would drop its nulls, and it would be invalid."""
    if given := ANSWERS.get(operation["operationId"]):
        examples = {name: {"value": value} for name, value in given.items()}
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                response["content"]["application/json"]["examples"] = examples
