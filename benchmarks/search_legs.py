"""What a search is measured by: pgvector's statement alone, the photos' leg with its page, the whole search.

Each takes a text and returns the venues' numbers, best first. The photos' leg does what a search does when pictures
alone are asked: nearest photos, venues of those, their order, the page of ten loaded. Statement and leg read the same
number of rows with the same `ef_search` in the same iterative mode.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector

from benchmarks.exact_answers import PLACES
from venuefinder.bootstrap import Services
from venuefinder.records import StoredSpace
from venuefinder.request import SearchRequest, VenueFilter
from venuefinder.searching.ordering import ByRelevance
from venuefinder.searching.paging import TIERS
from venuefinder.searching.question import Question
from venuefinder.searching.ranking import Formula, Leg
from venuefinder.spaces.tuning import ef_search_of
from venuefinder.store.legs import LegTable
from venuefinder.store.reading import PHOTOS_PER_HIT, ROWS_PER_CANDIDATE

ROWS = round(TIERS[0] * PHOTOS_PER_HIT) * ROWS_PER_CANDIDATE
"""Photo rows that a search first asks for."""


class Bare:
    """One ordered statement on a connection of its own, prepared and bound in binary."""

    def __init__(self, services: Services, space: StoredSpace) -> None:
        url = services.database.engine.url
        self._connection = psycopg.connect(
            host=str(url.query["host"]), port=int(str(url.query["port"])), user=url.username, dbname=url.database,
            autocommit=True,
        )  # fmt: skip
        register_vector(self._connection)
        leg = LegTable.of("photo_embeddings", space)
        self._encoder = services.queries
        self._statement = (
            f"SELECT e.venue_id, {leg.photo}, {leg.distance} AS distance FROM {leg.name} e "  # noqa: S608
            f"ORDER BY {leg.distance} LIMIT {ROWS}"
        ).encode()
        self.ef_search = max(ef_search_of(space, services.spaces.count(space)), ROWS)
        for setting, value in {"ef_search": self.ef_search, "iterative_scan": "relaxed_order"}.items():
            self._connection.execute(f"SET hnsw.{setting} = '{value}'".encode())

    def __call__(self, text: str) -> list[int]:
        """Ask for the nearest rows."""
        vector = HalfVector(self._encoder.encode(text).vector)
        rows: Sequence[Any] = self._connection.execute(self._statement, {"vector": vector}, binary=True).fetchall()
        return list(dict.fromkeys(row[0] - 1 for row in sorted(rows, key=itemgetter(2))))[:PLACES]

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


class PhotoLeg:
    """Nearest photos, their venues, the page."""

    def __init__(self, services: Services, space: StoredSpace, filters: Mapping[str, Any]) -> None:
        self._services, self._space = services, space
        self._where = VenueFilter.model_validate(filters)

    def __call__(self, text: str) -> list[int]:
        """Ask as a search does, for pictures alone."""
        vector = self._services.queries.encode(text).vector
        question = Question(photo=vector, formula=Formula(photo=Leg(weight=1.0)))
        with self._services.index.reading(self._space) as reading:
            found = ByRelevance(reading, question, reading.passing(self._where)).first(PLACES)
            reading.shown({venue.venue_id: venue.photo_id for venue in found})
        return [venue.venue_id - 1 for venue in found]


class Whole:
    """All of `POST /v1/search` but HTTP."""

    def __init__(self, services: Services, filters: Mapping[str, Any]) -> None:
        self._search = services.search
        self._where = VenueFilter.model_validate(filters)

    def __call__(self, text: str) -> list[int]:
        """Search."""
        answer = self._search.answer(SearchRequest(query=text, filters=self._where, limit=PLACES))
        return [int(hit.venue.external_id.removeprefix("venue-")) for hit in answer.results]
