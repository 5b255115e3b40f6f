"""A database that goes away for a while does not end a run: what was asked of it is asked again once it is back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Event, Lock
from time import monotonic
from types import TracebackType
from typing import Protocol, Self, TypeVar

from venuefinder.catalogue import Catalogue, Change
from venuefinder.errors import DatabaseUnavailableError, DiskFullError, SourceInUseError
from venuefinder.records import StoredVenue, VenueDraft

PATIENCE_SECONDS = 300.0
"""A restart takes seconds, a failover to another server a minute or two."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds between two tries; doubled each time."""
Given = TypeVar("Given")
Answer = TypeVar("Answer")


class Claim(Protocol):
    """A hold on the source of a run, which the database may lose."""

    def renew(self) -> None:
        """Take it again, if it was lost; raises SourceInUseError where another has it."""


class Patience:
    """Makes calls of the database, again and again while it is away, and none without a hold on the source.

    For calls that may be made twice. Thread-safe.

    A block of it that ends by an error ends the waiting: Ctrl-C need not wait for the database.
    """

    def __init__(self, claim: Claim, say: Callable[[str], None], *, seconds: float = PATIENCE_SECONDS) -> None:
        self._claim = claim
        self._say = say
        self._seconds = seconds
        self._over = Event()
        self._renewing = Lock()

    def __call__(self, call: Callable[[], Answer]) -> Answer:
        """Return what `call` returns. Raises what it raises; DatabaseUnavailableError once patience is at its end."""
        try:
            self._renew()  # a restart between two calls goes unnoticed but for the lock
            return call()
        except DiskFullError:
            raise
        except DatabaseUnavailableError as error:
            return self._insist(call, error)

    def of(self, call: Callable[[Given], Answer]) -> Callable[[Given], Answer]:
        """Return a patient version of `call`."""
        return lambda given: self(lambda: call(given))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._over.set()

    def _insist(self, call: Callable[[], Answer], error: DatabaseUnavailableError) -> Answer:
        deadline, pause = monotonic() + self._seconds, FIRST_PAUSE
        if not self._over.is_set():
            self._say(f"{error}. Trying again for {self._seconds / 60:.0f} minutes")
        while not self._over.wait(pause) and monotonic() < deadline:
            pause = min(2 * pause, LONGEST_PAUSE)
            try:
                self._renew()
                answer = call()
            except DiskFullError:
                raise
            except DatabaseUnavailableError as again:
                error = again
            else:
                self._say("the database is back; going on")
                return answer
        raise error

    def _renew(self) -> None:
        """Hold the source again. Another that has it by now is no error of the listing, whoever asks."""
        try:
            with self._renewing:
                self._claim.renew()
        except SourceInUseError as error:
            self._over.set()
            raise DatabaseUnavailableError(f"{error}; it took the source up while the database was away") from error


class PatientCatalogue:
    """A catalogue whose calls wait for the database."""

    def __init__(self, catalogue: Catalogue, patience: Patience) -> None:
        self._catalogue = catalogue
        self._patience = patience

    def known(self, external_ids: Collection[str]) -> Mapping[str, StoredVenue]:
        """See Catalogue."""
        return self._patience(lambda: self._catalogue.known(external_ids))

    def upsert(self, drafts: Sequence[VenueDraft]) -> dict[str, Change]:
        """See Catalogue. Asked again after a commit whose answer was lost, it finds what it wrote and leaves it."""
        return self._patience(lambda: self._catalogue.upsert(drafts))

    def remove_photos(self, photo_ids: Collection[int]) -> int:
        """See Catalogue."""
        return self._patience(lambda: self._catalogue.remove_photos(photo_ids))
