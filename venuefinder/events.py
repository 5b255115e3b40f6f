"""What people did with venues: kept for a while under a name that tells nothing of them, and turned into a taste.

A venue's weight is the sum of `WEIGHTS[kind] * 2 ** (-age / HALF_LIFE)` over the kinds of its events, each counted by
its latest, so that looking again adds nothing but youth. A venue that was dismissed after it was last saved or asked
about is disliked, with the weight of that dismissal; all others are liked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal, Protocol

from pydantic import Field, model_validator

from venuefinder.domain import ExternalId, Value

Kind = Literal["view", "save", "dismiss", "inquiry"]
WEIGHTS: Mapping[Kind, float] = {"view": 1.0, "save": 4.0, "inquiry": 8.0, "dismiss": 4.0}
"""How much an event says, just after it. Chosen, not measured: nobody's events were there to measure by."""
HALF_LIFE = timedelta(days=14)
KEPT_FOR = timedelta(days=180)
MOST_OF_A_USER = 500
"""Events kept, the latest ones: nobody fills the table under one name."""
MOST_SENT = 100
USER_PATTERN = r"^[A-Za-z0-9_-]{8,64}$"
"""No e-mail address, telephone number with a plus, or name with spaces fits it."""

User = Annotated[
    str,
    Field(
        pattern=USER_PATTERN,
        description="A name that you made up for somebody, 8 to 64 of A-Z a-z 0-9 _ -. A random one: what tells who it "
        "is, such as an e-mail address, does not belong here.",
    ),
]


class Event(Value):
    """Something that somebody did with a venue."""

    kind: Kind
    venue: ExternalId
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    """Yours; the same one again, of the same user, counts once."""


class EventsRequest(Value):
    """What `POST /v1/events` takes: what one person did, just now."""

    user: User
    events: Annotated[tuple[Event, ...], Field(min_length=1, max_length=MOST_SENT)]

    @model_validator(mode="after")
    def _ids_differ(self) -> "EventsRequest":
        ids = [event.id for event in self.events if event.id]
        if len(set(ids)) < len(ids):
            raise ValueError("events: two have the same id; each event has its own")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of events that were sent."""

    stored: int
    repeated: int
    unknown: Sequence[str]
    """Venues that are not in the catalogue; their events are not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """The latest event of a kind that a user has of a venue."""

    venue_id: int
    external_id: str
    kind: Kind
    age: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """What the events of one venue come to."""

    venue_id: int
    external_id: str
    kind: Kind
    """The weightiest of them."""
    weight: float
    """Above 0."""
    liked: bool


class EventStore(Protocol):
    """What events ask of the store."""

    def add(self, user: str, events: Sequence[Event], *, kept_for: timedelta, most: int) -> Recorded:
        """Store events that were not stored before; forget the user's oldest beyond `most`, and some expired ones."""

    def latest(self, user: str, *, kept_for: timedelta) -> Sequence[Deed]:
        """Return the user's latest event of each kind and venue."""

    def forget(self, user: str) -> int:
        """Delete all events of a user, and return how many there were."""

    def expire(self, *, kept_for: timedelta) -> None:
        """Delete all events that are older."""


class Events:
    """The use case: record, remember, forget. Thread-safe."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def record(self, request: EventsRequest) -> Recorded:
        """Keep events. Those that were sent before, and those of venues that are not there, change nothing."""
        return self._store.add(request.user, request.events, kept_for=KEPT_FOR, most=MOST_OF_A_USER)

    def habits(self, user: str) -> list[Habit]:
        """Return what a user's events come to, the weightiest venue first; nothing for who was never heard of."""
        return habits_of(self._store.latest(user, kept_for=KEPT_FOR))

    def forget(self, user: str) -> int:
        """Delete all that is kept of a user, and return how many events that were."""
        return self._store.forget(user)

    def forget_expired(self) -> None:
        """Delete what was kept long enough; `record` does so in passing."""
        self._store.expire(kept_for=KEPT_FOR)


def habits_of(deeds: Sequence[Deed]) -> list[Habit]:
    """Return what events come to, one a venue, the weightiest first; of equal weight by external id."""
    of_venues: dict[int, dict[Kind, Deed]] = {}
    for deed in deeds:
        of_venues.setdefault(deed.venue_id, {})[deed.kind] = deed
    return sorted(map(_habit, of_venues.values()), key=lambda habit: (-habit.weight, habit.external_id))


def faded(kind: Kind, age: timedelta) -> float:
    """Return what an event of that age weighs."""
    weight: float = WEIGHTS[kind] * 2.0 ** (-(max(age, timedelta(0)) / HALF_LIFE))
    return weight


def _habit(deeds: Mapping[Kind, Deed]) -> Habit:
    wanted = [deeds[kind].age for kind in ("save", "inquiry") if kind in deeds]
    dismissed = "dismiss" in deeds and all(deeds["dismiss"].age < age for age in wanted)
    counted = [deeds["dismiss"]] if dismissed else [deed for kind, deed in deeds.items() if kind != "dismiss"]
    weights = {deed.kind: faded(deed.kind, deed.age) for deed in counted}
    heaviest = max(counted, key=lambda deed: weights[deed.kind])
    return Habit(
        venue_id=heaviest.venue_id,
        external_id=heaviest.external_id,
        kind=heaviest.kind,
        weight=sum(sorted(weights.values())),
        liked=not dismissed,
    )
