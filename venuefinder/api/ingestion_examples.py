"""Examples of ingestion jobs for the OpenAPI document."""

from typing import Any

from venuefinder.api.ingestion_schemas import IngestionAnswer
from venuefinder.api.search_examples import Example

JOB_ID = "0b6f3a5e-3a0c-4f0e-9a53-2f6f1f1d9f51"
REQUESTS: dict[str, Example] = {
    "bySource": {"summary": "A source that the operator allows", "value": {"source": "crm"}},
    "prune": {
        "summary": "Removing what it no longer lists",
        "value": {"source": "crm", "prune": True, "verify": False, "retry_failed": False},
    },
}
FORM_SCHEMA: Example = {
    "type": "object",
    "required": ["manifest"],
    "properties": {
        "manifest": {
            "type": "string",
            "format": "binary",
            "description": "A .jsonl, .csv or .parquet; its photos are http(s) addresses, or bytes in Parquet.",
        },
        "verify": {"type": "boolean"},
        "prune": {"type": "boolean"},
        "retry_failed": {"type": "boolean"},
    },
}
STARTED: Example = {"id": JOB_ID, "state": "queued"}
_VENUES: Example = {"read": 1200, "new": 1150, "updated": 0, "unchanged": 48, "failed": 2, "removed": 0}
_PHOTOS: Example = {"read": 9800, "new": 9620, "updated": 0, "unchanged": 160, "failed": 20, "removed": 0}
RUNNING: Example = {
    "id": JOB_ID,
    "source": "crm",
    "uploaded": False,
    "options": {"verify": False, "prune": False, "retry_failed": False},
    "state": "running",
    "counts": {"venues": _VENUES, "photos": _PHOTOS, "kinds": {"fetch": 18, "truncated": 2, "listing": 2}},
    "progress": {
        "seconds": 214.7,
        "photos_per_second": 44.81,
        "venues_total": 5000,
        "eta_seconds": 679.9,
        "limited_by": "encode",
        "stages": {"list": 0.4, "decode": 31.2, "encode": 178.9, "write": 1.7},
    },
    "message": None,
    "cancel_requested": False,
    "created_at": "2026-11-24T09:00:00Z",
    "started_at": "2026-11-24T09:00:01Z",
    "finished_at": None,
}
DONE: Example = RUNNING | {"state": "done", "finished_at": "2026-11-24T09:14:20Z"}
FAILED: Example = RUNNING | {
    "state": "failed",
    "message": "source 'crm': the operator of the worker does not allow it (any more)",
    "finished_at": "2026-11-24T09:00:02Z",
    "counts": None,
    "progress": None,
}
FAILURES: Example = {
    "failures": [
        {
            "uri": "https://photos.example/barn.jpg",
            "external_id": "mill-barn",
            "kind": "fetch",
            "reason": "https://photos.example/barn.jpg: the server answered 404; correct the listing",
        }
    ],
    "next_cursor": None,
}
FAILURES_CSV = (
    "uri,external_id,kind,reason\r\nhttps://photos.example/barn.jpg,mill-barn,fetch,the server answered 404\r\n"
)
ANSWERS: dict[str, dict[str, Example]] = {
    "startIngestion": {"example": STARTED},
    "listIngestions": {"example": {"ingestions": [RUNNING], "next_cursor": None}},
    "getIngestion": {"running": RUNNING, "done": DONE, "failed": FAILED},
    "cancelIngestion": {"running": RUNNING | {"cancel_requested": True}},
    "listIngestionFailures": {"example": FAILURES},
}


def _event(number: int, name: str, data: Example) -> dict[str, Any]:
    return {"value": f"event: {name}\ndata: {IngestionAnswer.model_validate(data).model_dump_json()}\nid: {number}\n\n"}


EVENTS: dict[str, dict[str, Any]] = {
    "progress": _event(1, "progress", RUNNING),
    "done": _event(2, "done", DONE),
    "failed": _event(2, "failed", FAILED),
    "cancelled": _event(2, "cancelled", DONE | {"state": "cancelled", "cancel_requested": True}),
}
"""By the event's name."""
