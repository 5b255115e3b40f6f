"""The services of the space that serves, for processes that work for days: another one may serve by then."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from venuefinder.bootstrap import Services
from venuefinder.errors import SpaceGoneError


class Following:
    """Lends the services of the space that serves. Thread-safe. Those that nobody uses any more let go of their model.

    A pinned encoder stays, whatever space serves.
    """

    def __init__(self, services: Services) -> None:
        self._first = services
        self._current = services
        self._users: Counter[Services] = Counter()
        self._lock = Lock()

    @contextmanager
    def serving(self) -> Iterator[Services]:
        """Lend the services of the space that serves now. Raises what loading its encoder raises."""
        with self._lock:
            services = self._followed()
            self._users[services] += 1
        gone = False
        try:
            yield services
        except SpaceGoneError:
            gone = True
            raise
        finally:
            self._give_back(services, gone=gone)

    def replaced(self, services: Services) -> bool:
        """Return whether another space serves than that of services that were lent."""
        return not self._first.pinned and self._first.activations.active_id() != services.catalogue.space.id

    def _followed(self) -> Services:
        if self._first.pinned:
            return self._first
        active = self._first.activations.active()
        if active is not None and active.space.key != self._current.encoder.space.key:
            before, self._current = self._current, self._first
            self._retire(before)  # before another model is loaded, where nobody uses it
            self._current = self._first.beside(self._first.encoder_of(active))
        return self._current

    def _give_back(self, services: Services, *, gone: bool) -> None:
        with self._lock:
            self._users[services] -= 1
            if gone or services is not self._current:
                self._retire(services)

    def _retire(self, services: Services) -> None:
        if not self._users[services]:
            del self._users[services]
            services.retire()
