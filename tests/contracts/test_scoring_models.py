"""What models promise of the answers that venues are ordered by: probabilities or grades, with or without the prior."""

from collections.abc import Iterator
from math import exp, log
from pathlib import Path

import pytest

from tests.chat_servers import Behaviour, Exchange, chat_server, said
from tests.opinionated import with_opinions
from tests.seen_photos import corrupt, photo
from tests.vlm_server import ServedTransformers
from venuefinder.testing import FakeVisionLanguageModel
from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_reading import Unread, YesNo
from venuefinder.vision.relevance_question import relevance_question
from venuefinder.vlm.language_prior import BLANK, WithoutPrior
from venuefinder.vlm.openai_backend import OpenAIModel
from venuefinder.vlm.registry import VisionOptions
from venuefinder.vlm.transformers_backend import TransformersModel

STAGE = YesNo("Does this photo show a stage?", "a stage")
GRADED = relevance_question("a room with red walls")
QUESTIONS = [STAGE, YesNo("Does this photo show a red wall?", "a red wall"), GRADED]
PHOTOS = [photo(number, size=size) for number, size in enumerate([(320, 240), (240, 320), (640, 120)])]
OPTIONS = VisionOptions(device="cpu", dtype="float32", min_tokens=4, max_tokens=16)


@pytest.fixture(scope="module")
def opinionated(tiny_vlm, tmp_path_factory) -> Path:
    texts = [question.text for question in QUESTIONS]
    return with_opinions(tiny_vlm, tmp_path_factory.mktemp("checkpoints") / "opinionated", texts)


@pytest.fixture(
    scope="module",
    params=["fake", "fake without probabilities", "transformers", "openai", "openai without probabilities"],
)
def model(request, opinionated) -> Iterator[VisionLanguageModel]:
    if request.param.startswith("fake"):
        yield FakeVisionLanguageModel(has_probabilities=request.param == "fake")
    elif request.param == "transformers":
        yield (found := TransformersModel.load(str(opinionated), OPTIONS))
        found.close()
    else:
        with chat_server(served(request.param, opinionated)) as server:
            found = OpenAIModel.of(f"{server.url}#tiny", OPTIONS)
            # What a server lists of its tokens is known once it was asked something.
            found.verdicts(PHOTOS[:1], QUESTIONS[:1])
            yield found
            found.close()


def served(name: str, folder: Path) -> Behaviour:
    return says_in_words if name == "openai without probabilities" else ServedTransformers(folder)


def says_in_words(exchange: Exchange) -> None:
    exchange.answer(said("3" if "whole number" in exchange.question else "Yes."))


def probabilities(answers):
    return [[verdict.probability for verdict in answer] for answer in answers]


def log_odds(probability: float) -> float:
    return log(probability / (1 - probability))


def test_a_graded_question_has_a_grade_where_there_is_no_probability(model):
    for *whether, graded in model.verdicts(PHOTOS, QUESTIONS):
        assert [verdict.grade for verdict in whether] == [None, None]
        assert (graded.grade is None) == model.identity.can.logprobs == (graded.probability is not None)
        assert graded.grade is None or 0 <= graded.grade <= 1


def test_the_logit_of_the_blank_photo_is_subtracted(model):
    plain, [blank] = model.verdicts(PHOTOS, QUESTIONS), model.verdicts([BLANK], QUESTIONS)

    found = WithoutPrior(model).verdicts(PHOTOS, QUESTIONS)

    if not model.identity.can.logprobs:
        assert found == plain
        return
    for answers, priors in zip(zip(found, plain, strict=True), [blank] * len(PHOTOS), strict=True):
        for ours, theirs, prior in zip(*answers, priors, strict=True):
            expected = 1 / (1 + exp(log_odds(prior.probability) - log_odds(theirs.probability)))
            assert ours.probability == pytest.approx(expected, abs=1e-4)
            assert ours.yes == (ours.probability >= 0.5)


def test_of_the_blank_photo_itself_nothing_is_left(model):
    [answers] = WithoutPrior(model).verdicts([BLANK], QUESTIONS)

    expected = [0.5 if model.identity.can.logprobs else None] * len(QUESTIONS)
    assert [verdict.probability for verdict in answers] == pytest.approx(expected, abs=1e-4)


def test_it_is_another_model_than_the_same_with_its_prior(model):
    ours, theirs = WithoutPrior(model).identity, model.identity

    assert ours.key != theirs.key
    assert len(bytes.fromhex(ours.key)) == 32
    assert (ours.backend, ours.model, ours.can) == (theirs.backend, f"{theirs.model} without prior", theirs.can)


def test_it_keeps_what_a_model_promises(model):
    found = WithoutPrior(model)

    assert isinstance(found, VisionLanguageModel)
    assert found.verdicts([], QUESTIONS) == []
    assert found.verdicts(PHOTOS[:2], []) == [[], []]
    assert all(isinstance(answer, Unread) for answer in found.verdicts(PHOTOS, QUESTIONS, until=0.0))
    [first, gone, second] = found.verdicts([PHOTOS[0], corrupt(77), PHOTOS[1]], [STAGE])
    assert (type(first), type(gone), type(second)) == (list, Unread, list)


def test_in_process_and_served_agree_without_the_prior_too(opinionated):
    """Of the question for which the small model has all spellings of yes and no among the 20 tokens that are listed."""
    ours = WithoutPrior(TransformersModel.load(str(opinionated), OPTIONS))
    with chat_server(ServedTransformers(opinionated)) as server:
        theirs = WithoutPrior(OpenAIModel.of(f"{server.url}#tiny", OPTIONS))
        found = probabilities(theirs.verdicts(PHOTOS, [GRADED]))
        theirs.close()
    expected = probabilities(ours.verdicts(PHOTOS, [GRADED]))
    ours.close()

    assert found == [pytest.approx(each, abs=1e-3) for each in expected]
    assert len({round(one, 3) for each in found for one in each}) > 1
