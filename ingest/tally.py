"""Count what became of each venue and photo."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ingest.pipeline import EncodedVenue
from ingest.report import Report
from ingest.sources import FoundVenue
from venuefinder.catalogue import Change
from venuefinder.records import Failure

SAVED_AT_ONCE = 1000
"""Failures handed to the database together: a manifest of a million bad lines is not kept in memory."""


class Tally:
    """Counts outcomes into a report, and hands every failure to `save`, in groups."""

    def __init__(self, report: Report, save: Callable[[Sequence[Failure]], None]) -> None:
        self.report = report
        self._save = save
        self._unsaved: list[Failure] = []

    def fail_photos(self, failures: Iterable[Failure], found: FoundVenue) -> None:
        """Count photos of a venue that failed."""
        for failure in failures:
            self._keep(self.report.fail(replace(failure, external_id=found.listing.external_id), is_photo=True))

    def fail_venue(self, failure: Failure, *, photos: int = 0) -> None:
        """Count a venue that failed, and as many of its photos with it."""
        self._keep(self.report.fail(failure, is_photo=False, photos_with_it=photos))

    def _keep(self, failure: Failure) -> None:
        self._unsaved.append(failure)
        if len(self._unsaved) >= SAVED_AT_ONCE:
            self.save()

    def save(self) -> None:
        """Hand over the failures that were not yet."""
        failures, self._unsaved = self._unsaved, []
        self._save(failures)

    def count(self, venue: EncodedVenue, outcome: Change | Failure) -> None:
        """Count a venue that was written, or could not be: then its photos failed with it, for one reason."""
        self.fail_photos(venue.failures, venue.work.found)
        if isinstance(outcome, Failure):
            self.fail_venue(outcome, photos=len(venue.work.kept) + len(venue.read))
            return
        self.report.venues.add(outcome)
        self.report.photos.updated += len(venue.work.kept)
        stored = venue.work.stored.photos if venue.work.stored else {}
        for photo in venue.read:
            known: Change = "updated" if photo.content else "unchanged"
            self.report.photos.add(known if photo.uri in stored else "new")
