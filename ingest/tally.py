"""Count what became of each venue and photo."""

from ingest.pipeline import EncodedVenue
from ingest.report import Failure, Report
from venuefinder.catalogue import Change


class Tally:
    """Counts outcomes into a report."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.unsaved: list[Failure] = []
        """Failures not yet handed to the database."""

    def fail(self, failure: Failure, *, is_photo: bool) -> None:
        """Count one failure."""
        self.unsaved.append(self.report.fail(failure.uri, failure.reason, is_photo=is_photo))

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
            known = "updated" if photo.content else "unchanged"
            self.report.photos.add(known if photo.uri in stored else "new")
