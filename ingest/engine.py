"""The seam between planning and writing: what decodes and encodes the photos of venues."""

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ingest.pipeline import EncodedVenue
    from ingest.planner import VenueWork


class Engine(Protocol):
    """Decodes and encodes: `pipeline.Pipeline` in this process, `ray_engine.RayEngine` on a cluster."""

    def run(self, works: Iterable["VenueWork"]) -> Generator["EncodedVenue"]:
        """Yield each venue once its photos are read and encoded, in any order, each exactly once.

        `works` is read lazily, as far ahead as bounded memory allows. A photo that cannot be used is a `Failure` of its
        venue, never an exception. Closing the generator stops the work early and lets go of everything.
        """
