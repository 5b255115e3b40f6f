"""Speed, remaining time and waiting, by a clock that the test moves."""

import io
from collections.abc import Iterator
from contextlib import closing

import pytest

from ingest.ahead import ahead
from ingest.report import Report
from ingest.speed import LATELY_SECONDS, Speed
from ingest.stages import Stages
from ingest.terminal import TerminalProgress, how_it_goes
from venuefinder.records import Failure


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def passed(venues: int, photos: int) -> Report:
    report = Report()
    report.passed.venues, report.passed.photos = venues, photos
    return report


def test_speed_and_remaining_time_are_those_of_the_last_minute() -> None:
    clock = Clock()
    speed = Speed(1000, clock)
    speed.note(passed(0, 0))
    assert (speed.photos_per_second, speed.eta_seconds) == (0.0, None)
    for second in range(1, 31):
        clock.now = 100.0 + second
        speed.note(passed(10 * second, 80 * second))
    assert (speed.photos_per_second, speed.eta_seconds, speed.seconds) == (80.0, 70.0, 30.0)
    for second in range(1, int(LATELY_SECONDS) + 1):
        clock.now = 130.0 + second
        speed.note(passed(300 + second, 2400 + 8 * second))
    assert (speed.photos_per_second, speed.eta_seconds) == (8.0, 640.0)


def test_without_a_total_there_is_no_remaining_time() -> None:
    clock = Clock()
    speed = Speed(None, clock)
    clock.now += 10
    speed.note(passed(5, 50))
    assert (speed.photos_per_second, speed.eta_seconds) == (5.0, None)


def test_the_stage_waited_for_longest_limits() -> None:
    clock = Clock()
    stages = Stages(clock)
    assert stages.limiting is None
    for stage, seconds in (("decode", 2.0), ("encode", 3.0), ("decode", 2.0)):
        with stages.waiting_for(stage):  # type: ignore[arg-type]
            clock.now += seconds
    assert stages.limiting == "decode"
    assert stages.waited == {"list": 0.0, "decode": 4.0, "encode": 3.0, "write": 0.0}


def test_progress_says_speed_limit_failures_and_remaining_time() -> None:
    clock = Clock()
    speed, report = Speed(7300, clock), passed(100, 900)
    report.stages.waited["encode"] = 1.0
    for kind in ("truncated", "missing", "missing"):
        report.fail(Failure("a.jpg", "…", kind), is_photo=True)  # type: ignore[arg-type]
    clock.now += 20
    speed.note(report)
    assert how_it_goes(report, speed) == (
        "900 photos at 45.0/s, encoding limits, 3 failed (2 missing, 1 truncated), about 24 min left"
    )


def test_without_a_terminal_a_line_comes_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Two:
        identity = "two"

        def count(self) -> int:
            return 2

        def __iter__(self) -> Iterator[object]:
            return iter(())

    with TerminalProgress(Two()) as progress:  # type: ignore[arg-type]
        progress.update(passed(1, 3))
        assert capsys.readouterr().err == ""
        monkeypatch.setattr("venuefinder.progress_bar.LINE_SECONDS", 0.0)
        progress.update(passed(1, 3))
    assert capsys.readouterr().err.startswith("1 of 2 venues; 3 photos at ")


def test_what_is_drawn_ahead_comes_in_order_with_what_it_raises() -> None:
    drawn = io.StringIO()

    def items() -> Iterator[int]:
        for number in range(5):
            drawn.write(str(number))
            yield number
        raise ValueError("no more")

    coming = ahead(items(), most=2)
    assert next(coming) == 0
    assert [next(coming) for _ in range(4)] == [1, 2, 3, 4]
    with pytest.raises(ValueError, match="no more"):
        next(coming)
    assert drawn.getvalue() == "01234"


def test_no_more_is_drawn_ahead_than_asked_for() -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            drawn.append(number)
            yield number

    with closing(ahead(items(), most=2)) as coming:
        next(coming)
    assert len(drawn) <= 3
