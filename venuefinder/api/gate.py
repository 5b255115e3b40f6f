"""Who may come in, decided before a byte of the body is read.

Without a key the service is bound to loopback, where the danger is the user's own browser: a page of another site can
send it requests, and a name that an attacker resolves to 127.0.0.1 makes that page "same origin" (DNS rebinding). So
without a key the host must be a loopback name, and what changes something, or has a model work that may be paid by the
photo, must not come from another site's page, unless its origin is one that the operator named: browsers write Origin,
pages cannot, and the host is judged all the same.
With a key every path under /v1 wants it; browsers never add it by themselves, so neither attack works.
"""

import hmac
import re
from collections.abc import Collection, Mapping

from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from venuefinder.api import problems
from venuefinder.api.context import request_id_of
from venuefinder.api.problems import ProblemKind
from venuefinder.errors import ConfigurationError

LOOPBACK_NAMES = ("127.0.0.1", "[::1]", "localhost")
_LOOPBACK = re.compile(rf"(?:{'|'.join(map(re.escape, LOOPBACK_NAMES))})(?::\d{{1,5}})?", re.IGNORECASE)
CHANGING_METHODS = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_HAS_A_MODEL_WORK = re.compile(r"/v1/venues/[^/]+/description/?")
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="venuefinder"'}

Refusal = tuple[ProblemKind, str, Mapping[str, str]]
"""The kind of problem, its detail, and headers."""


def usable_key(key: SecretStr | None) -> str | None:
    """Return the key that callers must send, None where there is none, also where it is empty.

    Raises ConfigurationError for one that no caller could send: headers lose the spaces around a value.
    """
    found = key.get_secret_value() if key else ""
    if found != found.strip() or not found.isprintable():
        raise ConfigurationError(
            "VENUEFINDER_API_KEY: found spaces around it or control characters in it, which no HTTP header can carry; "
            "remove them, or generate one: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    return found or None


class Gate:
    """Lets a request through, or answers with a problem."""

    def __init__(self, app: ASGIApp, *, api_key: str | None, origins: Collection[str] = ()) -> None:
        self._app = app
        self._origins = frozenset(origins)
        self._key = api_key.encode() if api_key else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let it through."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        kind, detail, headers = refusal
        found = problems.problem(kind, detail, request_id=request_id_of(scope))
        # Kept open, the connection would be read to the end of a body that nobody wants.
        await problems.respond(found, {"Connection": "close", **headers})(scope, receive, send)

    def _refusal(self, scope: Scope) -> Refusal | None:
        headers = Headers(scope=scope)
        if self._key is not None:
            return None if _is_open(scope["path"]) or self._knows_key(headers) else _no_key(headers)
        if not _LOOPBACK.fullmatch(headers.get("host", "")):
            return _foreign_host(headers)
        if _costs_something(scope) and _from_another_site(scope, headers) and not self._is_named(headers):
            return _foreign_origin(headers)
        return None

    def _is_named(self, headers: Headers) -> bool:
        return headers.get("origin", "").lower() in self._origins

    def _knows_key(self, headers: Headers) -> bool:
        assert self._key is not None  # noqa: S101 - asked only when there is a key
        return any(hmac.compare_digest(given.encode("latin-1"), self._key) for given in _given_keys(headers))


def _costs_something(scope: Scope) -> bool:
    return scope["method"] in CHANGING_METHODS or _HAS_A_MODEL_WORK.fullmatch(scope["path"]) is not None


def _is_open(path: str) -> bool:
    return path != "/v1" and not path.startswith("/v1/")


def _given_keys(headers: Headers) -> list[str]:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    bearer = [credentials.strip()] if scheme.lower() == "bearer" else []
    return bearer + headers.getlist("x-api-key")


def _no_key(headers: Headers) -> Refusal:
    state = "found a wrong one" if _given_keys(headers) else "found none"
    detail = f"API key: {state}; send the service's VENUEFINDER_API_KEY as 'Authorization: Bearer …' or 'X-API-Key: …'"
    return problems.UNAUTHORISED, detail, CHALLENGE


def _foreign_host(headers: Headers) -> Refusal:
    found, expected = headers.get("host", "")[:200], ", ".join(LOOPBACK_NAMES)
    remedy = "set VENUEFINDER_API_KEY to serve under other names"
    return problems.FOREIGN_HOST, f"host: found {found!r}, expected one of {expected}; {remedy}", {}


def _foreign_origin(headers: Headers) -> Refusal:
    found = headers.get("origin", "none")[:200]
    remedy = "call from its own page, not from a browser, or name the origin in VENUEFINDER_CORS_ORIGINS"
    return problems.FOREIGN_ORIGIN, f"origin: found {found!r}, expected the service's own; {remedy}", {}


def _from_another_site(scope: Scope, headers: Headers) -> bool:
    """Tell by what browsers add and pages cannot forge: Sec-Fetch-Site, or Origin where a browser lacks that."""
    if site := headers.get("sec-fetch-site"):
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and origin.lower() != f"{scope['scheme']}://{headers.get('host', '')}".lower()
