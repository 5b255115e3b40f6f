"""What a rerank asks, of which venues."""

from dataclasses import dataclass

MOST_CANDIDATES = 50
"""Venues of a page that a rerank looks at, the first ones; those behind keep their places."""
MOST_TEXT = 500
"""Characters of a request that a model is asked about: more would cost every photo, and describe no photo."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A venue to be judged, and the photo that matched the request, None where none did."""

    external_id: str
    photo_id: int | None
    retrieval: float | None = None
    """Retrieval's score; None where it is not of words alone, and no fusion was fitted to such scores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankTask:
    """The words that photos are judged by, and the venues in retrieval's order. Nothing of a listing's text."""

    text: str
    candidates: tuple[Candidate, ...]
    first_rank: int = 1
    """The place of the first venue in the whole answer; more than 1 on later pages."""
    unasked: bool = False
    """Whether nobody asked for it: then a model is asked only where it is known to lift results."""

    @property
    def order(self) -> list[str]:
        """The venues in retrieval's order."""
        return [candidate.external_id for candidate in self.candidates]
