"""What an actor of a Ray cluster does: the local engine's work, for the venues it is given."""

import pickle
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ingest.engines import local_engine
from ingest.planner import VenueWork
from ingest.stages import Stage, Stages
from venuefinder.bootstrap import Services
from venuefinder.errors import VenueFinderError
from venuefinder.models import EncoderLoader
from venuefinder.protocols import Embeddings
from venuefinder.records import Failure, PhotoDraft, StoredSpace
from venuefinder.settings import Settings


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an encoder is made of on another machine."""

    settings: Settings
    space: StoredSpace
    """Whose vectors it must make: other weights on one node would mix two spaces."""
    load: EncoderLoader | None
    """None: the registry."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a chunk: each venue's number, photos and failures; and what was waited for meanwhile."""

    venues: list[tuple[int, list[PhotoDraft], list[Failure]]]
    waited: Mapping[Stage, float]


class RayWorker:
    """Decodes and encodes. The encoder is loaded with the first chunk, so that an error of it comes back as one."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._services: Services | None = None

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, list[bytes]]:
        """Take pickled lists of (number, VenueWork); return pickled `Done`s, or the VenueFinderError that ended one."""
        return {"done": [pickle.dumps(self._done(bytes(chunk))) for chunk in batch["works"]]}

    def _done(self, chunk: bytes) -> Done | VenueFinderError:
        numbered: list[tuple[int, VenueWork]] = pickle.loads(chunk)  # noqa: S301 - from the driver
        numbers = {id(work): number for number, work in numbered}
        stages = Stages()
        try:
            encoded = list(local_engine(self._ready(), stages, _nothing).run(work for _, work in numbered))
        except VenueFinderError as error:
            return error
        venues = [(numbers[id(venue.work)], venue.read, venue.failures) for venue in encoded]
        return Done(venues, stages.waited)

    def _ready(self) -> Services:
        if self._services is None:
            recipe = self._recipe
            encoder = Services(recipe.settings, load=recipe.load).encoder_of(recipe.space)
            self._services = Services(recipe.settings, encoder=encoder)
        return self._services


def _nothing(_: Collection[bytes]) -> Mapping[bytes, Embeddings]:
    """Return what is stored already, as far as an actor can tell: it is far from the database."""
    return {}
