"""Say what is wrong with a request in words of ours, not of the libraries that noticed it."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from venuefinder.api.problems import FieldProblem, printable
from venuefinder.validation import problem_of, shown

UPLOAD = "expected multipart/form-data with parts named files, each with a filename"


def field_problem(entry: Mapping[str, Any], request: Request) -> FieldProblem:
    """Return one thing wrong with a request, from an entry of FastAPI's RequestValidationError."""
    if entry["loc"] == ("body",) and isinstance(entry.get("input"), bytes):  # it does not parse what is not JSON
        given = request.headers.get("content-type")
        return _problem("header.content-type", shown(given) if given else "nothing", "application/json is expected")
    if isinstance(entry.get("input"), UploadFile):
        return _problem(_place(entry), "a file", "text is expected: a part without a filename")
    if "Expected UploadFile" in entry["msg"]:
        return _problem(_place(entry), "text", "a file is expected: a part with a filename")
    problem = problem_of(entry)
    return _problem(problem.field, problem.found, problem.expected)


def unreadable(error: HTTPException, request: Request) -> str:
    """Return why a body could not be read, from the error of 400 that FastAPI made of the reason."""
    reason = error.__cause__
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        return f"body: {'cannot be read' if reason else error.detail.rstrip('.')}; {UPLOAD}"
    if isinstance(reason, RecursionError):
        return "body: found JSON that is nested too deep to read; nothing here nests deeper than five levels"
    if isinstance(reason, UnicodeError):
        return "body: found bytes that are not UTF-8; send JSON in UTF-8"
    if isinstance(reason, ValueError):
        return "body: found a number of thousands of digits; no number here needs more than 20"
    return f"body: {error.detail}"


def _place(entry: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in entry["loc"])


def _problem(field: str, found: str, expected: str) -> FieldProblem:
    return FieldProblem(
        field=printable(field, most=200), found=printable(found, most=120), expected=printable(expected, most=500)
    )
