"""Venues like one: a recommendation that many people ask for, kept until the catalogue changes."""

from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from threading import Lock
from typing import Protocol

from venuefinder import __version__
from venuefinder.recommending.recommendation import RecommendationAnswer, RecommendationRequest
from venuefinder.records import StoredSpace
from venuefinder.spaces.current_space import CurrentSpace

MOST_KEPT = 512
"""Answers, of some 10 kB each."""


class Changes(Protocol):
    """What tells whether the catalogue changed."""

    def version(self, space: StoredSpace) -> str:
        """Return what is another text once something was written."""


class Similar:
    """The use case. One for a process; thread-safe."""

    def __init__(
        self,
        recommend: Callable[[RecommendationRequest], RecommendationAnswer],
        space: CurrentSpace,
        changes: Changes,
    ) -> None:
        self._recommend = recommend
        self._space = space
        self._changes = changes
        self._kept: OrderedDict[str, RecommendationAnswer] = OrderedDict()
        self._lock = Lock()

    def version(self, request: RecommendationRequest) -> str:
        """Return what tells an answer from others, 32 hexadecimal digits: as long as it stays, so does the answer."""
        space = self._space.get()
        made_of = (__version__, space.space.key, self._changes.version(space), request.model_dump_json())
        return sha256(repr(made_of).encode()).hexdigest()[:32]

    def answer(self, request: RecommendationRequest, version: str) -> RecommendationAnswer:
        """Return the answer of that version, made if need be. Raises as `Recommend.answer`."""
        with self._lock:
            if found := self._kept.get(version):
                self._kept.move_to_end(version)
                return found
        made = self._recommend(request)
        with self._lock:
            self._kept[version] = made
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return made
