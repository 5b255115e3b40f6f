"""The application: services in, an ASGI application out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from venuefinder.api import openapi
from venuefinder.api.context import HeadAsGet, RequestContext
from venuefinder.api.errors import add_handlers
from venuefinder.api.forms import WholeForms
from venuefinder.api.gate import Gate, usable_key
from venuefinder.api.generations import Generations
from venuefinder.api.limits import BodyLimit
from venuefinder.api.origins import cross_origin, origins_of
from venuefinder.api.page import BUILT, page_routes
from venuefinder.api.routes import (
    descriptions,
    events,
    health,
    images,
    ingestions,
    photos,
    recommendations,
    reranks,
    search,
    uploads,
    venues,
)
from venuefinder.bootstrap import Services

ROUTES = (
    search,
    reranks,
    uploads,
    recommendations,
    events,
    venues,
    descriptions,
    photos,
    images,
    ingestions,
    health,
)


def create_app(services: Services, *, page: Path = BUILT) -> FastAPI:
    """Return the HTTP API over these services, which stay the caller's to close, and the page for people.

    Raises ConfigurationError for an API key that nobody could send, or origins that are none.

    Starting it loads the encoder and checks the database, so that the first request waits for neither; it raises what
    they raise. While it runs, it follows the space that serves. Handlers run in the thread pool: encoding and SQL block
    anyway.
    """
    origins = origins_of(services.settings.cors_origins)
    app = FastAPI(
        title="VenueFinder",
        version=version("venuefinder"),
        description=openapi.DESCRIPTION,
        openapi_tags=openapi.TAGS,
        docs_url=None,  # FastAPI's pages load scripts from another host; docs/api.md is ours
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_warmed,
        middleware=[
            Middleware(RequestContext),
            *cross_origin(origins),
            Middleware(HeadAsGet),
            Middleware(Gate, api_key=usable_key(services.settings.api_key), origins=origins),
            Middleware(
                BodyLimit,
                max_photo_bytes=services.settings.max_photo_bytes,
                max_manifest_bytes=services.settings.max_manifest_bytes,
            ),
            Middleware(WholeForms),
        ],
    )
    app.state.generations = Generations(services)
    app.openapi = lambda: _documented(app)  # type: ignore[method-assign] # FastAPI's documented way to extend it
    add_handlers(app)
    for routes in ROUTES:
        app.include_router(routes.router)
    app.include_router(page_routes(page))
    return app


def _documented(app: FastAPI) -> dict[str, object]:
    if app.openapi_schema is None:
        app.openapi_schema = openapi.document(app)
    return app.openapi_schema


@asynccontextmanager
async def _warmed(app: FastAPI) -> AsyncIterator[None]:
    generations: Generations = app.state.generations
    await run_in_threadpool(generations.warm)
    with generations.followed():
        yield
