"""Recommendations: other venues that somebody may like."""

from typing import Annotated

from fastapi import APIRouter, Body, Query

from venuefinder.api import problems
from venuefinder.api.dependencies import AccessOf
from venuefinder.api.examples import problem_responses
from venuefinder.api.recommendation_examples import REQUESTS
from venuefinder.api.routes.venues import Id, stored_venue
from venuefinder.api.schemas import SimilarQuery
from venuefinder.recommendation import RecommendationAnswer, RecommendationRequest

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
    responses={
        200: {"description": "Other venues, the most alike first"},
        **problem_responses(problems.NOT_FOUND, *FAILURES),
    },
)
def similar_venues(external_id: Id, access: AccessOf, query: Annotated[SimilarQuery, Query()]) -> RecommendationAnswer:
    """Return what POST /v1/recommendations answers where this one venue is liked.

    `cheaper`, `larger`: only venues that cost less or hold more than this one, for so many `guests` where they are
    given.
    """
    stored_venue(access, external_id)
    request = query.request(external_id)
    return access.settled(lambda it: it.recommend().answer(request))
