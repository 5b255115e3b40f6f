"""Ingestion that is killed or told to stop, at points of its progress, and run again. More in tests/soak."""

import signal
from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.conftest import create_database, drop_database
from tests.killing import Undisturbed, ingested, resumed, undisturbed
from tests.stored import write_venues
from tests.tripped import Plan
from tests.tripwire import Step
from venuefinder.store.database import Database
from venuefinder.store.embedded import EmbeddedPostgres

VENUES = 120
"""More than are written at once."""
KILLS: tuple[Step, ...] = ("read", "encode", "copy", "commit", "report")


@pytest.fixture(scope="module")
def one(
    embedded_server: EmbeddedPostgres, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Undisturbed]:
    """A catalogue and what one run makes of it."""
    name = f"undisturbed_{uuid4().hex[:8]}"
    create_database(embedded_server, name, template_database)
    source = write_venues(tmp_path_factory.mktemp("kills") / "venues", venues=VENUES)
    yield undisturbed(source, embedded_server.url(name))
    drop_database(embedded_server, name)


def states(database: Database) -> list[str]:
    with database.connect() as connection:
        return list(connection.scalars(text("SELECT state FROM ingestion_runs ORDER BY id")))


@pytest.mark.parametrize("which", range(len(KILLS)), ids=KILLS)
def test_a_killed_run_is_finished_by_the_next(
    one: Undisturbed, which: int, database_url: str, database: Database
) -> None:
    step, number = one.points(KILLS)[which]
    killed = ingested(one.source, database_url, Plan(step=step, number=number))
    assert killed.code == -signal.SIGKILL
    begun = states(database)
    assert begun in ([], ["running"])
    resumed(one, database_url, database)
    assert states(database) == ["interrupted"] * len(begun) + ["done"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_run_told_to_stop_says_so_and_keeps_what_it_wrote(
    one: Undisturbed, number: signal.Signals, database_url: str, database: Database
) -> None:
    stopped = ingested(one.source, database_url, Plan(step="encode", number=36, signal=number))
    assert stopped.code == 130
    assert stopped.stderr.endswith("error: interrupted; what was finished stays\n")
    assert states(database) == ["interrupted"]
    assert resumed(one, database_url, database) < len(one.rows["photos"])
