"""Count what became of each venue and photo."""

from collections.abc import Callable, Sequence

from ingest.pipeline import EncodedVenue
from ingest.report import Failure, Report
from venuefinder.catalogue import Change

SAVED_AT_ONCE = 1000
"""Failures handed to the database together: a manifest of a million bad lines is not kept in memory."""


class Tally:
    """Counts outcomes into a report, and hands every failure to `save`, in groups."""

    def __init__(self, report: Report, save: Callable[[Sequence[tuple[str, str]]], None]) -> None:
        self.report = report
        self._save = save
        self._unsaved: list[tuple[str, str]] = []

    def fail(self, failure: Failure, *, is_photo: bool) -> None:
        """Count one failure."""
        kept = self.report.fail(failure.uri, failure.reason, is_photo=is_photo)
        self._unsaved.append((kept.uri, kept.reason))
        if len(self._unsaved) >= SAVED_AT_ONCE:
            self.save()

    def save(self) -> None:
        """Hand over the failures that were not yet."""
        failures, self._unsaved = self._unsaved, []
        self._save(failures)

    def count(self, venue: EncodedVenue, outcome: Change | Failure) -> None:
        """Count a venue that was written, or could not be: then its photos failed with it, for one reason."""
        for failure in venue.failures:
            self.fail(failure, is_photo=True)
        if isinstance(outcome, Failure):
            self.fail(Failure(venue.work.found.place, outcome.reason), is_photo=False)
            self.report.photos.failed += len(venue.work.kept) + len(venue.read)
            return
        self.report.venues.add(outcome)
        self.report.photos.updated += len(venue.work.kept)
        stored = venue.work.stored.photos if venue.work.stored else {}
        for photo in venue.read:
            known: Change = "updated" if photo.content else "unchanged"
            self.report.photos.add(known if photo.uri in stored else "new")
