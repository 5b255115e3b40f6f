"""`venuefinder eval` over real files: a local model, zero-shot, bad lines, missing photos."""

import json
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result
from PIL import Image
from typer.testing import CliRunner

from tests import hostile
from venuefinder.bootstrap import Services
from venuefinder.cli import app
from venuefinder.testing import COLOURS, FakeEncoder, FakeVisionLanguageModel


@pytest.fixture(autouse=True)
def quick_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("venuefinder.commands.evaluation.Services", partial(Services, encoder=FakeEncoder()))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("red", "blue"):
        image = Image.new("RGB", (90, 60), COLOURS[name])
        (folder / f"{name}.jpg").write_bytes(hostile.encoded(image, "JPEG"))
    return folder


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    asked = [
        {"question_id": number, "image": image, "text": f"Is there a {colour} wall in the image?", "label": label}
        for number, (image, colour, label) in enumerate(
            [
                ("red.jpg", "red", "yes"),
                ("red.jpg", "blue", "no"),
                ("blue.jpg", "blue", "yes"),
                ("gone.jpg", "red", "no"),
            ]
        )
    ]
    file = tmp_path / "questions.json"
    file.write_text("\n".join([*map(json.dumps, asked), "not JSON"]))
    return file


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["eval", *map(str, arguments)])


def test_pope_asks_a_local_model_and_names_what_it_could_not_ask(questions, photos, tiny_vlm, tmp_path):
    report = tmp_path / "report.json"

    done = run("pope", questions, "--photos", photos, "--vlm", f"transformers:{tiny_vlm}", "--json", report)

    found = json.loads(report.read_text())
    assert done.exit_code == 6, done.output
    assert (found["questions"], found["asked"], found["unanswered"]) == (4, 3, 0)
    assert found["answered_only"] == found["unanswered_as_no"]
    assert (found["backend"], found["embeddings_area_under_roc"]) == ("transformers", None)
    assert found["unread"] == ["gone.jpg: no such file"]
    assert [line.partition(":")[0] for line in found["bad_lines"]] == ["line 5"]
    assert "gone.jpg: no such file" in done.stderr
    assert "accuracy" in done.stdout


def test_pope_of_a_model_that_sees_is_all_right(questions, photos, monkeypatch, tmp_path):
    made = partial(Services, encoder=FakeEncoder(), vision=FakeVisionLanguageModel())
    monkeypatch.setattr("venuefinder.commands.evaluation.Services", made)

    done = run("pope", questions, "--photos", photos, "--limit", 3)

    assert "100.0%" in done.stdout
    assert "3 of 3 questions asked" in done.stdout


def test_zero_shot_is_given_embeddings_and_says_what_they_tell(questions, photos, tmp_path):
    report = tmp_path / "report.json"

    run("pope", questions, "--photos", photos, "--json", report)

    found = json.loads(report.read_text())
    assert (found["backend"], found["unanswered"], found["answered_only"]["accuracy"]) == ("zero-shot", 3, None)
    assert found["embeddings_area_under_roc"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("amenities",), "found no sample venues; run: make demo"),
        (("amenities", "--vlm", "off", "--photos", "."), "VENUEFINDER_VLM is off, expected a model"),
        (("pope", "nowhere.json", "--photos", "."), "nowhere.json: cannot be read"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_with_a_remedy(arguments, message):
    done = run(*arguments)

    assert message in str(done.exception)


def test_amenities_are_asked_of_the_sample_venues_photos(photos):
    (photos / "white-court").mkdir()
    image = hostile.encoded(hostile.textured(), "JPEG")
    (photos / "white-court" / "pool-court.jpg").write_bytes(image)

    done = run("amenities", "--photos", photos)

    assert "no such file" in done.stderr
    assert " of 314 questions asked" in done.stdout
    assert "zero-shot fake@" in done.stdout
    assert " 0 of 314" not in done.stdout
