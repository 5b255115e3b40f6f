"""How much a request may send: refused by its announced length, and while it streams in."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from venuefinder.api import problems
from venuefinder.api.context import request_id_of

MAX_BODY_BYTES = 1_000_000
"""Of every request but uploads: a venue with 200 rooms and a description of 50,000 characters needs a fifth."""
PHOTOS_AT_FULL_SIZE = 4
"""An upload may hold that many photos of the largest size, or more smaller ones."""
MULTIPART_BYTES = 100_000
"""For the boundaries and headers of an upload."""


def max_upload_bytes(max_photo_bytes: int) -> int:
    """Return the size of the largest upload, all photos together."""
    return PHOTOS_AT_FULL_SIZE * max_photo_bytes + MULTIPART_BYTES


class BodyLimit:
    """Ends a request whose body is larger than its path may take."""

    def __init__(self, app: ASGIApp, *, max_photo_bytes: int, max_manifest_bytes: int) -> None:
        self._app = app
        self._max_upload = max_upload_bytes(max_photo_bytes)
        self._max_manifest = max_manifest_bytes + MULTIPART_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope)
        announced = _announced_length(scope)
        if announced > limit:
            found = problems.problem(problems.TOO_LARGE, _too_large(announced, limit), request_id=request_id_of(scope))
            await problems.respond(found, {"Connection": "close"})(scope, receive, send)
            return
        await self._app(scope, _Counted(receive, limit), send)

    def _limit(self, scope: Scope) -> int:
        if _is_upload(scope):
            return self._max_upload
        return self._max_manifest if _is_manifest(scope) else MAX_BODY_BYTES


class _Counted:
    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._received = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            if self._received > self._limit:
                detail = _too_large(self._received, self._limit)
                raise HTTPException(problems.TOO_LARGE.status, detail, headers={"Connection": "close"})
        return message


def _announced_length(scope: Scope) -> int:
    """Return Content-Length, 0 where it is absent or no number (what streams in is counted anyway)."""
    announced = Headers(scope=scope).get("content-length", "")[:20]
    return int(announced) if announced.isascii() and announced.isdecimal() else 0


def _is_upload(scope: Scope) -> bool:
    path = str(scope["path"])
    of_a_venue = path.startswith("/v1/venues/") and path.endswith("/photos")
    return scope["method"] == "POST" and (of_a_venue or path == "/v1/uploads")


def _is_manifest(scope: Scope) -> bool:
    form = Headers(scope=scope).get("content-type", "").lower().startswith("multipart/")
    return scope["method"] == "POST" and scope["path"] == "/v1/ingestions" and form


def _too_large(found: int, limit: int) -> str:
    return f"body: found {found:,} bytes or more, expected at most {limit:,}; send less, or in several requests"
