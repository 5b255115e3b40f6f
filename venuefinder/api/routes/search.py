"""Searching."""

from typing import Annotated

from fastapi import APIRouter, Body

from venuefinder.answers import SearchAnswer
from venuefinder.api import problems
from venuefinder.api.dependencies import AccessOf
from venuefinder.api.examples import problem_responses
from venuefinder.api.search_examples import REQUESTS
from venuefinder.request import SearchRequest

router = APIRouter(tags=["search"])


@router.post(
    "/v1/search",
    operation_id="searchVenues",
    summary="Find venues by words, pictures and filters",
    responses={
        200: {"description": "Ranked venues, best first"},
        **problem_responses(
            problems.MALFORMED,
            problems.UNAUTHORISED,
            problems.NOT_EMBEDDED,
            problems.TOO_LARGE,
            problems.INVALID,
            problems.UNUSABLE_INPUT,
            problems.UNAVAILABLE,
        ),
    },
)
def search_venues(access: AccessOf, request: Annotated[SearchRequest, Body(openapi_examples=REQUESTS)]) -> SearchAnswer:
    """Rank venues by how well their photos and descriptions fit, among those that pass the filters.

    Guests, budget, place, kind, amenities and negations in the words become filters; `interpreted` says which, and
    `switch_off` takes the span of one to read it as plain words again. A filter compares only what a listing says:
    venues that do not say, or say it in another currency, are left out and counted in `left_out`. An answer without
    results says in `relax` which constraint to loosen.

    With `rerank`, or without it where that was measured to lift results, a vision-language model then looks at photos
    of this page's venues: `rerank.stream` tells what it says as it says it, or the answer waits `rerank_wait` seconds
    for the final order. Whatever happens to the model, retrieval's answer stands.
    """
    return access.settled(lambda it: it.reranking().answer(request))
