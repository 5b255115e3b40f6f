"""The page for people: the files that `make web` builds, kept in memory and served with strict headers.

Files whose names hold a hash of their content are cached for ever; `index.html` is asked for each time, and stands for
every address that the page makes up. Only those addresses: a typing error in a path is still a problem document.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fastapi import APIRouter, Request, Response, status
from fastapi.responses import PlainTextResponse

from venuefinder.api.caching import YEAR_SECONDS, is_known, names

BUILT = Path(__file__).parents[1] / "page"
"""Where `web/` is built to."""
ADDRESSES = ("/", "/shortlist", "/for-you", "/venues/{external_id}")
"""What `web/src/App.tsx` shows something under."""
INDEX = "/index.html"
HASHED = "/assets/"
NOT_BUILT = """\
The page is not built. In a checkout of VenueFinder:

  make web

and start the service again. The API works without it: GET /openapi.json describes it.
"""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
        "img-src 'self' blob: data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
}
"""Scripts are ours alone. `blob:` and `data:` are pictures: fetched with a key, and what somebody searches with."""
COMPRESSED = ("text/", "application/json", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file of the page, as it goes out."""

    content: bytes
    gzipped: bytes | None
    media_type: str
    entity_tag: str
    immutable: bool


def page_routes(folder: Path = BUILT) -> APIRouter:
    """Return the routes of the page; where it is not built, `/` says how to build it."""
    files = read_page(folder)
    router = APIRouter(include_in_schema=False)
    index = files.get(INDEX)

    def show(request: Request) -> Response:
        return _sent(index, request) if index else PlainTextResponse(NOT_BUILT, status.HTTP_404_NOT_FOUND)

    for address in ADDRESSES:
        router.add_api_route(address, show, methods=["GET"], response_model=None)
    for path, file in files.items():
        router.add_api_route(path, partial(_sent, file), methods=["GET"], response_model=None)
    return router


def read_page(folder: Path) -> Mapping[str, PageFile]:
    """Return the files of a built page by the path they are served under; none where it is not built."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    return {f"/{path.relative_to(folder).as_posix()}": _read(path, folder) for path in paths}


def _read(path: Path, folder: Path) -> PageFile:
    content = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return PageFile(
        content=content,
        gzipped=gzip.compress(content, mtime=0) if media_type.startswith(COMPRESSED) else None,
        media_type=media_type,
        entity_tag=f'"{hashlib.sha256(content).hexdigest()[:16]}"',
        immutable=f"/{path.relative_to(folder).as_posix()}".startswith(HASHED),
    )


def _sent(file: PageFile, request: Request) -> Response:
    """Answer with a file, or that it is the one the browser has."""
    caching = f"public, max-age={YEAR_SECONDS}, immutable" if file.immutable else "no-cache"
    headers = HEADERS | {"ETag": file.entity_tag, "Cache-Control": caching, "Vary": "Accept-Encoding"}
    if is_known(request.headers.get("if-none-match"), file.entity_tag):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    if file.gzipped is not None and names(request.headers.get("accept-encoding", ""), "gzip"):
        return Response(file.gzipped, media_type=file.media_type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(file.content, media_type=file.media_type, headers=headers)
