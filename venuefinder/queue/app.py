"""The task library over our database."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from psycopg_pool import PoolTimeout

from venuefinder.errors import DatabaseUnavailableError
from venuefinder.queue.schema import SCHEMA

TASK = "ingest"
"""The task's name: who defers it knows no more of what runs it."""
QUEUE = "ingestion"
CONNECT_SECONDS = 10.0
"""That a caller waits for a connection of the pool."""
STALLED_SECONDS = 30.0
"""A worker without a heartbeat for so long is taken for lost."""


def calling_app(options: Mapping[str, Any]) -> App:
    """Return the app for threads that defer jobs. `options` are libpq's, by keyword. It connects once it is opened."""
    return App(connector=SyncPsycopgConnector(**_pool(options, most=2)))


def working_app(options: Mapping[str, Any], concurrency: int) -> App:
    """Return the app for a worker, to be opened in its event loop."""
    return App(connector=PsycopgConnector(**_pool(options, most=concurrency + 3)))


@contextmanager
def reaching(what: str) -> Iterator[None]:
    """Raise DatabaseUnavailableError where the library cannot reach the database."""
    try:
        yield
    except (ConnectorException, PoolTimeout) as error:
        reason = " ".join(str(error.__cause__ or error).split())
        raise DatabaseUnavailableError(f"{what}: {reason}; start the database, or correct DATABASE_URL") from error


def _pool(options: Mapping[str, Any], *, most: int) -> dict[str, Any]:
    # Functions of the library name its tables without their schema.
    path = f"{options.get('options', '')} -c search_path={SCHEMA}".strip()
    return {
        "kwargs": {**options, "options": path},
        "min_size": 0,
        "max_size": most,
        "timeout": CONNECT_SECONDS,
    }
