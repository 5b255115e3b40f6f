"""Nearest neighbours: a question in, candidate venues with what their legs are worth out.

Three plans, chosen for each search by how many rows pass its filters:

* few rows: read them all. Exact, and every passing venue gets its whole score inside the database.
* many rows: each leg brings its nearest rows by its index, the filter inside the ordered statement; the venues of all
  legs are then scored on all legs.
* an index that ends early, or venues that crowd others out by many photos: read them all after all.
"""

from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector

from venuefinder.errors import SpaceError
from venuefinder.records import Evidence, IndexKind, LeftOut, Passing, ShownVenue, StoredSpace, VenueScores
from venuefinder.request import Sort, VenueFilter
from venuefinder.searching.question import Question
from venuefinder.searching.ranking import Formula, counting
from venuefinder.spaces.tuning import ef_search_of
from venuefinder.store import listing
from venuefinder.store.filters import Condition, condition
from venuefinder.store.half_vectors import decoded
from venuefinder.store.legs import BINARY_OVERSAMPLING, LegTable
from venuefinder.store.pages import read_page
from venuefinder.store.partitions import index_name
from venuefinder.store.plans import reads_all, width
from venuefinder.store.search_sql import EVIDENCE, EXACTLY, FIRST_VIEWS, NOTHING, PASSING, SCORE, SCORES
from venuefinder.store.sessions import ReadingSession
from venuefinder.store.totals import LeafFacts, Totals
from venuefinder.store.words import WordLeg, Words, retrieve

PHOTOS_PER_HIT, TOLD_PER_HIT, WORDS_PER_HIT = 1.5, 3, 4
"""Venues each leg brings for one that is wanted, so that another leg can still lift one. The fewer rows a leg has, the
less it costs to look deeper: words most of all."""
COPIES_PER_HIT = 2
"""Venues scored for one that is wanted where all are read: those whose photo another shows already fall behind."""
ROWS_PER_CANDIDATE = 2
"""Photo rows first read for each venue wanted."""
MOST_ROWS = 50_000
LEAST_EF_SEARCH = 100
PHOTOS_PER_VENUE = 3
"""Best photos of a venue that come back with it."""
LISTED = 20_000
"""Passing venues up to which their ids travel, instead of the filter being asked again."""
WORDS_READ = 500
"""Passing venues up to which every one's words are read: they lie outside the row, at 6 microseconds each."""


class Reading:
    """What one search reads, on one connection."""

    def __init__(
        self, session: ReadingSession, space: StoredSpace, kind: IndexKind, words: WordLeg, totals: Totals
    ) -> None:
        self._session = session
        self._cursor = session.driver.cursor(binary=True)
        self._space = space
        self._kind = kind
        self._photos = LegTable.of("photo_embeddings", space)
        self._told = LegTable.of("description_embeddings", space)
        self._words = words
        self._totals = totals

    def passing(self, where: VenueFilter) -> Passing:
        """Count the venues that pass `where`, and list them while they are few."""
        found, rate = condition(where), self._leaf().rows_a_venue
        everything = self._totals.venues(self._cursor)
        total, ids = everything, None
        if found.clauses:
            statement = PASSING.format(condition=found.sql())
            total, ids = self._one(statement, found.parameters | {"listed": LISTED})
        return Passing(
            where=where,
            total=total,
            ids=tuple(ids or ()) if found.clauses and total <= LISTED else None,
            rows=round(total * rate),
            all_rows=round(max(total, everything) * rate),
        )

    def candidates(
        self, question: Question, passing: Passing, *, depth: int, exact: bool = False, ef_search: int | None = None
    ) -> list[VenueScores]:
        """Return at least the `depth` best venues that pass, or all there are; in no order."""
        rows = round(depth * PHOTOS_PER_HIT) * ROWS_PER_CANDIDATE * self._space.space.facts.views
        ef_search = ef_search or ef_search_of(self._space, passing.all_rows)
        venues: set[int] = set()
        if not exact and not reads_all(passing, self._kind, depth, rows=rows, ef_search=ef_search):
            venues = self._searched(question, passing, depth, ef_search)
        if len(venues) < min(depth, passing.total):
            venues |= self._of_all(question, passing, depth)
        return self.scores(sorted(venues), question)

    def beyond(
        self, question: Question, passing: Passing, *, without: Collection[int], offset: int, limit: int
    ) -> list[VenueScores]:
        """Return `limit` venues that pass, after the `offset` best; those of `without` left out. Reads every row."""
        best = self._exactly(question, passing, limit=offset + limit, without=without, offset=offset)
        return self.scores(best[:limit], question)

    def scores(self, venue_ids: Sequence[int], question: Question) -> list[VenueScores]:
        """Return what each leg of the question is worth for these venues; in no order."""
        _require_dimension(question, self._space)
        if not venue_ids:
            return []
        asked = self._asked(question)
        told = self._told_best("= v.id") if question.description is not None else NOTHING
        one_view = self._space.space.facts.views == 1
        statement = SCORES.format(
            cosine=f"-({self._photos.distance})" if one_view else f"-min({self._photos.distance})",
            grouped="" if one_view else "GROUP BY photo_id",
            photos=self._photos.name,
            told=told,
            words=asked.value if asked else "NULL::float8",
        )
        parameters = self._vectors(question) | {"venues": list(venue_ids), "photos_per_venue": PHOTOS_PER_VENUE}
        rows = self._by_key(statement, {**parameters, **(asked.parameters if asked else {})})
        nothing = question.formula.photo.zero
        return [
            VenueScores(
                venue_id=venue_id,
                external_id=external_id,
                photos=counting(list(zip(ids or (), cosines or (), strict=True)), number or 0, nothing=nothing),
                description=description,
                words=found,
            )
            for venue_id, external_id, ids, cosines, number, description, found in rows
        ]

    def evidence(self, venue_ids: Sequence[int]) -> Evidence:
        """Return the embeddings of all photos of some venues, `float32 [V, D]` a photo, in the order of their ids."""
        rows = self._by_key(EVIDENCE.format(photos=self._photos.name), {"venues": list(venue_ids)})
        found: dict[int, list[tuple[int, NDArray[np.float32]]]] = {}
        for venue_id, photo_id, sent in rows:
            found.setdefault(venue_id, []).append((photo_id, decoded([sent], self._photos.dimension)))
        return {venue_id: tuple(photos) for venue_id, photos in found.items()}

    def embeddings(self, photo_ids: Collection[int]) -> Mapping[int, NDArray[np.float32]]:
        """Return the first view's embedding `float32 [D]` of some photos; those without one are absent."""
        rows = self._by_key(FIRST_VIEWS.format(photos=self._photos.name), {"ids": list(photo_ids)}) if photo_ids else ()
        vectors = decoded([sent for _, sent in rows], self._photos.dimension)
        return dict(zip((photo_id for photo_id, _ in rows), vectors, strict=True))

    def shown(self, photo_of: Mapping[int, int | None]) -> Mapping[int, ShownVenue]:
        """Return each venue, by row id, with the one photo asked for. Venues gone meanwhile are absent."""
        return read_page(self._session.driver, photo_of, space_id=self._space.id) if photo_of else {}

    def rows_of(self, external_ids: Collection[str]) -> list[int]:
        """Return the rows of some venues; those not stored are absent."""
        statement = "SELECT id FROM venues WHERE external_id = ANY(%(external_ids)s)"
        return [row[0] for row in self._all(statement, {"external_ids": list(external_ids)})]

    def listed(
        self, where: VenueFilter, sort: Sort, *, offset: int, limit: int, without: Collection[int] = ()
    ) -> list[int]:
        """Return venue rows that pass, in the order of a listing's field, but for those of `without`."""
        return listing.page(self._cursor, where, sort, (offset, limit), without=without)

    def place_of(self, venue: str, where: VenueFilter, sort: Sort, *, guess: int, without: Collection[int]) -> int:
        """Return a venue's place in a listing's order, from 1: `guess` where it is there, or gone; else as counted."""
        there = listing.page(self._cursor, where, sort, (guess - 1, 1), without=without) if guess > 0 else []
        if there and there == self.rows_of([venue]):
            return guess
        place = listing.place_of(self._cursor, where, sort, venue, without=without)
        return guess if place is None else place

    def sorted_by(self, where: VenueFilter, sort: Sort, *, only: Collection[int]) -> list[int]:
        """Return these venue rows in the order of a listing's field."""
        return listing.page(self._cursor, where, sort, (0, len(only)), only=only) if only else []

    def left_out(self, where: VenueFilter) -> LeftOut:
        """Count the venues that `where` drops because the listing does not say."""
        return listing.tally(self._cursor, where)[1] if where.guests or where.price else LeftOut()

    def generation(self) -> str:
        """Return what changes when the index is rebuilt, tuned anew, or scores are measured anew."""
        backgrounds = [
            (background.mean, background.std) if background else None
            for background in (self._space.photo_background, self._space.text_background, self._space.image_background)
        ]
        ours = index_name(self._photos.name, self._kind)
        built = [index for index in self._leaf().built if index.startswith(ours)]
        facts = repr((self._space.space.key, self._kind, self._space.tuned, backgrounds, built))
        return sha256(facts.encode()).hexdigest()[:16]

    def _leaf(self) -> LeafFacts:
        return self._totals.facts(self._cursor, self._photos.name)

    def _searched(self, question: Question, passing: Passing, depth: int, ef_search: int) -> set[int]:
        """Return the venues nearest by each leg, the `depth` best by all legs among them; or too few."""
        _require_dimension(question, self._space)
        venues: set[int] = set()
        views = self._space.space.facts.views
        if question.photo is not None:
            wanted = round(depth * PHOTOS_PER_HIT)
            amount = (wanted, wanted * ROWS_PER_CANDIDATE * views)
            venues |= self._leg(self._photos, question.photo, passing, amount, ef_search)
            if len(venues) < min(depth, passing.total):
                return set()  # a filter against what is asked ended the scan; what other legs bring would hide it
        if question.description is not None:
            wanted = round(depth * TOLD_PER_HIT)
            venues |= self._leg(self._told, question.description, passing, (wanted, wanted), LEAST_EF_SEARCH)
        if asked := self._asked(question):
            venues |= set(retrieve(self._cursor, asked, condition(passing.where), depth * WORDS_PER_HIT))
        return venues

    def _leg(
        self,
        leg: LegTable,
        vector: NDArray[np.float32],
        passing: Passing,
        amount: tuple[int, int],
        ef_search: int,
    ) -> set[int]:
        """Return about `wanted` venues of one leg, reading `rows`, and four times as many while venues are too few."""
        wanted, rows = amount
        found = among(passing)
        statement = leg.nearest_by_signs(found) if self._kind == "binary" else leg.nearest(found)
        while True:
            wide = width(passing, rows, ef_search)
            self._widen(wide)
            more_rows = max(rows, wide) * BINARY_OVERSAMPLING
            limits = {"vector": HalfVector(vector), "rows": rows, "more_rows": more_rows}
            brought = sorted(self._all(statement, found.parameters | limits), key=itemgetter(2))
            venues = list(dict.fromkeys(venue_id for venue_id, _, _ in brought))
            if 3 * len(venues) >= 2 * min(wanted, passing.total) or len(brought) < rows or rows >= MOST_ROWS:
                return set(venues[:wanted])
            rows *= 4

    def _of_all(self, question: Question, passing: Passing, depth: int) -> set[int]:
        """Return the venues that may be among the `depth` best, having read every row."""
        venues = set(self._exactly(question, passing, limit=COPIES_PER_HIT * depth, without=()))
        if not self._reads_words(passing, ()) and (asked := self._asked(question)):
            venues |= set(retrieve(self._cursor, asked, condition(passing.where), depth * WORDS_PER_HIT))
        return venues

    def _exactly(
        self, question: Question, passing: Passing, *, limit: int, without: Collection[int], offset: int = 0
    ) -> list[int]:
        """Return the rows of the best venues by their whole score, after the `offset` first, having read all."""
        _require_dimension(question, self._space)
        words = self._asked(question) if self._reads_words(passing, without) else None
        found = listed(passing, without)
        member = "IN (SELECT id FROM passing)" if found.clauses else "IS NOT NULL"
        if passing.ids is not None and not without:
            member = "= ANY((SELECT %(ids)b::bigint[])::bigint[])"  # to plan a constant costs 0.6 us an id
        statement = EXACTLY.format(
            passing=_passing(passing, found, words),
            score=SCORE,
            photo=self._photos.best_counting(member) if question.photo is not None else NOTHING,
            told=self._told_best(member) if question.description is not None else NOTHING,
        )
        parameters = {
            **found.parameters,
            **self._vectors(question),
            **_weights(question.formula),
            "nothing": question.formula.photo.zero,
            "limit": limit,
            "offset": offset,
            "taken": limit - offset,
        }
        return [row[0] for row in self._all(statement, {**parameters, **(words.parameters if words else {})})]

    def _reads_words(self, passing: Passing, without: Collection[int]) -> bool:
        """Return whether the words of every venue that passes are read too, not only of those with rare ones."""
        return self._kind == "exact" or passing.total <= WORDS_READ or bool(without)

    def _told_best(self, member: str) -> str:
        return self._told.best(member).replace("%(vector)b", "%(told_vector)b")

    def _asked(self, question: Question) -> Words | None:
        return self._words.words_of(self._cursor, question.words, question.unwanted) if question.words else None

    def _vectors(self, question: Question) -> dict[str, Any]:
        nowhere = np.zeros(self._space.space.dimension, dtype=np.float32)
        return {
            "vector": HalfVector(nowhere if question.photo is None else question.photo),
            "told_vector": HalfVector(nowhere if question.description is None else question.description),
        }

    def _widen(self, ef_search: int) -> None:
        """Let the index look at so many candidates, more than the rows wanted, which keeps recall near 1."""
        self._session.set({"hnsw.ef_search": str(ef_search)})

    def _all(self, statement: str, parameters: Mapping[str, Any]) -> list[Any]:
        """Return all rows of a statement planned for these values: a plan for any took a hundred times as long."""
        return self._cursor.execute(statement.encode(), parameters, prepare=False).fetchall()

    def _by_key(self, statement: str, parameters: Mapping[str, Any]) -> list[Any]:
        """Return all rows of a statement that goes by keys, and is planned once for any."""
        return self._cursor.execute(statement.encode(), parameters).fetchall()

    def _one(self, statement: str, parameters: Mapping[str, Any]) -> Any:
        return self._cursor.execute(statement.encode(), parameters, prepare=False).fetchone()


def among(passing: Passing) -> Condition:
    """Return what a leg asks of its row `e` to be of a passing venue.

    The OR keeps the planner from making a join of it: a filter must be asked of rows as the index brings them.
    """
    if passing.ids is not None:
        member = "(e.venue_id IN (SELECT unnest(%(ids)b::bigint[])) OR e.venue_id IS NULL)"
        return Condition([member], {"ids": list(passing.ids)})
    found = condition(passing.where)
    if not found.clauses:
        return found
    probe = f"(EXISTS (SELECT FROM venues v WHERE v.id = e.venue_id AND {found.sql()}) OR e.venue_id IS NULL)"
    return Condition([probe], found.parameters)


def listed(passing: Passing, without: Collection[int]) -> Condition:
    """Return the passing venues, some left out, as a condition on `venues v`."""
    found = condition(passing.where)
    if passing.ids is not None:
        found = Condition(["v.id = ANY(%(ids)b::bigint[])"], {"ids": list(passing.ids)})
    if not without:
        return found
    return Condition([*found.clauses, "v.id <> ALL(%(without)s)"], found.parameters | {"without": list(without)})


def _passing(passing: Passing, found: Condition, words: Words | None) -> str:
    """Return the passing venues as a table of `id` and `words`; by their ids alone where nothing else is read."""
    if words is None and passing.ids is not None and len(found.clauses) == 1:
        return "SELECT unnest(%(ids)b::bigint[]) AS id, NULL::float8 AS words"
    value = words.value if words else "NULL::float8"
    return f"SELECT v.id, {value} AS words FROM venues v WHERE {found.sql()}"  # noqa: S608 - clauses of ours


def _weights(formula: Formula) -> dict[str, float]:
    legs = {"photo": formula.photo, "told": formula.description, "words": formula.words}
    return {
        f"{name}_{part}": float(getattr(leg, part))
        for name, leg in legs.items()
        for part in ("weight", "scale", "offset")
    }


def _require_dimension(question: Question, space: StoredSpace) -> None:
    for vector in (question.photo, question.description):
        if vector is not None and vector.shape != (space.space.dimension,):
            raise SpaceError(
                f"query embedding has shape {vector.shape}, space {space.space.name!r} expects "
                f"({space.space.dimension},); ask with the encoder of that space"
            )
