"""Connections lent for reading: set up once, prepared statements kept, nothing of it left for others."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from venuefinder.errors import DatabaseError
from venuefinder.store.cursors import reading
from venuefinder.store.database import Database, open_database

TIMEOUT = "SELECT current_setting('statement_timeout')"
PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT 40 + %'"
ADD = "SELECT 40 + %(more)s::int"


@pytest.fixture
def one(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """A database with one connection, which everybody has in turn."""
    with open_database(database_url, tmp_path, pool_size=1) as database:
        yield database


def told(database: Database, statement: str) -> object:
    with database.connect() as connection:
        return connection.scalar(text(statement))


def test_readers_have_a_limit_and_others_what_the_server_says(one: Database) -> None:
    before = told(one, TIMEOUT)
    with reading(one) as cursor:
        assert cursor.execute(TIMEOUT).fetchone() == ("30s",)
    assert told(one, TIMEOUT) == before
    with one.begin() as connection:
        assert connection.scalar(text(TIMEOUT)) == before
    with reading(one) as cursor:
        assert cursor.execute(TIMEOUT).fetchone() == ("30s",)


def test_what_one_reader_set_is_not_the_next_ones(one: Database) -> None:
    for settings, expected in (({"enable_seqscan": "off"}, "off"), ({}, "on"), ({"enable_seqscan": "off"}, "off")):
        with reading(one, settings) as cursor:
            assert cursor.execute("SELECT current_setting('enable_seqscan')").fetchone() == (expected,)


def test_statements_stay_prepared_whoever_reads_in_between(one: Database) -> None:
    for more in range(10):
        with reading(one) as cursor:
            assert cursor.execute(ADD, {"more": more}).fetchone() == (40 + more,)
        told(one, "SELECT 1")
    with reading(one) as cursor:
        assert cursor.execute(PREPARED).fetchone() == (1,)


def test_after_a_refused_statement_the_connection_is_lent_again(one: Database) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), reading(one) as cursor:
        cursor.execute("SELECT 1 / 0")
    with one.begin() as connection:
        connection.execute(text("CREATE TABLE kept (n int)"))
    assert told(one, "SELECT count(*) FROM kept") == 0


def test_a_reader_that_leaves_a_transaction_open_loses_its_connection(one: Database) -> None:
    with reading(one) as cursor:
        first = cursor.connection.info.backend_pid
        cursor.execute("BEGIN")
    assert told(one, "SELECT pg_backend_pid()") != first


def test_a_statement_that_takes_too_long_is_told_of(one: Database) -> None:
    with pytest.raises(DatabaseError, match="ask for less"), reading(one, {"statement_timeout": "50ms"}) as cursor:
        cursor.execute("SELECT pg_sleep(5)")
    with reading(one) as cursor:
        assert cursor.execute(TIMEOUT).fetchone() == ("30s",)
