"""Reranking calibrated on a real Postgres: what lifts is used, and on by default; what does not lift is not."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.catalogues import run, write_folder
from tests.serving import served
from tests.streams import told
from venuefinder import cli
from venuefinder.answers import SearchAnswer
from venuefinder.bootstrap import Services
from venuefinder.calibrating.calibration import Background
from venuefinder.calibrating.fusion import Fusion, Lift, MeasuredFusion
from venuefinder.calibrating.labelled_pairs import LabelledPair
from venuefinder.errors import ConfigurationError, InputError, SpaceError, VisionOffError, VisionUnavailableError
from venuefinder.query.gazetteer import WorldGazetteer
from venuefinder.request import SearchRequest
from venuefinder.reranking.fusions import Fusions
from venuefinder.store.database import Database
from venuefinder.store.fusions import FusionRepository
from venuefinder.store.spaces import SpaceRepository
from venuefinder.testing import COLOURS, FakeEncoder, FakeVisionLanguageModel
from venuefinder.vision.photo_reading import PhotoInput, Verdict, YesNo

WORDS = (
    *("gala", "reunion", "banquet", "recital", "vernissage", "seminar"),
    *("tasting", "premiere", "jubilee", "raffle", "hackathon", "symposium"),
)
"""Words that the encoder knows nothing of, so that retrieval's order is chance."""
NAMES = list(COLOURS)
PAIRS = [(word, f"{name}-house") for word in WORDS for name in NAMES]
SECONDS = 20.0


def fits(word: str, colour: str) -> bool:
    """Two colours fit each word."""
    return (NAMES.index(colour) - WORDS.index(word)) % len(NAMES) < 2


class Knowing(FakeVisionLanguageModel):
    """Knows what fits, or says of each question and colour what chance says."""

    def __init__(self, *, model: str, knows: bool = True) -> None:
        super().__init__(model=model)
        self._knows = knows

    def _verdicts(self, photo: PhotoInput, questions: Sequence[YesNo]) -> list[Verdict]:
        self.asked += [(photo.photo_id, question.text) for question in questions]
        return [self._verdict(question.phrase, self._colour(photo)) for question in questions]

    def _verdict(self, word: str, colour: str) -> Verdict:
        chance = sha256(f"{word}{colour}".encode()).digest()[0] / 256
        probability = 0.55 + 0.4 * chance if self._knows and fits(word, colour) else 0.5 * chance
        return Verdict(probability > 0.5, probability if self._knows else chance)


HELPFUL, NOISY = "a helpful model", "a noisy model"


def labelled(
    rows: Sequence[tuple[str, str]] = PAIRS, *, label: Callable[[str, str], bool] = fits
) -> list[LabelledPair]:
    return [
        LabelledPair(
            query=word, external_id=venue, relevant=label(word, venue.split("-")[0]), place=f"pairs.csv:{line}"
        )
        for line, (word, venue) in enumerate(rows, start=2)
    ]


@pytest.fixture(scope="module")
def gazetteer() -> WorldGazetteer:
    """Read once: it takes a second."""
    return WorldGazetteer()


@pytest.fixture
def catalogued(services: Services, gazetteer: WorldGazetteer, tmp_path: Path) -> Services:
    """Services over six venues of one colour each."""
    vars(services)["gazetteer"] = gazetteer
    venues = {
        f"{name}-house": {"name": f"House {place}", "photos": {"a.jpg": name}} for place, name in enumerate(NAMES)
    }
    run(services, write_folder(tmp_path / "houses", venues))
    return services


def seeing(services: Services, model: FakeVisionLanguageModel | None, **settings: Any) -> Services:
    """Another process, with that model: nothing remembered."""
    changed = services.settings.model_copy(update=settings)
    made = Services(changed, encoder=FakeEncoder(), database=services.database, vision=model)
    vars(made)["gazetteer"] = services.gazetteer
    return made


def answered(services: Services, **fields: Any) -> SearchAnswer:
    with services:
        return services.reranking.answer(SearchRequest.model_validate({"query": "gala", **fields}))


def order(answer: SearchAnswer) -> list[str]:
    return [hit.venue.external_id for hit in answer.results]


def test_a_model_that_helps_is_fused_and_on_by_default(catalogued: Services) -> None:
    model = Knowing(model=HELPFUL)
    heard: list[tuple[int, int]] = []
    report = seeing(catalogued, model).rerank_calibration.fit(labelled(), lambda *done: heard.append(done))

    assert (report.pairs, report.matches, report.unjudged, report.lift.queries) == (72, 24, 0, 12)
    assert heard == [(done, 12) for done in range(1, 13)]
    assert report.lift.is_sure
    assert report.lift.retrieval < 0.85 < report.lift.fused
    assert report.brier < report.brier_of_base_rate
    asked = len(model.asked)
    unsaid, said = (
        answered(seeing(catalogued, model), rerank_wait=SECONDS),
        answered(seeing(catalogued, model), rerank=True, rerank_wait=SECONDS),
    )
    retrieved = answered(seeing(catalogued, model), rerank=False)
    assert len(model.asked) == asked  # what it said of the labelled pairs was kept
    assert retrieved.rerank is None
    assert unsaid.rerank is not None
    assert unsaid.rerank.state == "done"
    assert order(unsaid) == order(said) != order(retrieved)
    assert set(order(unsaid)[:2]) == {f"{name}-house" for name in NAMES if fits("gala", name)}
    scores = {hit.venue.external_id: hit.score for hit in retrieved.results}
    for score in unsaid.rerank.scores:
        expected = report.fusion.probability(scores[score.external_id], score.score)
        assert score.fused == pytest.approx(expected, abs=1e-6)
    fused = [score.fused for score in unsaid.rerank.scores]
    assert fused == sorted(fused, key=lambda one: -(one or 0))


def test_a_model_that_guesses_is_stored_with_its_lift_and_only_asked_on_demand(catalogued: Services) -> None:
    model = Knowing(model=NOISY, knows=False)
    report = seeing(catalogued, model).rerank_calibration.fit(labelled())
    stored = FusionRepository(catalogued.database).of_space(FakeEncoder().space.key, photos=2)

    assert not report.lift.is_sure
    assert stored[model.identity.key].lift == report.lift
    assert stored[model.identity.key].fusion == report.fusion
    assert answered(seeing(catalogued, model)).rerank is None
    asked = answered(seeing(catalogued, model), rerank=True, rerank_wait=SECONDS).rerank
    assert asked is not None
    assert asked.state == "done"
    assert all(score.fused is not None for score in asked.scores)


def test_without_a_fusion_the_models_score_orders(catalogued: Services) -> None:
    found = answered(seeing(catalogued, Knowing(model=HELPFUL)), rerank=True, rerank_wait=SECONDS)

    assert found.rerank is not None
    scores = [score.score for score in found.rerank.scores]
    assert scores == sorted(scores, reverse=True)
    assert {score.fused for score in found.rerank.scores} == {None}


def test_a_fusion_is_of_one_model_and_so_many_photos(catalogued: Services) -> None:
    seeing(catalogued, Knowing(model=HELPFUL)).rerank_calibration.fit(labelled())
    other, more = Knowing(model="another"), seeing(catalogued, Knowing(model=HELPFUL), vlm_photos=3)

    unsaid = answered(seeing(catalogued, other), rerank_wait=SECONDS)
    said = answered(seeing(catalogued, other), rerank=True, rerank_wait=SECONDS)
    assert other.asked  # by the one that asked for it
    assert unsaid.rerank is not None  # before it was loaded nothing told it from the one that was measured
    assert "not measured to lift" in (unsaid.rerank.reason or "")
    assert order(unsaid) == order(answered(seeing(catalogued, other), rerank=False))
    assert said.rerank is not None
    assert {score.fused for score in said.rerank.scores} == {None}
    assert answered(more).rerank is None


def test_once_loaded_a_model_without_a_lift_is_not_asked_again(catalogued: Services) -> None:
    seeing(catalogued, Knowing(model=HELPFUL)).rerank_calibration.fit(labelled())
    with seeing(catalogued, Knowing(model="another")) as other:
        first = other.reranking.answer(SearchRequest(query="gala", rerank_wait=SECONDS))
        second = other.reranking.answer(SearchRequest(query="gala", rerank_wait=SECONDS))

    assert first.rerank is not None
    assert second.rerank is None


def test_another_setting_loads_no_model(catalogued: Services) -> None:
    seeing(catalogued, Knowing(model=HELPFUL)).rerank_calibration.fit(labelled())

    assert answered(seeing(catalogued, Knowing(model=HELPFUL), vlm="openai:http://localhost:1/v1#m")).rerank is None


@pytest.mark.parametrize(
    "fields", [{"query": None}, {"sort": "name"}, {"rerank": False}, {"filters": {"city": "Nowhere"}}]
)
def test_where_there_is_nothing_to_ask_nothing_is_said(catalogued: Services, fields: dict[str, Any]) -> None:
    seeing(catalogued, Knowing(model=HELPFUL)).rerank_calibration.fit(labelled())

    assert answered(seeing(catalogued, Knowing(model=HELPFUL)), **fields).rerank is None


def test_pictures_are_on_no_scale_that_was_fitted(catalogued: Services) -> None:
    seeing(catalogued, Knowing(model=HELPFUL)).rerank_calibration.fit(labelled())
    photo = answered(seeing(catalogued, None)).results[0].photo
    assert photo is not None
    asked = {"images": [{"photo_id": photo.id}], "rerank_wait": SECONDS}

    assert answered(seeing(catalogued, Knowing(model=HELPFUL)), **asked).rerank is None
    said = answered(seeing(catalogued, Knowing(model=HELPFUL)), **asked, rerank=True).rerank
    assert said is not None
    assert {score.fused for score in said.scores} == {None}


def test_over_http_it_streams_unasked(catalogued: Services) -> None:
    seeing(catalogued, Knowing(model=HELPFUL)).rerank_calibration.fit(labelled())
    with seeing(catalogued, Knowing(model=HELPFUL)) as services, served(services) as api:
        answer = api.post("/v1/search", json={"query": "gala"}).json()
        off = api.post("/v1/search", json={"query": "gala", "rerank": False}).json()
        found = told(api, answer["rerank"]["stream"])

    assert answer["rerank"]["state"] == "pending"
    assert off["rerank"] is None
    assert answer["results"] == off["results"]
    fused = {event.data["external_id"]: event.data["fused"] for event in found if event.name == "score"}
    assert found[-1].data["order"] == sorted(fused, key=lambda name: -fused[name])


def test_other_backgrounds_forget_the_fusion(catalogued: Services, caplog: pytest.LogCaptureFixture) -> None:
    model = Knowing(model=HELPFUL)
    services = seeing(catalogued, model)
    services.rerank_calibration.fit(labelled())
    space = services.spaces.require(services.encoder.space)
    repository = FusionRepository(services.database)
    (before,) = repository.of_space(space.space.key, photos=2).values()
    photo = Background(tuple(np.linspace(0, 1, 101)), mean=0.5, std=0.3, pairs=9)
    services.spaces.remember_background(space, photo, None, photos=6)

    assert "run venuefinder calibrate --rerank again" in caplog.text
    assert repository.of_space(space.space.key, photos=2) == {}
    assert answered(seeing(catalogued, model)).rerank is None
    with pytest.raises(SpaceError, match=r"measured anew meanwhile.*calibrate --rerank again"):
        repository.remember(space, model.identity, before)


def test_calibrating_again_replaces_what_was_there(catalogued: Services) -> None:
    model = Knowing(model=HELPFUL)
    first = seeing(catalogued, model).rerank_calibration.fit(labelled())
    second = seeing(catalogued, model).rerank_calibration.fit(labelled(PAIRS[:66]))
    (stored,) = FusionRepository(catalogued.database).of_space(FakeEncoder().space.key, photos=2).values()

    assert (first.pairs, second.pairs, stored.pairs) == (72, 66, 66)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (labelled(PAIRS[:49]), "found 49 pairs labelled, expected at least 50.*label more"),
        (labelled(label=lambda *_: True), r"all are 1, expected matches .* and others"),
        (labelled(label=lambda *_: False), r"all are 0, expected matches .* and others"),
        (labelled(label=lambda word, colour: fits(word, colour) and word in WORDS[:9]), "found 9 queries with both"),
        ([*labelled(), *labelled([("gala", "red-tent")])], r"no such venues, .*'red-tent' \(pairs.csv:2\)"),
    ],
)
def test_pairs_that_cannot_tell_change_nothing(catalogued: Services, pairs: list[LabelledPair], message: str) -> None:
    model = Knowing(model=HELPFUL)
    with pytest.raises(InputError, match=message):
        seeing(catalogued, model).rerank_calibration.fit(pairs)

    assert model.asked == []
    assert FusionRepository(catalogued.database).of_space(FakeEncoder().space.key, photos=2) == {}


def test_photos_that_cannot_be_read_are_counted_and_too_many_refused(catalogued: Services, tmp_path: Path) -> None:
    (tmp_path / "houses" / "red-house" / "a.jpg").write_bytes(b"no longer a photo")
    model = Knowing(model=HELPFUL)
    report = seeing(catalogued, model).rerank_calibration.fit(labelled())
    (tmp_path / "houses" / "blue-house" / "a.jpg").write_bytes(b"no longer a photo")

    assert (report.pairs, report.unjudged) == (60, 12)
    with pytest.raises(InputError, match="found 48 pairs that the model could judge, expected at least 50"):
        seeing(catalogued, Knowing(model="knows nothing yet")).rerank_calibration.fit(labelled())


def test_there_must_be_a_model_that_reranks(catalogued: Services) -> None:
    zero_shot = Knowing(model="a")
    zero_shot.identity = replace(zero_shot.identity, backend="zero-shot")
    down = Knowing(model="b")
    down.down = True

    with pytest.raises(ConfigurationError, match=r"found zero-shot.*set it to transformers"):
        _ = seeing(catalogued, zero_shot).rerank_calibration
    with pytest.raises(VisionOffError, match="found off"):
        _ = seeing(catalogued, None, vlm="off").rerank_calibration
    with pytest.raises(VisionUnavailableError):
        seeing(catalogued, down).rerank_calibration.fit(labelled())


SURE = MeasuredFusion(
    fusion=Fusion(retrieval=1.0, model=1.0, intercept=0.0),
    lift=Lift(queries=30, retrieval=0.5, model=0.6, fused=0.7, error=0.01),
    pairs=300,
    photos=2,
    setting="0" * 64,
)


def test_what_is_known_is_read_once_in_a_while() -> None:
    reads: list[tuple[str, int]] = []

    class Store:
        def of_space(self, space_key: str, *, photos: int) -> dict[str, MeasuredFusion]:
            reads.append((space_key, photos))
            return {"a": SURE}

    known = Fusions(Store(), lambda: "space", photos=2, setting="0" * 64)

    assert known.may_lift(None)
    assert known.may_lift(None)
    assert reads == [("space", 2)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("photos", 0),
        ("setting", "x"),
        ("retrieval_slope", -1.0),
        ("model_slope", float("nan")),
        ("intercept", float("inf")),
        ("pairs", 0),
        ("queries", 1),
        ("ndcg_fused", 1.5),
        ("lift_error", -0.1),
    ],
)
def test_the_database_refuses_what_is_no_fusion(database: Database, column: str, value: object) -> None:
    space = SpaceRepository(database).ensure(FakeEncoder().space)
    FusionRepository(database).remember(space, FakeVisionLanguageModel().identity, SURE)
    with pytest.raises(IntegrityError, match=f"rerank_fusions_{column}_check"), database.begin() as connection:
        connection.execute(text(f"UPDATE rerank_fusions SET {column} = :value"), {"value": value})  # noqa: S608 - names of this test


def test_the_command(
    catalogued: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{pair.query},{pair.external_id},{int(pair.relevant)}" for pair in labelled()]
    (tmp_path / "pairs.csv").write_text("\n".join(["query,external_id,relevant", *rows]))
    (tmp_path / "photos.csv").write_text("phrase,external_id,uri,shown\ngala,red-house,a.jpg,1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "Services", lambda _: seeing(catalogued, Knowing(model=HELPFUL)))

    assert call(monkeypatch, "calibrate", "pairs.csv", "--rerank") == 0
    said = capsys.readouterr().out
    assert "model 'a helpful model': fitted on 72 pairs, 24 of them matches; " in said
    assert "on 12 queries held out: nDCG@10 0." in said
    assert "that is a lift: searches rerank from now on" in said
    assert call(monkeypatch, "search", "gala", "--all") == 0
    shown = capsys.readouterr().out
    assert "as a helpful model sees them and retrieval" in shown
    assert ", with retrieval 0." in shown
    assert call(monkeypatch, "search", "gala", "--all", "--no-rerank") == 0
    assert "order:" not in capsys.readouterr().out
    assert call(monkeypatch, "calibrate", "photos.csv", "--rerank") == 2
    assert "found labelled photos" in capsys.readouterr().err


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["venuefinder", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)
