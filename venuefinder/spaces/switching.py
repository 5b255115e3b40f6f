"""Change the model without an outage: make a space, let it serve, go back, drop one. `ingest.backfill` fills it."""

from collections.abc import Sequence
from typing import Protocol

from venuefinder.domain import EmbeddingSpace
from venuefinder.errors import NotFoundError, SpaceError
from venuefinder.records import StoredSpace
from venuefinder.spaces.space_states import Missing

LEAST_PREFIX = 4
"""Characters of a space's key that name it, where they name no other."""


class Spaces(Protocol):
    """Where spaces are kept: `store.spaces.SpaceRepository`."""

    def all(self) -> list[StoredSpace]:
        """Return every space, oldest first."""

    def find(self, space: EmbeddingSpace) -> StoredSpace | None:
        """Return a stored space."""

    def ensure(self, space: EmbeddingSpace, *, indexed: bool = True) -> StoredSpace:
        """Return a stored space, made if need be."""


class Activations(Protocol):
    """Which space serves: `store.activations.ActivationRepository`."""

    def active(self) -> StoredSpace | None:
        """Return the space that serves."""

    def activate(self, space: StoredSpace, *, incomplete: bool = False) -> Missing:
        """Let a space serve; raises SpaceError where anything is missing in it, unless `incomplete`."""

    def roll_back(self) -> tuple[StoredSpace, Missing]:
        """Let the space serve that served before; raises SpaceError where there is none."""

    def drop(self, space: StoredSpace) -> None:
        """Drop a space that does not serve."""


class Switching:
    """The use case. A space goes by its name in `venuefinder spaces list`, its encoder, or how its key begins."""

    def __init__(self, spaces: Spaces, activations: Activations) -> None:
        self._spaces = spaces
        self._activations = activations

    def create(self, space: EmbeddingSpace) -> tuple[StoredSpace, bool]:
        """Return the stored space, made without an approximate index, and whether it is new.

        What is loaded in bulk is indexed sooner afterwards.
        """
        if found := self._spaces.find(space):
            return found, False
        return self._spaces.ensure(space, indexed=False), True

    def named(self, name: str) -> StoredSpace:
        """Return the one space of that name; raises NotFoundError, naming those there are, for none or several."""
        spaces = self._spaces.all()
        found = [stored for stored in spaces if _is_named(stored.space, name)]
        if len(found) == 1:
            return found[0]
        what = "no space" if not found else f"{len(found)} spaces"
        raise NotFoundError(f"space {name!r}: found {what} of that name, expected one of {_names(found or spaces)}")

    def newest(self) -> StoredSpace:
        """Return the space that was made last; raises SpaceError where there is none."""
        if spaces := self._spaces.all():
            return spaces[-1]
        raise SpaceError("spaces: there is none; run: venuefinder ingest PATH, or venuefinder spaces create SPEC")

    def candidate(self) -> StoredSpace:
        """Return the newest space that does not serve; raises SpaceError where there is none."""
        active = self._activations.active()
        others = [stored for stored in self._spaces.all() if active is None or stored.id != active.id]
        if others:
            return others[-1]
        raise SpaceError("spaces: found none beside the one that serves; make one: venuefinder spaces create SPEC")

    def active(self) -> StoredSpace:
        """Return the space that serves; raises SpaceError in an empty catalogue."""
        if active := self._activations.active():
            return active
        raise SpaceError("spaces: none serves yet; run: venuefinder ingest PATH")

    def activate(self, name: str, *, incomplete: bool) -> tuple[StoredSpace, Missing]:
        """Let the named space serve. Raises SpaceError where anything is missing in it, unless `incomplete`."""
        space = self.named(name)
        return space, self._activations.activate(space, incomplete=incomplete)

    def roll_back(self) -> tuple[StoredSpace, Missing]:
        """Let the space serve that served before; raises SpaceError where there is none."""
        return self._activations.roll_back()

    def drop(self, name: str) -> StoredSpace:
        """Drop the named space, with all that is kept of it; raises SpaceError for the one that serves."""
        space = self.named(name)
        self._activations.drop(space)
        return space


def _is_named(space: EmbeddingSpace, name: str) -> bool:
    of_key = len(name) >= LEAST_PREFIX and space.key.startswith(name)
    return name in (space.name, space.encoder) or of_key


def _names(spaces: Sequence[StoredSpace]) -> str:
    return ", ".join(repr(stored.space.name) for stored in spaces) or "none: there are no spaces yet"
