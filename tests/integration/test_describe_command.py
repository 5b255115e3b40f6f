"""`venuefinder describe` and `venuefinder ask` in this process, over a fake model."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.asking import world
from tests.catalogues import run as ingest
from venuefinder import cli
from venuefinder.bootstrap import Services
from venuefinder.commands import describing
from venuefinder.describing.description import Description
from venuefinder.describing.question_answer import QuestionAnswer
from venuefinder.store.readings import ReadingRepository
from venuefinder.testing import FakeVisionLanguageModel
from venuefinder.vision.photo_reading import PhotoInput, PhotoReport

Command = Callable[..., tuple[int, str, str]]


class MortalModel(FakeVisionLanguageModel):
    """Is interrupted when it comes to a photo."""

    last: int | None = None

    def _report(self, photo: PhotoInput) -> PhotoReport:
        if len(self.reported) == self.last:
            raise KeyboardInterrupt
        return super()._report(photo)


@pytest.fixture
def model() -> MortalModel:
    return MortalModel()


@pytest.fixture(autouse=True)
def command_line(services: Services, folder: Path, model: MortalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command line over four venues with seven photos; services are made anew for each command."""
    ingest(services, folder)

    def make(_: object) -> Services:
        made = Services(services.settings, encoder=services.encoder, database=services.database, vision=model)
        made.__dict__["gazetteer"] = world()
        return made

    monkeypatch.setattr(describing, "Services", make)


@pytest.fixture
def venuefinder(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command; return its exit code, and what it printed on stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["venuefinder", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


def test_a_venue_is_described_in_json(venuefinder: Command) -> None:
    code, out, _ = venuefinder("describe", "red-barn", "--json")
    found = json.loads(out)
    assert code == 0
    assert Description.model_validate(found).complete
    assert list(found)[:3] == ["external_id", "summary", "claims"]
    assert list(found["claims"][0]) == ["attribute", "value", "status", "photo_id", "probability"]


def test_a_venue_is_described_for_people(venuefinder: Command, services: Services) -> None:
    code, out, _ = venuefinder("describe", "red-barn")
    photo = services.venues.known(["red-barn"])["red-barn"].photos["front.jpg"].id
    assert code == 0
    assert f"seen  red wall (photo {photo}, probability 0.95)" in out
    assert "stated  parking\n" in out
    assert "2 of 2 photos read by fake" in out


def test_a_question_is_answered(venuefinder: Command) -> None:
    code, out, _ = venuefinder("ask", "red-barn", "is there a red wall?", "--json")
    assert (code, QuestionAnswer.model_validate_json(out).answer) == (0, "yes")
    code, out, _ = venuefinder("ask", "red-barn", "could 80 people dine outside?")
    assert code == 0
    assert out.startswith("Unknown. Neither photos nor listing tell: dine outside. The listing says: 80 people.\n")
    assert "stated  80 people" in out


def test_every_venue_is_described_and_again_costs_nothing(venuefinder: Command, model: MortalModel) -> None:
    assert venuefinder("describe", "--all")[:2] == (0, "4 venues described, 0 in part, 0 not\n")
    assert venuefinder("describe", "--all", "--json")[:2] == (0, '{"described": 4, "incomplete": 0, "failed": 0}\n')
    assert len(model.reported) == len(set(model.reported))


def test_an_interrupted_run_goes_on_where_it_was(venuefinder: Command, model: MortalModel) -> None:
    model.last = 4
    code, _, err = venuefinder("describe", "--all")
    assert (code, "Traceback" in err) == (130, False)
    whole = len(model.reported)
    model.last = None
    assert venuefinder("describe", "--all")[0] == 0
    assert len(model.reported) - len(set(model.reported)) <= 1  # the chunk in hand
    assert len(model.reported) > whole


def test_photos_that_cannot_be_read_are_named_and_counted(venuefinder: Command, folder: Path) -> None:
    (folder / "white-loft" / "loft.jpg").write_bytes(b"garbage")
    code, out, err = venuefinder("describe", "--all")
    assert (code, out) == (6, "3 venues described, 1 in part, 0 not\n")
    assert "venue 'white-loft': 1 photos not read" in err


def test_photos_beyond_those_that_are_looked_at_are_no_failure(
    venuefinder: Command, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = services.settings.model_copy(update={"vlm_described_photos": 1})
    monkeypatch.setattr(services, "settings", few)
    assert venuefinder("describe", "--all") == (0, "4 venues described, 0 in part, 0 not\n", "")


def test_a_model_that_goes_down_ends_the_run(venuefinder: Command, model: MortalModel) -> None:
    model.down = True
    code, out, err = venuefinder("describe", "--all")
    assert (code, out, "the fake model is down" in err) == (6, "", True)


def test_readings_of_photos_that_are_gone_are_forgotten(
    venuefinder: Command, services: Services, model: MortalModel
) -> None:
    readings = ReadingRepository(services.database)
    readings.keep_reports(model.identity, {bytes(32): PhotoReport()})
    assert "forgot 1 readings of photos that are gone" in venuefinder("describe", "--all")[1]
    assert readings.reports(model.identity, [bytes(32)]) == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["describe"], "found neither, expected the external id of a venue or --all"),
        (["describe", "red-barn", "--all"], "found both"),
        (["describe", "nowhere"], "'nowhere': not in this catalogue"),
        (["ask", "red-barn", " "], "expected 1 to 300"),
        (["ask", "red-barn", "x" * 301], "found 301 characters"),
        (["ask", "nowhere", "is there a stage?"], "'nowhere': not in this catalogue"),
    ],
)
def test_what_cannot_be_done_is_explained(venuefinder: Command, arguments: list[str], message: str) -> None:
    code, _, err = venuefinder(*arguments)
    assert (code, message in " ".join(err.split())) == (2, True)
