"""What the doctor says of the index, with the remedy for each; on a real Postgres."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.crowds import add_venues
from venuefinder.bootstrap import Services
from venuefinder.doctor import Check, diagnose, index
from venuefinder.doctor.check import carried_out
from venuefinder.records import IndexFacts, IndexKind, Tuning
from venuefinder.settings import Settings
from venuefinder.spaces import indexing
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder

INDEX = "run: venuefinder index"
NAMES = ("index", "dead rows", "index tuning", "index memory")
Make = Callable[..., Services]


@pytest.fixture
def make(database: Database, tmp_path: Path) -> Make:
    def made(kind: IndexKind = "hnsw") -> Services:
        return Services(Settings(data_dir=tmp_path, index=kind), encoder=FakeEncoder(), database=database)

    return made


def examined(services: Services) -> dict[str, Check]:
    return {check.name: check for check in carried_out(index.steps(services))}


def tuned(services: Services, **values: Any) -> None:
    space = services.catalogue.space
    services.spaces.remember_tuning(space, Tuning(**({"ef_search": 200, "recall": 0.995, "photos": 40} | values)))


def delete(services: Services, condition: str) -> None:
    with services.database.begin() as connection:
        connection.execute(text(f"DELETE FROM photo_embeddings WHERE {condition}"))  # noqa: S608 - the test's own
        connection.execute(text("SELECT pg_stat_force_next_flush()"))


def test_before_anything_is_embedded(make: Make) -> None:
    assert {(check.state, check.found) for check in examined(make()).values()} == {("ok", "nothing is embedded yet")}


def test_all_is_well(make: Make) -> None:
    services = make()
    services.indexes.vacuum(add_venues(services, 5))

    checks = {check.name: check for check in diagnose(services)}

    assert {name: checks[name].state for name in NAMES} == dict.fromkeys(NAMES, "ok")
    assert checks["index"].found == "hnsw, 0.0 MB"
    assert checks["dead rows"].found == "0 beside 40 live ones (0%)"
    assert checks["index tuning"].found == "not needed for 40 photos"


def test_exact_search_needs_no_index_and_no_tuning(make: Make) -> None:
    services = make("exact")
    add_venues(services, 5)

    checks = examined(services)

    assert checks["index"].found == "none wanted: every photo is read"
    assert checks["index tuning"].found == "not needed: every photo is read"


def test_the_index_of_the_setting_is_missing(make: Make) -> None:
    add_venues(make(), 5)

    check = examined(make("binary"))["index"]

    assert check.state == "warning"
    assert check.found == "none of the kind 'binary'; also hnsw; every photo is read instead"
    assert check.remedy == INDEX


def test_the_index_is_half_built(make: Make) -> None:
    services = make()
    leaf = f"photo_embeddings_{add_venues(services, 5).id}_hnsw"
    with services.database.begin() as connection:
        interrupt = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = CAST(:index AS regclass)"
        connection.execute(text(interrupt), {"index": leaf})

    check = examined(services)["index"]

    assert check.found == f"none of the kind 'hnsw' ({leaf}: half built); every photo is read instead"
    assert check.remedy == INDEX


def test_dead_rows_and_the_holes_they_leave(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "SMALL", 20_000)
    services = make()
    space = add_venues(services, 50)
    delete(services, "photo_id % 5 > 0")

    check = examined(services)["dead rows"]
    assert check.state == "warning"
    assert check.found == "320 beside 80 live ones (80%), expected at most 20%: searches wade through them"
    assert str(check.remedy).startswith(f"{INDEX}; it runs VACUUM")

    services.indexes.vacuum(space)
    checks = examined(services)
    assert checks["dead rows"].found == "0 beside 80 live ones (0%)"
    assert checks["index"].state == "warning"
    assert "expected about 0.0 MB for 80 embeddings: rows that are gone left holes" in checks["index"].found
    assert checks["index"].remedy == f"{INDEX}; it builds the index anew"


def test_tuning(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "LEAST_PHOTOS", 10)
    services = make()
    add_venues(services, 5)

    def check() -> Check:
        return examined(services)["index tuning"]

    assert (check().state, check().remedy) == ("warning", INDEX)
    assert check().found == "never tuned, with 40 photos; the recall of searches is not known"
    tuned(services)
    assert check().state == "ok"
    assert check().found == "ef_search 200, recall 99.50%, found when there were 40 photos"
    tuned(services, photos=20)
    assert (check().state, check().remedy) == ("warning", INDEX)
    assert check().found.endswith("found when there were 20 photos; now there are 40")
    tuned(services, recall=0.93, ef_search=1000)
    assert check().state == "warning"
    assert check().found.endswith("recall 93.00%, found when there were 40 photos; expected 99.0%")
    assert "VENUEFINDER_INDEX=exact" in str(check().remedy)


def test_an_index_beyond_the_servers_memory(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    services = make()
    add_venues(services, 5)
    facts = services.indexes.facts

    def of_a_million(*asked: Any) -> IndexFacts:
        return replace(facts(*asked), index_bytes=1_365_000_000, fresh_bytes=1_365_000_000, shared_buffers=128_000_000)

    monkeypatch.setattr(services.indexes, "facts", of_a_million)

    check = examined(services)["index memory"]

    assert check.state == "warning"
    assert check.found == "searches read 1,365 MB, shared_buffers is 128 MB"
    assert "set shared_buffers to 1365MB or more" in str(check.remedy)
