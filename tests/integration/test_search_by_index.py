"""Searches that go by an approximate index, and are seen to: by their plans on a real Postgres."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from tests.crowds import add_venues, with_index
from tests.explaining import Explained, explained
from venuefinder.answers import SearchAnswer
from venuefinder.bootstrap import Services
from venuefinder.records import IndexKind
from venuefinder.request import SearchRequest
from venuefinder.settings import Settings
from venuefinder.store.database import Database
from venuefinder.store.sessions import READING
from venuefinder.testing import FakeEncoder

APPROXIMATE: tuple[IndexKind, ...] = ("hnsw", "binary")
VENUES, KINDS = 10_000, 50
LISTINGS = f"UPDATE venues SET kind = 'k' || id % {KINDS}, capacity_seated = 1 + id % 500"  # noqa: S608 - a number
CROWDER = "INSERT INTO venues (external_id, name) VALUES ('crowder', 'Crowder') RETURNING id"
ALIKE = """
INSERT INTO photos (venue_id, position, uri, location, content_hash, file_bytes, width, height, format)
SELECT :venue, n, n::text, '/x', sha256(n::text::bytea), 1, 1, 1, 'JPEG' FROM generate_series(1, :photos) n
"""
EMBEDDED = """
INSERT INTO photo_embeddings
SELECT :space, id, 0, venue_id, CAST(:vector AS halfvec) FROM photos WHERE venue_id = :venue
"""


@pytest.fixture(scope="module")
def crowd(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Services:
    """10,000 venues of a photo and a description each, enough for the planner to prefer either index to sorting."""
    settings = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("by_index"), index="exact")
    services = Services(settings, encoder=FakeEncoder(), database=module_database)
    space = add_venues(services, VENUES, photos=1, spread=5, described=True)
    with module_database.begin() as connection:
        connection.execute(text(LISTINGS))
    for kind in APPROXIMATE:
        services.indexes.build(space, kind)
    services.indexes.vacuum(space)
    return services


@pytest.fixture
def costly_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a catalogue so large that no search reads every row, unless it wants them all."""
    monkeypatch.setattr("venuefinder.store.plans.READ_ROW", 1_000.0)


@pytest.fixture
def always_by_the_index(costly_rows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the planner go by the index even where so many rows are wanted of so few that it would rather sort them."""
    monkeypatch.setitem(READING, "enable_seqscan", "off")


def answered(services: Services, query: str | None = "anything", **fields: Any) -> tuple[SearchAnswer, list[Explained]]:
    request = SearchRequest.model_validate({"query": query, "interpret": False} | fields)
    with explained() as sent:
        return services.search.answer(request), sent


def names(answer: SearchAnswer) -> list[str]:
    return [hit.venue.external_id for hit in answer.results]


def went_by(kind: IndexKind, sent: list[Explained]) -> bool:
    """Whether every leg's rows came from its own index of that kind, and no row was read beside them."""
    legs = [part for part in sent if part.is_leg]
    return bool(legs) and all(f"Index Scan using {part.leaf}_{kind} on {part.leaf} e" in part.plan for part in legs)


@pytest.mark.parametrize("kind", APPROXIMATE)
@pytest.mark.parametrize("filters", [{}, {"guests": 100}, {"guests": 200}])
def test_both_legs_of_a_broad_search_go_by_their_index(
    crowd: Services, costly_rows: None, kind: IndexKind, filters: dict[str, int]
) -> None:
    """None sorts its table, whatever else there is in its plan: a binary index's finds alone are sorted anew."""
    _, sent = answered(with_index(crowd, kind), filters=filters)

    assert [part.leaf.rpartition("_")[0] for part in sent] == ["photo_embeddings", "description_embeddings"]
    assert [part.plan.count("Scan using") for part in sent] == [1, 1]
    assert went_by(kind, sent)
    for part in sent:
        assert "Seq Scan" not in part.plan
        assert part.plan.count("Sort Key") == (kind == "binary")
        assert "Bitmap" not in part.plan


def test_a_search_of_a_large_catalogue_goes_by_the_index_of_itself(crowd: Services) -> None:
    """Nothing is patched: our own reckoning and the planner's come to the same."""
    _, sent = answered(with_index(crowd, "hnsw"))

    assert len(sent) == 2
    assert went_by("hnsw", sent)


def test_a_selective_search_reads_what_passes_and_no_more(crowd: Services) -> None:
    _, sent = answered(with_index(crowd, "hnsw"), filters={"kind": "k7"})

    assert [part.is_leg for part in sent] == [False]
    for leg in ("photo", "description"):
        assert f"_venue on {leg}_embeddings" in sent[0].plan
    assert "Seq Scan on " not in sent[0].plan
    assert "_hnsw" not in sent[0].plan


@pytest.mark.parametrize("kind", APPROXIMATE)
@pytest.mark.parametrize("limit", [1, 10, 30, 31, 100, 1000])
@pytest.mark.parametrize("filters", [{}, {"guests": 250}, {"kind": "k7"}])
def test_pages_are_full(
    crowd: Services, always_by_the_index: None, kind: IndexKind, limit: int, filters: dict[str, Any]
) -> None:
    """With a filter that leaves n venues, exactly min(n, limit) come back, all of them by the index while it can be."""
    answer, sent = answered(with_index(crowd, kind), limit=limit, filters=filters)

    assert answer.total == {"guests": VENUES // 500 * 251, "kind": VENUES // KINDS}.get(next(iter(filters), ""), VENUES)
    assert len(set(names(answer))) == len(names(answer)) == min(limit, answer.total)
    assert [hit.rank for hit in answer.results] == list(range(1, len(answer.results) + 1))
    assert went_by(kind, sent)
    assert all(part.is_leg for part in sent) or (limit > 30 and answer.total < 300)


@pytest.mark.parametrize("photos", [200, 3_000])
def test_many_alike_photos_crowd_no_other_venue_out(services: Services, always_by_the_index: None, photos: int) -> None:
    """A venue with so many photos of what is asked is one result; the others come after it.

    Of 3,000 that are the same an index may know no way on: then all rows are read after all.
    """
    space = add_venues(services, 1_000, photos=2, spread=5)
    vector = str(services.encoder.encode_texts(["crowded"])[0].tolist())
    with services.database.begin() as connection:
        venue = connection.scalar(text(CROWDER))
        connection.execute(text(ALIKE), {"venue": venue, "photos": photos})
        connection.execute(text(EMBEDDED), {"space": space.id, "venue": venue, "vector": vector})
    services.indexes.vacuum(space)

    answer, sent = answered(services, "crowded", limit=40)
    right, _ = answered(with_index(services, "exact"), "crowded", limit=40)

    assert went_by("hnsw", sent)
    assert all(part.is_leg for part in sent) or photos == 3_000
    assert names(answer)[0] == names(right)[0] == "crowder"
    assert len(set(names(answer))) == 40
    assert len({*names(answer)} & {*names(right)}) >= 38


@pytest.mark.parametrize("kind", APPROXIMATE)
def test_a_photo_finds_itself(crowd: Services, costly_rows: None, kind: IndexKind) -> None:
    for photo_id in (1, 77, 4_999, VENUES):
        answer, sent = answered(with_index(crowd, kind), None, images=[{"photo_id": photo_id}])
        assert went_by(kind, sent)
        assert answer.results[0].photo is not None
        assert answer.results[0].photo.id == photo_id


def test_signs_find_most_of_what_reading_all_finds(database: Database, tmp_path: Path, costly_rows: None) -> None:
    """By vectors as wide as an encoder gives them: 16 dimensions have too few signs to tell 2,000 photos apart."""
    encoder = FakeEncoder()
    encoder.space = replace(encoder.space, dimension=256)
    exact = Services(Settings(data_dir=tmp_path, index="exact"), encoder=encoder, database=database)
    space = add_venues(exact, 2_000, photos=1, spread=1, described=True)
    exact.indexes.build(space, "binary")
    exact.indexes.vacuum(space)

    def recall(query: str | None, **fields: Any) -> float:
        found, sent = answered(with_index(exact, "binary"), query, limit=20, **fields)
        right, _ = answered(exact, query, limit=20, **fields)
        assert went_by("binary", sent)
        assert len(set(names(found))) == 20
        return len({*names(found)} & {*names(right)}) / 20

    assert np.mean([recall(None, images=[{"photo_id": photo_id}]) for photo_id in range(1, 2_000, 100)]) >= 0.99
    assert np.mean([recall(f"query {number}") for number in range(20)]) >= 0.8
