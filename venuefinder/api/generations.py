"""Follow the space that serves: services of its encoder take over from those before, and no request fails.

A generation is the services of one encoder. A request leases the generation that serves when it comes and keeps it to
its end, so that it is answered from one space. Another space that serves is looked for every `POLL_SECONDS`; its
encoder is loaded while the generation before answers on. Older generations are closed once nobody leases them.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, RLock, Thread
from time import monotonic
from uuid import UUID

from venuefinder.api.dependencies import Access
from venuefinder.api.streams import Streams
from venuefinder.api.watching import Watches
from venuefinder.bootstrap import Services
from venuefinder.errors import DatabaseError, VenueFinderError
from venuefinder.jobs import IngestionJob
from venuefinder.records import StoredSpace
from venuefinder.request import SearchRequest

logger = logging.getLogger(__name__)
POLL_SECONDS = 1.0
RETRY_SECONDS = 60.0
"""After the encoder of a space could not be loaded: it may lack memory, or weights that somebody brings."""


class Generations:
    """The generation that serves, and older ones until their last request ends. Thread-safe."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.streams = Streams()
        self.watches = Watches(self._job)
        self._serving = Access(services, self)
        self._retired: list[Access] = []
        self._lock = Lock()
        """Guards the above, for moments."""
        self._switching = RLock()
        """Held by the one thread that makes a generation, for as long as that takes."""
        self._serving_id: int | None = None
        self._not_before = 0.0

    def warm(self) -> None:
        """Load and check all that the first request needs. Raises what encoder and database raise."""
        self._serving.warm()

    @contextmanager
    def leased(self) -> Iterator[Access]:
        """Give the generation that serves now, kept open until the end of the block."""
        with self._lock:
            access = self._serving
            access.leases += 1
        try:
            yield access
        finally:
            with self._lock:
                access.leases -= 1

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Follow the space that serves while the block lasts, in a thread, unless the encoder is pinned."""
        ending = Event()
        watcher = Thread(target=self._watch, args=(ending,), name="follow-space", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ending.set()
            watcher.join()
            with self._lock:
                retired, self._retired = [*self._retired, self._serving], []
            for access in retired:
                access.services.retire()

    def follow(self) -> bool:
        """Let a generation of the space that serves take over, where that is another; return whether one did.

        Raises what loading its encoder raises; the generation before serves on.
        """
        if self._services.pinned:
            return False
        with self._switching:
            active_id = self._services.activations.active_id()
            if active_id is None or active_id == self._serving_id:
                return False
            active = self._services.activations.active()
            if active is None or active.space.key == self._serving.services.encoder.space.key:
                self._serving_id = active_id
                return False
            self._begin(self._services.beside(self._services.encoder_of(active)))
            self._serving_id = active_id
            self._report(active)
            return True

    def replaced(self, access: Access, *, gone: bool) -> bool:
        """Return whether another generation serves instead of `access`, whose space failed; follow to see.

        Where its space is `gone` and still the one to serve, it was made anew: so is its generation.
        """
        with self._switching:
            with suppress(VenueFinderError):
                self.follow()
            if self._serving is access and gone:
                self._begin(self._services.beside(access.services.encoder))
            return self._serving is not access

    def _job(self, job_id: UUID) -> IngestionJob:
        with self.leased() as access:
            return access.ingestions().job(job_id)

    def _begin(self, services: Services) -> None:
        access = Access(services, self)
        access.warm()
        with suppress(VenueFinderError):  # an empty space, for one; the first request will say
            services.search.answer(SearchRequest(query="a venue", limit=1))
        with self._lock:
            self._retired.append(self._serving)
            self._serving = access

    def _report(self, active: StoredSpace) -> None:
        logger.info("space %r serves now", active.space.name)
        if missing := self._services.fills.missing(active):
            logger.warning(
                "space %r: %s have no embeddings in it; run: venuefinder spaces backfill %s",
                active.space.name,
                missing,
                active.space.name,
            )

    def _watch(self, ending: Event) -> None:
        while not ending.wait(POLL_SECONDS):
            self._look()
            self._close_idle()

    def _look(self) -> None:
        if monotonic() < self._not_before:
            return
        try:
            self.follow()
        except DatabaseError as error:
            logger.debug("the space that serves cannot be looked up: %s", error)
        except Exception as error:  # whatever a model's library raises: the generation before serves on
            self._not_before = monotonic() + RETRY_SECONDS
            logger.warning(
                "the space that serves cannot be followed; the one before serves on, and it is tried again in %.0f s: "
                "%s: %s",
                RETRY_SECONDS,
                type(error).__name__,
                error,
            )

    def _close_idle(self) -> None:
        with self._lock:
            idle = [access for access in self._retired if not access.leases]
            self._retired = [access for access in self._retired if access.leases]
        for access in idle:
            access.services.retire()
