"""What every vision-language model promises, asked of the fake and of real ones alike."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import pytest

from tests.architectures import ARCHITECTURES, checkpoint
from tests.chat_servers import Behaviour, Exchange, chat_server, said
from tests.seen_photos import corrupt, photo
from venuefinder.testing import FakeEncoder, FakeVisionLanguageModel
from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_reading import PhotoReport, Unread, YesNo
from venuefinder.vlm.openai_backend import OpenAIModel
from venuefinder.vlm.registry import VisionOptions
from venuefinder.vlm.zero_shot import ZeroShot

MODELS = ("fake", "fake without probabilities", "openai", "openai without probabilities", *ARCHITECTURES)
QUESTIONS = [
    YesNo("Does this photo show a stage?", "a stage"),
    YesNo("Does this photo show a red wall?", "a red wall"),
    YesNo("Does this photo show a place that suits a wedding in the open air with many guests?", "a wedding"),
]
SIZES = [(320, 240), (240, 320), (200, 200), (28, 28), (640, 120), (90, 700)]
PHOTOS = [photo(number, size=size) for number, size in enumerate(SIZES)]


@pytest.fixture(scope="module", params=MODELS)
def model(request, tiny_vlm, tmp_path_factory) -> VisionLanguageModel:
    if request.param.startswith("fake"):
        yield FakeVisionLanguageModel(has_probabilities=request.param == "fake")
        return
    options = VisionOptions(device="cpu", dtype="float32", min_tokens=4, max_tokens=16)
    if request.param == "zero-shot":
        yield ZeroShot(FakeEncoder(), options)
        return
    if request.param.startswith("openai"):
        with chat_server(served(request.param, tiny_vlm, tmp_path_factory)) as server:
            found = OpenAIModel.of(f"{server.url}#tiny", options)
            # What a server lists of its tokens is known once it was asked something.
            found.verdicts(PHOTOS[:1], QUESTIONS[:1])
            yield found
            found.close()
        return
    from venuefinder.vlm.transformers_backend import TransformersModel

    folder = checkpoint(request.param, tmp_path_factory.mktemp("checkpoints"))
    found = TransformersModel.load(str(folder), options)
    yield found
    found.close()


def served(name: str, tiny_vlm: Path, folders: pytest.TempPathFactory) -> Behaviour:
    if name == "openai without probabilities":
        return says_the_same
    from tests.opinionated import with_opinions
    from tests.vlm_server import ServedTransformers

    texts = [question.text for question in QUESTIONS]
    return ServedTransformers(with_opinions(tiny_vlm, folders.mktemp("checkpoints") / "opinionated", texts))


def says_the_same(exchange: Exchange) -> None:
    is_report = "response_format" in exchange.chat
    exchange.answer(
        said('{"setting": ["indoors"]}' if is_report else f"{'No' if 'red' in exchange.question else 'Yes'}.")
    )


def chances(verdicts):
    return [verdict.probability or float(verdict.yes is True) for verdict in verdicts]


def test_satisfies_the_protocol(model):
    assert isinstance(model, VisionLanguageModel)


def test_its_identity_tells_no_path(model, tiny_vlm):
    assert "/" not in model.identity.model
    assert len(bytes.fromhex(model.identity.key)) == 32


def test_every_photo_gets_an_answer_to_every_question(model):
    answers = model.verdicts(PHOTOS, QUESTIONS)

    assert [len(answer) for answer in answers] == [len(QUESTIONS)] * len(PHOTOS)
    for verdict in (verdict for answer in answers for verdict in answer):
        assert (verdict.probability is not None) == model.identity.has_probabilities
        assert verdict.probability is None or 0 <= verdict.probability <= 1


def test_every_photo_gets_a_report(model):
    assert all(isinstance(report, PhotoReport) for report in model.report(PHOTOS))


def test_nothing_becomes_nothing(model):
    assert model.report([]) == []
    assert model.verdicts([], QUESTIONS) == []
    assert model.verdicts(PHOTOS[:2], []) == [[], []]


def test_a_batch_answers_as_each_photo_and_question_alone(model):
    together = model.verdicts(PHOTOS, QUESTIONS)

    for shown, answers in zip(PHOTOS, together, strict=True):
        alone = [model.verdicts([shown], [question])[0][0] for question in QUESTIONS]
        assert chances(alone) == pytest.approx(chances(answers), abs=1e-4)


def test_a_report_is_the_same_alone(model):
    assert model.report(PHOTOS[:3]) == [model.report([shown])[0] for shown in PHOTOS[:3]]


def test_a_photo_that_is_gone_harms_no_other(model):
    shown = [PHOTOS[0], corrupt(77), PHOTOS[1]]

    answers, reports = model.verdicts(shown, QUESTIONS), model.report(shown)

    assert isinstance(answers[1], Unread)
    assert isinstance(reports[1], Unread)
    reason = "not embedded" if model.identity.backend == "zero-shot" else "its original is gone"
    assert reason in answers[1].reason
    alone = model.verdicts([PHOTOS[0], PHOTOS[1]], QUESTIONS)
    assert [chances(answers[0]), chances(answers[2])] == [pytest.approx(chances(it), abs=1e-4) for it in alone]
    assert [reports[0], reports[2]] == model.report([PHOTOS[0], PHOTOS[1]])


def test_nothing_is_begun_once_the_time_is_over(model):
    late = monotonic() - 1

    assert all(isinstance(answer, Unread) for answer in model.verdicts(PHOTOS, QUESTIONS, until=late))
    assert all(isinstance(report, Unread) for report in model.report(PHOTOS, until=late))


def test_enough_time_changes_nothing(model):
    assert all(isinstance(report, PhotoReport) for report in model.report(PHOTOS[:1], until=monotonic() + 600))


def test_reads_200_photos(model):
    answers = model.verdicts([photo(number, size=(64, 48)) for number in range(200)], QUESTIONS[:1])

    assert len(answers) == 200
    assert not [answer for answer in answers if isinstance(answer, Unread)]


def test_reads_a_panorama(model):
    answers = model.verdicts([photo(3, size=(20_000, 500)), PHOTOS[0]], QUESTIONS[:1])

    assert not [answer for answer in answers if isinstance(answer, Unread)]


def test_threads_get_their_own_answers(model):
    expected = [chances(model.verdicts([shown], QUESTIONS)[0]) for shown in PHOTOS]

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda shown: chances(model.verdicts([shown], QUESTIONS)[0]), PHOTOS * 3))

    assert found == [pytest.approx(chance, abs=1e-4) for chance in expected * 3]
