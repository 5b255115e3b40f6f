"""The examples of the OpenAPI document. A test sends each through the model it is an example of."""

from typing import Any

from venuefinder.api import ingestion_examples
from venuefinder.api.description_examples import DESCRIPTIONS, QUESTION_ANSWERS
from venuefinder.api.problems import MEDIA_TYPE, ProblemKind, problem
from venuefinder.api.recommendation_examples import FORGOTTEN, RECORDED, recommendations
from venuefinder.api.search_examples import UPLOADS_ANSWER, Example, answers

REQUEST_ID = "6f1c3c52-8d0b-4d52-9a57-0d8b6f1d8f0e"

VENUE_FIELDS: Example = {
    "name": "Mill Barn",
    "description": "A stone barn with oak beams, string lights and a walled garden.",
    "kind": "barn",
    "address": "Mill Lane",
    "city": "Bath",
    "country": "GB",
    "latitude": 51.38,
    "longitude": -2.36,
    "capacity": {"seated": 120, "standing": 200},
    "price": {"amount": 4500, "currency": "GBP", "unit": "event", "minimum_spend": 3000},
    "amenities": ["parking", "garden"],
    "attributes": {"floor": "oak"},
    "rooms": [{"name": "Hay loft", "capacity": {"seated": 40}}],
}
PHOTO: Example = {
    "id": 17,
    "uri": "upload/9f86d081884c7d65.jpg",
    "url": "/v1/photos/17/image?v=9f86d081884c7d65",
    "caption": "The barn at dusk",
    "room": None,
    "width": 4000,
    "height": 3000,
    "flags": [],
    "duplicate_of": None,
    "tags": ["outdoors"],
    "guesses": ["barn"],
}
_COPY: Example = PHOTO | {
    "id": 18,
    "uri": "upload/4c9f3a0d5e7b2f18.jpg",
    "url": "/v1/photos/18/image?v=4c9f3a0d5e7b2f18",
    "width": 180,
    "height": 135,
    "flags": ["tiny"],
    "duplicate_of": 17,
}
_CAPACITY: Example = dict.fromkeys(("seated", "standing", "theatre", "classroom", "boardroom", "cabaret"))
VENUE: Example = {
    "external_id": "mill-barn",
    **VENUE_FIELDS,
    "url": None,
    "capacity": _CAPACITY | {"seated": 120, "standing": 200},
    "price": {"amount": 4500, "currency": "GBP", "unit": "event", "minimum_spend": 3000, "minimum_hours": None},
    "rooms": [{"name": "Hay loft", "capacity": _CAPACITY | {"seated": 40}, "price": None}],
}
VENUE_ANSWER: Example = {"venue": VENUE, "photos": [PHOTO, _COPY], "photos_cursor": None}
PHOTOS_ANSWER: Example = {"photos": [PHOTO, _COPY], "next_cursor": None}
VENUES_ANSWER: Example = {"venues": [VENUE], "next_cursor": "mill-barn"}
ALIVE: Example = {"status": "alive"}
READY: Example = {
    "status": "ready",
    "parts": [{"part": part, "ready": True, "remedy": None} for part in ("encoder", "database", "schema", "space")],
}
ANSWERS: dict[str, dict[str, Example]] = {
    "searchVenues": answers(VENUE, PHOTO),
    "recommendVenues": recommendations(VENUE, PHOTO),
    "similarVenues": recommendations(VENUE, PHOTO),
    "recordEvents": {"example": RECORDED},
    "forgetUser": {"example": FORGOTTEN},
    "listVenues": {"example": VENUES_ANSWER},
    "getVenue": {"example": VENUE_ANSWER},
    "putVenue": {"example": VENUE_ANSWER},
    "listPhotos": {"example": PHOTOS_ANSWER},
    "uploadPhotos": {"example": PHOTOS_ANSWER},
    "uploadPictures": {"example": UPLOADS_ANSWER},
    "describeVenue": DESCRIPTIONS,
    "askVenue": QUESTION_ANSWERS,
    **ingestion_examples.ANSWERS,
    "getHealth": {"example": ALIVE},
    "getReadiness": {"example": READY},
}
"""What each operation answers when it succeeds, by a name each."""

_DETAILS = {
    "malformed-request": "body: not JSON at character 14: Expecting value",
    "invalid-request": "body.limit: found 0; at least 1 is expected",
    "unusable-input": "room: found 'Attic', expected a room of venue 'mill-barn' ('Hay loft')",
    "unusable-photo": "file 2 ('menu.pdf'): found a PDF, expected an image: JPEG, …; nothing of this upload was stored",
    "unauthorised": "API key: found none; send the service's VENUEFINDER_API_KEY as 'Authorization: Bearer …'",
    "foreign-origin": "origin: found 'https://elsewhere.example', expected the service's own",
    "foreign-host": "host: found 'elsewhere.example', expected one of 127.0.0.1, [::1], localhost",
    "not-found": "venue 'mill-barn': not in this catalogue; PUT it first, or ingest it",
    "too-large": "body: found 1,200,000 bytes or more, expected at most 1,000,000; send less, or in several requests",
    "not-embedded": "This catalogue holds no embeddings of the encoder that this service runs; run venuefinder ingest",
    "database-unavailable": "The database does not answer as it should; try again, or run venuefinder doctor.",
    "busy": "rerank: 16 others wait for the vision-language model; try again in a moment",
    "vision-unavailable": "The vision-language model is down, too slow or out of memory; try again, or run venuefinder "
    "doctor --models where this service runs.",
    "vision-failed": "The vision-language model answered something that is no answer; run venuefinder doctor --models "
    "where this service runs.",
    "misconfigured": "This service runs without a model that looks at photos; set VENUEFINDER_VLM to zero-shot or to a "
    "model.",
    "not-ready": "database: not ready; see parts",
    "internal-error": "The service's log says what, under the id of this problem's instance.",
}
_MEMBERS: dict[str, Example] = {
    "invalid-request": {"errors": [{"field": "body.limit", "found": "0", "expected": "at least 1 is expected"}]},
    "not-ready": {"parts": [{"part": "database", "ready": False, "remedy": "start it, or see venuefinder doctor"}]},
}


def problem_example(kind: ProblemKind) -> Example:
    """Return a problem of this kind as a caller sees it."""
    members = _MEMBERS.get(kind.name, {})
    found = problem(kind, _DETAILS[kind.name], request_id=REQUEST_ID, **members)
    return found.model_dump(exclude_none=True)


def problem_responses(*kinds: ProblemKind) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that answers with these problems, several of one status together."""
    responses: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        response = responses.setdefault(kind.status, {"description": kind.title, "content": _content()})
        response["content"][MEDIA_TYPE]["examples"][kind.name] = {"value": problem_example(kind)}
    return responses


def _content() -> dict[str, Any]:
    return {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}}
