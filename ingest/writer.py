"""Write completed venues in groups, beside the encoding. A group that fails is tried again one by one."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol

from ingest.pipeline import EncodedVenue
from ingest.tally import Tally
from venuefinder.catalogue import Change
from venuefinder.errors import InputError, VenueFinderError
from venuefinder.records import Failure, VenueDraft

GROUP_VENUES = 100
GROUP_PHOTOS = 500
"""Photos of the venues in a group, unchanged ones included: they are in memory too."""
GROUP_SECONDS = 5.0
"""How long the first venue of a group waits for it to fill: what a run that is killed encoded for nothing is no more,
however slow the encoder."""


class Upserts(Protocol):
    """What writing asks of the catalogue."""

    def upsert(self, drafts: Sequence[VenueDraft]) -> dict[str, Change]:
        """Store all of them or none, and return what became of each; raises InputError for what is refused."""


class Writer:
    """Groups venues into transactions of bounded size, on one thread of its own.

    `tally` counts each venue and what became of it, on the thread that calls `add`. What the writing thread raises
    comes out of the next `add`, or of leaving the block.
    """

    def __init__(self, catalogue: Upserts, tally: Tally, clock: Callable[[], float] = time.monotonic) -> None:
        self._catalogue = catalogue
        self._tally = tally
        self._clock = clock
        self._since = 0.0
        self._group: list[EncodedVenue] = []
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="write")
        self._writing: tuple[list[EncodedVenue], Future[dict[str, Change | Failure]]] | None = None

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._flush()
            self._settle()
        except VenueFinderError as lost:
            if error is None:
                raise
            error.add_note(f"and the group in hand is lost: {lost}")  # what ended the run is said, not what came of it
        finally:
            self._pool.shutdown(wait=True)

    def add(self, venue: EncodedVenue) -> None:
        """Take one completed venue; written with its group, once that is full or has waited long enough."""
        if not self._group:
            self._since = self._clock()
        self._group.append(venue)
        photos = sum(waiting.work.photos for waiting in self._group)
        waited = self._clock() - self._since
        if len(self._group) >= GROUP_VENUES or photos >= GROUP_PHOTOS or waited >= GROUP_SECONDS:
            self._flush()

    def _flush(self) -> None:
        self._settle()
        if self._group:
            group, self._group = self._group, []
            self._writing = group, self._pool.submit(self._write, group)

    def _settle(self) -> None:
        """Wait for the group being written, and count it."""
        if self._writing is None:
            return
        (group, future), self._writing = self._writing, None
        with self._tally.report.stages.waiting_for("write"):
            outcomes = future.result()
        for venue in group:
            self._tally.count(venue, outcomes[venue.work.found.listing.external_id])

    def _write(self, group: Sequence[EncodedVenue]) -> dict[str, Change | Failure]:
        drafts = [venue.work.draft(tuple(venue.read)) for venue in group]
        try:
            return dict(self._catalogue.upsert(drafts))
        except InputError:
            alone = zip(group, drafts, strict=True)
            return {draft.venue.external_id: self._write_alone(venue, draft) for venue, draft in alone}

    def _write_alone(self, venue: EncodedVenue, draft: VenueDraft) -> Change | Failure:
        external_id = draft.venue.external_id
        try:
            return self._catalogue.upsert([draft])[external_id]
        except InputError as error:
            return Failure(venue.work.found.place, str(error), "database", external_id)
