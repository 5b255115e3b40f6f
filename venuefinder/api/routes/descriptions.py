"""What a venue is like by its photos, and questions about it."""

from time import monotonic
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from fastapi.responses import JSONResponse

from venuefinder.api import problems
from venuefinder.api.dependencies import AccessOf
from venuefinder.api.description_examples import QUESTIONS
from venuefinder.api.examples import problem_responses
from venuefinder.api.routes.venues import Id
from venuefinder.describing.description import Description
from venuefinder.describing.description_schema import description_schema
from venuefinder.describing.question_answer import QuestionAnswer, VenueQuestion

router = APIRouter(tags=["descriptions"])
MOST_WAIT = 60.0
"""Seconds that a request may hold a thread of the service."""
Wait = Annotated[float, Query(ge=0, le=MOST_WAIT, description="Seconds to read photos that were not read yet.")]
FAILURES = (
    problems.UNAUTHORISED,
    problems.NOT_FOUND,
    problems.INVALID,
    problems.VISION_FAILED,
    problems.VISION_UNAVAILABLE,
    problems.MISCONFIGURED,
    problems.UNAVAILABLE,
)


class SchemaResponse(JSONResponse):
    """A JSON Schema."""

    media_type = "application/schema+json"


@router.get(
    "/v1/venues/{external_id}/description",
    operation_id="describeVenue",
    summary="Describe a venue by its photos",
    responses={
        200: {"description": "What was read until now; `complete` says whether that is all"},
        **problem_responses(*FAILURES),
    },
)
def describe_venue(external_id: Id, access: AccessOf, wait: Wait = 10.0) -> Description:
    """Say what a venue is like, each claim with the photo that shows it, checked by a question of its own.

    What was read of a photo is kept, so that only new photos take time. Where `wait` seconds are too short for them,
    the answer is made from what was read by then, and the next request goes on from there.
    """
    until = monotonic() + wait
    return access.describing().describe(external_id, until=until)


@router.post(
    "/v1/venues/{external_id}/ask",
    operation_id="askVenue",
    summary="Ask about a venue",
    responses={
        200: {"description": "The answer, or an honest unknown"},
        **problem_responses(problems.MALFORMED, problems.TOO_LARGE, problems.UNUSABLE_INPUT, *FAILURES),
    },
)
def ask_venue(
    external_id: Id, access: AccessOf, question: Annotated[VenueQuestion, Body(openapi_examples=QUESTIONS)]
) -> QuestionAnswer:
    """Answer a question that yes or no answers, by the photos and by the listing.

    Guests, prices, places and all numbers are judged by the listing alone. An answer is as sure as the least sure of
    its parts; what neither photos nor listing tell is unknown, and not being in the photos is no proof of absence.
    """
    until = monotonic() + MOST_WAIT
    return access.questions().ask(external_id, question, until=until)


@router.get(
    "/v1/description.schema.json",
    operation_id="getDescriptionSchema",
    summary="Read the JSON Schema of descriptions",
    response_class=SchemaResponse,
    responses={200: {"description": "JSON Schema, draft 2020-12"}, **problem_responses(problems.UNAUTHORISED)},
)
def get_description_schema() -> dict[str, Any]:
    """Return the JSON Schema that every description fits, whichever model made it."""
    return description_schema()
