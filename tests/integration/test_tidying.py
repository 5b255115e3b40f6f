"""`venuefinder tidy`: looks, links, tags and what is left brought to what they should be; stopped and run again."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.catalogues import paint, rows, run, write_folder
from venuefinder import cli
from venuefinder.bootstrap import Services
from venuefinder.commands import tidy
from venuefinder.doctor.catalogue import steps
from venuefinder.errors import SpaceError
from venuefinder.testing import FakeEncoder, FakeVisionLanguageModel
from venuefinder.upkeep.tidying import Tidied
from venuefinder.vision.photo_reading import PhotoReport

OLD = "UPDATE photo_looks SET version = 0, flags = '{}', perceptual_hash = 0"
STATE = """
SELECT v.external_id, p.uri, p.flags, c.uri, l.version, l.perceptual_hash, t.version, t.tags
FROM photos p JOIN venues v ON v.id = p.venue_id LEFT JOIN photos c ON c.id = p.duplicate_of
LEFT JOIN photo_looks l ON l.content_hash = p.content_hash LEFT JOIN photo_tags t ON t.photo_id = p.id ORDER BY 1, 2
"""
Command = Callable[..., tuple[int, str]]


class Silent:
    """Hears, and says nothing."""

    def begin(self, what: str, total: int | None) -> None:
        pass

    def update(self, done: int) -> None:
        pass


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """A folder with a copy of a photo, and a placeholder."""
    folder = write_folder(tmp_path / "venues")
    with Image.open(folder / "red-barn" / "front.jpg") as front:
        front.resize((220, 165)).save(folder / "red-barn" / "small.jpg", quality=80)
    Image.new("RGB", (300, 200), "red").save(folder / "red-barn" / "soon.jpg")
    return folder


@pytest.fixture
def tidied(services: Services, catalogue: Path) -> Services:
    """Services over that folder, ingested."""
    run(services, catalogue)
    return services


def execute(services: Services, statement: str, *values: object) -> None:
    with services.database.begin() as connection:
        connection.exec_driver_sql(statement, values or None)


def state(services: Services) -> list[tuple[object, ...]]:
    with services.database.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(STATE)]


def test_there_is_nothing_to_do_after_an_ingestion(tidied: Services) -> None:
    before = state(tidied)
    assert {(uri, tuple(flags), copy) for _, uri, flags, copy, *_ in before if flags or copy} == {
        ("small.jpg", (), "front.jpg"),
        ("soon.jpg", ("placeholder",), None),
    }
    assert tidied.tidying.plan(Silent()) == Tidied()
    assert tidied.tidying.run(Silent()) == Tidied()
    assert state(tidied) == before


def test_looks_of_another_version_are_computed_anew_with_flags_links_and_tags(tidied: Services) -> None:
    before = state(tidied)
    execute(tidied, OLD)
    tidied.looks.settle(tidied.looks.venues_after(0, limit=100))
    assert state(tidied) != before
    assert not any(flags for _, _, flags, *_ in state(tidied))

    plan = tidied.tidying.plan(Silent())
    assert plan.looked_at == 9
    assert state(tidied) != before  # it only planned
    report = tidied.tidying.run(Silent())
    assert (report.looked_at, report.unseen, report.tagged >= 1) == (9, [], True)
    assert state(tidied) == before
    assert tidied.tidying.run(Silent()) == Tidied()


def test_a_run_that_is_stopped_goes_on_where_it_was(tidied: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(tidied)
    execute(tidied, OLD)
    monkeypatch.setattr("venuefinder.upkeep.tidying.PAGE", 2)
    keep, kept = tidied.looks.keep, []

    def dying(found):
        if len(kept) == 2:
            raise KeyboardInterrupt
        kept.append(len(found))
        return keep(found)

    monkeypatch.setattr(tidied.looks, "keep", dying)
    with pytest.raises(KeyboardInterrupt):
        tidied.tidying.run(Silent())
    monkeypatch.setattr(tidied.looks, "keep", keep)
    assert tidied.tidying.run(Silent()).looked_at == 9 - sum(kept)
    assert state(tidied) == before


def test_an_original_that_is_gone_or_changed_keeps_what_was_known_and_is_named(
    tidied: Services, catalogue: Path
) -> None:
    execute(tidied, "UPDATE photo_looks SET version = 0")
    (catalogue / "red-barn" / "small.jpg").unlink()
    paint(catalogue / "red-barn" / "yard.jpg", "blue")
    before = {uri: (flags, copy) for _, uri, flags, copy, *_ in state(tidied)}
    report = tidied.tidying.run(Silent())
    reasons = {photo.uri: photo.reason for photo in report.unseen}
    assert reasons.keys() == {"small.jpg", "yard.jpg"}
    assert "changed since it was ingested; run venuefinder ingest again" in reasons["yard.jpg"]
    assert {uri: (flags, copy) for _, uri, flags, copy, *_ in state(tidied)} == before
    assert tidied.looks.count_due() == 2


def test_another_copy_of_the_bytes_is_looked_at_where_one_is_gone(
    services: Services, catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(catalogue / "red-barn" / "front.jpg", catalogue / "white-loft" / "same.jpg")
    run(services, catalogue)
    execute(services, "UPDATE photo_looks SET version = 0")
    (catalogue / "red-barn" / "front.jpg").unlink()
    monkeypatch.setattr("venuefinder.upkeep.tidying.PAGE", 1)
    services.tidying.run(Silent())
    assert services.looks.count_due() == 0


def test_links_that_embeddings_decide_are_made_where_these_came_later(tidied: Services) -> None:
    execute(tidied, "UPDATE photos SET duplicate_of = NULL")
    assert tidied.tidying.plan(Silent()).links_changed == 1
    report = tidied.tidying.run(Silent())
    assert (report.links_changed, report.looked_at) == (1, 0)
    assert [copy for _, uri, _, copy, *_ in state(tidied) if uri == "small.jpg"] == ["front.jpg"]


def test_what_is_left_of_photos_that_are_gone_is_swept(tidied: Services) -> None:
    model = FakeVisionLanguageModel()
    gone, there = b"\x01" * 32, tidied.catalogue.require("red-barn").photos["front.jpg"].content.content_hash
    tidied.readings.keep_reports(model.identity, {gone: PhotoReport(), there: PhotoReport()})
    execute(tidied, "INSERT INTO photo_looks VALUES (%s, 1, 0, 1.0, '{}')", gone)
    plan, report = tidied.tidying.plan(Silent()), tidied.tidying.run(Silent())
    assert (plan.looks_swept, plan.readings_swept) == (report.looks_swept, report.readings_swept) == (1, 1)
    assert set(tidied.readings.reports(model.identity, [gone, there])) == {there}


def test_rows_of_venues_photos_and_embeddings_are_left_alone(tidied: Services) -> None:
    before = rows(tidied)
    execute(tidied, OLD)
    tidied.tidying.run(Silent())
    assert rows(tidied) == before


def test_the_doctor_tells_when_looks_or_tags_are_of_old(tidied: Services) -> None:
    def told() -> list[tuple[str, str | None]]:
        judged = {step.name: step.judge() for step in steps(tidied) if step.name in ("looks", "kinds of photos")}
        return [(verdict.state, verdict.remedy) for verdict in judged.values()]

    assert told() == [("ok", None)] * 2
    execute(tidied, OLD)
    execute(tidied, "DELETE FROM photo_tags")
    assert told() == [("warning", "run: venuefinder tidy")] * 2
    tidied.tidying.run(Silent())
    assert told() == [("ok", None)] * 2


@pytest.fixture
def venuefinder(tidied: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command over that folder; return its exit code and what it printed."""
    monkeypatch.setattr(
        tidy, "Services", lambda _: Services(tidied.settings, encoder=FakeEncoder(), database=tidied.database)
    )

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["venuefinder", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), capsys.readouterr().out

    return run


def test_the_command_says_what_there_is_to_do_does_it_and_names_what_it_could_not(
    tidied: Services, catalogue: Path, venuefinder: Command
) -> None:
    execute(tidied, OLD)
    code, said = venuefinder("tidy", "--dry-run")
    assert (code, "looks: 9 to do" in said, tidied.looks.count_due()) == (0, True, 9)
    (catalogue / "green-garden" / "roses.jpg").unlink()
    code, said = venuefinder("tidy", "--json")
    counts = json.loads(said.splitlines()[-1])
    assert (code, counts["looked_at"], [one["uri"] for one in counts["unseen"]]) == (6, 8, ["roses.jpg"])
    assert "(roses.jpg)" in said
    assert "looks: 8 done" in said
    paint(catalogue / "green-garden" / "roses.jpg", "red")
    code, said = venuefinder("tidy")
    assert (code, "looks: 1 done" in said) == (0, True)


def test_in_an_empty_catalogue_there_is_nothing_to_tidy(services: Services) -> None:
    with pytest.raises(SpaceError, match="nothing is embedded yet; run: venuefinder ingest PATH"):
        _ = services.tidying
    assert services.spaces.all() == []
