"""`venuefinder index` and the tuning behind it, on a real index: it finds what an exact search finds, or says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from tests.catalogues import run, write_folder
from tests.crowds import add_venues, vectors
from venuefinder import cli
from venuefinder.bootstrap import Services
from venuefinder.records import IndexKind, StoredSpace, Tuning
from venuefinder.settings import Settings
from venuefinder.spaces import indexing, tuning
from venuefinder.store.database import Database
from venuefinder.store.nearest import NearestVenues
from venuefinder.testing import FakeEncoder

Make = Callable[..., Services]


@pytest.fixture
def make(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Services whose searches use the index for however few rows."""
    monkeypatch.setattr("venuefinder.store.plans.READ_ROW", 1e9)

    def made(index: IndexKind = "hnsw", target_recall: float = 0.99) -> Services:
        settings = Settings(data_dir=tmp_path, index=index, target_recall=target_recall)
        return Services(settings, encoder=FakeEncoder(), database=database)

    return made


def brought(services: Services, *, drop_others: bool = False) -> tuple[indexing.IndexReport, list[str]]:
    said: list[str] = []
    space = services.spaces.require(services.encoder.space)
    return services.indexing.bring(space, said.append, drop_others=drop_others), said


def stored(services: Services) -> StoredSpace:
    return services.spaces.require(services.encoder.space)


def found_by_hand(services: Services, vector: np.ndarray) -> set[int]:
    statement = text("SELECT venue_id, embedding FROM photo_embeddings ORDER BY photo_id")
    with services.database.connect() as connection:
        rows = connection.execute(statement).all()
    cosines = np.array([row.embedding.to_numpy() for row in rows]).astype(np.float32) @ vector
    best: dict[int, float] = {}
    for row, cosine in zip(rows, cosines, strict=True):
        best[row.venue_id] = max(best.get(row.venue_id, -1.0), float(cosine))
    return set(sorted(best, key=lambda venue: -best[venue])[:10])


def times_searched(services: Services, kind: IndexKind) -> int:
    statement = text("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = :name")
    with services.database.begin() as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
    with services.database.connect() as connection:
        return int(connection.scalar(statement, {"name": f"photo_embeddings_{stored(services).id}_{kind}"}) or 0)


def test_a_tuned_search_finds_what_brute_force_finds(make: Make) -> None:
    services = make()
    add_venues(services, 300)

    report, said = brought(services)

    tuned = stored(services).tuned
    assert report.tuned == tuned
    assert tuned is not None
    assert tuned.photos == 2400
    assert report.reached
    assert said == ["clearing away dead rows", "comparing with exact answers"]
    finder, shares = NearestVenues(services.database, "hnsw"), []
    for vector in vectors(10, seed=99):
        found = finder.nearest_venues(vector, space=stored(services), depth=10)
        shares.append(len(found_by_hand(services, vector) & set(found)) / 10)
    assert np.mean(shares) >= 0.98
    assert times_searched(services, "hnsw") > 64


def test_what_cannot_be_reached_is_said(make: Make) -> None:
    """Vectors that all lean to one side have the same signs: a binary index cannot tell them apart."""
    services = make("binary")
    add_venues(services, 300, offset=3.0)

    report, _ = brought(services)

    assert not report.reached
    assert report.tuned is not None
    assert report.tuned.ef_search == 1000
    assert report.tuned.recall < 0.9
    assert times_searched(services, "binary") > 64


def test_who_asks_for_less_searches_less_wide(make: Make) -> None:
    add_venues(make("binary"), 300)
    reports = [brought(make("binary", target))[0] for target in (0.99, 0.6)]

    found = [report.tuned for report in reports if report.tuned]
    assert [report.reached for report in reports] == [True, True]
    assert found[1].ef_search < found[0].ef_search
    assert 0.6 <= found[1].recall <= found[0].recall


def test_copies_of_a_photo_are_equally_good(make: Make) -> None:
    """Of fifty venues with the same photo any ten are the best ten."""
    services = make()
    space = add_venues(services, 50, photos=1)
    with services.database.begin() as connection:
        one = text("UPDATE photo_embeddings SET embedding = (SELECT embedding FROM photo_embeddings LIMIT 1)")
        connection.execute(one)

    report, _ = brought(services)

    assert space.tuned is None
    assert report.tuned == Tuning(ef_search=tuning.LADDER[1], recall=1.0, photos=50)


def test_a_space_without_photos_is_not_tuned(make: Make) -> None:
    services = make()
    assert services.catalogue.space.tuned is None

    report, _ = brought(services)

    assert (report.tuned, report.reached, report.facts.rows) == (None, True, 0)


def test_another_setting_builds_another_index(make: Make) -> None:
    services = make()
    add_venues(services, 50)

    report, said = brought(make("binary"))
    assert (report.kind, report.kept, report.dropped) == ("binary", ("hnsw",), ())
    assert said[0] == "building the binary index; searches and ingestion go on meanwhile"
    report, _ = brought(make("binary"), drop_others=True)
    assert (report.kept, report.dropped, report.seconds) == ((), ("hnsw",), None)
    report, _ = brought(make("exact"), drop_others=True)
    assert (report.dropped, report.tuned, report.facts.index_bytes) == (("binary",), None, 0)
    assert services.indexes.kinds(stored(services)) == {"exact"}


def test_a_bloated_index_is_built_anew(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "SMALL", 50_000)
    services = make("exact")
    add_venues(services, 100)
    services.indexes.build(stored(services), "hnsw")
    with services.database.begin() as connection:
        connection.execute(text("DELETE FROM photo_embeddings WHERE photo_id % 5 > 0"))

    report, said = brought(make())

    assert "building anew the hnsw index; searches and ingestion go on meanwhile" in said
    assert report.facts.rows == 160
    assert not indexing.bloated(report.facts)


def test_ingestion_tunes_what_has_grown_large(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def grow(name: str, photos: int) -> Tuning | None:
        venue: dict[str, Any] = {"name": name, "photos": {f"{number}.jpg": "red" for number in range(photos)}}
        run(make(), write_folder(tmp_path / name, {name: venue}))
        return stored(make()).tuned

    monkeypatch.setattr(tuning, "LEAST_PHOTOS", 4)
    assert grow("small", 4) is None
    assert (first := grow("large", 1)) is not None
    assert first.photos == 5
    assert grow("little-more", 4) == first
    assert (second := grow("twice", 1)) is not None
    assert second.photos == 10


def test_the_command(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setattr("venuefinder.encoders.registry.load_encoder", lambda *_, **__: FakeEncoder())
    with Services(Settings(_env_file=None)) as services:
        run(services, write_folder(tmp_path / "venues"))
    monkeypatch.setenv("VENUEFINDER_INDEX", "binary")

    first = CliRunner().invoke(cli.app, ["index"])
    second = CliRunner().invoke(cli.app, ["index", "--drop-others"])

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "the hnsw index is there too; to drop it, run: venuefinder index --drop-others" in first.stdout
    assert "dropped the hnsw index" in second.stdout
    assert "7 embeddings" in second.stdout
    assert "searches keep 60 candidates (ef_search) and find 100.00% of the best ten" in second.stdout
