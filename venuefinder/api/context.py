"""Around every request: its id, HEAD as GET without a body, and an answer when something unforeseen breaks."""

import logging
import uuid

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from venuefinder.api import problems

logger = logging.getLogger(__name__)
_REQUEST_ID = "venuefinder.request_id"


def request_id_of(scope: Scope) -> str:
    """Return the id of this request, a UUID that is also in the log."""
    return str(scope[_REQUEST_ID])


class RequestContext:
    """Gives each request an id, and turns what nobody caught into a problem that reveals nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[_REQUEST_ID] = str(uuid.uuid4())
        sender = _Sender(scope, send)
        try:
            await self._app(scope, receive, sender)
        except Exception:
            logger.exception("request %s: %s %r failed", request_id_of(scope), scope["method"], scope["path"])
            if sender.started:
                raise
            detail = "The service's log says what, under the id of this problem's instance."
            found = problems.problem(problems.INTERNAL, detail, request_id=request_id_of(scope))
            await problems.respond(found)(scope, receive, sender)


class _Sender:
    """Adds the headers that every response carries."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = request_id_of(self._scope)
            headers["X-Content-Type-Options"] = "nosniff"
            headers.setdefault("Cache-Control", "no-store")
        await self._send(message)


class HeadAsGet:
    """Answers HEAD wherever there is a GET: the same headers, no body (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_headers(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, send_headers)
