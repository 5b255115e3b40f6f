"""Queries made of the catalogue itself: what listings say, and stored photos. The same ones each time."""

from sqlalchemy import text

from venuefinder.records import StoredSpace
from venuefinder.store.database import Database

TOLD = """
SELECT name, description FROM venues WHERE id IN (
    SELECT id FROM venues ORDER BY hashint8(id), id LIMIT :most) ORDER BY hashint8(id), id
"""
PHOTOS = """
SELECT one.photo_id, v.external_id
FROM photo_embeddings one JOIN photo_embeddings other USING (photo_id) JOIN venues v ON v.id = one.venue_id
WHERE one.space_id = :one AND other.space_id = :other AND one.view = 0 AND other.view = 0
ORDER BY hashint8(one.photo_id), one.photo_id LIMIT :most
"""


class QuerySamples:
    """Samples of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def told(self, most: int) -> list[tuple[str, str]]:
        """Return (name, description) of up to `most` venues."""
        with self._database.connect() as connection:
            return [(row.name, row.description) for row in connection.execute(text(TOLD), {"most": most})]

    def photos(self, one: StoredSpace, other: StoredSpace, most: int) -> list[tuple[int, str]]:
        """Return (photo's id, its venue's external id) of up to `most` photos that have embeddings in both spaces."""
        asked = {"one": one.id, "other": other.id, "most": most}
        with self._database.connect() as connection:
            return [(row.photo_id, row.external_id) for row in connection.execute(text(PHOTOS), asked)]
