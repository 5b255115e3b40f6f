"""What a sentence was understood to mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from venuefinder.request import VenueFilter

PartKind = Literal["guests", "price", "place", "kind", "amenity", "negation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A place that a name may mean."""

    name: str
    """As people tell it apart: `Cambridge, GB`, `Springfield, Illinois, US`."""
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Words of the query that mean more than what a picture shows."""

    start: int
    """First character in the query."""
    end: int
    """The one after the last."""
    words: str
    kind: PartKind
    meaning: Mapping[str, Any]
    """A fragment of `filters` as JSON, or `{"negative": words}`: what this part asks where it is applied."""
    applied: bool
    note: str | None = None
    """Why it is not applied, or what was taken for granted, in words."""
    candidates: tuple[Candidate, ...] = ()
    """Of an ambiguous place."""

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands in the query."""
        return self.start, self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpretation:
    """A query taken apart. What no part took stays in `text`, in its order."""

    text: str
    """The visual words, '' when every word became a filter."""
    clauses: tuple[str, ...]
    """`text` cut into phrases, each of which one photo could show."""
    negatives: tuple[str, ...]
    """What should not be there, without the 'no'."""
    filters: VenueFilter
    """Those given and those understood, `near` with its coordinates and radius. Those given win."""
    parts: tuple[Part, ...] = ()
    warnings: tuple[str, ...] = field(default=())
