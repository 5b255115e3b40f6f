"""The stream of a rerank: scores and descriptions as they are ready, in server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from venuefinder.api import problems
from venuefinder.api.dependencies import AccessOf
from venuefinder.api.examples import problem_responses
from venuefinder.api.rerank_examples import EVENTS
from venuefinder.reranking.job import RerankJob
from venuefinder.reranking.token import MOST_CHARACTERS

router = APIRouter(tags=["search"])
Token = Annotated[
    str, Path(min_length=1, max_length=MOST_CHARACTERS, description="As it stands in `rerank.stream` of an answer.")
]
ERRORS = problem_responses(problems.UNAUTHORISED, problems.NOT_FOUND, problems.INVALID)


@dataclass(frozen=True, slots=True)
class Following:
    """A job being read, and what wakes its reader."""

    job: RerankJob
    changed: asyncio.Event


async def _following(access: AccessOf, token: Token) -> AsyncIterator[Following]:
    async with access.streams.place():
        job = await run_in_threadpool(lambda: access.reranking().follow(token))
        loop, changed = asyncio.get_running_loop(), asyncio.Event()

        def notify() -> None:
            with suppress(RuntimeError):  # the loop has ended, and its readers with it
                loop.call_soon_threadsafe(changed.set)

        with job.watched(notify):
            yield Following(job, changed)


@router.get(
    "/v1/reranks/{token}/events",
    operation_id="streamRerank",
    summary="What a rerank finds, as it finds it",
    response_class=EventSourceResponse,
    responses={
        200: {
            "description": "Server-sent events",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "examples": EVENTS}},
        },
        **ERRORS,
        **problem_responses(problems.BUSY),
    },
)
async def stream_rerank(
    following: Annotated[Following, Depends(_following)],
    last_event_id: Annotated[
        str | None, Header(description="Of the last event received; events after it come.")
    ] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Tell `score` events, one a venue judged, then `description`s of the first three venues, then `done` or `error`.

    Data is JSON. Who reads it again is told everything again, or with Last-Event-ID what came after. Comments keep the
    connection awake. Closing a stream stops nothing but that stream.
    """
    job, told = following.job, _place_of(last_event_id)
    while True:
        following.changed.clear()
        finished, events = job.finished, job.events
        for number, event in enumerate(events[told:], start=told + 1):
            yield ServerSentEvent(data=event.data, event=event.name, id=str(number))
        told = max(told, len(events))
        if finished:
            return
        await _more(following)


async def _more(following: Following) -> None:
    """Wait until there is more to tell; a job whose time is over tells that."""
    try:
        async with asyncio.timeout(max(following.job.deadline - monotonic(), 0)):
            await following.changed.wait()
    except TimeoutError:
        following.job.expire()


def _place_of(last_event_id: str | None) -> int:
    """Return how many events were received; 0 for what is no id of ours."""
    given = (last_event_id or "").strip()
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 7 else 0


@router.delete(
    "/v1/reranks/{token}",
    operation_id="cancelRerank",
    summary="Stop a rerank that nobody waits for any more",
    status_code=204,
    responses={204: {"description": "It is over"}, **ERRORS},
)
def cancel_rerank(access: AccessOf, token: Token) -> Response:
    """End it with an `error` event for whoever reads its stream. What the model said until then is kept for others."""
    access.reranking().cancel(token)
    return Response(status_code=204)
