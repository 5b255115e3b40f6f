"""One run whose database dies over and over, in every way a server can."""

import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.catalogues import run
from tests.servers import gone
from tests.soak.conftest import Figure
from tests.stored import stored, write_venues
from venuefinder.bootstrap import Services
from venuefinder.settings import Settings
from venuefinder.store.database import Database, open_database
from venuefinder.store.embedded import EmbeddedPostgres
from venuefinder.store.schema import upgrade
from venuefinder.testing import FakeEncoder

pytestmark = pytest.mark.soak
VENUES, EVERY = 1_000, 6
"""Batches between two faults."""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Database]:
    with open_database(None, tmp_path / "data") as database:
        upgrade(database)
        yield database


class Faulty(FakeEncoder):
    """A fake encoder under which the database of a folder dies, every few batches, by the next of `faults`."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__()
        self._data_dir = data_dir
        self._faults = itertools.cycle(("killed", "stopped at once", "stopped", "session killed", "sessions ended"))
        self.happened: list[str] = []

    def encode_prepared(self, prepared: Any) -> Any:
        if len(self.image_batches) % EVERY == EVERY - 1:
            self._fault(next(self._faults))
        return super().encode_prepared(prepared)

    def _fault(self, fault: str) -> None:
        self.happened.append(fault)
        with EmbeddedPostgres(self._data_dir) as server:
            pid = server.pid
            if fault == "sessions ended":
                with server.administer() as connection:
                    connection.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    )
            elif fault == "session killed":  # the server ends all the others, and recovers
                sessions = [one for one in psutil.Process(pid).children() if "venuefinder" in " ".join(one.cmdline())]
                sessions[0].kill()
            else:
                signals = {"killed": signal.SIGKILL, "stopped at once": signal.SIGQUIT, "stopped": signal.SIGINT}
                os.kill(pid, signals[fault])
                assert gone(pid)


def test_a_run_outlives_every_death_of_its_database(
    tmp_path: Path, own: Database, database: Database, figure: Figure
) -> None:
    source = write_venues(tmp_path / "venues", venues=VENUES)
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", batch_size=8)
    expected = run(Services(settings, encoder=FakeEncoder(), database=database), source)
    faulty = Faulty(tmp_path / "data")
    report = run(Services(settings, encoder=faulty, database=own), source)
    assert stored(own) == stored(database)
    assert report.photos.read == expected.photos.read == report.photos.new + report.photos.updated
    assert len(set(faulty.happened)) == 5
    figure("deaths of a database under one run", len(faulty.happened))
    figure("venues counted as updated, since the answer to their commit was lost", report.venues.updated)
