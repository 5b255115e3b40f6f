"""What is seen, on a real Postgres: labelled photos in, a rule of the encoder's space out, and never a weak one."""

import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.catalogues import VENUES, run, write_folder
from venuefinder import cli
from venuefinder.bootstrap import Services
from venuefinder.calibrating.calibration import Background
from venuefinder.calibrating.evidence import SeenRule
from venuefinder.calibrating.labelled_pairs import LabelledPhoto
from venuefinder.errors import InputError, SpaceError
from venuefinder.request import SearchRequest
from venuefinder.searching import search
from venuefinder.settings import Settings
from venuefinder.store.database import Database
from venuefinder.store.photo_vectors import PhotoVectors
from venuefinder.store.spaces import SpaceRepository
from venuefinder.testing import FakeEncoder

COLOUR_OF = {
    (external_id, uri): colour
    for external_id, venue in VENUES.items()
    for uri, colour in {**venue["photos"], **venue.get("room_photos", {})}.items()
}
PHRASES = {
    f"{colour} {thing}": colour
    for colour in ("red", "green", "blue", "white")
    for thing in ("walls", "curtains", "chairs", "lights", "tiles", "doors")
}
ROWS = [(phrase, photo, colour == COLOUR_OF[photo]) for (phrase, colour), photo in product(PHRASES.items(), COLOUR_OF)]
"""24 phrases and 7 photos: 36 pairs are shown."""
RULE = SeenRule(threshold=0.3, precision=0.95, recall=0.5, pairs=100, phrases=10, slope=20.0, intercept=-6.0)


def labelled(rows: list[tuple[str, tuple[str, str], bool]] = ROWS) -> list[LabelledPhoto]:
    return [
        LabelledPhoto(phrase=phrase, external_id=venue, uri=uri, shown=shown, place=f"pairs.csv:{line}")
        for line, (phrase, (venue, uri), shown) in enumerate(rows, start=2)
    ]


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Services:
    made = Services(Settings(data_dir=tmp_path / "data"), encoder=FakeEncoder(), database=database)
    run(made, write_folder(tmp_path / "venues"))
    return made


def stored(services: Services) -> SeenRule | None:
    return services.spaces.require(services.encoder.space).seen


def test_a_rule_is_fitted_to_the_cosines_of_photos_and_kept(services: Services) -> None:
    assert stored(services) is None

    report = services.seen_calibration.fit(labelled())

    rule = report.rule
    assert stored(services) == rule
    assert (rule.pairs, rule.phrases, report.shown) == (168, 24, 36)
    assert (rule.precision, rule.recall, report.precision, report.recall) == (1, 1, 1, 1)
    assert report.brier < report.brier_of_base_rate == pytest.approx(36 / 168 * 132 / 168)
    assert 0 <= report.calibration_error < 0.2
    vectors = PhotoVectors(services.database).of(COLOUR_OF, space=services.spaces.require(services.encoder.space))
    for phrase, photo, shown in ROWS:
        cosine = float((vectors[photo] @ services.queries.encode(phrase).vector).max())
        assert rule.seen(cosine) is shown
        assert (rule.probability(cosine) > 0.5) is shown


def marks(services: Services, query: str) -> dict[str, tuple[str, str | None, bool]]:
    """Ask as another process would: each venue's mark for the query's clause, the photo, whether it is probable."""
    fresh = Services(services.settings, encoder=FakeEncoder(), database=services.database)
    marked = {}
    for hit in fresh.search.answer(SearchRequest(query=query)).results:
        mark = hit.clauses[0]
        photo = services.venues.photo(mark.photo_id) if mark.photo_id else None
        marked[hit.venue.external_id] = (mark.status, photo and photo.uri, mark.probability is not None)
    return marked


@pytest.mark.parametrize("at_once", [50, 3])
def test_marks_follow_the_rule(services: Services, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(search, "READ_AT_ONCE", at_once)
    assert set(marks(services, "red walls").values()) == {("unknown", None, False)}

    services.seen_calibration.fit(labelled())

    assert marks(services, "red walls") == {
        "red-barn": ("seen", "front.jpg", True),
        "green-garden": ("seen", "roses.jpg", True),
        "blue-hall": ("unknown", None, True),
        "white-loft": ("unknown", None, True),
    }


def test_fitted_again_the_last_one_counts(services: Services) -> None:
    services.seen_calibration.fit(labelled())
    services.seen_calibration.fit(labelled(ROWS[:140]))
    rule = stored(services)
    assert rule is not None
    assert rule.pairs == 140


def test_a_rule_outlives_backgrounds_and_belongs_to_one_space(services: Services) -> None:
    """It is of raw cosines, unlike a calibrator, whose scores are measured against the backgrounds."""
    rule = services.seen_calibration.fit(labelled()).rule
    repository, space = services.spaces, services.spaces.require(services.encoder.space)
    background = Background(tuple(np.linspace(0, 1, 101)), mean=0.5, std=0.3, pairs=9)

    assert repository.remember_background(space, background, None, photos=900).seen == rule
    assert stored(services) == rule
    assert repository.ensure(FakeEncoder(weights="other").space).seen is None


def test_the_best_view_of_a_photo_counts(database: Database, tmp_path: Path) -> None:
    services = Services(Settings(data_dir=tmp_path / "data"), encoder=FakeEncoder(views=3), database=database)
    run(services, write_folder(tmp_path / "venues"))
    front, space = ("red-barn", "front.jpg"), services.spaces.require(services.encoder.space)
    with database.begin() as connection:  # the first two views look at something else
        other = str([0.25] * 16)
        connection.execute(
            text("UPDATE photo_embeddings SET embedding = CAST(:v AS halfvec) WHERE view < 2"), {"v": other}
        )

    found = PhotoVectors(database).of([front, front, ("red-barn", "none.jpg")], space=space)

    assert {name: vectors.shape for name, vectors in found.items()} == {front: (3, 16)}
    np.testing.assert_allclose(found[front][2] @ services.queries.encode("red").vector, 1, atol=0.01)
    assert PhotoVectors(database).of([], space=space) == {}
    services.seen_calibration.fit(labelled())
    assert stored(services) is not None


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (ROWS[:28], r"found pairs that are shown \(shown 1\) of 4 phrases, expected of at least 5; label more"),
        ([(phrase, photo, True) for phrase, photo, _ in ROWS], r"not shown \(shown 0\) of 0 phrases"),
        (
            [*ROWS, ("stage", ("red-barn", "no.jpg"), True), ("bar", ("red-barn", "no.jpg"), False)],
            r"not embedded in space 'fake@\w+': 'no.jpg' of 'red-barn' \(pairs.csv:170\); ingest them or take them out",
        ),
        ([(phrase, (f"v{n}", "a.jpg"), shown) for n, (phrase, _, shown) in enumerate(ROWS)], r"'v4' .* and 163 more"),
        ([(phrase, photo, not shown) for phrase, photo, shown in ROWS], "higher scores mean fewer matches"),
        (
            [(phrase, photo, shown and number % 3 > 0) for number, (phrase, photo, shown) in enumerate(ROWS)],
            r"of the 25 pairs with the highest cosines \d+ are shown, too few to be sure of 90%.*label more pairs",
        ),
        (
            [row for number, row in enumerate(ROWS) if number < 118],
            r"on phrases held out 0 pairs are said to be seen.*what was stored before stays",
        ),
    ],
)  # fmt: skip
def test_pairs_that_support_no_rule_change_nothing(
    services: Services, rows: list[tuple[str, tuple[str, str], bool]], message: str
) -> None:
    services.seen_calibration.fit(labelled())
    before = stored(services)

    with pytest.raises(InputError, match=message):
        services.seen_calibration.fit(labelled(rows))

    assert stored(services) == before


def test_an_empty_catalogue_has_no_photos_to_label(database: Database, tmp_path: Path) -> None:
    empty = Services(Settings(data_dir=tmp_path), encoder=FakeEncoder(), database=database)
    with pytest.raises(SpaceError, match="nothing is embedded yet; run: venuefinder ingest"):
        empty.seen_calibration.fit(labelled())


COMPLETE = {
    "threshold": 0.3,
    "precision": 0.9,
    "recall": 0.5,
    "pairs": 90,
    "phrases": 9,
    "slope": 2.0,
    "intercept": -1.0,
}


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        *(({name: None}, "seen_whole") for name in COMPLETE),
        ({"threshold": 1.5}, "seen_threshold"),
        ({"threshold": float("nan")}, "seen_threshold"),
        ({"precision": 1.1}, "seen_precision"),
        ({"recall": -0.1}, "seen_recall"),
        ({"pairs": 0}, "seen_pairs"),
        ({"phrases": 0}, "seen_phrases"),
        ({"slope": 0.0}, "seen_slope"),
        ({"slope": float("nan")}, "seen_slope"),
        ({"intercept": float("-inf")}, "seen_intercept"),
    ],
)  # fmt: skip
def test_the_database_refuses_half_a_rule(database: Database, change: dict[str, Any], constraint: str) -> None:
    SpaceRepository(database).ensure(FakeEncoder().space)
    columns = ", ".join(f"seen_{name} = :{name}" for name in COMPLETE)
    with pytest.raises(IntegrityError, match=f"embedding_spaces_{constraint}_check"), database.begin() as connection:
        connection.execute(text(f"UPDATE embedding_spaces SET {columns}"), COMPLETE | change)  # noqa: S608 - our names


def test_the_command(
    services: Services, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    rows = [f"{phrase},{venue},{uri},{int(shown)}" for phrase, (venue, uri), shown in ROWS]
    (tmp_path / "photos.csv").write_text("\n".join(["phrase,external_id,uri,shown", *rows]))
    (tmp_path / "few.csv").write_text("\n".join(["phrase,external_id,uri,shown", *rows[:9]]))
    monkeypatch.setattr("venuefinder.encoders.registry.load_encoder", lambda *_arguments, **_options: FakeEncoder())
    monkeypatch.setenv("DATABASE_URL", database_url)

    assert call(monkeypatch, "calibrate", "photos.csv") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "fitted on 168 pairs of 24 phrases, 36 of them shown; a photo is said to show a phrase from a cosine" in said
    assert "on phrases held out: 100% of what is said to be seen is shown, and 100% of what is shown" in said
    assert stored(services) is not None
    assert call(monkeypatch, "calibrate", "few.csv") == 2
    assert "error: calibration: found pairs that are shown" in capsys.readouterr().err


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["venuefinder", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)
