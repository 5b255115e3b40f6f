"""What routes ask for. A service is made once, by the first request that needs it, never twice at the same time."""

from collections.abc import AsyncIterator, Callable
from threading import Lock, RLock
from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import Depends, Request

from venuefinder.bootstrap import Services
from venuefinder.catalogue import Catalogue
from venuefinder.describing.describe import Describing
from venuefinder.describing.venue_questions import VenueQuestions
from venuefinder.errors import SpaceError, SpaceGoneError, VisionUnavailableError
from venuefinder.events import Events
from venuefinder.ingestions import Ingestions
from venuefinder.pictures import Pictures
from venuefinder.recommending.recommend import Recommend
from venuefinder.recommending.similar import Similar
from venuefinder.records import StoredSpace
from venuefinder.reranking import Reranking
from venuefinder.searching.search import Search
from venuefinder.store.venues import VenueRepository
from venuefinder.upkeep.removals import Removals
from venuefinder.uploads import Uploads
from venuefinder.variants import Variants

if TYPE_CHECKING:
    from venuefinder.api.generations import Generations

Result = TypeVar("Result")
LOADING_SECONDS = 5.0
"""That a request waits for another one to load the vision-language model, which may take minutes."""


class Access:
    """The services of one encoder, handed out one thread at a time: some open the database when first asked for."""

    def __init__(self, services: Services, generations: "Generations") -> None:
        self.services = services
        self.streams = generations.streams
        self.watches = generations.watches
        self.leases = 0
        """Requests that use these services; `generations` counts them."""
        self._generations = generations
        self._lock = RLock()
        self._loading = Lock()

    def settled(self, work: Callable[["Access"], Result]) -> Result:
        """Do `work` with these services; with those that replace them, where their space stopped serving meanwhile."""
        try:
            return work(self)
        except SpaceError as error:
            if not self._generations.replaced(self, gone=isinstance(error, SpaceGoneError)):
                raise
        with self._generations.leased() as access:
            return work(access)

    def warm(self) -> None:
        """Load encoder and gazetteer, check the database, make what searching needs: before the first request does."""
        with self._lock:
            self.services.encoder.encode_texts(["a venue"])
            self.services.gazetteer.places("London")
            _ = self.services.search, self.services.reranking, self.services.venues, self.services.variants
            self.services.pictures.forget_expired()
            self.services.events.forget_expired()

    def search(self) -> Search:
        """Return the search use case."""
        with self._lock:
            return self.services.search

    def recommend(self) -> Recommend:
        """Return the recommendation use case."""
        with self._lock:
            return self.services.recommend

    def similar(self) -> Similar:
        """Return the use case of venues like one."""
        with self._lock:
            return self.services.similar

    def events(self) -> Events:
        """Return the use case of what people did."""
        with self._lock:
            return self.services.events

    def reranking(self) -> Reranking:
        """Return the reranking use case."""
        with self._lock:
            return self.services.reranking

    def describing(self) -> Describing:
        """Return the use case of describing venues; raises VisionUnavailableError while its model is being loaded."""
        self._load_vision()
        with self._lock:
            return self.services.describing

    def questions(self) -> VenueQuestions:
        """Return the use case of asking about a venue; raises as `describing` does."""
        self._load_vision()
        with self._lock:
            return self.services.questions

    def _load_vision(self) -> None:
        """Load the model in the first thread that needs it; the others do not wait for long, nor hold the lock."""
        if not self._loading.acquire(timeout=LOADING_SECONDS):
            raise VisionUnavailableError("the vision-language model is being loaded; try again in a moment")
        try:
            _ = self.services.vision
        finally:
            self._loading.release()

    def catalogue(self) -> Catalogue:
        """Return the catalogue."""
        with self._lock:
            return self.services.catalogue

    def space(self) -> StoredSpace | None:
        """Return the encoder's space, None before anything was embedded in it."""
        with self._lock:
            spaces, space = self.services.spaces, self.services.encoder.space
        return spaces.find(space)

    def uploads(self) -> Uploads:
        """Return the uploads use case."""
        with self._lock:
            return self.services.uploads

    def pictures(self) -> Pictures:
        """Return the pictures to search with."""
        with self._lock:
            return self.services.pictures

    def removals(self) -> Removals:
        """Return the removals use case."""
        with self._lock:
            return self.services.removals

    def ingestions(self) -> Ingestions:
        """Return the use case of ingestion jobs."""
        with self._lock:
            return self.services.ingestions

    def venues(self) -> VenueRepository:
        """Return the stored venues."""
        with self._lock:
            return self.services.venues

    def variants(self) -> Variants:
        """Return the pictures of photos."""
        with self._lock:
            return self.services.variants


async def access_of(request: Request) -> AsyncIterator[Access]:
    """Lease the services that serve when the request comes, until it is answered."""
    with request.app.state.generations.leased() as access:
        yield access


AccessOf = Annotated[Access, Depends(access_of)]
