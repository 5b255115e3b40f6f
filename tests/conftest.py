"""Fixtures for everyone: settings that do not leak in, and a real PostgreSQL with a fresh database a test."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from venuefinder.store.database import Database, open_database
from venuefinder.store.embedded import EmbeddedPostgres

TEMPLATE = "template_venuefinder"

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
_numbers = count(1)


@pytest.fixture(autouse=True)
def isolated_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start every test in an empty folder, without this machine's settings."""
    for name in list(os.environ):
        if name.startswith(("VENUEFINDER_", "PG")) or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def tiny_vlm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small Qwen2.5-VL with random weights. Do not change it: copy it first."""
    from tests.tiny_qwen import build

    return build(tmp_path_factory.mktemp("checkpoints") / "tiny-qwen2.5-vl")


@pytest.fixture(scope="session")
def embedded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One embedded PostgreSQL for all tests. Do not close it, or kill it."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("embedded")) as server:
        with server.administer() as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # a power loss may take the tests' data
            connection.execute("SELECT pg_reload_conf()")
        yield server


@pytest.fixture(scope="session")
def template_database(embedded_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with pgvector and every migration, to be cloned and not to be connected to."""
    from venuefinder.store.schema import upgrade

    create_database(embedded_server, TEMPLATE)
    with open_database(embedded_server.url(TEMPLATE), tmp_path_factory.mktemp("unused")) as database:
        upgrade(database)
    return TEMPLATE


@pytest.fixture
def database_url(embedded_server: EmbeddedPostgres, template_database: str) -> Iterator[str]:
    """The URL of a fresh, migrated and empty database, for tests that set `DATABASE_URL`."""
    name = f"test_{next(_numbers)}"
    create_database(embedded_server, name, template_database)
    yield embedded_server.url(name)
    drop_database(embedded_server, name)


@pytest.fixture
def other_database(embedded_server: EmbeddedPostgres, template_database: str, tmp_path: Path) -> Iterator[Database]:
    """A second one, for what goes from one catalogue to another."""
    name = f"test_{next(_numbers)}"
    create_database(embedded_server, name, template_database)
    with open_database(embedded_server.url(name), tmp_path) as database:
        yield database
    drop_database(embedded_server, name)


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """A fresh, migrated and empty database."""
    with open_database(database_url, tmp_path) as database:
        yield database


@pytest.fixture
def bare_database_url(embedded_server: EmbeddedPostgres) -> Iterator[str]:
    """The URL of a fresh database without pgvector and without tables."""
    name = f"bare_{next(_numbers)}"
    create_database(embedded_server, name)
    yield embedded_server.url(name)
    drop_database(embedded_server, name)


def create_database(server: EmbeddedPostgres, name: str, template: str = "template0") -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    with server.administer() as connection:
        connection.execute(statement)


def drop_database(server: EmbeddedPostgres, name: str) -> None:
    with server.administer() as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
