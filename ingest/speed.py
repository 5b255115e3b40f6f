"""How fast a run goes lately, and when it will have read its source."""

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from ingest.report import Report

LATELY_SECONDS = 60.0
"""What is judged by: a run's speed changes with the size of photos and with what is unchanged."""
NOTED_SECONDS = 1.0


class _Moment(NamedTuple):
    seconds: float
    venues: int
    photos: int


class Speed:
    """Speed and remaining time of one run, from reports as it goes on.

    total: venues of the source, None where only reading it tells.
    """

    def __init__(self, total: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._started = clock()
        self._noted = deque([_Moment(0.0, 0, 0)])
        self._last = self._noted[0]

    def note(self, report: Report) -> None:
        """Learn how far the run is now."""
        self._last = _Moment(self._clock() - self._started, report.passed.venues, report.passed.photos)
        if self._last.seconds - self._noted[-1].seconds >= NOTED_SECONDS:
            self._noted.append(self._last)
            while self._noted[1].seconds <= self._last.seconds - LATELY_SECONDS:
                self._noted.popleft()

    @property
    def seconds(self) -> float:
        """Seconds from the start to the last note."""
        return self._last.seconds

    @property
    def photos_per_second(self) -> float:
        """Photos lately encoded, or found unusable, a second."""
        return (self._last.photos - self._noted[0].photos) / self._lately

    @property
    def eta_seconds(self) -> float | None:
        """Seconds until the source is read, by the venues that lately passed; None where that cannot be told."""
        venues = (self._last.venues - self._noted[0].venues) / self._lately
        if self._total is None or not venues:
            return None
        return max(self._total - self._last.venues, 0) / venues

    @property
    def _lately(self) -> float:
        return max(self._last.seconds - self._noted[0].seconds, 1e-3)
