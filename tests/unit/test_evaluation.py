"""Labelled questions, their answers, and the figures of POPE."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from benchmarks.amenity_questions import questions as amenities_from_labels
from tests import hostile
from venuefinder.decoding import BoundedDecoder
from venuefinder.errors import InputError, VisionUnavailableError
from venuefinder.evaluation.amenities import amenity_questions
from venuefinder.evaluation.metrics import Answered, figures, ranking_quality
from venuefinder.evaluation.photo_folder import PhotoFolder
from venuefinder.evaluation.questions import MAX_LINE_BYTES, Question, read_questions
from venuefinder.evaluation.run import Evaluation, evaluate
from venuefinder.testing import COLOURS, FakeEncoder, FakeVisionLanguageModel
from venuefinder.vision.photo_reading import Verdict, YesNo

answers = some.lists(some.builds(Answered, some.booleans(), some.sampled_from([True, False, None])), max_size=40)


def line(**fields: object) -> str:
    asked = {"question_id": 1, "image": "red.jpg", "text": "Is there a red wall in the image?", "label": "yes"}
    return json.dumps({**asked, **fields})


def question(image: str, phrase: str, label: str) -> Question:
    text = f"Is there {phrase} in the image?"
    return Question.model_validate({"question_id": 1, "image": image, "text": text, "label": label})


def folder_of(root: Path, *, encoder: FakeEncoder | None = None) -> PhotoFolder:
    for name in ("red", "blue"):
        (root / f"{name}.jpg").write_bytes(hostile.encoded(Image.new("RGB", (90, 60), COLOURS[name]), "JPEG"))
    (root / "broken.jpg").write_bytes(b"\xff\xd8\xff and no more")
    return PhotoFolder(root, BoundedDecoder(max_pixels=1_000_000), max_bytes=1_000_000, encoder=encoder)


class Hesitant(FakeVisionLanguageModel):
    """Answers only what is about red, and stops after so many photos."""

    stops_after = 10**6

    def verdicts(self, photos, questions, *, until=None):
        if len(self.asked) >= self.stops_after:
            raise VisionUnavailableError("the fake model went down")
        found = super().verdicts(photos, questions, until=until)
        return [[one if "red" in asked.text else Verdict(None) for one, asked in zip(found[0], questions, strict=True)]]


def evaluated(model: FakeVisionLanguageModel, photos: PhotoFolder, *asked: Question) -> Evaluation:
    return evaluate(model, asked, photos, lambda *_: None)


def test_figures_are_those_of_the_paper():
    """3 true yes, 1 false yes, 4 true no, 2 false no: by hand."""
    found = [Answered(True, True)] * 3 + [Answered(False, True)] + [Answered(False, False)] * 4
    found += [Answered(True, False)] * 2

    shown = figures(found, unanswered_as_no=True)

    assert (shown.questions, shown.accuracy, shown.precision, shown.recall) == (10, 0.7, 0.75, 0.6)
    assert shown.f1 == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))
    assert shown.yes_ratio == 0.4


def test_without_an_answer_is_left_out_or_counts_as_no():
    found = [Answered(True, True), Answered(True, None), Answered(False, None)]

    assert figures(found, unanswered_as_no=False).questions == 1
    assert figures(found, unanswered_as_no=False).accuracy == 1
    assert figures(found, unanswered_as_no=True).accuracy == pytest.approx(2 / 3)
    assert figures(found, unanswered_as_no=True).recall == 0.5


@given(answers)
def test_figures_agree_with_each_other(found):
    shown, as_no = figures(found, unanswered_as_no=False), figures(found, unanswered_as_no=True)

    assert as_no.questions == len(found)
    assert shown.precision == as_no.precision
    if shown.precision and shown.recall:
        assert shown.f1 == pytest.approx(2 / (1 / shown.precision + 1 / shown.recall))
    if as_no.questions and as_no.recall is not None and shown.recall is not None:
        assert as_no.recall <= shown.recall


def test_nothing_answered_has_no_figures_instead_of_zeros():
    shown = figures([Answered(True, None)], unanswered_as_no=False)

    assert (shown.questions, shown.accuracy, shown.precision, shown.f1, shown.yes_ratio) == (0, None, None, None, None)


def test_ranking_counts_pairs_in_the_right_order():
    assert ranking_quality([0.9, 0.4, 0.4, 0.1], [True, True, False, False]) == (1 + 1 + 0.5 + 1) / 4
    assert ranking_quality([0.9, None], [True, False]) is None
    assert ranking_quality([0.9, 0.8], [True, True]) is None


def test_reads_the_format_and_names_every_bad_line(tmp_path):
    file = tmp_path / "questions.json"
    bad = ["{", "[1]", line(label="maybe"), line(image="\x07"), line(text=None), '{"a":1}', "x" * 3 * MAX_LINE_BYTES]
    file.write_text("\n".join([line(), *bad, "", line(label="No "), line(extra=1)]))

    found = read_questions(file)

    assert [each.label for each in found.questions] == ["yes", "no", "yes"]
    assert [problem.partition(":")[0] for problem in found.problems] == [f"line {number}" for number in range(2, 9)]
    assert "label" in found.problems[2]
    assert "longer than" in found.problems[6]


@pytest.mark.parametrize("content", ["", "nothing of the kind", "\0"])
def test_a_file_without_questions_is_refused_with_an_example(tmp_path, content):
    (tmp_path / "questions.json").write_text(content)

    with pytest.raises(InputError, match='"label": "no"'):
        read_questions(tmp_path / "questions.json")
    with pytest.raises(InputError, match="cannot be read"):
        read_questions(tmp_path / "missing.json")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Is there a snowboard in the image?", "a snowboard"),
        ("Is there an apple in the imange?", "an apple"),
        ("Does this photo show string lights?", "string lights"),
        ("Would you marry here?", "Would you marry here"),
    ],
)
def test_the_phrase_is_what_a_question_asks_for(text, phrase):
    asked = Question.model_validate({"question_id": 1, "image": "a.jpg", "text": text, "label": "yes"})

    assert asked.yes_no == YesNo(text, phrase)


def test_a_model_that_is_always_right_gets_full_marks(tmp_path):
    asked = [question("red.jpg", "a red wall", "yes"), question("blue.jpg", "a red wall", "no")]

    found = evaluated(FakeVisionLanguageModel(), folder_of(tmp_path), *asked)

    assert (found.asked, found.unanswered, found.answered_only.accuracy, found.area_under_roc) == (2, 0, 1, 1)
    assert found.embeddings_area_under_roc is None


def test_bad_photos_cost_their_own_questions_alone(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "outside.jpg").write_bytes(hostile.encoded(hostile.textured(), "JPEG"))
    names = ("red.jpg", "missing.jpg", "broken.jpg", "../outside.jpg", str(tmp_path / "outside.jpg"))

    found = evaluated(
        FakeVisionLanguageModel(), folder_of(tmp_path / "in"), *[question(name, "a red wall", "yes") for name in names]
    )

    assert (found.questions, found.asked, found.answered_only.accuracy) == (5, 1, 1)
    assert len(found.unread) == 4
    assert "missing.jpg: no such file" in found.unread
    assert sum("out of the source folder" in reason for reason in found.unread) == 2


def test_unanswered_questions_are_counted_apart(tmp_path):
    asked = [question("red.jpg", "a red wall", "yes"), question("red.jpg", "a stage", "no")]

    found = evaluated(Hesitant(), folder_of(tmp_path), *asked)

    assert (found.asked, found.unanswered) == (2, 1)
    assert (found.answered_only.questions, found.unanswered_as_no.questions) == (1, 2)


def test_a_model_that_goes_down_leaves_what_it_answered(tmp_path):
    model = Hesitant()
    model.stops_after = 1
    asked = [question("blue.jpg", "a red wall", "no"), question("red.jpg", "a red wall", "yes")]

    found = evaluated(model, folder_of(tmp_path), *asked)

    assert (found.asked, found.stopped) == (1, "the fake model went down")


def test_with_an_encoder_the_embeddings_are_told_as_what_to_beat(tmp_path):
    asked = [question("red.jpg", "a red wall", "yes"), question("blue.jpg", "a red wall", "no")]

    found = evaluated(Hesitant(), folder_of(tmp_path, encoder=FakeEncoder()), *asked)

    assert found.embeddings_area_under_roc == 1


def test_our_questions_are_made_from_the_labels_half_of_them_no():
    found = amenity_questions()

    assert found.problems == ()
    assert [each.model_dump() for each in found.questions] == list(amenities_from_labels())
    assert sum(each.label == "yes" for each in found.questions) * 2 == len(found.questions) == 314
    assert len({(each.image, each.text) for each in found.questions}) == 314
