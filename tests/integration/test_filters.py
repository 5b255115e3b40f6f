"""Filters on a real Postgres: they mean what plain Python says they mean, and use the indexes."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from tests.conftest import create_database, drop_database
from tests.filtering import filters, listed, passes, store
from venuefinder.request import VenueFilter
from venuefinder.store.cursors import reading, rows
from venuefinder.store.database import Database, open_database
from venuefinder.store.embedded import EmbeddedPostgres
from venuefinder.store.filters import condition

VENUES = listed(400, seed=7)
thorough = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@pytest.fixture(scope="module")
def catalogue(
    embedded_server: EmbeddedPostgres, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A database of 400 random venues, for all tests here."""
    name = "filters"
    create_database(embedded_server, name, template_database)
    with open_database(embedded_server.url(name), tmp_path_factory.mktemp("filters")) as database:
        store(database, VENUES)
        yield database
    drop_database(embedded_server, name)


def found(database: Database, where: VenueFilter) -> set[str]:
    asked = condition(where)
    with reading(database) as cursor:
        statement = f"SELECT v.external_id FROM venues v WHERE {asked.sql()}"  # noqa: S608 - values are bound
        return {row[0] for row in rows(cursor, statement, asked.parameters)}


@thorough
@given(where=filters())
def test_the_database_and_plain_python_agree(catalogue: Database, where: VenueFilter) -> None:
    assert found(catalogue, where) == {venue.external_id for venue in VENUES if passes(venue, where)}
