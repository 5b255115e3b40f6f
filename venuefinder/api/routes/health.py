"""Whether the process lives, and whether it can do its work. Neither wants a key: orchestrators have none."""

import logging
from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from venuefinder.api import problems
from venuefinder.api.context import request_id_of
from venuefinder.api.dependencies import AccessOf
from venuefinder.api.examples import problem_responses
from venuefinder.api.problems import PartState
from venuefinder.api.schemas import HealthAnswer, ReadyAnswer
from venuefinder.bootstrap import Services
from venuefinder.errors import SpaceError, VenueFinderError
from venuefinder.store.schema import require_current

logger = logging.getLogger(__name__)
router = APIRouter(tags=["health"])


@router.get(
    "/healthz",
    operation_id="getHealth",
    summary="Tell whether the process is alive",
    responses={200: {"description": "The process is alive"}},
)
async def get_health() -> HealthAnswer:
    """Answer, without asking the database or the encoder anything."""
    return HealthAnswer(status="alive")


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="Tell whether searches can be answered",
    response_model=ReadyAnswer,
    responses={200: {"description": "Everything works"}, **problem_responses(problems.NOT_READY)},
)
def get_readiness(access: AccessOf, request: Request) -> Response:
    """Check the encoder, the database, its schema and the embedding space; name what is not ready and the remedy.

    Why it fails is in the log, not in the answer: this path wants no key.
    """
    parts: list[PartState] = []
    for part, check, remedy in CHECKS:
        # Each part stands on those before it: without tables there is no space to look for.
        ready = all(before.ready for before in parts) and _works(part, check, access.services)
        parts.append(PartState(part=part, ready=ready, remedy=None if ready else remedy))
    failing = [part.part for part in parts if not part.ready]
    if failing:
        detail = f"{', '.join(failing)}: not ready; see parts"
        found = problems.problem(problems.NOT_READY, detail, request_id=request_id_of(request.scope), parts=parts)
        return problems.respond(found, {"Retry-After": "10"})
    answer = ReadyAnswer(status="ready", parts=parts)
    return JSONResponse(answer.model_dump())


def _encoder_is_loaded(services: Services) -> None:
    _ = services.encoder


def _database_answers(services: Services) -> None:
    services.unchecked_database.check()


def _schema_is_current(services: Services) -> None:
    require_current(services.unchecked_database)


def _space_holds_embeddings(services: Services) -> None:
    space = services.spaces.require(services.encoder.space)
    if not services.spaces.holds_embeddings(space):
        raise SpaceError(f"space {space.space.name!r}: holds no embeddings; ingest venues")


CHECKS: tuple[tuple[str, Callable[[Services], None], str], ...] = (
    ("encoder", _encoder_is_loaded, "run venuefinder doctor where this service runs"),
    ("database", _database_answers, "start it, or run venuefinder doctor where this service runs"),
    ("schema", _schema_is_current, "run venuefinder init with the settings of this service"),
    ("space", _space_holds_embeddings, "ingest venues with the settings of this service, or PUT some"),
)


def _works(part: str, check: Callable[[Services], None], services: Services) -> bool:
    try:
        check(services)
    except VenueFinderError as error:
        logger.warning("not ready: %s: %s", part, error)
        return False
    return True
