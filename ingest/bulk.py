"""A large load into a small space goes without the approximate index, which is built once the rows are there.

Each row that is inserted searches the graph for its neighbours, one row after the other on the connection that writes;
a build does that in parallel and in memory. A space that holds more is left alone: it may be serving searches, and
those would have to read every row.
"""

from collections.abc import Callable

from venuefinder.bootstrap import Services
from venuefinder.errors import InputError
from venuefinder.records import StoredSpace

LARGE_LOAD = 10_000
"""Photos to load from which on the build is the faster way by far; a smaller load is over before it matters."""
SMALL_SPACE = 1_000
"""Photos in a space up to which reading every row takes a few milliseconds, so that no search misses the index."""


class BulkLoad:
    """Decides for one run, as it learns how much there is to load. `say` tells people."""

    def __init__(self, services: Services, space: StoredSpace, say: Callable[[str], None]) -> None:
        self._services = services
        self._space = space
        self._say = say
        self._decided = False

    def listed(self, photos: int) -> None:
        """Learn how many photos the run is to encode so far; drop the index once they are many."""
        if self._decided or photos < LARGE_LOAD:
            return
        self._decided = True
        kind = self._services.settings.index
        if kind == "exact" or self._services.spaces.roughly(self._space) > SMALL_SPACE:
            return
        try:
            self._services.indexes.drop(self._space, kind)
        except InputError:  # somebody builds it at this moment
            return
        self._say(f"more than {LARGE_LOAD:,} photos to load: the {kind} index is built once they are in")

    def settle(self) -> None:
        """Build the index of a space that has none, this run's or that of one that was killed."""
        kind = self._services.settings.index
        if kind == "exact" or self._services.indexes.kinds(self._space) != {"exact"}:
            return
        if not self._services.spaces.holds_embeddings(self._space):
            return
        try:
            self._services.indexing.bring(self._space, self._say)
        except InputError as error:
            self._say(f"the {kind} index is not built yet ({error}); run: venuefinder index")
