"""Probabilities on a real Postgres: labelled pairs in, answers with `probability` out; never against another scale."""

import re
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.catalogues import run, write_folder
from tests.serving import served
from venuefinder import cli
from venuefinder.bootstrap import Services
from venuefinder.calibrating.calibration import Background, Calibrator
from venuefinder.calibrating.labelled_pairs import LabelledPair
from venuefinder.errors import InputError, SpaceError
from venuefinder.records import StoredSpace
from venuefinder.request import SearchRequest, VenueFilter
from venuefinder.settings import Settings
from venuefinder.store.database import Database
from venuefinder.store.spaces import SpaceRepository
from venuefinder.testing import FakeEncoder

MATCHES = {
    "a red room": {"red-barn", "green-garden"},
    "blue walls": {"blue-hall"},
    "all white": {"white-loft"},
    "green": {"red-barn", "green-garden"},
    "a black cellar": {"blue-hall"},
    "white curtains": {"white-loft"},
}
VENUES = ("red-barn", "blue-hall", "green-garden", "white-loft")
LABELLED = [(query, venue, venue in MATCHES[query]) for query, venue in product(MATCHES, VENUES)]


def labelled(rows: list[tuple[str, str, bool]] = LABELLED) -> list[LabelledPair]:
    return [
        LabelledPair(query=query, external_id=venue, relevant=relevant, place=f"pairs.csv:{line}")
        for line, (query, venue, relevant) in enumerate(rows, start=2)
    ]


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Services:
    made = Services(Settings(data_dir=tmp_path / "data"), encoder=FakeEncoder(), database=database)
    run(made, write_folder(tmp_path / "venues"))
    return made


def again(services: Services) -> Services:
    """Another process: nothing remembered."""
    return Services(services.settings, encoder=FakeEncoder(), database=services.database)


def answer(services: Services, query: str) -> dict[str, tuple[float, float | None]]:
    hits = services.search.answer(SearchRequest(query=query)).results
    return {hit.venue.external_id: (hit.score, hit.probability) for hit in hits}


def stored(services: Services) -> StoredSpace:
    return services.spaces.require(services.encoder.space)


def test_answers_carry_the_probability_of_their_score(services: Services) -> None:
    report = services.calibration.fit(labelled())

    assert (report.pairs, report.matches, report.queries) == (24, 8, 6)
    assert report.brier < report.brier_of_base_rate == pytest.approx(2 / 9)
    assert 0 <= report.calibration_error < 0.5
    calibrator = stored(services).calibrator
    assert calibrator is not None
    assert (calibrator.pairs, calibrator.space_key) == (24, services.encoder.space.key)
    for query, venues in MATCHES.items():
        hits = answer(services, query)
        for score, probability in hits.values():
            assert probability == pytest.approx(calibrator.probability(score), abs=2e-4)
            assert probability == round(probability, 4)
        probabilities = {venue: probability or 0 for venue, (_, probability) in hits.items()}
        assert max(probabilities[venue] for venue in venues) > 0.5
        assert min(probabilities.values()) < 0.2


def test_the_api_answers_the_same(services: Services) -> None:
    services.calibration.fit(labelled())
    expected = [probability for _, probability in answer(services, "blue walls").values()]

    with served(services) as client:
        results = client.post("/v1/search", json={"query": "blue walls"}).json()["results"]

    assert [hit["probability"] for hit in results] == expected
    assert results[0]["probability"] > 0.5


def test_a_running_service_notices(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("venuefinder.spaces.current_space.SPACE_SECONDS", 0)
    assert {probability for _, probability in answer(services, "green").values()} == {None}

    again(services).calibration.fit(labelled())

    assert None not in {probability for _, probability in answer(services, "green").values()}


def test_calibrated_again_the_last_one_counts(services: Services) -> None:
    services.calibration.fit(labelled())
    first = stored(services).calibrator
    services.calibration.fit(labelled()[:20])
    second = stored(services).calibrator

    assert first is not None
    assert second is not None
    assert (first.pairs, second.pairs) == (24, 20)


def test_exactly_the_venues_asked_for_are_scored_as_search_scores_them(services: Services) -> None:
    space = stored(services)
    question = services.asking.ask(SearchRequest(query="a red room"), space).question
    with services.index.reading(space) as reading:
        everywhere = reading.candidates(question, reading.passing(VenueFilter()), depth=100)
    expected = {venue.external_id: venue for venue in everywhere}
    assert len(expected) == 4

    for names in (["white-loft"], ["blue-hall", "red-barn"], list(VENUES)):
        found = services.index.scores_of([*names, "nowhere"], question, space=space)
        assert {venue.external_id: venue for venue in found} == {name: expected[name] for name in names}
    with pytest.raises(SpaceError, match=r"shape \(7,\)"):
        services.index.scores_of(["red-barn"], replace(question, photo=np.ones(7, dtype=np.float32)), space=space)


def test_other_backgrounds_forget_the_calibrator(
    services: Services, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A score is measured against the backgrounds; a probability of the old scale would be wrong, so there is none."""
    services.calibration.fit(labelled())
    few = {"yellow-tent": {"name": "Yellow Tent", "photos": {"a.jpg": "yellow"}}}
    run(services, write_folder(tmp_path / "few", few))
    assert None not in {probability for _, probability in answer(again(services), "green").values()}
    assert not caplog.records

    many = {f"tent-{n}": {"name": f"Tent {n}", "photos": {"a.jpg": "yellow"}} for n in range(8)}
    run(services, write_folder(tmp_path / "many", many))

    assert stored(services).calibrator is None
    assert {probability for _, probability in answer(again(services), "green").values()} == {None}
    assert [record.message for record in caplog.records] == [
        f"space {services.encoder.space.name!r}: its backgrounds are measured anew, and scores change with them; "
        "search gives no probability until you run venuefinder calibrate again"
    ]
    again(services).calibration.fit(labelled())
    assert stored(services).calibrator is not None


def test_backgrounds_measured_meanwhile_refuse_the_calibrator(services: Services) -> None:
    repository, before = SpaceRepository(services.database), stored(services)
    calibrator = Calibrator(2.0, -1.0, before.space.key, 24)
    photo = Background(tuple(np.linspace(0, 1, 101)), mean=0.5, std=0.3, pairs=9)
    after = repository.remember_background(before, photo, before.text_background, photos=9)

    with pytest.raises(SpaceError, match=r"measured anew meanwhile.*run venuefinder calibrate again"):
        repository.remember_calibrator(before, calibrator)
    assert stored(services).calibrator is None
    assert repository.remember_calibrator(after, calibrator).calibrator == calibrator
    assert stored(services).calibrator == calibrator
    assert repository.remember_background(after, photo, None, photos=9).calibrator is None


def test_a_calibrator_belongs_to_one_space(services: Services) -> None:
    services.calibration.fit(labelled())
    other = Services(services.settings, encoder=FakeEncoder(weights="other"), database=services.database)
    space = other.spaces.ensure(other.encoder.space)

    assert space.calibrator is None
    with pytest.raises(SpaceError, match="the calibrator was fitted to space"):
        other.spaces.remember_calibrator(space, stored(services).calibrator)  # type: ignore[arg-type]  # fitted above


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (LABELLED[:19], "found 19 labelled pairs, expected at least 20"),
        ([(f"{q} {v}", v, n < 4) for n, (q, v, _) in enumerate(LABELLED)], r"found 4 matches .* expected at least 5"),
        ([(q, v, n > 3) for n, (q, v, _) in enumerate(LABELLED)], r"found 4 pairs that do not match \(relevant 0\)"),
        (
            [("red", f"v{n}", n < 12) for n in range(24)],
            "12 matches .* of 1 queries, expected .* of at least 2 queries",
        ),
        (
            [*LABELLED, ("green", "nowhere", True), ("green", "no-where", False), ("blue walls", "nowhere", False)],
            r"not embedded in space 'fake@\w+': 'nowhere' \(pairs.csv:26\), 'no-where' \(pairs.csv:27\); ingest",
        ),
        ([(q, f"v{n}", r) for n, (q, _, r) in enumerate(LABELLED)], r"'v4' \(pairs.csv:6\) and 19 more"),
        ([(q, v, not r) for q, v, r in LABELLED], "higher scores mean fewer matches"),
    ],
)
def test_pairs_that_cannot_tell_change_nothing(
    services: Services, rows: list[tuple[str, str, bool]], message: str
) -> None:
    services.calibration.fit(labelled())
    before = stored(services)

    with pytest.raises(InputError, match=message):
        services.calibration.fit(labelled(rows))

    assert stored(services) == before


def test_a_venue_without_embeddings_is_named(services: Services) -> None:
    with services.database.begin() as connection:
        connection.execute(text("INSERT INTO venues (external_id, name) VALUES ('bare', 'Bare')"))
    with pytest.raises(InputError, match=r"'bare' \(pairs.csv:26\)"):
        services.calibration.fit(labelled([*LABELLED, ("green", "bare", False)]))


def test_an_empty_catalogue_cannot_be_calibrated(database: Database, tmp_path: Path) -> None:
    empty = Services(Settings(data_dir=tmp_path), encoder=FakeEncoder(), database=database)
    with pytest.raises(SpaceError, match="nothing is embedded yet; run: venuefinder ingest"):
        empty.calibration.fit(labelled())


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"slope": 1.0}, "calibrator_whole"),
        ({"slope": 1.0, "intercept": 0.0}, "calibrator_whole"),
        ({"slope": 0.0, "intercept": 0.0, "pairs": 20}, "calibrator_slope"),
        ({"slope": float("nan"), "intercept": 0.0, "pairs": 20}, "calibrator_slope"),
        ({"slope": 1.0, "intercept": float("nan"), "pairs": 20}, "calibrator_intercept"),
        ({"slope": 1.0, "intercept": float("-inf"), "pairs": 20}, "calibrator_intercept"),
        ({"slope": 1.0, "intercept": 0.0, "pairs": 0}, "calibrator_pairs"),
    ],
)
def test_the_database_refuses_half_a_calibrator(database: Database, values: dict[str, Any], constraint: str) -> None:
    SpaceRepository(database).ensure(FakeEncoder().space)
    columns = ", ".join(f"calibrator_{name} = :{name}" for name in values)
    with pytest.raises(IntegrityError, match=f"embedding_spaces_{constraint}_check"), database.begin() as connection:
        connection.execute(text(f"UPDATE embedding_spaces SET {columns}"), values)  # noqa: S608 - names of this test


def test_the_command(
    services: Services, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    rows = [f"{query},{venue},{int(relevant)}" for query, venue, relevant in LABELLED]
    (tmp_path / "pairs.csv").write_text("\n".join(["query,external_id,relevant", *rows]))
    (tmp_path / "wrong.csv").write_text("\n".join(["query,external_id,relevant", rows[0], "barn,red-barn,maybe"]))
    monkeypatch.setattr("venuefinder.encoders.registry.load_encoder", lambda *_arguments, **_options: FakeEncoder())
    monkeypatch.setenv("DATABASE_URL", database_url)

    assert call(monkeypatch, "calibrate", "pairs.csv") == 0
    said = capsys.readouterr().out
    assert "calibrated on 24 pairs of 6 queries, 8 of them matches" in said
    assert "Brier score 0." in said
    assert "expected calibration error 0." in said
    assert call(monkeypatch, "search", "blue walls") == 0
    shown = capsys.readouterr().out
    assert "match: how likely" in shown
    assert re.search(r"score -?\d+\.\d\d.* · match \d+ %", shown)
    assert call(monkeypatch, "calibrate", "wrong.csv") == 2
    assert 'error: wrong.csv:3: relevant: found "maybe"; expected 1' in capsys.readouterr().err


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["venuefinder", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)
