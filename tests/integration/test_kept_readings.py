"""A model that remembers, over a real database: what it is asked again, and what not."""

from collections.abc import Callable
from time import monotonic

import pytest
from PIL import Image

from venuefinder.store.database import Database
from venuefinder.store.readings import ReadingRepository
from venuefinder.testing import COLOURS, FakeEncoder, FakeVisionLanguageModel
from venuefinder.vision.kept_readings import CHUNK, LATE, KeptReadings
from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_reading import PhotoInput, PhotoReport, Unread, Verdict, YesNo
from venuefinder.vlm.registry import VisionOptions
from venuefinder.vlm.zero_shot import ZeroShot

RED = YesNo("Does this photo show a red wall?", "a red wall")
BLUE = YesNo("Does this photo show a blue wall?", "a blue wall")
OVER = 0.0
YES, NO = Verdict(yes=True, probability=0.95), Verdict(yes=False, probability=0.05)

Photo = Callable[..., PhotoInput]


@pytest.fixture
def photo() -> Photo:
    def make(photo_id: int, colour: str = "red", *, content: int | None = None) -> PhotoInput:
        image = Image.new("RGB", (64, 48), COLOURS[colour])
        return PhotoInput(
            photo_id=photo_id,
            content_hash=(content if content is not None else photo_id).to_bytes(32, "big"),
            width=64,
            height=48,
            open=lambda _: image,
            embeddings=FakeEncoder().encode_images([image])[0],
        )

    return make


@pytest.fixture
def model() -> FakeVisionLanguageModel:
    return FakeVisionLanguageModel()


@pytest.fixture
def kept(model: FakeVisionLanguageModel, database: Database) -> KeptReadings:
    return KeptReadings(model, ReadingRepository(database))


def test_it_is_a_model_itself(kept: KeptReadings, model: FakeVisionLanguageModel) -> None:
    assert isinstance(kept, VisionLanguageModel)
    assert kept.identity == model.identity
    kept.close()
    assert not model.closed  # somebody else's


def test_reports_come_in_order_and_are_read_once(
    kept: KeptReadings, model: FakeVisionLanguageModel, photo: Photo
) -> None:
    photos = [photo(1, "red"), photo(2, "blue"), photo(3, "red", content=1)]
    first = kept.report(photos)
    assert [report.amenities for report in first if isinstance(report, PhotoReport)] == [
        ("red wall",),
        ("blue wall",),
        ("red wall",),
    ]
    assert kept.report([*reversed(photos), photo(4, "green")])[:3] == first[::-1]
    assert model.reported == [1, 2, 4]


def test_only_what_was_never_asked_is_asked(kept: KeptReadings, model: FakeVisionLanguageModel, photo: Photo) -> None:
    one, two = photo(1, "red"), photo(2, "blue")
    assert kept.verdicts([one], [RED]) == [[YES]]
    model.asked.clear()
    assert kept.verdicts([one, two], [RED, BLUE]) == [[YES, NO], [NO, YES]]
    assert sorted(model.asked) == [(1, BLUE.text), (2, BLUE.text), (2, RED.text)]
    model.asked.clear()
    assert kept.verdicts([two, one], [BLUE, RED]) == [[YES, NO], [NO, YES]]
    assert model.asked == []


def test_what_is_kept_comes_though_time_is_over(
    kept: KeptReadings, model: FakeVisionLanguageModel, photo: Photo
) -> None:
    one, two = photo(1, "red"), photo(2, "blue")
    kept.report([one]), kept.verdicts([one], [RED])
    model.down = True
    assert kept.report([two, one], until=OVER) == [LATE, PhotoReport(setting=("indoors",), amenities=("red wall",))]
    assert kept.verdicts([two, one], [RED], until=OVER) == [LATE, [YES]]


def test_a_photo_that_could_not_be_read_is_tried_again(
    kept: KeptReadings, model: FakeVisionLanguageModel, photo: Photo
) -> None:
    late = kept.report([photo(1)], until=monotonic())
    assert isinstance(late[0], Unread)
    assert isinstance(kept.report([photo(1)])[0], PhotoReport)
    assert model.reported == [1]


def test_what_was_read_before_the_model_went_down_is_kept(
    kept: KeptReadings, model: FakeVisionLanguageModel, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = [photo(number) for number in range(1, 2 * CHUNK + 1)]
    read = model.report

    def report(batch: list[PhotoInput], *, until: float | None = None) -> list[PhotoReport | Unread]:
        model.down = bool(model.reported)
        return read(batch, until=until)

    monkeypatch.setattr(model, "report", report)
    with pytest.raises(Exception, match="the fake model is down"):
        kept.report(photos)
    found = kept.report(photos, until=OVER)
    assert [isinstance(each, PhotoReport) for each in found] == [True] * CHUNK + [False] * CHUNK


def test_what_zero_shot_says_is_neither_kept_nor_hurried(database: Database, photo: Photo) -> None:
    readings = ReadingRepository(database)
    zero_shot = ZeroShot(FakeEncoder(), VisionOptions())
    kept = KeptReadings(zero_shot, readings)
    assert kept.report([photo(1)], until=OVER) == zero_shot.report([photo(1)])
    assert kept.verdicts([photo(1)], [RED], until=OVER) == zero_shot.verdicts([photo(1)], [RED])
    assert readings.reports(zero_shot.identity, [photo(1).content_hash]) == {}
