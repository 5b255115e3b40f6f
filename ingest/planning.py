"""Reads a source and compares it with the catalogue, a group of venues at a time."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from ingest.planner import VenueWork, plan
from ingest.sources import Found, FoundVenue, Source, Unreadable
from venuefinder.records import Outstanding, StoredVenue

PLANNED_VENUES = 200
PLANNED_PHOTOS = 20_000
PLANNED_BYTES = 64_000_000
"""Venues compared with the database in one query, fewer where they have more photos together than these, or hold more
bytes of photos that came with them."""
Planned = VenueWork | Unreadable


class Known(Protocol):
    """The catalogue, as far as planning asks it."""

    def known(self, external_ids: Collection[str]) -> Mapping[str, StoredVenue]:
        """Return those of the venues that are stored, by external id."""


class Planning:
    """What one run has to do.

    verify: read every photo again. only: take these venues alone. copy: photos into our own store.
    """

    def __init__(
        self, source: Source, catalogue: Known, *, verify: bool, only: Outstanding | None, copy: bool = False
    ) -> None:
        self._source = source
        self._catalogue = catalogue
        self._verify = verify
        self._only = only
        self._copy = copy

    def __iter__(self) -> Iterator[Sequence[Planned]]:
        """Yield what the source lists in its order, in groups, none of them empty."""
        for group in _grouped(self._source):
            known = self._catalogue.known([item.listing.external_id for item in group if isinstance(item, FoundVenue)])
            if planned := [self._planned(item, known) for item in group if self._wanted(item, known)]:
                yield planned

    def _wanted(self, item: Found, known: Mapping[str, StoredVenue]) -> bool:
        """Return whether a run of what failed takes it.

        A listing that could not be read named no venue. It is known again by its place, or, where lines moved
        meanwhile, as one that is not stored yet.
        """
        if self._only is None:
            return True
        if isinstance(item, Unreadable):
            return item.place in self._only.places
        external_id = item.listing.external_id
        failed = external_id in self._only.external_ids or item.place in self._only.places
        return failed or (bool(self._only.places) and external_id not in known)

    def _planned(self, item: Found, known: Mapping[str, StoredVenue]) -> Planned:
        if isinstance(item, Unreadable):
            return item
        stored = known.get(item.listing.external_id)
        return plan(item, stored, source=self._source.identity, verify=self._verify, copy=self._copy)


def _grouped(source: Iterable[Found]) -> Iterator[list[Found]]:
    """Yield what a source holds in groups that memory can take."""
    group: list[Found] = []
    photos = weight = 0
    for found in source:
        group.append(found)
        if isinstance(found, FoundVenue):
            photos += len(found.listing.all_photos())
            weight += found.weight
        if len(group) >= PLANNED_VENUES or photos >= PLANNED_PHOTOS or weight >= PLANNED_BYTES:
            yield group
            group, photos, weight = [], 0, 0
    if group:
        yield group
