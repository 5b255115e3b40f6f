"""What is left of an answer once the blank photo's is subtracted, and how often that one is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.chat_servers import chat_server, said
from tests.seen_photos import photo
from venuefinder.errors import VisionUnavailableError
from venuefinder.testing import FakeEncoder, FakeVisionLanguageModel
from venuefinder.vision.photo_reading import Unread, Verdict, YesNo
from venuefinder.vlm import language_prior
from venuefinder.vlm.language_prior import BLANK, WithoutPrior, without_prior
from venuefinder.vlm.registry import VisionOptions, load_model

STAGE, BAR, TREE = (YesNo(f"Does this photo show a {thing}?", f"a {thing}") for thing in ("stage", "bar", "tree"))
chances = some.floats(0, 1)


def of_blank(model: FakeVisionLanguageModel) -> list[str]:
    return [question for number, question in model.asked if number == BLANK.photo_id]


@pytest.fixture
def model() -> FakeVisionLanguageModel:
    return FakeVisionLanguageModel()


@pytest.fixture
def shown() -> list:
    return [photo(number, size=(64, 48)) for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("said_of_photo", "said_of_blank", "left"),
    [(0.8, 0.5, 0.8), (0.8, 0.8, 0.5), (0.5, 0.8, 0.2), (0.9, 0.1, 81 / 82), (1.0, 1.0, 0.5), (0.0, 0.0, 0.5)],
)
def test_log_odds_are_subtracted(said_of_photo, said_of_blank, left):
    found = without_prior(Verdict(None, said_of_photo), Verdict(None, said_of_blank))

    assert found.probability == pytest.approx(left)
    assert found.yes == (found.probability >= 0.5)


@given(chances, chances)
def test_probabilities_stay_probabilities(said_of_photo, said_of_blank):
    found = without_prior(Verdict(None, said_of_photo), Verdict(None, said_of_blank))

    assert 0 <= found.probability <= 1


@given(chances, chances, chances)
def test_the_order_of_photos_is_that_of_before(first, second, said_of_blank):
    """One question has one prior, so that a rerank's order stays, and only where yes begins moves."""
    low, high = (without_prior(Verdict(None, one), Verdict(None, said_of_blank)) for one in sorted((first, second)))

    assert low.probability <= high.probability


@pytest.mark.parametrize("verdict", [Verdict(None), Verdict(True), Verdict(True, grade=0.7)])
def test_words_and_grades_have_no_prior(verdict):
    assert without_prior(verdict, Verdict(False, 0.1)) == verdict


def test_without_an_answer_of_the_blank_photo_nothing_is_said():
    assert without_prior(Verdict(True, 0.9), Verdict(None)) == Verdict(None)


def test_the_blank_photo_is_asked_a_question_once(model, shown):
    found = WithoutPrior(model)

    found.verdicts(shown, [STAGE, BAR, STAGE])
    found.verdicts(shown, [BAR, TREE])

    assert of_blank(model) == [STAGE.text, BAR.text, TREE.text]


def test_of_questions_of_long_ago_it_is_asked_again(model, shown, monkeypatch):
    monkeypatch.setattr(language_prior, "MOST_QUESTIONS", 2)
    found = WithoutPrior(model)

    for question in (STAGE, BAR, STAGE, TREE, STAGE, BAR):
        found.verdicts(shown, [question])

    assert of_blank(model) == [STAGE.text, BAR.text, TREE.text, BAR.text]


def test_a_model_that_is_down_is_told(model, shown):
    model.down = True

    with pytest.raises(VisionUnavailableError):
        WithoutPrior(model).verdicts(shown, [STAGE])


def test_a_blank_photo_that_was_not_read_leaves_all_unread_and_is_asked_again(model, shown, monkeypatch):
    found, asking = WithoutPrior(model), model.verdicts
    monkeypatch.setattr(model, "verdicts", lambda photos, *_, **_until: [Unread("too long")] * len(photos))
    assert found.verdicts(shown, [STAGE]) == [Unread("too long")] * 3

    monkeypatch.setattr(model, "verdicts", asking)
    assert [type(answer) for answer in found.verdicts(shown, [STAGE])] == [list] * 3


@pytest.mark.parametrize("prior", [False, True])
def test_the_setting_chooses(prior):
    listed = said("yes", first={"yes": -0.2, "no": -1.8})
    with chat_server(lambda exchange: exchange.answer(listed)) as server:
        model = load_model(f"openai:{server.url}#m", VisionOptions(prior=prior), FakeEncoder)
        [[verdict]] = model.verdicts([photo(1, size=(64, 48))], [STAGE])
        model.close()

    assert verdict.probability == pytest.approx(0.5 if prior else 0.832, abs=1e-3)
    assert len(server.chats) == 1 + prior
