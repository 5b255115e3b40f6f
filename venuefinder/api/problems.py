"""RFC 9457 problem details: the one form of every error this service answers with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:venuefinder:problem:"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem: its name ends the type URI, its title never varies (RFC 9457, 3.1)."""

    name: str
    status: int
    title: str

    @property
    def type(self) -> str:
        """The URI that identifies this kind. It identifies; there is no page behind it."""
        return TYPE_PREFIX + self.name


MALFORMED = ProblemKind("malformed-request", 400, "The request cannot be read")
INVALID = ProblemKind("invalid-request", 422, "The request does not fit the API")
UNUSABLE_INPUT = ProblemKind("unusable-input", 422, "The input cannot be used")
UNUSABLE_PHOTO = ProblemKind("unusable-photo", 422, "A file is not a usable photo")
UNAUTHORISED = ProblemKind("unauthorised", 401, "This service wants its API key")
FOREIGN_ORIGIN = ProblemKind("foreign-origin", 403, "Pages of other sites may not change anything here")
FOREIGN_HOST = ProblemKind("foreign-host", 421, "This service does not answer to that host name")
NOT_FOUND = ProblemKind("not-found", 404, "There is nothing by that name")
NO_SUCH_ROUTE = ProblemKind("no-such-route", 404, "There is no such path")
METHOD_NOT_ALLOWED = ProblemKind("method-not-allowed", 405, "That method is not for this path")
TOO_LARGE = ProblemKind("too-large", 413, "The request body is too large")
NOT_EMBEDDED = ProblemKind("not-embedded", 409, "Nothing is embedded by this service's encoder")
UNAVAILABLE = ProblemKind("database-unavailable", 503, "The database cannot be used")
BUSY = ProblemKind("busy", 503, "Too much of this at once")
VISION_UNAVAILABLE = ProblemKind("vision-unavailable", 503, "The vision-language model does not answer")
VISION_FAILED = ProblemKind("vision-failed", 502, "The vision-language model failed")
NOT_READY = ProblemKind("not-ready", 503, "This service is not ready")
MISCONFIGURED = ProblemKind("misconfigured", 503, "This service is not set up to do that")
INTERNAL = ProblemKind("internal-error", 500, "Something went wrong in VenueFinder")


class FieldProblem(BaseModel):
    """One thing wrong with a request."""

    field: str = Field(description="Where: `body.filters.guests`, `query.width`, `path.photo_id`.")
    found: str = Field(description="What was found there, shortened.")
    expected: str = Field(description="What should be there.")


class PartState(BaseModel):
    """A part of the service and whether it works."""

    part: str
    ready: bool
    remedy: str | None = Field(default=None, description="What to do when it is not ready.")


class Problem(BaseModel):
    """An error, as RFC 9457 has it."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="Identifies the kind of problem; compare it, it does not resolve.")
    title: str
    status: int
    detail: str = Field(description="What was found, what was expected, and the remedy.")
    instance: str = Field(description="This occurrence, as in the service's log and the X-Request-ID header.")
    errors: list[FieldProblem] | None = Field(default=None, description="invalid-request: each thing wrong.")
    parts: list[PartState] | None = Field(default=None, description="not-ready: each part of the service.")


def problem(kind: ProblemKind, detail: str, *, request_id: str, **members: Any) -> Problem:
    """Return one occurrence of a kind of problem; `members` are `errors` or `parts`."""
    return Problem(
        type=kind.type,
        title=kind.title,
        status=kind.status,
        detail=printable(detail),
        instance=f"urn:uuid:{request_id}",
        **members,
    )


def respond(found: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the response that says so."""
    content = found.model_dump(exclude_none=True)
    kept = dict(headers or {}) | {"Cache-Control": "no-store"}
    return JSONResponse(content, status_code=found.status, headers=kept, media_type=MEDIA_TYPE)


def printable(text: str, *, most: int = 2000) -> str:
    """Return text that JSON and logs can carry: no lone surrogates, no more than `most` characters."""
    whole = text.encode("utf-8", "backslashreplace").decode()
    return whole if len(whole) <= most else f"{whole[: most - 1]}…"
