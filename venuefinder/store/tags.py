"""Tags of photos, by the space whose embeddings told them: which photos have none, and writing them."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from venuefinder.protocols import Embeddings
from venuefinder.records import StoredSpace, Tag, Untagged
from venuefinder.store.database import Database
from venuefinder.store.driver import driver_of
from venuefinder.store.looks import LOCK

# The tags of each photo are looked up by key. Joined, they are read anew for each page once all are of another version:
# planners then take those of this one for few.
DUE = """
FROM photos p
WHERE p.id > %(after)s AND {of_venues}
    AND EXISTS (SELECT FROM photo_embeddings e
                WHERE e.space_id = %(space)s AND e.photo_id = p.id AND e.photo_id > %(after)s)
    AND (SELECT t.version FROM photo_tags t WHERE t.space_id = %(space)s AND t.photo_id = p.id)
        IS DISTINCT FROM %(version)s
"""
UNTAGGED = f"SELECT p.id, p.content_hash, p.flags {DUE} ORDER BY p.id LIMIT %(limit)s"
COUNT = f"SELECT count(*) {DUE}"
VECTORS = """
SELECT photo_id, embedding FROM photo_embeddings WHERE space_id = %(space)s AND photo_id = ANY(%(photos)s::bigint[])
ORDER BY photo_id, view
"""
VENUES = "SELECT DISTINCT venue_id FROM photos WHERE id = ANY(%s::bigint[])"
# The venues are locked, so a photo has the content that its row says until the transaction ends.
KEEP = """
INSERT INTO photo_tags (space_id, photo_id, version, tags, probabilities)
SELECT %(space)s, p.id, %(version)s, string_to_array(given.tags, ','),
       string_to_array(given.probabilities, ',', '-')::real[]
FROM unnest(%(photos)s::bigint[], %(contents)s::bytea[], %(tags)s::text[], %(probabilities)s::text[])
     AS given (id, content_hash, tags, probabilities)
JOIN photos p ON p.id = given.id AND p.content_hash = given.content_hash
ORDER BY p.id
ON CONFLICT (space_id, photo_id) DO UPDATE
SET version = excluded.version, tags = excluded.tags, probabilities = excluded.probabilities
"""


class TagRepository:
    """The tags of one database. Every method is one transaction, and raises SpaceGoneError for a space that is gone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def untagged_after(
        self, photo_id: int, space: StoredSpace, version: str, *, limit: int, venues: Collection[int] | None = None
    ) -> list[Untagged]:
        """Return the next photos by id that have embeddings in `space` and no tags of this version.

        venues: rows of venues whose photos are asked for; None: any.
        """
        of_venues = "true" if venues is None else "p.venue_id = ANY(%(venues)s::bigint[])"
        parameters = {"after": photo_id, "space": space.id, "version": version, "limit": limit}
        with self._database.connect() as connection:
            driver = driver_of(connection)
            query = UNTAGGED.format(of_venues=of_venues)
            rows = driver.execute(query, parameters | {"venues": list(venues or ())}).fetchall()
            vectors = _vectors(driver, space, [row[0] for row in rows])
        return [
            Untagged(id=photo, content_hash=bytes(content), flags=tuple(flags), embeddings=vectors[photo])
            for photo, content, flags in rows
            if photo in vectors
        ]

    def count_untagged(self, space: StoredSpace, version: str) -> int:
        """Return how many photos have embeddings in `space` and no tags of this version."""
        parameters = {"after": 0, "space": space.id, "version": version}
        with self._database.connect() as connection:
            driver = driver_of(connection)
            return int(driver.execute(COUNT.format(of_venues="true"), parameters).fetchone()[0])

    def keep_tags(self, space: StoredSpace, version: str, tags: Mapping[tuple[int, bytes], Sequence[Tag]]) -> int:
        """Store the tags of photos by id and content hash; return of how many. Those that changed keep none."""
        photos = [photo for photo, _ in tags]
        parameters = {
            "space": space.id,
            "version": version,
            "photos": photos,
            "contents": [content for _, content in tags],
            "tags": [",".join(tag.name for tag in of_photo) for of_photo in tags.values()],
            "probabilities": [",".join(map(_written, of_photo)) for of_photo in tags.values()],
        }
        with self._database.begin() as connection:
            driver = driver_of(connection)
            venues = [row[0] for row in driver.execute(VENUES, [photos])]
            driver.execute(LOCK, {"venues": venues})
            return int(driver.execute(KEEP, parameters).rowcount)


def _vectors(driver: Any, space: StoredSpace, photos: Sequence[int]) -> dict[int, Embeddings]:
    rows = driver.execute(VECTORS, {"space": space.id, "photos": list(photos)}) if photos else ()
    return {
        photo: np.stack([embedding.to_numpy().astype(np.float32) for _, embedding in views])
        for photo, views in groupby(rows, key=lambda row: row[0])
    }


def _written(tag: Tag) -> str:
    return "-" if tag.probability is None else f"{tag.probability:.4f}"
