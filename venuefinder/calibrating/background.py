"""Measure how unrelated photos and queries score in a space: what percentiles and standard scores compare with."""

import logging
from typing import Protocol

from venuefinder.calibrating.background_queries import BACKGROUND_QUERIES
from venuefinder.calibrating.calibration import Background, measure_background, measure_image_background
from venuefinder.protocols import TextEncoder
from venuefinder.records import SpaceSample, StoredSpace

logger = logging.getLogger(__name__)

SAMPLE = 512
"""Photos, and descriptions, paired with every background query."""
GROWTH = 2
"""Measured again once the space holds this many times the photos it held."""


class SpaceCatalogue(Protocol):
    """What measuring asks of the store."""

    def sample(self, space: StoredSpace, *, photos: int) -> SpaceSample:
        """Return the embeddings of up to `photos` photos and as many descriptions."""

    def roughly(self, space: StoredSpace) -> int:
        """Return about how many photos have embeddings in `space`; 0 and 1 are exact."""

    def has_descriptions(self, space: StoredSpace) -> bool:
        """Return whether any description has embeddings in `space`."""

    def remember_background(
        self, space: StoredSpace, photo: Background | None, description: Background | None, *, photos: int
    ) -> StoredSpace:
        """Store the backgrounds and return the space with them, and without its calibrator."""

    def remember_image_background(self, space: StoredSpace, background: Background) -> StoredSpace:
        """Store the background of photos asked with and return the space with it; its calibrator stays."""


def ensure_background(spaces: SpaceCatalogue, encoder: TextEncoder, space: StoredSpace) -> StoredSpace:
    """Return `space` with its backgrounds, measured first if it lacks that of a leg it has, or has outgrown them.

    A space without embeddings has no backgrounds to measure.
    """
    photos = spaces.roughly(space)
    unmeasured = (photos > 0 and space.photo_background is None) or (
        space.text_background is None and spaces.has_descriptions(space)
    )
    if unmeasured or photos >= GROWTH * max(space.background_photos, 1):
        return _measured(spaces, encoder, space, photos)
    if photos > 1 and space.image_background is None:
        return _with_image_background(spaces, space, spaces.sample(space, photos=SAMPLE))
    return space


def _measured(spaces: SpaceCatalogue, encoder: TextEncoder, space: StoredSpace, photos: int) -> StoredSpace:
    if space.calibrator:
        logger.warning(
            "space %r: its backgrounds are measured anew, and scores change with them; search gives no probability "
            "until you run venuefinder calibrate again",
            space.space.name,
        )
    sample = spaces.sample(space, photos=SAMPLE)
    queries = encoder.encode_texts(BACKGROUND_QUERIES)
    photo = measure_background(sample.photos, queries) if len(sample.photos) else None
    description = measure_background(sample.descriptions[:, None], queries) if len(sample.descriptions) else None
    space = spaces.remember_background(space, photo, description, photos=photos)
    return _with_image_background(spaces, space, sample)


def _with_image_background(spaces: SpaceCatalogue, space: StoredSpace, sample: SpaceSample) -> StoredSpace:
    background = measure_image_background(sample.photos, sample.venues)
    return spaces.remember_image_background(space, background) if background else space
