"""Uploads are taken whole or not at all: what the form parser passes over in silence is refused here."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, UploadFile
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers
from starlette.datastructures import UploadFile as UploadedFile
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from venuefinder.api.invalid import UPLOAD
from venuefinder.api.problems import printable

END_BYTES = 1_000
"""How much of the end of a form is searched: a boundary is 70 bytes at most, and next to nobody writes an epilogue."""
_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]+)"|([^\s;"]+))', re.IGNORECASE)


class WholeForms:
    """Refuses multipart forms that were cut short: the parser would drop their last part, and keep the others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        content_type = Headers(scope=scope).get("content-type", "") if scope["type"] == "http" else ""
        boundary = _BOUNDARY.search(content_type) if _is_form(content_type) else None
        await self._app(scope, _Watched(receive, boundary[1] or boundary[2]) if boundary else receive, send)


class _Watched:
    def __init__(self, receive: Receive, boundary: str) -> None:
        self._receive = receive
        self._closing = f"--{boundary}--".encode("latin-1", "replace")
        self._end = b""

    async def __call__(self) -> Message:
        event = await self._receive()
        if event["type"] == "http.request":
            self._end = (self._end + event.get("body", b"")[-END_BYTES:])[-END_BYTES:]
            if not event.get("more_body") and self._closing not in self._end:
                raise HTTPException(400, "the form is cut short, its closing boundary is missing")
        return event


def upload_of(*fields: str) -> Callable[[Request], Awaitable[None]]:
    """Return a dependency that refuses a body that is no multipart form, and fields other than `fields`.

    FastAPI would drop those in silence.
    """

    async def require_upload(request: Request) -> None:
        content_type = request.headers.get("content-type")
        if not _is_form(content_type or ""):
            raise _invalid(("header", "content-type"), content_type or "", UPLOAD)
        for name, value in (await request.form()).multi_items():
            if name not in fields:
                found = value if isinstance(value, str) else "a file"
                raise _invalid(("body", name), found, f"there is no such field; expected {', '.join(fields)}")

    return require_upload


def name_of(file: UploadFile, number: int) -> str:
    """Return what to call the file at this place, counted from 0, in messages; senders name files as they like."""
    return f"file {number + 1} ({printable(repr(file.filename or 'unnamed'), most=100)})"


def content_of(file: UploadedFile) -> bytes:
    """Return all of a file's bytes."""
    file.file.seek(0)
    return file.file.read()


def _is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "multipart/form-data"


def _invalid(place: tuple[str, str], found: Any, expected: str) -> RequestValidationError:
    return RequestValidationError([{"type": "value_error", "loc": place, "msg": expected, "input": found}])
