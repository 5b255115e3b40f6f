"""Indexes on a real Postgres: built, dropped, mended after an interruption, and as good after much change as before."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pgvector import HalfVector
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.crowds import add_venues, vectors
from venuefinder.bootstrap import Services
from venuefinder.errors import InputError
from venuefinder.records import IndexKind, StoredSpace, Tuning
from venuefinder.settings import Settings
from venuefinder.spaces.indexing import bloated
from venuefinder.store.database import Database
from venuefinder.store.indexes import KINDS
from venuefinder.store.nearest import NearestVenues
from venuefinder.testing import FakeEncoder

APPROXIMATE: tuple[IndexKind, ...] = ("hnsw", "binary")
NEAREST = """
SELECT venue_id FROM (SELECT venue_id, embedding <#> :vector AS distance FROM {leaf}
                      ORDER BY (embedding::halfvec(16)) <#> :vector LIMIT {limit}) nearest
GROUP BY venue_id ORDER BY min(distance), venue_id LIMIT 10
"""
CHANGED = """
UPDATE photo_embeddings SET embedding = l2_normalize(embedding + CAST(
    (SELECT array_agg(0.3 * random()) FROM generate_series(1, 16) WHERE photo_id > 0) AS halfvec))
WHERE photo_id % 5 = 3
"""
INTERRUPTED = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = CAST(:index AS regclass)"


def services_of(database: Database, folder: Path, index: IndexKind = "hnsw") -> Services:
    return Services(Settings(data_dir=folder, index=index), encoder=FakeEncoder(), database=database)


def leaf(space: StoredSpace) -> str:
    return f"photo_embeddings_{space.id}"


def execute(database: Database, *statements: str, **parameters: Any) -> None:
    with database.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), parameters)
        connection.execute(text("SELECT pg_stat_force_next_flush()"))


def nearest(database: Database, space: StoredSpace, vector: np.ndarray, *, exact: bool) -> list[int]:
    statement = NEAREST.format(leaf=leaf(space), limit=100_000 if exact else 80)
    with database.connect() as connection:
        connection.execute(text(f"SET LOCAL enable_{'indexscan' if exact else 'seqscan'} = off"))
        connection.execute(text("SET LOCAL hnsw.ef_search = 100"))
        plan = connection.execute(text(f"EXPLAIN {statement}"), {"vector": HalfVector(vector)}).scalars().all()
        assert any("_hnsw" in line for line in plan) is not exact
        return list(connection.scalars(text(statement), {"vector": HalfVector(vector)}))


def recall(database: Database, space: StoredSpace) -> float:
    """Measure how many of the ten best venues the index finds, of 40 queries."""
    shares = []
    for vector in vectors(40, seed=99):
        right = nearest(database, space, vector, exact=True)
        shares.append(len(set(right) & set(nearest(database, space, vector, exact=False))) / 10)
    return float(np.mean(shares))


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_space_has_the_index_of_the_setting(database: Database, tmp_path: Path, kind: IndexKind) -> None:
    services = services_of(database, tmp_path, kind)
    space = services.catalogue.space

    assert services.indexes.kinds(space) == {"exact", kind}
    assert services.indexes.half_built(space) == []


def test_only_what_changes_an_order_ends_cursors(database: Database, tmp_path: Path) -> None:
    services = services_of(database, tmp_path)
    space = add_venues(services, 50)

    def generation() -> str:
        with NearestVenues(services.database, "hnsw").reading(services.spaces.require(space.space)) as reading:
            return reading.generation()

    before = generation()
    services.indexes.build(space, "binary")  # which no search here asks
    services.indexes.vacuum(space)
    assert generation() == before
    services.indexes.reindex(space, "hnsw")
    rebuilt = generation()
    services.spaces.remember_tuning(space, Tuning(ef_search=77, recall=0.99, photos=400))
    assert len({before, rebuilt, generation()}) == 3


@pytest.mark.parametrize("kind", APPROXIMATE)
def test_build_and_drop(database: Database, tmp_path: Path, kind: IndexKind) -> None:
    services = services_of(database, tmp_path, "exact")
    space = add_venues(services, 50)

    for _ in range(2):
        services.indexes.build(space, kind)
        assert services.indexes.kinds(space) == {"exact", kind}
    for _ in range(2):
        services.indexes.drop(space, kind)
        assert services.indexes.kinds(space) == {"exact"}


@pytest.mark.parametrize("kind", APPROXIMATE)
def test_what_an_interrupted_build_left_is_cleared_away(database: Database, tmp_path: Path, kind: IndexKind) -> None:
    services = services_of(database, tmp_path, kind)
    space = add_venues(services, 50)
    execute(database, INTERRUPTED, index=f"{leaf(space)}_{kind}")
    assert services.indexes.kinds(space) == {"exact"}
    assert services.indexes.half_built(space) == [f"{leaf(space)}_{kind}"]

    services.indexes.build(space, kind)

    assert services.indexes.kinds(space) == {"exact", kind}
    assert services.indexes.half_built(space) == []


def test_a_build_that_fails_half_way_is_finished_by_the_next(database: Database, tmp_path: Path) -> None:
    services = services_of(database, tmp_path, "exact")
    space = add_venues(services, 50)
    execute(database, f"ALTER DATABASE {database.engine.url.database} SET lock_timeout = '200ms'")
    database.engine.dispose()
    with database.begin() as writer:
        writer.execute(text("DELETE FROM photo_embeddings WHERE photo_id = 1"))
        with pytest.raises(OperationalError, match="lock timeout"):
            services.indexes.build(space, "hnsw")
    assert services.indexes.half_built(space) == [f"{leaf(space)}_hnsw"]

    services.indexes.build(space, "hnsw")

    assert services.indexes.kinds(space) == {"exact", "hnsw"}
    assert services.indexes.half_built(space) == []


def test_indexes_of_others_are_left_alone(database: Database, tmp_path: Path) -> None:
    services = services_of(database, tmp_path)
    space = add_venues(services, 5)
    execute(database, f"CREATE INDEX theirs ON {leaf(space)} (photo_id)")
    execute(database, INTERRUPTED, index="theirs")
    execute(database, INTERRUPTED, index=f"{leaf(space)}_hnsw")

    services.indexes.build(space, "hnsw")

    assert services.indexes.kinds(space) == {"exact", "hnsw"}
    with database.connect() as connection:
        assert connection.scalar(text("SELECT to_regclass('theirs')")) is not None


def test_one_process_builds_at_a_time(database: Database, tmp_path: Path) -> None:
    services = services_of(database, tmp_path)
    space = add_venues(services, 5)

    with services.indexes._exclusively():
        for work in (services.indexes.build, services.indexes.drop, services.indexes.reindex):
            with pytest.raises(InputError, match="another process is at its indexes; wait for it, or stop it"):
                work(space, "binary")
    services.indexes.build(space, "binary")


def test_building_anew_is_another_generation(database: Database, tmp_path: Path) -> None:
    services = services_of(database, tmp_path)
    space = add_venues(services, 50)
    before = services.indexes.facts(space, "hnsw").generation
    assert services.indexes.facts(space, "hnsw").generation == before

    services.indexes.reindex(space, "hnsw")

    assert services.indexes.facts(space, "hnsw").generation != before
    assert services.indexes.kinds(space) == {"exact", "hnsw"}


@pytest.mark.parametrize("kind", APPROXIMATE)
def test_the_size_of_a_fresh_index_is_foreseen(database: Database, tmp_path: Path, kind: IndexKind) -> None:
    services = services_of(database, tmp_path, "exact")
    space = add_venues(services, 400)
    services.indexes.build(space, kind)
    services.indexes.vacuum(space)

    facts = services.indexes.facts(space, kind)

    assert facts.rows == 3200
    assert facts.index_bytes < 1.1 * facts.fresh_bytes
    assert facts.index_bytes > 0.7 * facts.fresh_bytes  # photos with the same signs share an element


def test_cosines_of_the_best_photos(database: Database, tmp_path: Path) -> None:
    services = services_of(database, tmp_path)
    space = add_venues(services, 3, photos=4)
    with database.connect() as connection:
        venues = list(connection.scalars(text("SELECT id FROM venues ORDER BY id")))
    vector = vectors(1, seed=5)[0]

    cosines = services.indexes.best_cosines(space, vector, [*venues[:2], -1])

    best = (vectors(12) @ vector).reshape(3, 4).max(axis=1)
    assert cosines == pytest.approx(dict(zip(venues[:2], best, strict=False)), abs=1e-3)


def test_a_fifth_updated_and_a_fifth_deleted_is_found_as_well_as_before(database: Database, tmp_path: Path) -> None:
    services = services_of(database, tmp_path, "exact")
    space = add_venues(services, 400)
    services.indexes.build(space, "hnsw")
    before = recall(database, space)

    execute(database, "DELETE FROM photo_embeddings WHERE photo_id % 5 = 0", CHANGED)
    changed = recall(database, space)
    assert services.indexes.facts(space, "hnsw").dead >= 0.3 * 3200
    services.indexes.vacuum(space)

    assert services.indexes.facts(space, "hnsw").dead == 0
    assert min(before, changed, recall(database, space)) >= 0.99


def test_most_deleted_is_worth_building_anew(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("venuefinder.spaces.indexing.SMALL", 100_000)
    services = services_of(database, tmp_path, "exact")
    space = add_venues(services, 300)
    services.indexes.build(space, "hnsw")
    execute(database, "DELETE FROM photo_embeddings WHERE photo_id % 5 > 0")
    services.indexes.vacuum(space)
    before = services.indexes.facts(space, "hnsw")
    assert bloated(before)

    services.indexes.reindex(space, "hnsw")

    after = services.indexes.facts(space, "hnsw")
    assert not bloated(after)
    assert after.index_bytes < before.index_bytes / 3
    assert recall(database, space) >= 0.99


def test_large_spaces_are_counted_by_the_servers_statistics(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = services_of(database, tmp_path)
    space = add_venues(services, 10)
    assert services.spaces.roughly(space) == 80
    services.indexes.vacuum(space)
    execute(database, "DELETE FROM photo_embeddings WHERE photo_id % 2 = 0")
    assert services.spaces.roughly(space) == 40

    monkeypatch.setattr("venuefinder.store.spaces.COUNTED", 50)

    assert services.spaces.roughly(space) == 80
