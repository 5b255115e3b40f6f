"""A large load into a small space goes without the index, which is there at its end whatever happened meanwhile."""

from pathlib import Path
from typing import Any

import pytest

from ingest import bulk
from ingest.options import RunOptions
from ingest.progress import Quiet
from ingest.runner import ingest
from ingest.sources import open_source
from tests.catalogues import paint, run
from venuefinder.bootstrap import Services
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "LARGE_LOAD", 5)


def kinds(services: Services) -> frozenset[str]:
    return services.indexes.kinds(services.catalogue.space)


def test_the_index_is_built_after_a_large_load(
    services: Services, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kinds(services) == {"exact", "hnsw"}
    before = services.indexes.facts(services.catalogue.space, "hnsw").generation
    write, had = services.venues.write, []

    def seen(*arguments: Any) -> Any:
        had.append(kinds(services))
        return write(*arguments)

    monkeypatch.setattr(services.venues, "write", seen)
    progress = Quiet()
    ingest(open_source(folder), services, progress, RunOptions())
    assert had == [{"exact"}]
    assert kinds(services) == {"exact", "hnsw"}
    facts = services.indexes.facts(services.catalogue.space, "hnsw")
    assert facts.generation != before
    assert services.spaces.count(services.catalogue.space) == 7
    assert "more than 5 photos to load: the hnsw index is built once they are in" in progress.said


def test_a_killed_load_leaves_no_index_and_the_next_run_builds_it(
    services: Services, folder: Path, database: Database
) -> None:
    class Killed(FakeEncoder):
        def encode_prepared(self, _: Any) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Services(services.settings, encoder=Killed(), database=database), folder)
    assert kinds(services) == {"exact"}
    run(services, folder)
    assert kinds(services) == {"exact", "hnsw"}


@pytest.mark.parametrize("least", [0, 100], ids=["large space", "small load"])
def test_the_index_of_a_space_that_may_serve_stays(
    services: Services, folder: Path, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    run(services, folder)
    built = services.indexes.facts(services.catalogue.space, "hnsw").generation
    monkeypatch.setattr(bulk, "SMALL_SPACE", least)
    monkeypatch.setattr(bulk, "LARGE_LOAD", 5 if not least else 100)
    for number in range(6):
        paint(folder / "red-barn" / f"{number}.jpg", "red")
    assert run(services, folder).photos.new == 6
    assert services.indexes.facts(services.catalogue.space, "hnsw").generation == built
