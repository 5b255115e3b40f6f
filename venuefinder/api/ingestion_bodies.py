"""What `POST /v1/ingestions` takes: JSON that names a source, or a form with a manifest."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from venuefinder.api.ingestion_schemas import IngestionRequest
from venuefinder.jobs import JobOptions

Model = TypeVar("Model", bound=BaseModel)
JSON = "application/json"
FORM = "multipart/form-data"
FIELDS = ("manifest", *JobOptions.model_fields)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller wants ingested: a source by name, or a manifest."""

    options: JobOptions
    source: str | None = None
    manifest: UploadFile | None = None


async def asked_of(request: Request) -> AsyncIterator[Asked]:
    """Read the body, and let go of its files afterwards."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == FORM:
        async with request.form(max_files=1, max_fields=10, max_part_size=10_000) as form:
            yield _asked_by_form(form)
    elif content_type == JSON:
        found = _valid(IngestionRequest, await _json(request), strict=True)
        yield Asked(found.options, source=found.source)
    else:
        raise _invalid(("header", "content-type"), content_type, f"{JSON} or {FORM} is expected")


def _asked_by_form(form: FormData) -> Asked:
    for name, value in form.multi_items():
        if name not in FIELDS:
            found = value if isinstance(value, str) else "a file"
            raise _invalid(("body", name), found, f"there is no such field; expected {', '.join(FIELDS)}")
        if len(form.getlist(name)) > 1:
            raise _invalid(("body", name), "several", "one is expected")
    manifest = form.get("manifest")
    if not isinstance(manifest, UploadFile):
        raise _invalid(("body", "manifest"), manifest, "a file is expected: a part with a filename")
    options = {name: value for name, value in form.items() if name != "manifest"}
    return Asked(_valid(JobOptions, options, strict=False), manifest=manifest)


def _valid(model: type[Model], fields: Any, *, strict: bool) -> Model:
    try:
        return model.model_validate(fields, strict=strict)
    except ValidationError as error:
        problems = [{**problem, "loc": ("body", *problem["loc"])} for problem in error.errors(include_url=False)]
        raise RequestValidationError(problems) from None


async def _json(request: Request) -> Mapping[str, Any]:
    """Return the body; it fails as FastAPI's own bodies do."""
    body = await request.body()
    try:
        parsed = json.loads(body)
    except json.JSONDecodeError as error:
        problem = {"type": "json_invalid", "loc": ("body", error.pos), "msg": error.msg, "ctx": {"error": error.msg}}
        raise RequestValidationError([problem]) from None
    except (RecursionError, ValueError) as error:
        raise HTTPException(400, "There was an error parsing the body") from error
    if not isinstance(parsed, dict):
        raise _invalid(("body",), parsed, "an object is expected")
    return parsed


def _invalid(place: tuple[str, ...], found: Any, expected: str) -> RequestValidationError:
    return RequestValidationError([{"type": "value_error", "loc": place, "msg": expected, "input": found}])
