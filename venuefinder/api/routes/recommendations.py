"""Recommendations: other venues that somebody may like."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response, status

from venuefinder.api import problems
from venuefinder.api.caching import NOT_MODIFIED, IfNoneMatch, answered, is_known, revalidated
from venuefinder.api.dependencies import Access, AccessOf
from venuefinder.api.examples import problem_responses
from venuefinder.api.recommendation_examples import REQUESTS
from venuefinder.api.routes.venues import Id, stored_venue
from venuefinder.recommending.recommendation import RecommendationAnswer, RecommendationRequest, SimilarRequest

router = APIRouter(tags=["recommendations"])
FAILURES = (
    problems.UNAUTHORISED,
    problems.NOT_EMBEDDED,
    problems.INVALID,
    problems.UNUSABLE_INPUT,
    problems.UNAVAILABLE,
)


@router.post(
    "/v1/recommendations",
    operation_id="recommendVenues",
    summary="Recommend venues by what somebody likes and dislikes",
    responses={
        200: {"description": "Other venues, best first"},
        **problem_responses(problems.MALFORMED, problems.TOO_LARGE, *FAILURES),
    },
)
def recommend_venues(
    access: AccessOf, request: Annotated[RecommendationRequest, Body(openapi_examples=REQUESTS)]
) -> RecommendationAnswer:
    """Return venues like those liked and unlike those disliked, with the reason and the photos that made them alike.

    Examples are venues, photos or uploads; those venues themselves are never recommended. The text steers, filters and
    `relative` narrow, and exactly `limit` venues come back where so many pass. `diversity` trades likeness for
    difference. With nothing given the venues merely differ from each other, and say so.
    """
    return access.settled(lambda it: it.recommend().answer(request))


@router.get(
    "/v1/venues/{external_id}/similar",
    operation_id="similarVenues",
    summary="List venues like this one",
    response_model=RecommendationAnswer,
    responses={
        200: {"description": "Other venues, the most alike first"},
        **NOT_MODIFIED,
        **problem_responses(problems.NOT_FOUND, *FAILURES),
    },
)
def similar_venues(
    external_id: Id, access: AccessOf, query: Annotated[SimilarRequest, Query()], if_none_match: IfNoneMatch = None
) -> Response:
    """Return what POST /v1/recommendations answers where this one venue is liked.

    `cheaper`, `larger`: only venues that cost less or hold more than this one, for so many `guests` where they are
    given. An answer is kept until the catalogue changes, or up to ten seconds longer.
    """
    request, shared = query.request(external_id), access.services.settings.api_key is None

    def respond(it: Access) -> Response:
        version = it.similar().version(request)
        if is_known(if_none_match, f'"{version}"'):
            return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=revalidated(version, shared=shared))
        stored_venue(it, external_id)
        return answered(it.similar().answer(request, version), None, shared=shared, version=version)

    return access.settled(respond)
