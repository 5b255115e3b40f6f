"""What people did with venues: told, remembered for a while, forgotten on request."""

from typing import Annotated

from fastapi import APIRouter, Body, Path

from venuefinder.api import problems
from venuefinder.api.dependencies import AccessOf
from venuefinder.api.examples import problem_responses
from venuefinder.api.recommendation_examples import EVENTS
from venuefinder.api.schemas import ForgottenAnswer, RecordedAnswer
from venuefinder.events import EventsRequest, User

router = APIRouter(tags=["recommendations"])
FAILURES = (problems.UNAUTHORISED, problems.INVALID, problems.UNAVAILABLE)


@router.post(
    "/v1/events",
    operation_id="recordEvents",
    summary="Tell what somebody did with venues",
    responses={
        200: {"description": "What became of the events"},
        **problem_responses(problems.MALFORMED, problems.TOO_LARGE, *FAILURES),
    },
)
def record_events(access: AccessOf, request: Annotated[EventsRequest, Body(openapi_examples=EVENTS)]) -> RecordedAnswer:
    """Keep what somebody did just now, so that POST /v1/recommendations with that `user` knows.

    The time is the service's. An event with an `id` that this user sent before changes nothing, so a request can be
    sent again. Of one user the latest 500 events are kept, each for 180 days.
    """
    recorded = access.events().record(request)
    return RecordedAnswer(stored=recorded.stored, repeated=recorded.repeated, unknown=list(recorded.unknown))


@router.delete(
    "/v1/users/{user}/events",
    operation_id="forgetUser",
    summary="Forget all that somebody did",
    responses={200: {"description": "All events of that user are deleted"}, **problem_responses(*FAILURES)},
)
def forget_user(user: Annotated[User, Path()], access: AccessOf) -> ForgottenAnswer:
    """Delete every event of a user. Nothing else is kept of one, and nothing is derived from them but at once."""
    return ForgottenAnswer(deleted=access.events().forget(user))
