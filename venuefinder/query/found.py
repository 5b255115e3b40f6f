"""What a recogniser hands over: words that mean more than what a picture shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from venuefinder.query.interpretation import Candidate, PartKind
from venuefinder.query.sentence import Range

Fate = Literal["out", "text", "looks"]
"""What becomes of the words: they leave the text; they stay, but no clause is made of them; they stay a description."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A part in the making. Positions are of `Sentence.plain`."""

    start: int
    end: int
    kind: PartKind
    meaning: Mapping[str, Any]
    applied: bool = True
    note: str | None = None
    candidates: tuple[Candidate, ...] = ()
    fate: Fate = "out"
    keeps: tuple[Range, ...] = ()
    """Words inside that stay a description though the others leave."""

    @property
    def range(self) -> Range:
        """Where it stands in `plain`."""
        return self.start, self.end


def apart(found: Iterable[Found]) -> list[Found]:
    """Return those that overlap none before them, in the order they stand."""
    kept: list[Found] = []
    for one in found:
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)
