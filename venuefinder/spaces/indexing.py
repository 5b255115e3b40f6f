"""Bring a space's index to what the setting asks, in shape and tuned."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

from venuefinder.records import IndexFacts, IndexKind, StoredSpace, Tuning

Progress = Callable[[str], None]
BLOAT = 2.0
"""An index so many times as large as a fresh one has holes where rows were; built anew it is small and fast again."""
SMALL = 1024 * 1024
"""Bytes too few to be worth building anew for."""


class Indexes(Protocol):
    """What indexing asks of the store."""

    def kinds(self, space: StoredSpace) -> frozenset[IndexKind]:
        """Return the kinds that are there and valid; `exact` always."""

    def build(self, space: StoredSpace, kind: IndexKind) -> None:
        """Build what is missing of `kind`, and clear away what an interrupted build left."""

    def drop(self, space: StoredSpace, kind: IndexKind) -> None:
        """Drop the indexes of `kind`."""

    def reindex(self, space: StoredSpace, kind: IndexKind) -> None:
        """Build the indexes of `kind` anew."""

    def vacuum(self, space: StoredSpace) -> None:
        """Clear away dead rows and refresh statistics."""

    def facts(self, space: StoredSpace, kind: IndexKind) -> IndexFacts:
        """Return the state of the photos' embeddings and their index."""


class SpaceTuner(Protocol):
    """What tunes."""

    def tune(self, space: StoredSpace) -> StoredSpace:
        """Measure, store and return the space's tuning."""

    def tune_if_outgrown(self, space: StoredSpace) -> StoredSpace:
        """The same, if the space is large and was never tuned or has outgrown it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """What was done to a space's index, and how it is now."""

    space: str
    kind: IndexKind
    facts: IndexFacts
    seconds: float | None
    """What building took; None when it was there."""
    dropped: tuple[IndexKind, ...]
    kept: tuple[IndexKind, ...]
    """Others that are there, take space and make ingestion slower."""
    tuned: Tuning | None
    """None for `exact`, and for a space without photos."""
    target: float
    """The recall that tuning was to reach."""

    @property
    def reached(self) -> bool:
        """Whether searches find what they should."""
        return self.tuned is None or self.tuned.recall >= self.target


def bloated(facts: IndexFacts) -> bool:
    """Return whether the index has become so large that building it anew is worth it."""
    return facts.index_bytes > BLOAT * facts.fresh_bytes and facts.index_bytes - facts.fresh_bytes > SMALL


class Indexing:
    """The indexing use case, for the kind that the settings ask for."""

    def __init__(self, indexes: Indexes, tuner: SpaceTuner, kind: IndexKind, target: float) -> None:
        self._indexes = indexes
        self._tuner = tuner
        self._kind = kind
        self._target = target

    def bring(self, space: StoredSpace, progress: Progress, *, drop_others: bool = False) -> IndexReport:
        """Build what is missing, clear away dead rows, build anew what is bloated, tune; and say how it is then."""
        seconds = self._built(space, progress)
        others = tuple(sorted(self._indexes.kinds(space) - {self._kind, "exact"}))
        if drop_others:
            for other in others:
                progress(f"dropping the {other} index")
                self._indexes.drop(space, other)
        progress("clearing away dead rows")
        self._indexes.vacuum(space)
        if bloated(self._indexes.facts(space, self._kind)):
            seconds = self._timed(progress, "building anew", lambda: self._indexes.reindex(space, self._kind))
        return IndexReport(
            space=space.space.name,
            kind=self._kind,
            facts=self._indexes.facts(space, self._kind),
            seconds=seconds,
            dropped=others if drop_others else (),
            kept=() if drop_others else others,
            tuned=self._tuned(space, progress),
            target=self._target,
        )

    def follow(self, space: StoredSpace) -> StoredSpace:
        """Tune the index of a space that has grown much since; all else waits for `bring`."""
        if self._kind == "exact" or self._kind not in self._indexes.kinds(space):
            return space
        return self._tuner.tune_if_outgrown(space)

    def _built(self, space: StoredSpace, progress: Progress) -> float | None:
        if self._kind in self._indexes.kinds(space):
            return None
        return self._timed(progress, "building", lambda: self._indexes.build(space, self._kind))

    def _timed(self, progress: Progress, doing: str, work: Callable[[], None]) -> float:
        progress(f"{doing} the {self._kind} index; searches and ingestion go on meanwhile")
        started = perf_counter()
        work()
        return perf_counter() - started

    def _tuned(self, space: StoredSpace, progress: Progress) -> Tuning | None:
        if self._kind == "exact":
            return None
        progress("comparing with exact answers")
        return self._tuner.tune(space).tuned
