"""kill -9 at fifty points, one after another on one catalogue, and under an embedded database."""

import random
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.conftest import create_database, drop_database
from tests.killing import SEED, Undisturbed, ingested, resumed, undisturbed
from tests.soak.conftest import Figure
from tests.stored import stored, write_venues
from tests.tripped import Plan, run_tripped
from tests.tripwire import STEPS, Step
from venuefinder.store.database import Database, open_database
from venuefinder.store.embedded import EmbeddedPostgres

pytestmark = pytest.mark.soak
VENUES = 130
"""Two groups."""
KILLS = 50


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


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_anywhere(one: Undisturbed, number: int, database_url: str, database: Database, figure: Figure) -> None:
    steps: list[Step] = [STEPS[number % len(STEPS)]]
    ((step, time),) = one.points(steps, SEED + number)
    killed = ingested(one.source, database_url, Plan(step=step, number=time))
    assert killed.code == -signal.SIGKILL
    figure(f"photos left after kill -9 at {step}", resumed(one, database_url, database))


def test_killed_again_and_again(one: Undisturbed, database_url: str, database: Database, figure: Figure) -> None:
    """Each run gets a little further, whatever the ones before left."""
    chance, kills = random.Random(SEED), 0  # noqa: S311 - points to repeat, no secret
    while len(stored(database)["venues"]) < VENUES and kills < 15:
        step = chance.choice(STEPS)
        ended = ingested(one.source, database_url, Plan(step=step, number=chance.randint(1, one.steps[step])))
        assert ended.code in (0, -signal.SIGKILL)
        kills += ended.code != 0
    resumed(one, database_url, database)
    figure("kills in a row", kills)


@pytest.mark.parametrize("step", ["encode", "copy", "commit"])
def test_killed_over_an_embedded_database(one: Undisturbed, step: Step, tmp_path: Path, figure: Figure) -> None:
    """The server outlives the process that started it, and the next adopts it."""
    settings = {"VENUEFINDER_DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": ""}
    arguments = ("ingest", str(one.source), "--json")
    assert run_tripped(Plan(), tmp_path, "init", **settings).code == 0
    ((_, time),) = one.points([step])
    killed = run_tripped(Plan(step=step, number=time), tmp_path, *arguments, **settings)
    assert killed.code == -signal.SIGKILL
    with open_database(None, tmp_path / "data") as database:
        before = len(stored(database)["photos"])
        again = run_tripped(Plan(), tmp_path, *arguments, **settings)
        assert again.code == 0, again.stderr
        assert stored(database) == one.rows
    figure("photos left after kill -9 over an embedded database", len(one.rows["photos"]) - before)
