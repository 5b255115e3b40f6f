"""The backend that needs no vision-language model: by the fake encoder, and by the starter that its rules are of."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from time import monotonic

import numpy as np
import pytest
from PIL import Image

from venuefinder.describing.attribute_prompts import OPPOSITES, candidates, ensemble
from venuefinder.describing.attribute_questions import question_for
from venuefinder.errors import ImageError
from venuefinder.testing import FakeEncoder
from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_reading import PhotoInput, PhotoReport, Unread, Verdict, YesNo
from venuefinder.vlm.attribute_rules import rules_for
from venuefinder.vlm.attribute_scores import VALUES, AttributeScores, prompt_version
from venuefinder.vlm.registry import VisionOptions, load_model
from venuefinder.vlm.zero_shot import STANDS_OUT, ZeroShot

STAGE = YesNo("Does this photo show a stage?", "a stage")
INDOORS = question_for("setting", "indoors")


def never_opened(_pixels: int) -> Image.Image:
    raise ImageError("a photo was opened")


def embedded(vector, number: int = 1) -> PhotoInput:
    embeddings = None if vector is None else np.atleast_2d(np.asarray(vector, dtype=np.float32))
    return PhotoInput(
        photo_id=number,
        content_hash=bytes([number]) * 32,
        width=640,
        height=480,
        open=never_opened,
        embeddings=embeddings,
    )


def looking_like(encoder, attribute: str, value: str) -> np.ndarray:
    """The embedding of a photo that looks like a value and nothing else."""
    mean = encoder.encode_texts(ensemble(attribute, value)).mean(axis=0)
    opposite = OPPOSITES.get((attribute, value))
    mean = mean - encoder.encode_texts(ensemble(attribute, opposite)).mean(axis=0) if opposite else mean
    return mean / np.linalg.norm(mean)


class WideEncoder(FakeEncoder):
    """Every text a direction of its own, at right angles to almost all others: what stands out does so by far."""

    def __init__(self) -> None:
        super().__init__()
        self.space = replace(self.space, dimension=512)

    def _from_text(self, text: str) -> np.ndarray:
        seed = int.from_bytes(sha256(text.encode()).digest()[:8], "big")
        return (row := np.random.default_rng(seed).normal(size=self.space.dimension)) / np.linalg.norm(row)


@pytest.fixture(scope="module")
def starter():
    from venuefinder.encoders.starter import load_starter

    return load_starter(device="cpu")


@pytest.fixture(scope="module")
def shipped(starter) -> ZeroShot:
    return ZeroShot(starter, VisionOptions())


def test_is_the_default_and_satisfies_the_protocol():
    model = load_model("zero-shot", VisionOptions(), FakeEncoder)

    assert isinstance(model, ZeroShot)
    assert isinstance(model, VisionLanguageModel)
    assert model.identity.backend == "zero-shot"
    assert len(bytes.fromhex(model.identity.key)) == 32
    model.close()


def test_another_encoder_or_another_threshold_reads_anew(starter):
    models = [
        ZeroShot(FakeEncoder(), VisionOptions()),
        ZeroShot(FakeEncoder(weights="other"), VisionOptions()),
        ZeroShot(FakeEncoder(), VisionOptions(seen=0.9)),
    ]

    assert len({model.identity.key for model in models}) == 3
    assert ZeroShot(FakeEncoder(), VisionOptions()).identity == models[0].identity


def test_reports_what_stands_out_and_opens_no_photo():
    encoder = WideEncoder()
    wanted = [("style", "rustic"), ("amenities", "chandelier"), ("suitability", "wedding")]
    photos = [embedded(looking_like(encoder, *named), number) for number, named in enumerate(wanted)]

    reports = ZeroShot(encoder, VisionOptions()).report(photos)

    for (attribute, value), report in zip(wanted, reports, strict=True):
        assert getattr(report, attribute) == (value,)
    assert reports[0] == PhotoReport(style=("rustic",))


def test_a_report_is_full_at_its_limit_with_the_likeliest_first():
    encoder = WideEncoder()
    wanted = candidates("style")[:5]
    photo = np.sum(
        [weight * looking_like(encoder, "style", it) for weight, it in zip((9, 8, 7, 6, 5), wanted, strict=True)],
        axis=0,
    )

    (report,) = ZeroShot(encoder, VisionOptions()).report([embedded(photo / np.linalg.norm(photo))])

    assert report.style == wanted[:3]


def test_nothing_stands_out_of_a_photo_of_everything():
    encoder = WideEncoder()
    photo = np.sum([looking_like(encoder, *named) for named in VALUES if named not in OPPOSITES], axis=0)

    assert ZeroShot(encoder, VisionOptions()).report([embedded(photo / np.linalg.norm(photo))]) == [PhotoReport()]


def test_never_says_yes_for_an_encoder_without_rules_and_never_says_no():
    encoder = WideEncoder()
    photos = [embedded(looking_like(encoder, "amenities", "stage"), 1), embedded(-looking_like(encoder, *VALUES[5]), 2)]
    questions = [STAGE, INDOORS, YesNo("Does this photo show a dragon?", "a dragon")]

    answers = ZeroShot(encoder, VisionOptions()).verdicts(photos, questions)

    assert answers == [[Verdict(None)] * 3] * 2


def test_photos_without_an_embedding_are_named_and_harm_no_other():
    encoder = FakeEncoder()
    model = ZeroShot(encoder, VisionOptions())
    good = embedded(looking_like(encoder, "style", "rustic"))
    bad = [
        embedded(None),
        embedded(np.ones(3)),
        embedded(np.full(16, np.nan)),
        replace(good, embeddings=np.empty((0, 16), np.float32)),
    ]

    reports, answers = model.report([*bad, good]), model.verdicts([*bad, good], [STAGE])

    for found in (*reports[:4], *answers[:4]):
        assert isinstance(found, Unread)
    assert "venuefinder ingest" in reports[0].reason
    assert "3 values, expected 16" in reports[1].reason
    assert reports[4] == model.report([good])[0]
    assert answers[4] == [Verdict(None)]


def test_nothing_is_begun_once_the_time_is_over():
    model = ZeroShot(FakeEncoder(), VisionOptions())
    photo = embedded(np.eye(16)[0])

    assert isinstance(model.report([photo], until=monotonic() - 1)[0], Unread)
    assert isinstance(model.verdicts([photo], [STAGE], until=monotonic() - 1)[0], Unread)
    assert isinstance(model.report([photo], until=monotonic() + 600)[0], PhotoReport)


def test_nothing_becomes_nothing_and_encodes_nothing():
    encoder = FakeEncoder()
    model = ZeroShot(encoder, VisionOptions())

    assert model.report([]) == []
    assert model.verdicts([], [STAGE]) == []
    assert model.verdicts([embedded(None)], []) != [[]]
    assert model.verdicts([embedded(np.eye(16)[0])], []) == [[]]
    assert len(encoder.texts) == len(set(encoder.texts))


def test_prompts_are_encoded_once_whoever_asks_first():
    encoder = FakeEncoder()
    model = ZeroShot(encoder, VisionOptions())
    photos = [embedded(row, number) for number, row in enumerate(np.eye(16))]
    expected = ZeroShot(FakeEncoder(), VisionOptions()).report(photos)

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda photo: model.report([photo])[0], photos))

    assert found == expected
    assert len(encoder.texts) == len(set(encoder.texts)) > len(VALUES)


def test_views_of_a_photo_count_together():
    encoder = WideEncoder()
    scores = AttributeScores(encoder)
    rustic, modern = (looking_like(encoder, "style", value) for value in ("rustic", "modern"))
    both = scores.of(np.stack([rustic, modern]).astype(np.float32))

    assert {VALUES[place][1] for place in np.argsort(-both)[:2]} == {"rustic", "modern"}
    assert scores.of(rustic[None]) == pytest.approx(scores.of(np.stack([rustic, rustic])))


def test_texts_that_are_all_alike_tell_nothing():
    class Dull(FakeEncoder):
        def _from_text(self, _text: str) -> np.ndarray:
            return np.eye(16)[0]

    scores = AttributeScores(Dull()).of(np.eye(16, dtype=np.float32)[:1])

    assert np.isfinite(scores).all()
    assert (scores < STANDS_OUT).all()


def test_the_rules_are_of_the_starter_that_ships_and_of_these_prompts(starter):
    """A prompt or weights that change leave the rules behind: fit them anew with `python -m benchmarks.attributes`."""
    rules = rules_for(starter.space.key, prompt_version())

    assert set(rules) == set(OPPOSITES)
    assert all(rule.precision >= 0.9 and rule.slope > 0 for rule in rules.values())
    assert not rules_for(starter.space.key, "0" * 64)
    assert not rules_for(FakeEncoder().space.key, prompt_version())


@pytest.mark.parametrize(("value", "opposite"), [("indoors", "outdoors"), ("outdoors", "indoors")])
def test_the_starter_tells_indoors_from_outdoors(shipped, starter, value, opposite):
    photo = embedded(looking_like(starter, "setting", value))

    (report,), ((answer, other),) = (
        shipped.report([photo]),
        shipped.verdicts([photo], [question_for("setting", value), question_for("setting", opposite)]),
    )

    assert report.setting[0] == value
    assert opposite not in report.setting
    assert answer.yes is True
    assert answer.probability > 0.9
    assert other.yes is None
    assert other.probability < 0.1


def test_what_lies_between_is_neither_reported_nor_sure(shipped, starter):
    """A photo that is hardly nearer to indoors than to outdoors."""
    indoors, modern = looking_like(starter, "setting", "indoors"), looking_like(starter, "style", "modern")
    across = modern - modern @ indoors * indoors
    shown = embedded(across / np.linalg.norm(across) + 0.05 * indoors)

    (report,), ((answer,),) = shipped.report([shown]), shipped.verdicts([shown], [INDOORS])

    assert not {"indoors", "outdoors"} & set(report.setting)
    assert answer.yes is None
    assert 0.1 < answer.probability < 0.8


def test_what_no_rule_is_of_is_never_sure(shipped, starter):
    photo = embedded(looking_like(starter, "amenities", "stage"))

    assert shipped.verdicts([photo], [STAGE]) == [[Verdict(None)]]
