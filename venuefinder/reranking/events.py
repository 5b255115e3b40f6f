"""What a rerank's stream tells. `score` is `answers.RerankScore`, `description` is `description.Description`."""

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from venuefinder.answers import Answer, RerankScore
from venuefinder.describing.description import Description

EventName = Literal["score", "description", "done", "error"]


class RerankDone(Answer):
    """The final order: the last event of a rerank that came to its end."""

    order: list[str] = Field(description="External ids of the venues that were candidates, best first.")
    model: str | None
    seconds: float = Field(description="From the search to the order.")
    kept: list[str] = Field(default=[], description="Venues that the model did not judge, at retrieval's places.")
    reason: str | None = Field(default=None, description="Why some or all are at retrieval's places, in words.")


class RerankFailed(Answer):
    """The rerank came to nothing: retrieval's order stands."""

    reason: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a rerank tells."""

    name: EventName
    data: RerankScore | Description | RerankDone | RerankFailed
