"""Ingestion jobs: start, watch, end. Workers run them."""

import csv
from collections.abc import AsyncIterator, Iterable, Iterator
from functools import partial
from io import StringIO
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Request, Response, status
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from venuefinder.api import problems
from venuefinder.api.caching import names
from venuefinder.api.dependencies import AccessOf
from venuefinder.api.examples import problem_responses
from venuefinder.api.forms import content_of
from venuefinder.api.ingestion_bodies import FORM, JSON, Asked, asked_of
from venuefinder.api.ingestion_examples import EVENTS, FAILURES_CSV, FORM_SCHEMA, REQUESTS
from venuefinder.api.ingestion_schemas import (
    FailuresAnswer,
    IngestionAnswer,
    IngestionRequest,
    IngestionsAnswer,
    StartedAnswer,
    failure_answer,
    job_answer,
)
from venuefinder.api.watching import Watch
from venuefinder.jobs import JobFailure
from venuefinder.spreadsheets import as_cell

router = APIRouter(prefix="/v1/ingestions", tags=["ingestions"])
CSV = "text/csv"
JobId = Annotated[UUID, Path(description="As POST /v1/ingestions answered.")]
Limit = Annotated[int, Query(ge=1, le=1000)]
ERRORS = problem_responses(problems.UNAUTHORISED, problems.NOT_FOUND, problems.INVALID, problems.UNAVAILABLE)


@router.post(
    "",
    operation_id="startIngestion",
    summary="Have a source or a manifest ingested",
    status_code=status.HTTP_202_ACCEPTED,
    responses={
        202: {"description": "It is queued; Location says where to watch it"},
        **problem_responses(
            problems.MALFORMED,
            problems.UNAUTHORISED,
            problems.TOO_LARGE,
            problems.INVALID,
            problems.UNUSABLE_INPUT,
            problems.BUSY,
            problems.UNAVAILABLE,
        ),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": {"$ref": f"#/components/schemas/{IngestionRequest.__name__}"},
                    "examples": REQUESTS,
                },
                FORM: {"schema": FORM_SCHEMA},
            },
        }
    },
)
def start_ingestion(access: AccessOf, asked: Annotated[Asked, Depends(asked_of)], response: Response) -> StartedAnswer:
    """Queue the ingestion of a source that the operator allows by name, or of a manifest that is sent.

    The same source with the same options, while it is still queued, is the same job. Jobs of one source run one after
    the other, in their order. The name of a manifest says which source it is: sent again under that name, it is read
    as what the source lists by then.
    """
    ingestions = access.ingestions()
    if asked.manifest is not None:
        most, found = access.services.settings.max_manifest_bytes, asked.manifest.size or 0
        if found > most:
            raise HTTPException(
                status.HTTP_413_CONTENT_TOO_LARGE,
                f"manifest: found {found:,} bytes, expected at most {most:,}; split it, and send several",
            )
        read = partial(content_of, asked.manifest)
        job = ingestions.start_with(asked.manifest.filename or "", read, asked.options)
    else:
        job = ingestions.start(asked.source or "", asked.options)
    response.headers["Location"] = f"{router.prefix}/{job.id}"
    return StartedAnswer(id=job.id, state=job.state)


@router.get(
    "",
    operation_id="listIngestions",
    summary="List ingestion jobs",
    responses={200: {"description": "Jobs, newest first"}, **ERRORS},
)
def list_ingestions(
    access: AccessOf,
    limit: Limit = 20,
    cursor: Annotated[UUID | None, Query(description="`next_cursor` of the page before.")] = None,
) -> IngestionsAnswer:
    """Return jobs, newest first. Those that are added meanwhile shift no page."""
    jobs = access.ingestions().newest(limit=limit + 1, before=cursor)
    shown = jobs[:limit]
    more = len(jobs) > limit
    return IngestionsAnswer(ingestions=[job_answer(job) for job in shown], next_cursor=shown[-1].id if more else None)


@router.get(
    "/{job_id}",
    operation_id="getIngestion",
    summary="Tell how an ingestion job is",
    responses={200: {"description": "The job"}, **ERRORS},
)
def get_ingestion(access: AccessOf, job_id: JobId) -> IngestionAnswer:
    """Return a job with its counts, at most a second or two old."""
    return job_answer(access.ingestions().job(job_id))


@router.post(
    "/{job_id}/cancel",
    operation_id="cancelIngestion",
    summary="End an ingestion job",
    responses={200: {"description": "The job as it is now"}, **ERRORS},
)
def cancel_ingestion(access: AccessOf, job_id: JobId) -> IngestionAnswer:
    """End a queued job at once, a running one within seconds, after its batch in hand. What was ingested stays.

    A job that is over stays as it is.
    """
    return job_answer(access.ingestions().cancel(job_id))


@router.get(
    "/{job_id}/failures",
    operation_id="listIngestionFailures",
    summary="List what an ingestion job could not ingest",
    response_model=FailuresAnswer,
    responses={
        200: {"description": "Failures", "content": {CSV: {"schema": {"type": "string"}, "example": FAILURES_CSV}}},
        **ERRORS,
    },
)
def list_ingestion_failures(
    access: AccessOf,
    job_id: JobId,
    limit: Limit = 100,
    cursor: Annotated[int, Query(ge=0, le=2**63 - 1, description="`next_cursor` of the page before.")] = 0,
    accept: Annotated[str, Header(max_length=2000)] = "",
) -> Response | FailuresAnswer:
    """Return failures with their reasons in the order they were met; where Accept names text/csv, all in one table.

    They are those of the job's last run: a worker that takes a job over meets again what could not be ingested.
    """
    if names(accept, CSV):
        failures = access.ingestions().all_failures(job_id)
        headers = {"Content-Disposition": f'attachment; filename="failures-{job_id}.csv"', "Vary": "Accept"}
        return StreamingResponse(_table(failures), media_type=f"{CSV}; charset=utf-8", headers=headers)
    found = access.ingestions().failures(job_id, limit=limit + 1, after=cursor)
    shown = found[:limit]
    more = len(found) > limit
    return FailuresAnswer(failures=[failure_answer(one) for one in shown], next_cursor=shown[-1].id if more else None)


async def _watch(request: Request, job_id: JobId) -> AsyncIterator[Watch]:
    # No services are leased: a stream may last for days, and they would be kept in memory as long.
    serving = request.app.state.generations
    async with serving.streams.place(), serving.watches.watching(job_id) as watch:
        yield watch


@router.get(
    "/{job_id}/events",
    operation_id="streamIngestion",
    summary="Tell how an ingestion job goes on",
    response_class=EventSourceResponse,
    responses={
        200: {
            "description": "Server-sent events",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "examples": EVENTS}},
        },
        **ERRORS,
        **problem_responses(problems.BUSY, problems.UNAVAILABLE),
    },
)
async def stream_ingestion(watch: Annotated[Watch, Depends(_watch)]) -> AsyncIterator[ServerSentEvent]:
    """Tell `progress` events, the job as it is now and at each change, then `done`, `failed` or `cancelled`.

    Data is the job as JSON, so whoever comes back needs no Last-Event-ID: the first event says everything. At most one
    a second; comments keep the connection awake. Closing a stream stops nothing but that stream.
    """
    number = 0
    async for job in watch.changes():
        number += 1
        name = job.state if job.over else "progress"
        yield ServerSentEvent(data=job_answer(job), event=name, id=str(number))


def _table(failures: Iterable[JobFailure]) -> Iterator[str]:
    yield _line(("uri", "external_id", "kind", "reason"))
    for failure in failures:
        yield _line((failure.uri, failure.external_id or "", failure.kind, failure.reason))


def _line(cells: Iterable[str]) -> str:
    line = StringIO()
    csv.writer(line).writerow([as_cell(cell) for cell in cells])
    return line.getvalue()
