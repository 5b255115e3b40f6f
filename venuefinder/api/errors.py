"""What each error becomes over HTTP: one table, and the handlers that read it.

Messages about the caller's own input are passed on. Messages about this machine (paths, hosts, encoders) are logged
with the request's id, and the caller gets the kind of problem and the remedy.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from venuefinder.api import problems
from venuefinder.api.context import request_id_of
from venuefinder.api.invalid import field_problem, unreadable
from venuefinder.api.problems import ProblemKind, printable
from venuefinder.errors import (
    BusyError,
    ConfigurationError,
    DatabaseError,
    ImageError,
    InputError,
    NotFoundError,
    SpaceError,
    VenueFinderError,
    VisionError,
    VisionOffError,
    VisionUnavailableError,
)

logger = logging.getLogger(__name__)
MOST_ERRORS = 50
"""Field problems a response names; a body with thousands of them gets no longer an answer."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """The kind of problem of an error class. `detail` stands in for a message that is not the caller's business."""

    kind: ProblemKind
    detail: str | None = None


TABLE: Mapping[type[VenueFinderError], Mapped] = {
    ImageError: Mapped(problems.UNUSABLE_PHOTO),
    InputError: Mapped(problems.UNUSABLE_INPUT),
    NotFoundError: Mapped(problems.NOT_FOUND),
    SpaceError: Mapped(
        problems.NOT_EMBEDDED,
        "This catalogue holds no embeddings of the encoder that this service runs; run venuefinder ingest with the "
        "same settings, add venues and photos by HTTP, or set VENUEFINDER_ENCODER to the encoder that was used.",
    ),
    DatabaseError: Mapped(
        problems.UNAVAILABLE, "The database does not answer as it should; try again, or run venuefinder doctor."
    ),
    BusyError: Mapped(problems.BUSY),
    VisionUnavailableError: Mapped(
        problems.VISION_UNAVAILABLE,
        "The vision-language model is down, too slow or out of memory; try again, or run venuefinder doctor --models "
        "where this service runs.",
    ),
    VisionError: Mapped(
        problems.VISION_FAILED,
        "The vision-language model answered something that is no answer; run venuefinder doctor --models where this "
        "service runs.",
    ),
    VisionOffError: Mapped(
        problems.MISCONFIGURED,
        "This service runs without a model that looks at photos; set VENUEFINDER_VLM to zero-shot or to a model.",
    ),
    ConfigurationError: Mapped(
        problems.MISCONFIGURED, "A setting or an installation is wrong; run venuefinder doctor where this service runs."
    ),
    VenueFinderError: Mapped(
        problems.INTERNAL, "The service's log says what, under the id of this problem's instance."
    ),
}
OF_STATUS = {
    kind.status: kind
    for kind in (problems.MALFORMED, problems.NO_SUCH_ROUTE, problems.METHOD_NOT_ALLOWED, problems.TOO_LARGE)
}


def mapped(error: VenueFinderError) -> Mapped:
    """Return the table's entry of the nearest class an error belongs to."""
    return next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)


def add_handlers(app: FastAPI) -> None:
    """Answer every error of `app` with problem details. What is unforeseen ends in `RequestContext`."""
    app.add_exception_handler(VenueFinderError, _on_our_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)


# Starlette wants handlers of the base class; each is registered for the class it asserts.
def _on_our_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, VenueFinderError)  # noqa: S101 - narrows the type
    found = mapped(error)
    request_id = request_id_of(request.scope)
    if found.detail is not None:
        logger.error("request %s: %s: %s", request_id, type(error).__name__, error)
    return problems.respond(problems.problem(found.kind, found.detail or str(error), request_id=request_id))


def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - narrows the type
    path = printable(request.url.path, most=200)
    details = {
        404: f"path {path!r}: not found; GET /openapi.json lists the paths",
        405: f"{request.method} {path}: not allowed; the Allow header lists the methods",
        400: unreadable(error, request),
    }
    kind = OF_STATUS.get(error.status_code, problems.MALFORMED)
    detail = details.get(error.status_code, str(error.detail))
    return problems.respond(
        problems.problem(kind, detail, request_id=request_id_of(request.scope)), headers=error.headers
    )


def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - narrows the type
    request_id = request_id_of(request.scope)
    errors = error.errors()
    if errors and errors[0]["type"] == "json_invalid":
        position = errors[0]["loc"][-1]
        reason = f"body: not JSON at character {position}: {errors[0].get('ctx', {}).get('error', '')}"
        return problems.respond(problems.problem(problems.MALFORMED, reason, request_id=request_id))
    named = [field_problem(entry, request) for entry in errors[:MOST_ERRORS]]
    first = named[0]
    detail = f"{first.field}: found {first.found}; {first.expected}"
    if len(errors) > 1:
        detail += f"; and {len(errors) - 1} more, see errors"
    return problems.respond(problems.problem(problems.INVALID, detail, request_id=request_id, errors=named))
