"""Search."""

from typing import Annotated

from fastapi import APIRouter, Body

from venuefinder.answers import SearchAnswer
from venuefinder.api import problems
from venuefinder.api.dependencies import AccessOf
from venuefinder.api.examples import SEARCH, problem_responses
from venuefinder.request import SearchRequest

router = APIRouter(tags=["search"])


@router.post(
    "/v1/search",
    operation_id="searchVenues",
    summary="Find venues by describing them",
    responses={
        200: {"description": "Ranked venues, best first"},
        **problem_responses(
            problems.MALFORMED,
            problems.UNAUTHORISED,
            problems.NOT_EMBEDDED,
            problems.TOO_LARGE,
            problems.INVALID,
            problems.UNAVAILABLE,
        ),
    },
)
def search_venues(
    access: AccessOf, request: Annotated[SearchRequest, Body(openapi_examples={"barn": {"value": SEARCH}})]
) -> SearchAnswer:
    """Rank venues by how well their photos and descriptions fit the words, among those that pass the filters.

    A filter compares only what a listing says: venues that do not say, or say it in another currency, are left out
    and counted in `left_out`.
    """
    return access.search().answer(request)
