"""Nearest neighbours: where searches, tuning and calibration ask for the venues near a question."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from venuefinder.records import IndexKind, StoredSpace, VenueScores
from venuefinder.request import VenueFilter
from venuefinder.searching.question import Question
from venuefinder.searching.ranking import Formula, Leg
from venuefinder.store.database import Database
from venuefinder.store.reading import Reading
from venuefinder.store.totals import Totals
from venuefinder.store.words import WordLeg


class NearestVenues:
    """The venues whose photos, descriptions and words are nearest to a question."""

    def __init__(self, database: Database, kind: IndexKind = "hnsw") -> None:
        self._database = database
        self._kind = kind
        self._words = WordLeg()
        self._totals = Totals()

    @contextmanager
    def reading(self, space: StoredSpace) -> Iterator[Reading]:
        """Open one connection for all that a search reads of `space`."""
        with self._database.reading() as session:
            yield Reading(session, space, self._kind, self._words, self._totals)

    def scores_of(self, external_ids: Collection[str], question: Question, *, space: StoredSpace) -> list[VenueScores]:
        """Return exactly these venues' scores, near or far; in no order, those not stored are absent."""
        with self.reading(space) as reading:
            return reading.scores(reading.rows_of(external_ids), question)

    def nearest_venues(
        self,
        vector: NDArray[np.float32],
        *,
        space: StoredSpace,
        depth: int,
        ef_search: int | None = None,
        exact: bool = False,
    ) -> list[int]:
        """Return about `depth` venue rows, best photo first: the photo leg alone, as a search uses it.

        `exact` reads every row; `ef_search` replaces what the space was tuned to.
        """
        question = Question(photo=vector, formula=Formula(photo=Leg(weight=1.0)))
        with self.reading(space) as reading:
            passing = reading.passing(VenueFilter())
            found = reading.candidates(question, passing, depth=depth, exact=exact, ef_search=ef_search)
        best = sorted(found, key=lambda venue: (-venue.photos[0][1] if venue.photos else 1.0, venue.external_id))
        return [venue.venue_id for venue in best][:depth]
