"""HTTP caching and negotiation (RFC 9110, 12.5.1 and 13.1.2, and RFC 9111; `immutable` is RFC 8246)."""

import re
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Header, Response, status
from pydantic import BaseModel

IfNoneMatch = Annotated[str | None, Header(max_length=2000, description="The `ETag` of the answer you have.")]
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "The answer you have is the answer there is"}}
YEAR_SECONDS = 365 * 24 * 3600
_REFUSED = re.compile(r";\s*q=0(?:\.0*)?\s*(?:;|$)")
"""A weight of nought: "not acceptable" (RFC 9110, 12.4.2)."""
_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')


def cache_control(*, versioned: bool, shared: bool) -> str:
    """Return the header of a picture.

    `versioned`: its address names its content, so it never changes there; else caches ask each time. `shared`: whoever
    asks may have it, so caches on the way may keep it; behind an API key only the caller's own may.
    """
    scope = "public" if shared else "private"
    return f"{scope}, max-age={YEAR_SECONDS}, immutable" if versioned else f"{scope}, no-cache"


def answered(answer: BaseModel, if_none_match: str | None, *, shared: bool, version: str | None = None) -> Response:
    """Return an answer with an entity tag, or 304 to a caller who has it.

    version: the tag's content, where something tells it sooner than the answer's own bytes.
    """
    body = answer.model_dump_json().encode()
    headers = revalidated(version or sha256(body).hexdigest()[:32], shared=shared)
    if is_known(if_none_match, headers["ETag"]):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def revalidated(version: str, *, shared: bool) -> dict[str, str]:
    """Return the headers of what may be kept, and is asked for again each time."""
    return {"ETag": f'"{version}"', "Cache-Control": cache_control(versioned=False, shared=shared)}


def is_known(if_none_match: str | None, entity_tag: str) -> bool:
    """Return whether the caller has this very thing, by the weak comparison that If-None-Match asks for."""
    if not if_none_match:
        return False
    return if_none_match.strip() == "*" or entity_tag in _ENTITY_TAG.findall(if_none_match)


def names(accept: str, media_type: str) -> bool:
    """Return whether an Accept header names this very type, and not only to refuse it."""
    ranges = (part.strip() for part in accept.lower().split(","))
    return any(part.partition(";")[0].strip() == media_type and not _REFUSED.search(part) for part in ranges)
