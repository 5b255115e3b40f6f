"""What a run did: counts by outcome, and every failure with its reason."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ingest.stages import Stage, Stages
from venuefinder.catalogue import Change
from venuefinder.domain import CONTROL_CHARACTER
from venuefinder.errors import FailureKind
from venuefinder.records import Failure

MAX_FAILURES_KEPT = 10_000
"""Failures in the report itself; all of them are in `ingestion_failures`."""


@dataclass(slots=True)
class Counts:
    """How many were seen, and what became of them."""

    read: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    removed: int = 0

    def add(self, outcome: Change) -> None:
        """Count one."""
        setattr(self, outcome, getattr(self, outcome) + 1)


@dataclass(slots=True)
class Passed:
    """How much went through the run so far, written or about to be."""

    venues: int = 0
    photos: int = 0
    """Encoded, or found unusable when they were read."""

    def add(self, *, photos: int = 0) -> None:
        """Count a venue, and as many of its photos."""
        self.venues += 1
        self.photos += photos


@dataclass(slots=True)
class Report:
    """The report of one run; its JSON is the last line of `venuefinder ingest --json`."""

    venues: Counts = field(default_factory=Counts)
    photos: Counts = field(default_factory=Counts)
    kinds: dict[FailureKind, int] = field(default_factory=dict)
    """How many venues and photos failed, by why."""
    stages: Stages = field(default_factory=Stages)
    """What the run waited for."""
    failures: list[Failure] = field(default_factory=list)
    passed: Passed = field(default_factory=Passed)

    def fail(self, failure: Failure, *, is_photo: bool, photos_with_it: int = 0) -> Failure:
        """Count a failure, and photos that fail with their venue for its reason; keep and return it."""
        self.venues.failed += not is_photo
        self.photos.failed += is_photo + photos_with_it
        self.kinds[failure.kind] = self.kinds.get(failure.kind, 0) + 1 + photos_with_it
        kept = replace(failure, uri=_printable(failure.uri), reason=_printable(failure.reason))
        if len(self.failures) < MAX_FAILURES_KEPT:
            self.failures.append(kept)
        return kept

    @property
    def failed(self) -> int:
        """How many venues and photos failed."""
        return self.venues.failed + self.photos.failed

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "venues": asdict(self.venues),
            "photos": asdict(self.photos),
            "kinds": dict(self.kinds),
            "limited_by": self.stages.limiting,
            "stages": self.waited(),
            "failures": [asdict(failure) for failure in self.failures],
        }

    def waited(self) -> dict[Stage, float]:
        """Return the seconds that the run waited for each stage, to a hundredth."""
        return {stage: round(seconds, 2) for stage, seconds in self.stages.waited.items()}


def _printable(text: str) -> str:
    """Return text that PostgreSQL, JSON and terminals take, whatever bytes a file's name is made of."""
    return CONTROL_CHARACTER.sub(lambda found: ascii(found.group())[1:-1], text)
