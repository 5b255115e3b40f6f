"""What the doctor finds of the vision-language model: the setting, known questions, and parity across transports."""

from typing import Any

import pytest
from pydantic import SecretStr

from tests.chat_servers import Exchange, chat_server, said
from tests.opinionated import with_opinions
from tests.tiny_qwen import build
from tests.vlm_server import ServedTransformers
from venuefinder.bootstrap import Services
from venuefinder.doctor import Check, check_models
from venuefinder.doctor.check import carried_out
from venuefinder.doctor.known_photos import DRAWN, KnownPhotos, known_photos
from venuefinder.doctor.known_questions import Examination
from venuefinder.doctor.vision_setting import steps
from venuefinder.settings import Settings
from venuefinder.testing import FakeEncoder, FakeVisionLanguageModel
from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_reading import Unread
from venuefinder.vlm.prompts import shows

VISION = ("vision model", "known questions", "photo reports", "the same answers elsewhere")


def setting(**chosen: Any) -> Check:
    [check] = carried_out(steps(Settings(**chosen)))
    return check


def examined(
    model: VisionLanguageModel | None = None,
    *,
    compare: str | None = None,
    photos: KnownPhotos | None = None,
    **chosen: Any,
) -> dict[str, Check]:
    services = Services(Settings(**chosen), encoder=FakeEncoder(), vision=model)
    with services:
        found = carried_out(Examination(services, photos or known_photos(services.settings.data_dir), compare).steps())
        return {check.name: check for check in found}


@pytest.mark.parametrize("spec", ["off", "zero-shot"])
def test_what_a_setting_without_a_model_means_is_told(spec):
    check = setting(vlm=spec)

    assert check.state == "ok"
    assert check.found.startswith(f"{spec}: ")


def test_a_served_model_is_told_by_name_and_host_without_asking_it():
    check = setting(vlm="openai:https://models.example/v1#qwen", vlm_api_key=SecretStr("hunter2"))

    assert (check.state, "qwen at models.example, with a key" in check.found) == ("ok", True)
    assert "hunter2" not in str(check)


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"vlm": "zero_shot"}, "expected off, zero-shot"),
        ({"vlm": "transformers:"}, "expected off, zero-shot"),
        ({"vlm": "transformers:/nowhere/model"}, "found no config.json"),
        ({"vlm": "openai:models.example#m"}, "no http or https address"),
        ({"vlm": "openai:https://me:hunter2@models.example/v1#m"}, "found a password in the address"),
        ({"vlm_min_tokens": 300}, "expected at most VENUEFINDER_VLM_MAX_TOKENS (256)"),
    ],
)
def test_a_setting_that_cannot_work_has_failed_with_a_remedy(chosen, found):
    check = setting(**chosen)

    assert (check.state, found in check.found, bool(check.remedy)) == ("failed", True, True)
    assert "hunter2" not in str(check)


def test_packages_that_are_missing_are_named_with_the_extra(monkeypatch):
    monkeypatch.setattr(
        "venuefinder.doctor.vision_setting.find_spec", lambda name: None if name == "xgrammar" else name
    )

    check = setting(vlm="transformers:Qwen/Qwen2.5-VL-7B-Instruct")

    assert (check.found, check.remedy) == ("transformers: needs xgrammar", "run: pip install 'venuefinder[vlm]'")


class Knowing(FakeVisionLanguageModel):
    """Right about every known photo."""

    def verdicts(self, photos, questions, *, until=None):
        found = super().verdicts(photos, questions, until=until)
        self.texts = [*getattr(self, "texts", []), *(question.text for question in questions)]
        return [[type(one)(number == 0, 0.9) for number, one in enumerate(answers)] for answers in found]


class Wrong(FakeVisionLanguageModel):
    """Says the opposite of what it sees."""

    def verdicts(self, photos, questions, *, until=None):
        found = super().verdicts(photos, questions, until=until)
        return [[type(one)(not one.yes, 0.9) for one in answers] for answers in found]


class Unreading(FakeVisionLanguageModel):
    """Reads no photo."""

    def _each(self, *_):
        return Unread("its answer was cut short")


def test_a_model_that_is_right_passes_and_each_photo_is_asked_two_questions():
    model = Knowing()

    checks = examined(model)

    assert [(name, checks[name].state) for name in VISION[:3]] == [(name, "ok") for name in VISION[:3]]
    assert checks["known questions"].found.startswith("24 of 24 right")
    assert len(set(model.texts)) == 12
    assert checks["photo reports"].found.startswith("4 of 4 in the schema, 8 claims")


@pytest.mark.parametrize(
    ("model", "found"),
    [
        (FakeVisionLanguageModel(), "logprobs yes, json_schema yes, images yes"),
        (FakeVisionLanguageModel(has_probabilities=False), "logprobs no, json_schema yes, images yes"),
        (None, "logprobs no, json_schema yes, images no"),
    ],
)
def test_what_a_model_can_is_told(model, found):
    check = examined(model)["model can"]

    assert (check.state, check.found) == ("ok", found)


def test_what_a_server_cannot_is_known_once_it_was_asked():
    """In words instead of log-probabilities, and a report only where the schema stands in the question."""

    def answering(exchange: Exchange) -> None:
        report = "A barn!" if "response_format" in exchange.chat else "{}"
        exchange.answer(said("Yes." if "yes or no" in exchange.question else report))

    with chat_server(answering) as server:
        check = examined(vlm=f"openai:{server.url}#m")["model can"]

    assert check.found == "logprobs no, json_schema no, images yes"


def test_a_model_near_chance_is_a_warning():
    check = examined(FakeVisionLanguageModel())["known questions"]

    assert (check.state, "of 24 right" in check.found) == ("warning", True)
    assert "do not rely on it" in str(check.remedy)


def test_on_drawn_pictures_a_model_near_chance_is_told_to_get_photographs(monkeypatch, tmp_path):
    monkeypatch.setattr("venuefinder.doctor.known_photos._scikit_image", lambda: None)
    model = Wrong()

    check = examined(model, photos=known_photos(tmp_path))["known questions"]

    assert {text for _, text in model.asked} == {shows(text) for text in DRAWN.values()}
    assert (check.state, check.remedy) == ("warning", "run: make demo")


def test_a_model_that_reads_no_photo_has_failed():
    checks = examined(Unreading())

    assert [checks[name].state for name in VISION[1:3]] == ["failed", "failed"]
    assert "cut short" in checks["photo reports"].found


def test_a_model_that_is_down_has_failed_and_raises_nothing():
    model = FakeVisionLanguageModel()
    model.down = True

    checks = examined(model)

    assert checks["known questions"].state == "failed"
    assert "down" in checks["known questions"].found


def test_off_is_told_and_nothing_is_asked():
    assert [(check.name, check.state) for check in examined(vlm="off").values()] == [("vision model", "ok")]


def test_zero_shot_is_asked_and_may_stay_silent():
    checks = examined(vlm="zero-shot")

    assert {check.state for check in checks.values()} == {"ok"}
    assert checks["known questions"].found.startswith("none answered, of 24")


def test_a_random_model_is_noise_and_gives_reports_in_the_schema(tiny_vlm):
    checks = examined(vlm=f"transformers:{tiny_vlm}", vlm_min_tokens=4, vlm_max_tokens=16)

    assert checks["vision model"].found == f"transformers: {tiny_vlm.name}"
    assert checks["known questions"].state in ("ok", "warning")
    assert checks["photo reports"].found.startswith("4 of 4 in the schema")


@pytest.fixture
def limits() -> dict[str, Any]:
    return {"vlm_min_tokens": 4, "vlm_max_tokens": 16, "dtype": "float32"}


def test_the_same_weights_answer_the_same_in_process_and_served(tiny_vlm, tmp_path, limits):
    texts = [shows(photo.text) for photo in known_photos(tmp_path).photos]
    folder = with_opinions(tiny_vlm, tmp_path / "opinionated", texts)
    with chat_server(ServedTransformers(folder)) as server:
        checks = examined(vlm=f"transformers:{folder}", compare=f"openai:{server.url}#tiny", **limits)

    assert (checks[VISION[3]].state, "over 24 of 24 questions (float32" in checks[VISION[3]].found) == ("ok", True)


def test_other_weights_are_told_apart(tiny_vlm, tmp_path, limits):
    other = build(tmp_path / "other", seed=1)

    check = examined(vlm=f"transformers:{tiny_vlm}", compare=f"transformers:{other}", **limits)[VISION[3]]

    assert (check.state, "serve the same weights" in str(check.remedy)) == ("failed", True)


def test_what_gives_no_probabilities_cannot_be_compared(limits):
    check = examined(FakeVisionLanguageModel(has_probabilities=False), compare="zero-shot", **limits)[VISION[3]]

    assert (check.state, "a probability for 0 of 24 questions" in check.found) == ("failed", True)


class Halting(FakeVisionLanguageModel):
    """Now and then says neither yes nor no, as a served model whose listed first tokens have neither."""

    def __init__(self, *, every: int) -> None:
        super().__init__()
        self.every = every
        self.said = 0

    def verdicts(self, photos, questions, *, until=None):
        found = super().verdicts(photos, questions, until=until)
        return [[self._or_nothing(one) for one in answers] for answers in found]

    def _or_nothing(self, one):
        self.said += 1
        return type(one)(None) if self.said % self.every == 0 else one


@pytest.mark.parametrize(("every", "found"), [(12, "over 22 of 24 questions"), (1, "for 0 of 24 questions")])
def test_a_few_answers_that_are_none_do_not_stop_the_comparison(tiny_vlm, limits, every, found):
    check = examined(Halting(every=every), compare=f"transformers:{tiny_vlm}", **limits)[VISION[3]]

    assert found in check.found


def test_models_checks_the_vision_model_after_the_encoder(tmp_path):
    services = Services(Settings(data_dir=tmp_path), encoder=FakeEncoder(), vision=Knowing())

    names = [check.name for check in check_models(services, None)]

    assert names[-4:] == [*VISION[:3], "model can"]
