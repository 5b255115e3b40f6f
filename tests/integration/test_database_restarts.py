"""A database that dies or is restarted under an ingestion, and a full disk. More in tests/soak."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ingest.backfill import Backfill, BackfillReport
from ingest.patience import Patience
from tests.catalogues import run
from tests.servers import gone
from tests.stored import stored, write_venues
from venuefinder.bootstrap import Services
from venuefinder.errors import DatabaseUnavailableError, DiskFullError, SourceInUseError
from venuefinder.settings import Settings
from venuefinder.spaces.space_states import Missing
from venuefinder.store.claims import Claim
from venuefinder.store.database import Database, open_database
from venuefinder.store.embedded import EmbeddedPostgres
from venuefinder.store.schema import upgrade
from venuefinder.testing import FakeEncoder

VENUES = 120
"""Two groups."""


class Interrupting(FakeEncoder):
    """A fake encoder that does something before a batch."""

    def __init__(self, batch: int, happen: Callable[[], None], *, weights: str = "fake") -> None:
        super().__init__(weights=weights)
        self._batch = batch
        self._happen = happen

    def encode_prepared(self, prepared: Any) -> Any:
        if len(self.image_batches) + 1 == self._batch:
            self._happen()
        return super().encode_prepared(prepared)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_venues(tmp_path_factory.mktemp("restarts") / "venues", venues=VENUES)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a database of its own, whose server may be killed."""
    folder = tmp_path_factory.mktemp("restarted") / "data"
    with open_database(None, folder) as database:
        upgrade(database)
    return folder


@pytest.fixture
def fresh(data_dir: Path) -> Iterator[Database]:
    """That database, emptied."""
    with open_database(None, data_dir) as database:
        with database.begin() as connection:
            connection.execute(text("TRUNCATE venues, photo_looks, ingestion_runs CASCADE"))
        yield database


def services_over(database: Database, data_dir: Path, encoder: FakeEncoder) -> Services:
    return Services(Settings(_env_file=None, data_dir=data_dir, batch_size=8), encoder=encoder, database=database)


@pytest.mark.parametrize(
    ("number", "batch"), [(signal.SIGKILL, 17), (signal.SIGQUIT, 4)], ids=["killed between groups", "stopped at once"]
)
def test_a_run_goes_on_when_its_database_died(
    data_dir: Path, fresh: Database, database: Database, source: Path, number: int, batch: int
) -> None:
    undisturbed = services_over(database, data_dir, FakeEncoder())
    expected = run(undisturbed, source)

    def die() -> None:
        with EmbeddedPostgres(data_dir) as server:
            os.kill(server.pid, number)
            assert gone(server.pid)

    report = run(services_over(fresh, data_dir, Interrupting(batch, die)), source)
    assert (report.venues, report.photos, report.failures) == (expected.venues, expected.photos, [])
    assert stored(fresh) == stored(database)
    with fresh.connect() as connection:
        assert connection.scalars(text("SELECT state FROM ingestion_runs")).all() == ["done"]


def test_a_backfill_goes_on_when_its_database_died(data_dir: Path, fresh: Database, source: Path) -> None:
    services = services_over(fresh, data_dir, FakeEncoder())
    run(services, source)

    def die() -> None:
        with EmbeddedPostgres(data_dir) as server:
            os.kill(server.pid, signal.SIGKILL)
            assert gone(server.pid)

    encoder = Interrupting(6, die, weights="other")
    space, _ = services.switching.create(encoder.space)
    contending = Contending(services.runs.exclusively(f"venuefinder backfill of {space.space.key}"))
    report = Backfill(services_over(fresh, data_dir, encoder), space, contending).run()
    assert (report.photos, report.missing) == (len(stored(fresh)["photos"]), Missing(photos=0, descriptions=0))
    assert contending.refused


class Contending:
    """Progress of a backfill that tries for its lock whenever something is said."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self.refused = 0

    def begin(self, missing: Missing) -> None:
        """Take no notice."""

    def update(self, report: BackfillReport) -> None:
        """Take no notice."""

    def say(self, _message: str) -> None:
        """Find the lock taken, however often the server died."""
        with pytest.raises(SourceInUseError), self._claim:
            pass
        self.refused += 1


def test_a_run_whose_source_another_took_up_meanwhile_ends(data_dir: Path, fresh: Database, source: Path) -> None:
    """The lock goes with the server: without taking it again, two runs would write beside each other."""
    services = services_over(fresh, data_dir, FakeEncoder())
    other = services.runs.exclusively(str(source.resolve()))

    def die_and_be_overtaken() -> None:
        """What the run writes meanwhile may take the source first. It has little to write: the encoder waits here."""
        for _ in range(10):
            with EmbeddedPostgres(data_dir) as server:
                os.kill(server.pid, signal.SIGKILL)
                assert gone(server.pid)
            with suppress(SourceInUseError):
                other.__enter__()
                return
        raise AssertionError("the run took its source again ten times")

    interrupted = services_over(fresh, data_dir, Interrupting(17, die_and_be_overtaken))
    try:
        with pytest.raises(DatabaseUnavailableError, match="took the source up while the database was away"):
            run(interrupted, source)
    finally:
        other.__exit__(None, None, None)
    assert run(services, source).venues.read == VENUES


def test_a_full_disk_ends_the_run_and_the_next_completes_it(
    services: Services, database: Database, source: Path
) -> None:
    """A trigger says what the server says when it cannot extend a file; a real full disk is in tests/soak."""
    with database.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "IF (SELECT count(*) FROM venues) > 100 THEN "
                "RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END IF; RETURN NULL; END $$"
            )
        )
        connection.execute(
            text("CREATE TRIGGER full_disk AFTER INSERT ON photos FOR STATEMENT EXECUTE FUNCTION full_disk()")
        )
    with pytest.raises(DiskFullError, match=r"its disk is full \(could not extend file\); free some space"):
        run(services, source)
    kept = stored(database)
    with database.begin() as connection:
        connection.execute(text("DROP TRIGGER full_disk ON photos"))
    assert len(kept["venues"]) == 100
    assert run(services, source).venues.new == VENUES - 100
    assert set(kept["embeddings"]) < set(stored(database)["embeddings"])
    assert len(stored(database)["venues"]) == VENUES


class Away:
    """A database that answers the third time it is asked."""

    def __init__(self) -> None:
        self.asked = self.renewed = 0

    def renew(self) -> None:
        self.renewed += 1

    def __call__(self) -> str:
        self.asked += 1
        if self.asked < 3:
            raise DatabaseUnavailableError("away")
        return "here"


def test_patience_asks_until_there_is_an_answer() -> None:
    away, said = Away(), list[str]()
    with Patience(away, said.append) as patient:
        assert patient(away) == "here"
    assert (away.asked, away.renewed) == (3, 3)
    assert said == ["away. Trying again for 5 minutes", "the database is back; going on"]


def test_patience_ends() -> None:
    class Taken(Away):
        def renew(self) -> None:
            raise SourceInUseError("taken")

    for away, asked, message in ((Away(), 1, "away"), (Taken(), 0, "taken; it took the source up")):
        with pytest.raises(DatabaseUnavailableError, match=message), Patience(away, print, seconds=0) as patient:
            patient(away)
        assert away.asked == asked


def test_nobody_waits_once_the_run_is_over() -> None:
    away = Away()
    with pytest.raises(KeyboardInterrupt), Patience(away, print) as patient:
        raise KeyboardInterrupt
    with pytest.raises(DatabaseUnavailableError, match="away"):
        patient(away)
    assert away.asked == 1
