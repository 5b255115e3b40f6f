"""The door to the database: what it understands, what it says when it cannot, and what it never says."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pgvector import HalfVector
from sqlalchemy import Connection, text

from tests.servers import kill_server, server_is_down
from venuefinder.errors import (
    ConfigurationError,
    DatabaseError,
    DatabaseUnavailableError,
    DiskFullError,
    ExtensionError,
)
from venuefinder.store import schema
from venuefinder.store.database import Database, DatabaseFacts, _problem, open_database
from venuefinder.store.embedded import EmbeddedPostgres

HORSE = "h0rse-battery"


def test_migrated_database_passes_check(database: Database) -> None:
    database.check()
    facts = database.facts()
    assert facts.server_version.startswith("18.")
    assert facts.extension_version == facts.extension_available == "0.8.5"


def test_half_vectors_go_in_and_out_in_half_precision(database: Database) -> None:
    vector = np.array([0.1, -2.5, 3.0], dtype=np.float32)
    with database.connect() as connection:
        found = connection.execute(text("SELECT CAST(:v AS halfvec)"), {"v": HalfVector(vector)}).scalar_one()
    np.testing.assert_array_equal(found.to_numpy(), vector.astype(np.float16))


def test_connections_learn_vectors_that_another_process_created(bare_database_url: str, tmp_path: Path) -> None:
    with open_database(bare_database_url, tmp_path, pool_size=1) as early:
        assert early.facts().extension_version is None
        with open_database(bare_database_url, tmp_path) as other:
            schema.upgrade(other)
        with early.connect() as connection:
            found = connection.execute(text("SELECT '[1,2]'::halfvec")).scalar_one()
    assert found == HalfVector([1, 2])


def test_transaction_commits_at_its_end_and_not_on_errors(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE kept (n int)"))
    with pytest.raises(ZeroDivisionError):
        insert_and_fail(database)
    with database.rehearse() as connection:
        connection.execute(text("INSERT INTO kept VALUES (2)"))
    with pytest.raises(DatabaseError, match="read-only"):
        insert_where_only_reading(database)
    with database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM kept")) == 0


def insert_where_only_reading(database: Database) -> None:
    with database.connect() as connection:
        connection.execute(text("INSERT INTO kept VALUES (3)"))


def insert_and_fail(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("INSERT INTO kept VALUES (1)"))
        raise ZeroDivisionError


def test_connections_are_named_unless_the_url_names_them(database_url: str, tmp_path: Path) -> None:
    query = text("SELECT current_setting('application_name')")
    for url, name in [(database_url, "venuefinder"), (f"{database_url}&application_name=mine", "mine")]:
        with open_database(url, tmp_path) as database, database.connect() as connection:
            assert connection.scalar(query) == name


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_usual_schemes_are_understood(database_url: str, tmp_path: Path, scheme: str) -> None:
    url = database_url.replace("postgresql+psycopg", scheme)
    with open_database(url, tmp_path) as database:
        database.check()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (f"mysql://me:{HORSE}@localhost/db", "found the scheme 'mysql', expected postgresql://"),
        (f"postgresql+asyncpg://me:{HORSE}@localhost/db", "found the scheme 'postgresql+asyncpg'"),
        (f"postgresql://me:{HORSE}@localhost:port/db", "it is not a URL"),
        (f"postgresql://me:a@{HORSE}@localhost/db", "must be percent-encoded"),
        (f"postgresql://me:a@b/{HORSE}@localhost/db", "must be percent-encoded"),
        (HORSE, "it is not a URL"),
        ("", "it is not a URL"),
    ],
)
def test_other_urls_are_refused_without_repeating_them(url: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_database(url, tmp_path)
    assert problem in str(caught.value)
    assert HORSE not in str(caught.value)


def test_port_where_nothing_listens_is_named(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open_database(f"postgresql://me:{HORSE}@127.0.0.1:{port}/venues", tmp_path) as database:
        assert database.where == f"PostgreSQL at 127.0.0.1:{port}, database 'venues'"
        with pytest.raises(
            DatabaseUnavailableError, match=rf"127.0.0.1:{port}.*refused.*correct DATABASE_URL"
        ) as caught:
            database.check()
    assert HORSE not in f"{caught.value} {caught.value.__cause__} {database.where} {database.engine!r}"


@pytest.fixture
def demanding_server(embedded_server: EmbeddedPostgres) -> str:
    """A URL, without user and password, of a role whom the server asks for its password."""
    rules = embedded_server.folder / "pg_hba.conf"
    if GUARD_RULE not in rules.read_text():
        rules.write_text(f"{GUARD_RULE}\n{rules.read_text()}")
    with embedded_server.administer() as connection:
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("DROP ROLE IF EXISTS guarded")
        connection.execute("CREATE ROLE guarded LOGIN PASSWORD 'another'")
    return embedded_server.url().replace("venuefinder@/", "guarded:{}@/")


GUARD_RULE = "local all guarded scram-sha-256"


def test_wrong_password_is_said_and_not_shown(demanding_server: str, tmp_path: Path) -> None:
    with (
        open_database(demanding_server.format(HORSE), tmp_path) as database,
        pytest.raises(DatabaseUnavailableError, match="password authentication failed") as caught,
    ):
        database.check()
    assert HORSE not in f"{caught.value} {caught.value.__cause__} {database.where}"


def test_right_password_opens(demanding_server: str, tmp_path: Path) -> None:
    with open_database(demanding_server.format("another"), tmp_path) as database:
        assert database.facts().server_version.startswith("18.")


def test_missing_database_is_said(embedded_server: EmbeddedPostgres, tmp_path: Path) -> None:
    with (
        open_database(embedded_server.url("nowhere"), tmp_path) as database,
        pytest.raises(DatabaseUnavailableError, match='database "nowhere" does not exist'),
    ):
        database.check()


def test_unknown_option_in_the_url_is_said(embedded_server: EmbeddedPostgres, tmp_path: Path) -> None:
    with (
        open_database(f"{embedded_server.url()}&pgbouncer=true", tmp_path) as database,
        pytest.raises(DatabaseUnavailableError, match="pgbouncer"),
    ):
        database.check()


def test_database_without_the_extension_says_how_to_create_it(bare_database_url: str, tmp_path: Path) -> None:
    with (
        open_database(bare_database_url, tmp_path) as database,
        pytest.raises(ExtensionError, match="no pgvector; run: venuefinder init, or as a superuser in it: CREATE EXT"),
    ):
        database.check()


@pytest.mark.parametrize(
    ("server", "installed", "available", "problem"),
    [
        ("15.0 (Debian 15.0-1.pgdg)", "0.8.4", "0.8.4", None),
        ("18.4", "0.10.0", "0.10.0", None),
        ("14.19", "0.8.5", "0.8.5", "found PostgreSQL 14.19, expected 15 or newer"),
        ("17rc1", "0.8.5", "0.8.5", None),
        ("18.4", None, None, "the server has no pgvector; install 0.8.4 or newer"),
        ("18.4", None, "0.8.3", "the server has pgvector 0.8.3, expected 0.8.4 or newer; install"),
        ("18.4", None, "0.8.5", "this database has no pgvector; run: venuefinder init"),
        (
            "18.4",
            "0.7.0",
            "0.8.5",
            "found pgvector 0.7.0, expected 0.8.4 or newer; run as a superuser: ALTER EXTENSION",
        ),
        ("18.4", "0.7.0", "0.7.4", "found pgvector 0.7.0, expected 0.8.4 or newer; install it on the server, then"),
    ],
)
def test_versions_are_judged_with_the_remedy(
    server: str, installed: str | None, available: str | None, problem: str | None
) -> None:
    facts = DatabaseFacts(server_version=server, extension_version=installed, extension_available=available)
    found = _problem(facts)
    assert found is None if problem is None else problem in str(found)


@pytest.mark.parametrize("folder", ["data", "d" * 90], ids=["socket in the folder", "socket elsewhere"])
def test_a_server_of_ours_that_dies_is_started_again_by_the_next_use(tmp_path: Path, folder: str) -> None:
    """A process that stays, like `serve`, once answered 503 until somebody started it anew."""
    data_dir = tmp_path / folder
    with open_database(None, data_dir) as database, EmbeddedPostgres(data_dir) as server:
        with pytest.raises(DatabaseUnavailableError, match=r"embedded PostgreSQL in .*run the command again"):
            lose_the_server_within_a_transaction(database, server)
        assert database.facts().extension_available == "0.8.5"
        with ThreadPoolExecutor(8) as pool:
            kill_server_of(data_dir)
            versions = [found.server_version for found in pool.map(lambda _: database.facts(), range(8))]
        assert len(set(versions)) == 1
    assert server_is_down(data_dir)


def test_a_database_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    """An empty one in its place would look like a catalogue that lost everything."""
    with open_database(None, tmp_path / "data") as database, EmbeddedPostgres(tmp_path / "data") as server:
        kill_server(server)
        (tmp_path / "data" / "postgres").rename(tmp_path / "elsewhere")
        with pytest.raises(DatabaseUnavailableError, match="holds no database"):
            database.check()
        assert not (tmp_path / "data" / "postgres").exists()


def test_a_full_disk_is_said_with_the_remedy(database: Database) -> None:
    with pytest.raises(
        DiskFullError, match=r"PostgreSQL at .*: its disk is full \(no room\); free some space, then run"
    ):
        run_out_of_disk(database)
    database.check()


def run_out_of_disk(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("DO $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$"))


def kill_server_of(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        kill_server(server)


@pytest.mark.parametrize("bare", [False, True], ids=["through SQLAlchemy", "through psycopg"])
@pytest.mark.parametrize("in_transaction", [False, True])
def test_a_connection_that_the_server_ends_is_unavailable(database: Database, bare: bool, in_transaction: bool) -> None:
    """COPY and searches go past SQLAlchemy: their errors once came out as psycopg's own."""
    opened = database.begin() if in_transaction else database.connect()
    with pytest.raises(DatabaseUnavailableError, match=r"terminating connection|connection is lost"):
        end_the_connection(opened, bare=bare)
    database.check()


@pytest.mark.parametrize(
    ("forbid", "message"),
    [
        ("SET TRANSACTION READ ONLY", "read-only transaction; connect to a database that may be written to"),
        ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)", "statement timeout; ask for less at once"),
        ("SET LOCAL ROLE pg_monitor", "permission denied for table venues; grant this user the right"),
    ],
)
def test_what_may_not_be_done_is_said_with_the_remedy(database: Database, forbid: str, message: str) -> None:
    with pytest.raises(DatabaseError, match=message):
        delete_venues(database, after=forbid)


def delete_venues(database: Database, *, after: str) -> None:
    with database.begin() as connection:
        connection.execute(text(after))
        connection.execute(text("DELETE FROM venues"))


def end_the_connection(opened: AbstractContextManager[Connection], *, bare: bool) -> None:
    end = "SELECT pg_terminate_backend(pg_backend_pid())"
    with opened as connection:
        if bare:
            driver: Any = connection.connection.driver_connection
            driver.execute(end)
        else:
            connection.execute(text(end))


def lose_the_server_within_a_transaction(database: Database, server: EmbeddedPostgres) -> None:
    with database.begin() as connection:
        kill_server(server)
        connection.execute(text("SELECT 1"))
