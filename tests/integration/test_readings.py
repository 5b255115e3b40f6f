"""What models read of photos, kept and forgotten in a real database."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from time import monotonic

from sqlalchemy import text

from tests.catalogues import paint, run
from venuefinder.bootstrap import Services
from venuefinder.store.database import Database
from venuefinder.store.readings import ReadingRepository
from venuefinder.testing import FakeVisionLanguageModel
from venuefinder.vision.photo_reading import PhotoReport, Verdict, YesNo
from venuefinder.vision.relevance_question import relevance_question

MODEL = FakeVisionLanguageModel().identity
OTHER = FakeVisionLanguageModel(model="other").identity
ONE, TWO = sha256(b"one").digest(), sha256(b"two").digest()
STAGE, BAR = YesNo("Does this photo show a stage?", "a stage").key, YesNo("Does this photo show a bar?", "a bar").key
FITS = relevance_question("a barn").key
REPORT = PhotoReport(setting=("indoors",), amenities=("string lights",))


def test_reports_come_back_to_the_model_that_made_them(database: Database) -> None:
    readings = ReadingRepository(database)
    assert readings.reports(MODEL, [ONE, TWO]) == {}
    readings.keep_reports(MODEL, {ONE: REPORT})
    assert readings.reports(MODEL, [ONE, TWO]) == {ONE: REPORT}
    assert readings.reports(OTHER, [ONE]) == {}
    readings.keep_reports(MODEL, {ONE: PhotoReport(), TWO: REPORT})
    assert readings.reports(MODEL, [ONE, TWO]) == {ONE: PhotoReport(), TWO: REPORT}


def test_a_report_in_words_that_are_no_longer_ours_is_absent(database: Database) -> None:
    readings = ReadingRepository(database)
    readings.keep_reports(MODEL, {ONE: REPORT, TWO: REPORT})
    with database.begin() as connection:
        changed = """UPDATE photo_reports SET report = '{"setting": ["on the moon"]}' WHERE content_hash = :photo"""
        connection.execute(text(changed), {"photo": ONE})
    assert readings.reports(MODEL, [ONE, TWO]) == {TWO: REPORT}


def test_verdicts_come_back_by_photo_and_question(database: Database) -> None:
    readings = ReadingRepository(database)
    kept = {
        (ONE, STAGE): Verdict(yes=True, probability=0.9),
        (TWO, STAGE): Verdict(None),
        (ONE, BAR): Verdict(yes=False),
        (TWO, FITS): Verdict(yes=True, grade=0.7),
    }
    readings.keep_verdicts(MODEL, kept)
    assert readings.verdicts(MODEL, [*kept, (TWO, BAR)]) == kept
    assert readings.verdicts(MODEL, [(ONE, STAGE)]) == {(ONE, STAGE): Verdict(yes=True, probability=0.9)}
    assert readings.verdicts(OTHER, list(kept)) == {}


def test_answers_to_strangers_expire_and_are_deleted_by_those_that_follow(database: Database) -> None:
    readings = ReadingRepository(database)
    gone, going = {(ONE, STAGE): Verdict(yes=True)}, {(TWO, STAGE): Verdict(yes=True)}
    readings.keep_verdicts(MODEL, gone, lifetime=timedelta(0))
    assert readings.verdicts(MODEL, list(gone)) == {}
    readings.keep_verdicts(MODEL, gone | going, lifetime=timedelta(days=1))
    assert readings.verdicts(MODEL, [*gone, *going]) == gone | going
    readings.keep_verdicts(MODEL, gone, lifetime=timedelta(0))
    readings.keep_verdicts(MODEL, going)
    with database.connect() as connection:
        rows = connection.execute(text("SELECT content_hash, expires_at FROM photo_verdicts")).all()
    assert [(bytes(photo), expires) for photo, expires in rows] == [(TWO, None)]


def test_storing_answers_waits_for_nobody_while_it_holds_expired_ones(database: Database) -> None:
    """Two callers that delete what the other stores again would else end in a deadlock."""
    readings = ReadingRepository(database)
    expired, wanted = {(ONE, STAGE): Verdict(yes=True)}, {(TWO, STAGE): Verdict(yes=True)}
    readings.keep_verdicts(MODEL, wanted)
    readings.keep_verdicts(MODEL, expired, lifetime=timedelta(0))
    stored = text("SELECT count(*) FROM photo_verdicts WHERE content_hash = :one")
    with ThreadPoolExecutor(1) as threads:
        with database.begin() as holding:
            holding.execute(text("SELECT FROM photo_verdicts WHERE content_hash = :two FOR UPDATE"), {"two": TWO})
            storing = threads.submit(readings.keep_verdicts, MODEL, wanted)
            ends = monotonic() + 10
            while left := holding.execute(stored, {"one": ONE}).scalar_one():
                if monotonic() > ends:
                    break
            assert not storing.done()
        storing.result()
    assert left == 0


def test_a_lasting_answer_stays_lasting(database: Database) -> None:
    readings = ReadingRepository(database)
    readings.keep_verdicts(MODEL, {(ONE, STAGE): Verdict(yes=True)})
    readings.keep_verdicts(MODEL, {(ONE, STAGE): Verdict(yes=False)}, lifetime=timedelta(0))
    assert readings.verdicts(MODEL, [(ONE, STAGE)]) == {(ONE, STAGE): Verdict(yes=False)}


def test_what_no_photo_has_is_forgotten(services: Services, folder: Path) -> None:
    run(services, folder)
    readings = services.readings
    stored = services.venues.known(["red-barn"])["red-barn"].photos.values()
    hashes = [photo.content.content_hash for photo in stored]
    readings.keep_reports(MODEL, dict.fromkeys([*hashes, ONE], REPORT))
    readings.keep_verdicts(MODEL, {(photo, STAGE): Verdict(yes=True) for photo in [*hashes, ONE]})
    assert readings.forget_unused(hashes) == 0
    assert readings.forget_unused() == 2
    assert set(readings.reports(MODEL, [*hashes, ONE])) == set(hashes)


def test_readings_go_with_the_last_photo_of_that_content(services: Services, folder: Path) -> None:
    paint(folder / "red-barn" / "front.jpg", "yellow")
    shutil.copy(folder / "red-barn" / "front.jpg", folder / "white-loft" / "barn.jpg")
    run(services, folder)
    of_barn, of_loft = (services.venues.known([name])[name].photos for name in ("red-barn", "white-loft"))
    shared = of_barn["front.jpg"].content.content_hash
    services.readings.keep_reports(MODEL, {shared: REPORT})
    services.removals.remove_venue("red-barn")
    assert set(services.readings.reports(MODEL, [shared])) == {shared}
    services.removals.remove_photo("white-loft", of_loft["barn.jpg"].id)
    assert services.readings.reports(MODEL, [shared]) == {}
