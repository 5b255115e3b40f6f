"""One ingestion run on this machine: read, plan, encode, write, prune, report."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial

from ingest.ahead import ahead
from ingest.bulk import BulkLoad
from ingest.engine import Engine
from ingest.engines import engine_of
from ingest.options import RunOptions
from ingest.patience import Patience, PatientCatalogue
from ingest.planner import VenueWork
from ingest.planning import PLANNED_VENUES, Planned, Planning
from ingest.progress import Progress
from ingest.report import Report
from ingest.sources import Source, Unreadable
from ingest.stages import Stages
from ingest.tally import Tally
from ingest.writer import Writer
from venuefinder.bootstrap import Services
from venuefinder.calibrating.background import ensure_background
from venuefinder.errors import RunCancelledError
from venuefinder.records import Failure, RunState


def ingest(source: Source, services: Services, progress: Progress, options: RunOptions) -> Report:
    """Bring the catalogue to what `source` lists, and return what was done.

    Killed at any point and run again, it ends as if undisturbed: venues are written whole, and what is already as
    listed is skipped. `progress` may end it by RunCancelledError, which comes out once the group being
    written is stored.
    """
    with (
        services.runs.exclusively(source.identity) as claim,
        Patience(claim, progress.say) as patient,
        services.removals.keeping(),
    ):
        run_id = services.runs.start(source.identity, services.catalogue.space)
        tally = Tally(Report(), patient.of(partial(services.runs.record_failures, run_id)))
        state: RunState = "failed"
        try:
            run = Run(source, services, progress, tally, options, patient)
            run.read()
            patient(run.settle_vanished)
            patient(run.settle_space)
            state = "done"
        except KeyboardInterrupt:
            state = "interrupted"
            raise
        except RunCancelledError:
            state = "cancelled"
            raise
        finally:
            try:
                tally.save()
            finally:
                patient(lambda: services.runs.finish(run_id, state, tally.report.as_json()))
    return tally.report


class Run:
    """What one run knows while it lasts."""

    def __init__(
        self,
        source: Source,
        services: Services,
        progress: Progress,
        tally: Tally,
        options: RunOptions,
        patient: Patience,
    ) -> None:
        self._source = source
        self._services = services
        self._patient = patient
        self._catalogue = PatientCatalogue(services.catalogue, patient)
        self._progress = progress
        self._options = options
        self._listed: set[str] = set()
        self._vanished_photos: list[int] = []
        self._tally = tally
        self._bulk = BulkLoad(services, services.catalogue.space, progress.say)
        self._only = services.failures.outstanding(source.identity) if options.retry_failed else None

    def read(self) -> None:
        """Read the source to its end and store what is new or changed, of what failed alone where that is asked for."""
        if self._only is not None and not self._only:
            self._progress.say(f"nothing failed in the last run of {self._source.identity}")
            return
        with (
            closing(self._engine().run(self._due())) as encoded,
            Writer(self._catalogue, self._tally) as writer,
            self._patient,  # left first, so that the writer ends even while it waits for the database
        ):
            for venue in encoded:
                writer.add(venue)
                self._tally.report.passed.add(photos=len(venue.work.tasks))
                self._progress.update(self._tally.report)
        self._progress.update(self._tally.report)

    def settle_vanished(self) -> None:
        """Say how much the source no longer lists, and where that is asked for remove it.

        Nothing is removed when a listing could not be read: what it would have named cannot be told from what vanished.
        A run of what failed does not know what vanished.
        """
        if self._only is not None:
            return
        stored = self._services.venues.of_source(self._source.identity)
        venues = sorted(set(stored) - self._listed)
        photos = len(self._vanished_photos) + sum(stored[external_id] for external_id in venues)
        if not venues and not photos:
            return
        found = f"{len(venues)} venues and {photos} photos are no longer listed by {self._source.identity}"
        if not self._options.prune:
            self._progress.say(f"{found}; they stay. To remove them, add --prune")
        elif self._tally.report.venues.failed:
            self._progress.say(f"{found}; none is removed, because {self._tally.report.venues.failed} listings failed")
        else:
            self._progress.say(f"{found}; removing them")
            self._tally.report.photos.removed = photos
            self._catalogue.remove_photos(self._vanished_photos)
            for start in range(0, len(venues), PLANNED_VENUES):
                group = venues[start : start + PLANNED_VENUES]
                self._tally.report.venues.removed += self._services.removals.remove_venues(group)

    def _engine(self) -> Engine:
        known = partial(self._services.photo_vectors.by_content, space=self._services.catalogue.space)
        return engine_of(self._options, self._services, self._stages, self._patient.of(known))

    def settle_space(self) -> None:
        """Bring backgrounds, index, tuning and tags to what the space holds now."""
        services = self._services
        space = services.spaces.require(services.encoder.space)
        space = ensure_background(services.spaces, services.prompts, space)
        self._bulk.settle()
        services.indexing.follow(services.spaces.require(space.space))
        services.tagging.tag()

    @property
    def _stages(self) -> Stages:
        return self._tally.report.stages

    def _due(self) -> Iterator[VenueWork]:
        """Yield the venues that need anything; count the others as they pass."""
        photos = 0
        with closing(ahead(self._planning())) as groups:
            while group := self._next(groups):
                photos += sum(len(item.tasks) for item in group if isinstance(item, VenueWork))
                self._patient(partial(self._bulk.listed, photos))
                for item in group:
                    self._tally.report.venues.read += 1
                    if isinstance(item, Unreadable):
                        self._tally.fail_venue(Failure(item.place, item.reason, "listing"))
                        self._tally.report.passed.add()
                    else:
                        self._count(item)
                        if not item.idle:
                            yield item
                self._progress.update(self._tally.report)

    def _planning(self) -> Planning:
        """Return what there is to do; it is asked for on a thread of its own."""
        return Planning(
            self._source,
            self._catalogue,
            verify=self._options.verify,
            only=self._only,
            copy=self._services.settings.copy_photos,
        )

    def _next(self, groups: Iterator[Sequence[Planned]]) -> Sequence[Planned]:
        with self._stages.waiting_for("list"):
            return next(groups, ())

    def _count(self, work: VenueWork) -> None:
        report = self._tally.report
        report.photos.read += work.photos + len(work.failures)
        report.photos.unchanged += work.unchanged
        report.venues.unchanged += work.idle
        if work.idle:
            report.passed.add()
        self._listed.add(work.found.listing.external_id)
        self._vanished_photos += work.vanished
        self._tally.fail_photos(work.failures, work.found)
