"""The door to PostgreSQL: the one at `DATABASE_URL`, or the embedded one."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import psycopg
from pgvector.psycopg import register_vector
from psycopg.types import TypeInfo
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from venuefinder.errors import (
    ConfigurationError,
    DatabaseError,
    DatabaseUnavailableError,
    DiskFullError,
    ExtensionError,
)
from venuefinder.store import sessions
from venuefinder.store.gone import space_gone

OLDEST_SERVER = 15
OLDEST_EXTENSION = (0, 8, 4)
"""0.8.2 to 0.8.4 repaired index builds, vacuum and graphs of HNSW (pgvector's CHANGELOG)."""
_EXPECTED = f"{'.'.join(map(str, OLDEST_EXTENSION))} or newer"
SCHEMES = ("postgres", "postgresql", "postgresql+psycopg")
REMEDIES = {
    "25006": "connect to a database that may be written to",
    "42501": "grant this user the right, or connect as the owner of the tables",
    "57014": "ask for less at once: fewer filters, facets or results",
}
"""SQLSTATE of what this user or this server may not do, or not for so long, and the remedy."""
CONNECT_SECONDS = 10
CONNECT_DEFAULTS = {"application_name": "venuefinder", "connect_timeout": CONNECT_SECONDS}
"""Sent unless the URL says otherwise."""
SERVER_FAILURES = ("08", "53", "57")
"""SQLSTATE classes: connection exception, insufficient resources, operator intervention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFacts:
    """What a reachable server says of itself."""

    server_version: str
    extension_version: str | None
    """pgvector in this database; None where it was not created."""
    extension_available: str | None
    """pgvector that the server could create; None where it is not installed."""


class OwnServer(Protocol):
    """A server that this process starts and stops."""

    def url(self) -> str:
        """Return where it is now."""

    def revive(self) -> None:
        """Start it again, if it died; raises DatabaseUnavailableError."""

    def close(self) -> None:
        """Let go of it."""


class Database:
    """A PostgreSQL database and its pool of connections. `open_database` makes one."""

    def __init__(self, url: URL, *, where: str, pool_size: int = 10, server: OwnServer | None = None) -> None:
        self.where = where
        """Which database this is, in words, without the password."""
        self._url = url
        self._server = server
        self.engine = _engine(url, pool_size)
        event.listen(self.engine, "do_connect", self._dial)

    @property
    def embedded(self) -> bool:
        """Whether this is the server that VenueFinder brings, on this machine and sized by us."""
        return self._server is not None

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a transaction: committed at the end of the block, rolled back if it raises.

        Raises DatabaseUnavailableError when the server does not answer, goes away within the block, or has no disk or
        memory left, SpaceGoneError where the space that the block is about was dropped.
        """
        with self._opened() as connection, connection.begin():
            yield connection

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Open a transaction for reading, or without one what the block does for itself. Raises as `begin`.

        A write within the transaction is refused by the server.
        """
        with self._opened() as connection, sessions.reads_only(connection):
            yield connection

    @contextmanager
    def rehearse(self) -> Iterator[Connection]:
        """Open a transaction that is rolled back: to see what would change. Raises as `begin`."""
        with self._opened() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sessions.ReadingSession]:
        """Lend a connection to read by many small statements, each of `MOST_SECONDS` at most. Raises as `begin`."""
        with self._failures_explained(), self._connected() as connection, sessions.lent(connection) as session:
            yield session

    def driver_options(self) -> dict[str, Any]:
        """Return what libpq needs to reach this database, by keyword: for what keeps connections of its own."""
        _, options = self.engine.dialect.create_connect_args(self._url)
        return {**CONNECT_DEFAULTS, **options}

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
        problem = _problem(facts)
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
    def _opened(self) -> Iterator[Connection]:
        """Open a connection that is set to nothing but what the server says."""
        with self._failures_explained(), self._connected() as connection:
            sessions.reset(connection)
            yield connection

    @contextmanager
    def _failures_explained(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, psycopg.Error) as error:  # bare from what goes past SQLAlchemy: COPY, searches
            reason = error.orig if isinstance(error, DBAPIError) else error
            if gone := space_gone(reason, self.where):
                raise gone from error
            if isinstance(reason, psycopg.Error) and (remedy := REMEDIES.get(reason.sqlstate or "")):
                raise DatabaseError(f"{self.where}: {reason.diag.message_primary}; {remedy}") from error
            if _server_failed(reason):
                raise self._unavailable(reason) from error
            raise

    def _connected(self) -> Connection:
        """Return a connection; the embedded server is started again for it, where it died."""
        try:
            return self.engine.connect()
        except PoolTimeoutError as error:
            raise DatabaseUnavailableError(f"{self.where}: every connection is busy; try again later") from error
        except (DBAPIError, psycopg.Error) as error:
            if self._server is None:
                raise self._unavailable(error) from error
        self._server.revive()
        self._url = make_url(self._server.url())
        try:
            return self.engine.connect()
        except (DBAPIError, psycopg.Error) as error:
            raise self._unavailable(error) from error

    def _dial(self, _dialect: object, _record: object, _arguments: object, options: dict[str, Any]) -> None:
        """Connect to where the embedded server is now: it may have another socket since the pool was made."""
        if self._server is not None:
            options["host"] = self._url.query["host"]

    def _unavailable(self, error: BaseException | None) -> DatabaseUnavailableError:
        """Return the error that says why, on one line and without the password."""
        reason = error.orig if isinstance(error, DBAPIError) else error
        said = " ".join(str(reason).split())
        for password in (self._url.password, self._url.query.get("password")):
            said = said.replace(str(password), "***") if password else said
        if isinstance(reason, psycopg.errors.DiskFull):
            found = f"its disk is full ({reason.diag.message_primary})"
            return DiskFullError(f"{self.where}: {found}; free some space, then run the command again")
        remedy = "start the server, or correct DATABASE_URL (unset, VenueFinder brings its own)"
        if self._server is not None:
            remedy = "run the command again to start it anew"
        return DatabaseUnavailableError(f"{self.where}: {said}; {remedy}")


def _server_failed(reason: BaseException | None) -> bool:
    """Return whether a statement failed for the server's sake: it went away, stopped, or lacks disk or memory."""
    if not isinstance(reason, psycopg.OperationalError):
        return False
    return reason.sqlstate is None or reason.sqlstate[:2] in SERVER_FAILURES


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
        if "@" in f"{parsed.host}{parsed.database}":  # the rest of a password, which no message may show
            raise ValueError
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            f"DATABASE_URL: it is not a URL ({expected}); characters like @ : / in the password must be percent-encoded"
        ) from None
    if parsed.drivername not in SCHEMES:
        raise ConfigurationError(f"DATABASE_URL: found the scheme {parsed.drivername!r}, {expected}")
    return parsed.set(drivername="postgresql+psycopg")


def _where(url: URL) -> str:
    host = url.host or url.query.get("host") or "the default socket"
    port = url.port or url.query.get("port") or 5432
    return f"PostgreSQL at {host}:{port}, database {url.database or url.username!r}"


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


def _problem(facts: DatabaseFacts) -> str | None:
    """Return what VenueFinder cannot work with, and the remedy; None when all is well."""
    if _numbers(facts.server_version)[0] < OLDEST_SERVER:
        return f"found PostgreSQL {facts.server_version}, expected {OLDEST_SERVER} or newer; upgrade the server"
    if facts.extension_version is not None:
        return _installed_problem(facts.extension_version, facts.extension_available)
    return _available_problem(facts.extension_available)


def _available_problem(available: str | None) -> str:
    if available is None:
        found, remedy = "the server has no pgvector", f"install {_EXPECTED} (the image pgvector/pgvector:pg18 has it)"
    elif _numbers(available) < OLDEST_EXTENSION:
        found, remedy = f"the server has pgvector {available}, expected {_EXPECTED}", "install that"
    else:
        found = "this database has no pgvector"
        remedy = "run: venuefinder init, or as a superuser in it: CREATE EXTENSION vector"
    return f"{found}; {remedy}"


def _installed_problem(installed: str, available: str | None) -> str | None:
    if _numbers(installed) >= OLDEST_EXTENSION:
        return None
    remedy = "run as a superuser: ALTER EXTENSION vector UPDATE"
    if available is None or _numbers(available) < OLDEST_EXTENSION:
        remedy = f"install it on the server, then {remedy}"
    return f"found pgvector {installed}, expected {_EXPECTED}; {remedy}"


def _numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version: '18.4 (Debian 18.4-1)' is (18, 4), '17rc1' is (17, 1)."""
    return tuple(int(number) for number in re.findall(r"\d+", version.split()[0]))
