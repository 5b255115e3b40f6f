"""Pages of other origins: which may call the API from a browser (CORS, the Fetch standard, 3.2)."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from venuefinder.api import problems
from venuefinder.api.context import request_id_of
from venuefinder.errors import ConfigurationError

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
SENT = ("Authorization", "Content-Type", "If-None-Match", "Last-Event-ID", "X-API-Key")
READ = ("Content-Disposition", "ETag", "Location", "Retry-After", "X-Request-ID")
"""Headers of answers that a page may read, beside those that it always may."""
PREFLIGHT_SECONDS = 600


def origins_of(setting: str) -> tuple[str, ...]:
    """Return the origins of a comma-separated setting, as browsers write them.

    Raises ConfigurationError for what is no origin, `*` among it: any page that somebody visits could then do whatever
    a caller may.
    """
    return tuple(dict.fromkeys(_origin(part.strip()) for part in setting.split(",") if part.strip()))


def cross_origin(origins: Sequence[str]) -> list[Middleware]:
    """Return what lets pages of these origins in, nothing for none. No cookies: this service has none."""
    if not origins:
        return []
    found = Middleware(
        CrossOrigin,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=SENT,
        expose_headers=READ,
        max_age=PREFLIGHT_SECONDS,
    )
    return [found]


class CrossOrigin(CORSMiddleware):
    """Starlette's, with problems for what it refuses."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or let a request through and say who may read the answer."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        asks = scope.get("method") == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers
        refused = self.preflight_response(headers) if asks else None
        if refused is None or refused.status_code < 400:
            await super().__call__(scope, receive, send)
            return
        await _refusal(refused, headers, request_id_of(scope))(scope, receive, send)


def _refusal(refused: Response, headers: Headers, request_id: str) -> Response:
    found = problems.printable(headers.get("origin", ""), most=200)
    detail = f"origin: found {found!r}; {bytes(refused.body).decode().lower()}; VENUEFINDER_CORS_ORIGINS names origins"
    kept = {name: value for name, value in refused.headers.items() if name.startswith(("access-control-", "vary"))}
    return problems.respond(problems.problem(problems.FOREIGN_ORIGIN, detail, request_id=request_id), kept)


def _origin(text: str) -> str:
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    if not whole or text.lower().rstrip("/") != f"{parts.scheme}://{parts.netloc}".lower() or "@" in text:
        raise ConfigurationError(
            f"VENUEFINDER_CORS_ORIGINS: found {text!r}, expected origins such as https://venues.example or "
            "http://localhost:5173, with commas between; name each, there is no way to name all"
        )
    return text.lower().rstrip("/")
