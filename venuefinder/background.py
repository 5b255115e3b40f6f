"""Measure how unrelated photos and queries score in a space: what percentiles and standard scores compare with."""

import logging
from typing import Protocol

from venuefinder.background_queries import BACKGROUND_QUERIES
from venuefinder.calibration import Background, measure_background
from venuefinder.protocols import Embeddings, TextEncoder
from venuefinder.records import StoredSpace

logger = logging.getLogger(__name__)

SAMPLE = 512
"""Photos, and descriptions, paired with every background query."""
GROWTH = 2
"""Measured again once the space holds this many times the photos it held."""


class SpaceCatalogue(Protocol):
    """What measuring asks of the store."""

    def sample(self, space: StoredSpace, *, photos: int) -> tuple[Embeddings, Embeddings]:
        """Return `float32 [N, V, D]` of photos and `float32 [M, D]` of descriptions, up to `photos` of each."""

    def count(self, space: StoredSpace) -> int:
        """Return how many photos have embeddings in `space`."""

    def has_descriptions(self, space: StoredSpace) -> bool:
        """Return whether any description has embeddings in `space`."""

    def remember_background(
        self, space: StoredSpace, photo: Background | None, description: Background | None, *, photos: int
    ) -> StoredSpace:
        """Store the backgrounds and return the space with them, and without its calibrator."""


def ensure_background(spaces: SpaceCatalogue, encoder: TextEncoder, space: StoredSpace) -> StoredSpace:
    """Return `space` with its backgrounds, measured first if it lacks that of a leg it has, or has outgrown them.

    A space without embeddings has no backgrounds to measure.
    """
    photos = spaces.count(space)
    unmeasured = (photos > 0 and space.photo_background is None) or (
        space.text_background is None and spaces.has_descriptions(space)
    )
    if not unmeasured and photos < GROWTH * max(space.background_photos, 1):
        return space
    if space.calibrator:
        logger.warning(
            "space %r: its backgrounds are measured anew, and scores change with them; search gives no probability "
            "until you run venuefinder calibrate again",
            space.space.name,
        )
    of_photos, of_descriptions = spaces.sample(space, photos=SAMPLE)
    queries = encoder.encode_texts(BACKGROUND_QUERIES)
    photo = measure_background(of_photos, queries) if len(of_photos) else None
    description = measure_background(of_descriptions[:, None], queries) if len(of_descriptions) else None
    return spaces.remember_background(space, photo, description, photos=photos)
