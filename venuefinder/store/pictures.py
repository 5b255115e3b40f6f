"""Embeddings of pictures to search with: those of stored photos, and those of uploads, for as long as they are kept."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from pgvector import HalfVector

from venuefinder.records import StoredSpace
from venuefinder.store.database import Database
from venuefinder.store.driver import driver_of

MOST_FORGOTTEN = 1_000
"""Expired rows one upload deletes: many times what it adds, and never a long wait."""
EXPIRED = "created_at <= now() - %(lifetime)s::interval"
KEEP = f"""
WITH forgotten AS (
    DELETE FROM query_pictures WHERE id IN (
        SELECT id FROM query_pictures WHERE {EXPIRED}
        ORDER BY created_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
), kept AS (
    INSERT INTO query_pictures (id, space_id, embedding)
    SELECT id, %(space)s, embedding FROM unnest(%(ids)s::text[], %(embeddings)s::halfvec[]) AS given (id, embedding)
    RETURNING created_at
)
SELECT max(created_at) + %(lifetime)s::interval FROM kept
"""  # noqa: S608 - a condition of ours
FORGET = f"DELETE FROM query_pictures WHERE {EXPIRED}"  # noqa: S608 - a condition of ours
EMBEDDINGS = f"""
SELECT photo_id, NULL, embedding FROM photo_embeddings
WHERE space_id = %(space)s AND view = 0 AND photo_id = ANY(%(photos)s)
UNION ALL
SELECT NULL, id, embedding FROM query_pictures
WHERE space_id = %(space)s AND id = ANY(%(uploads)s) AND NOT {EXPIRED}
"""  # noqa: S608 - a condition of ours


class PictureRepository:
    """The embeddings that pictures are searched by. Every method is one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, embeddings: Mapping[str, NDArray[np.float32]], space: StoredSpace, lifetime: timedelta) -> datetime:
        """Store embeddings `float32 [D]` by id, and return when they expire; some that have are deleted on the way."""
        parameters = {
            "ids": list(embeddings),
            "embeddings": [HalfVector(vector) for vector in embeddings.values()],
            "space": space.id,
            "lifetime": lifetime,
            "most": MOST_FORGOTTEN,
        }
        with self._cursor(writing=True) as cursor:
            row = cursor.execute(KEEP, parameters).fetchone()
        assert row is not None  # noqa: S101 - an aggregate has one row
        expires_at: datetime = row[0]
        return expires_at.astimezone(UTC)

    def forget(self, lifetime: timedelta) -> None:
        """Delete every upload older than `lifetime`."""
        with self._cursor(writing=True) as cursor:
            cursor.execute(FORGET, {"lifetime": lifetime})

    def embeddings(
        self, ids: Sequence[int | str], space: StoredSpace, lifetime: timedelta
    ) -> Mapping[int | str, NDArray[np.float32]]:
        """Return the first view of each photo (an int) and each upload (a str) in `space`: `float32 [D]`, unit norm.

        What is not there, is of another space, or is an upload older than `lifetime`, is absent.
        """
        parameters = {
            "space": space.id,
            "photos": [picture_id for picture_id in ids if isinstance(picture_id, int)],
            "uploads": [picture_id for picture_id in ids if isinstance(picture_id, str)],
            "lifetime": lifetime,
        }
        with self._cursor() as cursor:
            rows = cursor.execute(EMBEDDINGS, parameters).fetchall()
        return {upload if photo is None else photo: _unit(embedding) for photo, upload, embedding in rows}

    @contextmanager
    def _cursor(self, *, writing: bool = False) -> Iterator[psycopg.Cursor[Any]]:
        with self._database.begin() if writing else self._database.connect() as connection:
            driver = driver_of(connection)
            with driver.cursor() as cursor:
                yield cursor


def _unit(stored: HalfVector) -> NDArray[np.float32]:
    """Return a stored embedding with norm 1, which half precision rounded."""
    vector = np.asarray(stored.to_numpy(), dtype=np.float32)
    unit: NDArray[np.float32] = vector / np.linalg.norm(vector)
    return unit
