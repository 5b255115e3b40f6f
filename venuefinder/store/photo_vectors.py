"""The embeddings of photos, by the names that listings give them or by id."""

from collections.abc import Collection, Mapping
from itertools import groupby

import numpy as np

from venuefinder.domain import EmbeddingSpace
from venuefinder.protocols import Embeddings
from venuefinder.records import StoredSpace
from venuefinder.store.database import Database
from venuefinder.store.driver import driver_of

VECTORS = """
SELECT v.external_id, p.uri, e.embedding
FROM unnest(%(external_ids)s::text[], %(uris)s::text[]) AS asked (external_id, uri)
JOIN venues v USING (external_id)
JOIN photos p ON p.venue_id = v.id AND p.uri = asked.uri
JOIN photo_embeddings e ON e.photo_id = p.id AND e.space_id = %(space)s
ORDER BY v.external_id, p.uri, e.view
"""
VECTORS_BY_ID = """
SELECT photo_id, embedding FROM photo_embeddings
WHERE space_id = (SELECT id FROM embedding_spaces WHERE key = %(space)s) AND photo_id = ANY(%(photos)s::bigint[])
ORDER BY photo_id, view
"""
BY_CONTENT = """
SELECT asked.content_hash, e.embedding
FROM unnest(%(contents)s::bytea[]) AS asked (content_hash)
CROSS JOIN LATERAL (
    SELECT p.id FROM photos p WHERE p.content_hash = asked.content_hash
        AND EXISTS (SELECT FROM photo_embeddings h WHERE h.space_id = %(space)s AND h.photo_id = p.id) LIMIT 1) one
JOIN photo_embeddings e ON e.space_id = %(space)s AND e.photo_id = one.id
ORDER BY asked.content_hash, e.view
"""


class PhotoVectors:
    """The embeddings of the photos of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, photos: Collection[tuple[str, str]], *, space: StoredSpace) -> Mapping[tuple[str, str], Embeddings]:
        """Return `float32 [V, D]` for each photo, by external id and uri; those not embedded in `space` are absent."""
        external_ids, uris = zip(*set(photos), strict=True) if photos else ((), ())
        parameters = {"external_ids": list(external_ids), "uris": list(uris), "space": space.id}
        with self._database.connect() as connection:
            driver = driver_of(connection)
            rows = driver.execute(VECTORS, parameters).fetchall()
        return {
            name: np.array([vector.to_numpy() for *_, vector in views], dtype=np.float32)
            for name, views in groupby(rows, key=lambda row: (row[0], row[1]))
        }

    def by_id(self, photo_ids: Collection[int], *, space: EmbeddingSpace) -> Mapping[int, Embeddings]:
        """Return `float32 [V, D]` for each photo; those not embedded in `space` are absent."""
        with self._database.connect() as connection:
            driver = driver_of(connection)
            rows = driver.execute(VECTORS_BY_ID, {"photos": list(photo_ids), "space": space.key}).fetchall()
        return {
            photo_id: np.array([vector.to_numpy() for _, vector in views], dtype=np.float32)
            for photo_id, views in groupby(rows, key=lambda row: row[0])
        }

    def by_content(self, contents: Collection[bytes], *, space: StoredSpace) -> Mapping[bytes, Embeddings]:
        """Return `float32 [V, D]` by content hash, of any photo with that content; not embedded ones are absent."""
        with self._database.connect() as connection:
            driver = driver_of(connection)
            rows = driver.execute(BY_CONTENT, {"contents": list(set(contents)), "space": space.id}).fetchall()
        return {
            bytes(content): np.array([vector.to_numpy() for _, vector in views], dtype=np.float32)
            for content, views in groupby(rows, key=lambda row: row[0])
        }
