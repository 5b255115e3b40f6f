"""What routes ask for. A service is made once, by the first request that needs it, never twice at the same time."""

from dataclasses import dataclass
from threading import RLock
from typing import Annotated

from fastapi import Depends, Request

from venuefinder.bootstrap import Services
from venuefinder.catalogue import Catalogue
from venuefinder.pictures import Pictures
from venuefinder.removals import Removals
from venuefinder.reranking import Reranking
from venuefinder.search import Search
from venuefinder.store.venues import VenueRepository
from venuefinder.uploads import Uploads
from venuefinder.variants import Variants


@dataclass(slots=True)
class Streams:
    """How many streams are open. Of the event loop's one thread."""

    open: int = 0


class Access:
    """The services, handed out one thread at a time: some open the database or make a space when first asked for."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.streams = Streams()
        self._lock = RLock()

    def warm(self) -> None:
        """Load encoder and gazetteer, check the database, make what searching needs: before the first request does."""
        with self._lock:
            self.services.encoder.encode_texts(["a venue"])
            self.services.gazetteer.places("London")
            _ = self.services.search, self.services.reranking, self.services.venues, self.services.variants
            self.services.pictures.forget_expired()

    def search(self) -> Search:
        """Return the search use case."""
        with self._lock:
            return self.services.search

    def reranking(self) -> Reranking:
        """Return the reranking use case."""
        with self._lock:
            return self.services.reranking

    def catalogue(self) -> Catalogue:
        """Return the catalogue."""
        with self._lock:
            return self.services.catalogue

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

    def venues(self) -> VenueRepository:
        """Return the stored venues."""
        with self._lock:
            return self.services.venues

    def variants(self) -> Variants:
        """Return the pictures of photos."""
        with self._lock:
            return self.services.variants


async def access_of(request: Request) -> Access:
    """Return the application's services."""
    access = request.app.state.access
    assert isinstance(access, Access)  # noqa: S101 - `create_app` put it there
    return access


AccessOf = Annotated[Access, Depends(access_of)]
