"""The door to PostgreSQL: the one at `DATABASE_URL`, or the embedded one."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from pgvector.psycopg import register_vector
from psycopg.types import TypeInfo
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from venuefinder.errors import ConfigurationError, DatabaseUnavailableError, ExtensionError

OLDEST_SERVER = 15
OLDEST_EXTENSION = (0, 8, 4)
"""0.8.2 to 0.8.4 repaired index builds, vacuum and graphs of HNSW (pgvector's CHANGELOG)."""
SCHEMES = ("postgres", "postgresql", "postgresql+psycopg")
CONNECT_SECONDS = 10
CONNECT_DEFAULTS = {"application_name": "venuefinder", "connect_timeout": CONNECT_SECONDS}
"""Sent unless the URL says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFacts:
    """What a reachable server says of itself."""

    server_version: str
    extension_version: str | None
    """pgvector in this database; None where it was not created."""
    extension_available: str | None
    """pgvector that the server could create; None where it is not installed."""


class Closeable(Protocol):
    """Something to let go of."""

    def close(self) -> None:
        """Let go."""


class Database:
    """A PostgreSQL database and its pool of connections. `open_database` makes one."""

    def __init__(self, url: URL, *, where: str, pool_size: int = 10, server: Closeable | None = None) -> None:
        self.where = where
        """Which database this is, in words, without the password."""
        self._url = url
        self._server = server
        self.engine = _engine(url, pool_size)

    def begin(self) -> AbstractContextManager[Connection]:
        """Open a transaction: committed at the end of the block, rolled back if it raises.

        Raises DatabaseUnavailableError when the server does not answer, or goes away within the block.
        """
        return self._connection(in_transaction=True)

    def connect(self) -> AbstractContextManager[Connection]:
        """Open a connection for reading: what it changes is rolled back unless the block commits. Raises as `begin`."""
        return self._connection(in_transaction=False)

    def facts(self) -> DatabaseFacts:
        """Ask the server its versions. Raises DatabaseUnavailableError."""
        query = """
            SELECT current_setting('server_version'),
                   (SELECT extversion FROM pg_extension WHERE extname = 'vector'),
                   (SELECT default_version FROM pg_available_extensions WHERE name = 'vector')
        """
        with self.connect() as connection:
            server, installed, available = connection.execute(text(query)).one()
        return DatabaseFacts(server_version=server, extension_version=installed, extension_available=available)

    def check(self) -> None:
        """Raise DatabaseUnavailableError or ExtensionError, with the remedy, unless VenueFinder can work here."""
        facts = self.facts()
        problem = _server_problem(facts) or _extension_problem(facts)
        if problem:
            raise ExtensionError(f"{self.where}: {problem}")

    def close(self) -> None:
        """Close every connection, and stop using the embedded server."""
        self.engine.dispose()
        if self._server is not None:
            self._server.close()

    def __enter__(self) -> "Database":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _connection(self, *, in_transaction: bool) -> Iterator[Connection]:
        try:
            with self.engine.begin() if in_transaction else self.engine.connect() as connection:
                yield connection
        except PoolTimeoutError as error:
            raise DatabaseUnavailableError(
                f"{self.where}: every connection is busy ({error}); try again later"
            ) from error
        except DBAPIError as error:
            if not _lost(error):
                raise
            raise DatabaseUnavailableError(
                f"{self.where}: {self._reason(error)}; start the server, or correct DATABASE_URL (unset, VenueFinder "
                "brings its own)"
            ) from error

    def _reason(self, error: DBAPIError) -> str:
        """Return what the driver says, on one line, without the password."""
        reason = " ".join(str(error.orig).split())
        password = self._url.password
        return reason.replace(str(password), "***") if password else reason


def open_database(url: str | None, data_dir: Path, *, pool_size: int = 10) -> Database:
    """Open the database at `url`, or where that is None the embedded one in `data_dir`, started if need be.

    `pool_size` is the most connections this process opens. An external server is not contacted before first use.
    Raises ConfigurationError for a URL that is not PostgreSQL's or a machine without the embedded server,
    DatabaseUnavailableError when that cannot start.
    """
    if url is None:
        return _open_embedded(data_dir, pool_size)
    parsed = _parse(url)
    return Database(parsed, where=_where(parsed), pool_size=pool_size)


def _open_embedded(data_dir: Path, pool_size: int) -> Database:
    if sys.platform == "win32":
        raise ConfigurationError(
            "embedded PostgreSQL: not available on Windows; set DATABASE_URL to a PostgreSQL with pgvector "
            "(docker compose up gives one), or use WSL"
        )
    from venuefinder.store.embedded import EmbeddedPostgres

    server = EmbeddedPostgres(data_dir)
    server.start()
    return Database(
        make_url(server.url()), where=f"embedded PostgreSQL in {server.folder}", pool_size=pool_size, server=server
    )


def _parse(url: str) -> URL:
    """Return the URL for our driver. No message repeats it: it may hold a password."""
    expected = "expected postgresql://user:password@host:5432/database; see .env.example"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            f"DATABASE_URL: it is not a URL ({expected}); characters like @ : / in the password must be percent-encoded"
        ) from None
    if parsed.drivername not in SCHEMES:
        raise ConfigurationError(f"DATABASE_URL: found the scheme {parsed.drivername!r}, {expected}")
    return parsed.set(drivername="postgresql+psycopg")


def _where(url: URL) -> str:
    host = url.host or url.query.get("host") or "the default socket"
    return (
        f"PostgreSQL at {host}:{url.port or url.query.get('port') or 5432}, database {url.database or url.username!r}"
    )


def _engine(url: URL, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        use_native_hstore=False,
        connect_args={name: value for name, value in CONNECT_DEFAULTS.items() if name not in url.query},
    )
    event.listen(engine, "checkout", _know_vectors)
    return engine


def _know_vectors(driver_connection: Any, entry: ConnectionPoolEntry, _proxy: object) -> None:
    """Teach a connection pgvector's types, as soon as the database has them: `init` may come after the connection."""
    if not entry.info.get("knows_vectors") and TypeInfo.fetch(driver_connection, "vector") is not None:
        register_vector(driver_connection)
        entry.info["knows_vectors"] = True


def _lost(error: DBAPIError) -> bool:
    """Return whether there is no connection, rather than a statement that failed."""
    return error.connection_invalidated or error.statement is None


def _server_problem(facts: DatabaseFacts) -> str | None:
    if _numbers(facts.server_version)[0] >= OLDEST_SERVER:
        return None
    return f"found PostgreSQL {facts.server_version}, expected {OLDEST_SERVER} or newer; upgrade the server"


def _extension_problem(facts: DatabaseFacts) -> str | None:
    oldest = ".".join(map(str, OLDEST_EXTENSION))
    installed, available = facts.extension_version, facts.extension_available
    if available is None and installed is None:
        return f"the server has no pgvector; install {oldest} or newer on it (the image pgvector/pgvector:pg18 has it)"
    if installed is None:
        return "this database has no pgvector; run: venuefinder init, or as a superuser in it: CREATE EXTENSION vector"
    if _numbers(installed) >= OLDEST_EXTENSION:
        return None
    found = f"found pgvector {installed}, expected {oldest} or newer"
    if available is not None and _numbers(available) >= OLDEST_EXTENSION:
        return f"{found}; run as a superuser: ALTER EXTENSION vector UPDATE"
    return f"{found}; install it on the server, then run as a superuser: ALTER EXTENSION vector UPDATE"


def _numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version: '18.4 (Debian 18.4-1)' is (18, 4)."""
    parts = version.split()[0].split(".")
    return tuple(int(part) for part in parts if part.isdigit())
