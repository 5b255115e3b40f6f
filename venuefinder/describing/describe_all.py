"""Describe every venue. What was read before costs nothing, so that a run that was stopped goes on where it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from venuefinder.describing.describe import Describing
from venuefinder.errors import NotFoundError, VisionAnswerError

PAGE = 500
"""Venues whose names are read at once."""


class VenueNames(Protocol):
    """Tells which venues there are: `store.venues.VenueRepository`."""

    def counts(self) -> tuple[int, int]:
        """Return how many venues and photos there are."""

    def names_after(self, external_id: str, limit: int) -> list[str]:
        """Return the external ids that follow one in their order."""


class Progress(Protocol):
    """Told as a run goes on."""

    def begin(self, venues: int) -> None:
        """Show how many there are."""

    def update(self, report: "AllDescribed") -> None:
        """Show what was done so far."""

    def say(self, message: str) -> None:
        """Show one line that matters."""


@dataclass(slots=True)
class AllDescribed:
    """What became of the venues."""

    described: int = 0
    """By all photos that are looked at."""
    incomplete: int = 0
    """Some of them could not be read."""
    failed: int = 0
    """The model's answers were none."""

    @property
    def venues(self) -> int:
        """How many were come to."""
        return self.described + self.incomplete + self.failed


def describe_all(describing: Describing, venues: VenueNames, progress: Progress) -> AllDescribed:
    """Describe every venue in order of its external id; venues that come or go meanwhile are no error.

    Raises VisionUnavailableError when the model does not answer: what was read stays, and the next run goes on there.
    """
    report = AllDescribed()
    progress.begin(venues.counts()[0])
    for external_id in _names(venues):
        _describe(describing, external_id, report, progress)
        progress.update(report)
    return report


def _names(venues: VenueNames) -> Iterator[str]:
    last = ""
    while page := venues.names_after(last, PAGE):
        yield from page
        last = page[-1]


def _describe(describing: Describing, external_id: str, report: AllDescribed, progress: Progress) -> None:
    try:
        description = describing.describe_wholly(external_id)
    except NotFoundError:  # removed meanwhile
        return
    except VisionAnswerError as error:
        report.failed += 1
        progress.say(f"venue {external_id!r}: {error}")
        return
    unread = [photo for photo in description.unread if photo.reason != describing.beyond]
    if description.complete or (description.unread and not unread):
        report.described += 1
        return
    report.incomplete += 1
    reasons = dict.fromkeys(photo.reason for photo in unread)
    progress.say(f"venue {external_id!r}: {len(unread)} photos not read ({'; '.join(list(reasons)[:3])})")
