"""Nearest neighbours: an embedding in, candidate venues with their cosines out.

Distances are negative inner products of unit vectors; they become cosines here, once, and are cosines from here on.
The statements go through psycopg itself: SQLAlchemy's text binding costs 0.3 ms a use.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from pgvector import HalfVector

from venuefinder.errors import SpaceError
from venuefinder.records import LeftOut, StoredSpace, VenueScores
from venuefinder.request import VenueFilter
from venuefinder.store.database import Database
from venuefinder.store.filters import condition, left_out

CANDIDATES_PER_HIT = 3
"""Candidates scored for each venue asked for, so that the other leg can still lift one."""
LEAST_CANDIDATES = 30
ROWS_PER_CANDIDATE = 4
"""Photo rows first read for each candidate wanted."""
MOST_ROWS = 50_000
LEAST_EF_SEARCH = 100
PHOTOS_PER_VENUE = 3
"""Best photos of a venue that come back with it."""

# A generic plan for a filtered statement was seen to take 76 ms instead of 0.7; ef_search above the rows wanted
# keeps recall near 1, and iterative scans go on until a filter has let enough rows through.
SESSION = """
SELECT set_config('hnsw.ef_search', %(ef_search)s::text, true),
       set_config('hnsw.iterative_scan', 'strict_order', true),
       set_config('hnsw.max_scan_tuples', '200000', true),
       set_config('plan_cache_mode', 'force_custom_plan', true)
"""
SCORES = """
WITH photo AS (
    SELECT venue_id, photo_id, -min((embedding::halfvec({dimension})) <#> %(vector)s) AS cosine
    FROM photo_embeddings WHERE space_id = %(space)s AND venue_id = ANY(%(venues)s)
    GROUP BY venue_id, photo_id
), best AS (
    SELECT venue_id, photo_id, cosine,
           row_number() OVER (PARTITION BY venue_id ORDER BY cosine DESC, photo_id) AS place
    FROM photo
), shown AS (
    SELECT venue_id, array_agg(photo_id ORDER BY place) AS ids, array_agg(cosine ORDER BY place) AS cosines
    FROM best WHERE place <= %(photos_per_venue)s GROUP BY venue_id
), told AS (
    SELECT venue_id, -min((embedding::halfvec({dimension})) <#> %(vector)s) AS cosine
    FROM description_embeddings WHERE space_id = %(space)s AND venue_id = ANY(%(venues)s) GROUP BY venue_id
)
SELECT v.id, v.external_id, shown.ids, shown.cosines, told.cosine
FROM venues v LEFT JOIN shown ON shown.venue_id = v.id LEFT JOIN told ON told.venue_id = v.id
WHERE v.id = ANY(%(venues)s)
"""
LEFT_OUT = """
SELECT count(*) FILTER (WHERE %(currency)s::text IS NOT NULL AND v.price_currency IS DISTINCT FROM %(currency)s
                        AND NOT {room} AND r.price_currency = %(currency)s)
                        AND (v.price_currency IS NOT NULL OR {room} AND r.price_currency IS NOT NULL))),
       count(*) FILTER (WHERE %(currency)s::text IS NOT NULL AND v.price_currency IS NULL
                        AND NOT {room} AND r.price_currency IS NOT NULL)),
       count(*) FILTER (WHERE %(guests)s::int IS NOT NULL AND v.{capacity} IS NULL
                        AND NOT {room} AND r.{capacity} IS NOT NULL))
FROM venues v WHERE {condition}
"""
A_ROOM = "EXISTS (SELECT FROM rooms r WHERE r.venue_id = v.id"


class NearestVenues:
    """The venues whose photos and descriptions lie nearest to a query embedding."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def candidates(
        self, vector: NDArray[np.float32], *, space: StoredSpace, where: VenueFilter, limit: int
    ) -> list[VenueScores]:
        """Return at least `limit` venues that pass `where` and have embeddings, or all there are; in no order.

        vector: `float32 [D]`, unit norm, of `space`. Raises SpaceError when D is not the space's.
        """
        _require_dimension(vector, space)
        wanted = max(limit * CANDIDATES_PER_HIT, LEAST_CANDIDATES)
        with self._cursor() as cursor:
            leg = _Leg(cursor, HalfVector(vector), space, where)
            photos = wanted * ROWS_PER_CANDIDATE * space.space.facts.views
            venues = leg.venues("photo_embeddings", wanted, limit, rows=photos)
            venues |= leg.venues("description_embeddings", wanted, limit, rows=wanted)
            return leg.scores(sorted(venues))

    def scores_of(
        self, external_ids: Collection[str], vector: NDArray[np.float32], *, space: StoredSpace
    ) -> list[VenueScores]:
        """Return exactly these venues as `candidates` would, near or far; in no order, those not stored are absent."""
        _require_dimension(vector, space)
        with self._cursor() as cursor:
            found = cursor.execute("SELECT id FROM venues WHERE external_id = ANY(%s)", [list(external_ids)])
            venue_ids = [row[0] for row in found]
            return _Leg(cursor, HalfVector(vector), space, VenueFilter()).scores(venue_ids)

    def left_out(self, where: VenueFilter) -> LeftOut:
        """Count the venues whose listing does not say what `where` asks, or not in that currency."""
        plain = left_out(where)
        if plain is None:
            return LeftOut()
        column = f"capacity_{where.layout or 'largest'}"
        statement = LEFT_OUT.format(condition=plain.sql(), capacity=column, room=A_ROOM)
        asked = {"currency": where.price.currency if where.price else None, "guests": where.guests}
        with self._cursor() as cursor:
            row = cursor.execute(statement.encode(), plain.parameters | asked).fetchone()
        return LeftOut(other_currency=row[0], unknown_price=row[1], unknown_capacity=row[2]) if row else LeftOut()

    @contextmanager
    def _cursor(self) -> Iterator[psycopg.Cursor[Any]]:
        with self._database.connect() as connection:
            driver: Any = connection.connection.driver_connection
            with driver.cursor() as cursor:
                yield cursor


def _require_dimension(vector: NDArray[np.float32], space: StoredSpace) -> None:
    if vector.shape != (space.space.dimension,):
        raise SpaceError(
            f"query embedding has shape {vector.shape}, space {space.space.name!r} expects "
            f"({space.space.dimension},); ask with the encoder of that space"
        )


class _Leg:
    """The statements of one query, on one cursor."""

    def __init__(self, cursor: psycopg.Cursor[Any], vector: HalfVector, space: StoredSpace, where: VenueFilter) -> None:
        found = condition(where)
        self._cursor = cursor
        self._space = space
        self._ef_search = 0
        self._parameters = {"vector": vector, "space": space.id} | found.parameters
        passing = f"SELECT v.id FROM venues v WHERE {found.sql()}"  # noqa: S608 - the values are parameters
        self._condition = f"AND venue_id IN ({passing})" if found.clauses else ""

    def venues(self, table: str, wanted: int, limit: int, *, rows: int) -> set[int]:
        """Return about the `wanted` venues nearest in `table`; fewer than `limit` only if there are no more.

        `rows` are read first, four times as many while fewer than two thirds of the venues wanted are among them.
        """
        while True:
            found = self._nearest_rows(table, rows)
            venues = set(found)
            if 3 * len(venues) >= 2 * wanted or len(found) < rows or rows >= MOST_ROWS:
                break
            rows *= 4
        return venues if len(venues) >= limit else self._exactly(table, wanted)

    def scores(self, venue_ids: list[int]) -> list[VenueScores]:
        statement = SCORES.format(dimension=self._space.space.dimension)
        parameters = self._parameters | {"venues": venue_ids, "photos_per_venue": PHOTOS_PER_VENUE}
        return [
            VenueScores(
                venue_id=venue_id,
                external_id=external_id,
                photos=tuple(zip(ids or (), cosines or (), strict=True)),
                description=description,
            )
            for venue_id, external_id, ids, cosines, description in self._cursor.execute(statement.encode(), parameters)
        ]

    def _nearest_rows(self, table: str, rows: int) -> list[int]:
        self._widen(rows)
        statement = (
            f"SELECT venue_id FROM {table} WHERE space_id = %(space)s {self._condition} "  # noqa: S608 - our names
            f"ORDER BY (embedding::halfvec({self._space.space.dimension})) <#> %(vector)s LIMIT %(rows)s"
        )
        found = self._cursor.execute(statement.encode(), self._parameters | {"rows": rows})
        return [row[0] for row in found]

    def _widen(self, rows: int) -> None:
        """Let the index look at enough candidates for `rows` rows; one round trip for as long as that is enough."""
        ef_search = min(max(rows, LEAST_EF_SEARCH), 1000)
        if ef_search > self._ef_search:
            self._cursor.execute(SESSION, {"ef_search": ef_search})
            self._ef_search = ef_search

    def _exactly(self, table: str, wanted: int) -> set[int]:
        """Read every row that passes the filter: an approximate index may end early, this cannot."""
        statement = (
            f"SELECT venue_id FROM {table} WHERE space_id = %(space)s {self._condition} GROUP BY venue_id "  # noqa: S608 - our names
            f"ORDER BY min((embedding::halfvec({self._space.space.dimension})) <#> %(vector)s), venue_id "
            "LIMIT %(wanted)s"
        )
        found = self._cursor.execute(statement.encode(), self._parameters | {"wanted": wanted})
        return {row[0] for row in found}
