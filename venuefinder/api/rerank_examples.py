"""The events of a rerank's stream, as the OpenAPI document shows them."""

from typing import Any

from pydantic import BaseModel

from venuefinder.answers import RerankScore
from venuefinder.describing.description import Claim, Description
from venuefinder.reranking.events import EventName, RerankDone, RerankFailed

_SCORE = RerankScore(external_id="mill-barn", score=0.93, photo_id=17, rank=1)
_CLAIM = Claim(attribute="room_types", value="barn", status="seen", photo_id=17, probability=0.97)
_DESCRIPTION = Description(
    external_id="mill-barn",
    summary="A barn.",
    claims=[_CLAIM],
    backend="openai",
    model="Qwen/Qwen2.5-VL-7B-Instruct",
    photos=1,
    photos_read=1,
    complete=True,
)
_DONE = RerankDone(order=["mill-barn", "long-hall"], model="Qwen/Qwen2.5-VL-7B-Instruct", seconds=2.31)
_FAILED = RerankFailed(reason="the vision-language model is down, too slow or out of memory; retrieval's order stands")


def _event(number: int, name: EventName, data: BaseModel) -> dict[str, Any]:
    return {"value": f"event: {name}\ndata: {data.model_dump_json()}\nid: {number}\n\n"}


EVENTS: dict[str, dict[str, Any]] = {
    "score": _event(1, "score", _SCORE),
    "description": _event(2, "description", _DESCRIPTION),
    "done": _event(3, "done", _DONE),
    "error": _event(1, "error", _FAILED),
}
"""By the event's name."""
