"""What recommendations read: the embeddings of venues, the venues near many pictures at once, and any that pass."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg.rows import dict_row

from venuefinder.domain import Venue
from venuefinder.recommending.likeness import Portraits
from venuefinder.records import IndexKind, Passing, StoredPhoto, StoredSpace
from venuefinder.spaces.tuning import ef_search_of
from venuefinder.store.database import Database
from venuefinder.store.filters import Condition, condition
from venuefinder.store.half_vectors import decoded
from venuefinder.store.legs import BINARY_OVERSAMPLING, LegTable
from venuefinder.store.pages import PHOTO
from venuefinder.store.reading import LEAST_EF_SEARCH, Reading, among
from venuefinder.store.rows import photo_from
from venuefinder.store.totals import Totals
from venuefinder.store.venues import VenueRepository
from venuefinder.store.words import WordLeg

MOST_PHOTOS = 24
"""Of a venue that are looked at."""
PORTRAITS = """
WITH chosen AS (
    SELECT venue_id, photo_id, embedding, aside,
           row_number() OVER (PARTITION BY venue_id ORDER BY aside, photo_id) AS place,
           bool_and(aside) OVER (PARTITION BY venue_id) AS nothing_else
    FROM (SELECT e.venue_id, e.photo_id, e.embedding,
                 e.photo_id IN (SELECT id FROM photos WHERE venue_id = ANY(%(venues)s) AND aside) AS aside
          FROM {photos} e WHERE e.venue_id = ANY(%(venues)s) AND e.view = 0) photo
)
SELECT venue_id, array_agg(photo_id ORDER BY photo_id), string_agg(halfvec_send(embedding), '' ORDER BY photo_id)
FROM chosen WHERE place <= %(most)s AND (nothing_else OR NOT aside) GROUP BY venue_id
"""
TOLD = "SELECT venue_id, halfvec_send(avg(embedding)) FROM {told} WHERE venue_id = ANY(%(venues)s) GROUP BY venue_id"
NEAR = """
SELECT DISTINCT near.venue_id FROM unnest(%(vectors)s::halfvec[]) AS asked (vector)
CROSS JOIN LATERAL ({nearest}) near
"""
ANY = """
SELECT DISTINCT found.id FROM unnest(%(starts)s::bigint[]) AS start (id)
CROSS JOIN LATERAL (SELECT v.id FROM venues v WHERE v.id >= start.id AND {condition} ORDER BY v.id LIMIT 1) found
"""
REST = "SELECT v.id FROM venues v WHERE {condition} AND v.id <> ALL(%(without)s) ORDER BY v.id LIMIT %(limit)s"
ENDS = "SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM venues"
PHOTOS = f"SELECT id, {', '.join(PHOTO)} FROM photos WHERE id = ANY(%(photos)s)"  # noqa: S608 - columns of ours
OWNERS = "SELECT id, venue_id FROM photos WHERE id = ANY(%(photos)s)"


class PortraitReading(Reading):
    """What one recommendation reads, on one connection."""

    def portraits(self, venue_ids: Collection[int]) -> Portraits:
        """Return the embeddings of some venues, in the order of their rows.

        Photos that are aside count only where a venue has no others. Of many photos the first `MOST_PHOTOS` do.
        """
        ids, dimension = sorted(venue_ids), self._space.space.dimension
        asked = {"venues": ids, "most": MOST_PHOTOS}
        photos = {row[0]: row[1:] for row in self._by_key(PORTRAITS.format(photos=self._photos.name), asked)}
        told = dict(self._by_key(TOLD.format(told=self._told.name), asked))
        empty: tuple[Sequence[int], bytes] = ((), b"")
        of_each = [photos.get(venue_id, empty) for venue_id in ids]
        descriptions = np.zeros((len(of_each), dimension), dtype=np.float32)
        described = [place for place, venue_id in enumerate(ids) if venue_id in told]
        descriptions[described] = _unit([told[ids[place]] for place in described], dimension)
        return Portraits(
            venue_ids=ids,
            photo_ids=[photo_id for photo_ids, _ in of_each for photo_id in photo_ids],
            photos=_unit([sent for _, sent in of_each], dimension),
            counts=np.array([len(photo_ids) for photo_ids, _ in of_each], dtype=np.int64),
            told=descriptions,
        )

    def near_photos(self, vectors: NDArray[np.float32], passing: Passing, *, rows: int) -> set[int]:
        """Return venues of the `rows` photos nearest to each of `[Q, D]`."""
        return self._near(self._photos, vectors, passing, rows)

    def near_descriptions(self, vectors: NDArray[np.float32], passing: Passing, *, rows: int) -> set[int]:
        """Return venues of the `rows` pieces of descriptions nearest to each of `[Q, D]`."""
        return self._near(self._told, vectors, passing, rows)

    def some(self, passing: Passing, *, limit: int, without: Collection[int], seed: int) -> list[int]:
        """Return up to `limit` venues that pass, but for those of `without`, in an order that the seed decides.

        As many as there are, up to `limit`. Which ones it is the seed decides too; no large table is sorted for it.
        """
        random = np.random.default_rng(seed)
        if passing.ids is not None:
            left = sorted(set(passing.ids) - set(without))
            return [left[place] for place in random.permutation(len(left))[:limit]]
        asked = condition(passing.where)
        first, last = self._all(ENDS, {})[0]
        starts = random.integers(first, last, size=2 * limit, endpoint=True).tolist() if limit < passing.total else []
        found = self._all(ANY.format(condition=asked.sql()), asked.parameters | {"starts": starts})
        chosen = sorted({row[0] for row in found} - set(without))
        if len(chosen) < limit:
            more = asked.parameters | {"without": [*without, *chosen], "limit": limit - len(chosen)}
            chosen += [row[0] for row in self._all(REST.format(condition=asked.sql()), more)]
        random.shuffle(chosen)
        return chosen[:limit]

    def owners(self, photo_ids: Collection[int]) -> Mapping[int, int]:
        """Return whose some photos are, by the venue's row; those not stored are absent."""
        return dict(self._by_key(OWNERS, {"photos": list(photo_ids)})) if photo_ids else {}

    def photos(self, photo_ids: Collection[int]) -> Mapping[int, StoredPhoto]:
        """Return some photos, by id; those not stored are absent."""
        if not photo_ids:
            return {}
        with self._session.driver.cursor(row_factory=dict_row) as cursor:
            return {row["id"]: photo_from(row) for row in cursor.execute(PHOTOS, {"photos": list(photo_ids)})}

    def rows_by_name(self, external_ids: Collection[str]) -> Mapping[str, int]:
        """Return the rows of some venues, by external id; those not stored are absent."""
        statement = "SELECT external_id, id FROM venues WHERE external_id = ANY(%(names)s)"
        return dict(self._all(statement, {"names": list(external_ids)})) if external_ids else {}

    def _near(self, leg: LegTable, vectors: NDArray[np.float32], passing: Passing, rows: int) -> set[int]:
        if not len(vectors):
            return set()
        self._widen(max(ef_search_of(self._space, passing.all_rows), LEAST_EF_SEARCH))
        found: Condition = among(passing)
        nearest = leg.nearest_by_signs(found) if self._kind == "binary" else leg.nearest(found)
        statement = NEAR.format(nearest=nearest.replace("%(vector)b", "asked.vector"))
        asked = {
            "vectors": [HalfVector(vector) for vector in vectors],
            "rows": rows,
            "more_rows": rows * BINARY_OVERSAMPLING,
        }
        return {row[0] for row in self._all(statement, found.parameters | asked)}


class PortraitGallery:
    """The venues of one database, for recommendations."""

    def __init__(self, database: Database, kind: IndexKind = "hnsw") -> None:
        self._database = database
        self._kind = kind
        self._words = WordLeg()
        self._totals = Totals()

    @contextmanager
    def reading(self, space: StoredSpace) -> Iterator[PortraitReading]:
        """Open one connection for all that a recommendation reads of `space`."""
        with self._database.reading() as session:
            yield PortraitReading(session, space, self._kind, self._words, self._totals)

    def listings(self, external_ids: Collection[str]) -> Mapping[str, Venue]:
        """Return the listings of some venues, by external id; those not stored are absent."""
        return {name: stored.venue for name, stored in VenueRepository(self._database).known(external_ids).items()}


def _unit(sent: Sequence[bytes], dimension: int) -> NDArray[np.float32]:
    """Return embeddings as the database sends them, any number in each, as `float32 [R, D]` with unit norm."""
    rows = decoded(sent, dimension)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = rows / np.maximum(norms, 1e-9)
    return unit
