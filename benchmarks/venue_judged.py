"""The judged queries, and all that search knows of the sample venues to answer them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from benchmarks.venue_variants import Candidates
from ingest.options import RunOptions
from ingest.runner import ingest
from ingest.sources import open_source
from ingest.terminal import TerminalProgress
from venuefinder.bootstrap import Services
from venuefinder.calibrating.background import ensure_background
from venuefinder.calibrating.calibration import Background
from venuefinder.errors import InputError
from venuefinder.records import StoredSpace, VenueScores
from venuefinder.searching.question import Term, Wording, question_of
from venuefinder.store.cursors import reading
from venuefinder.store.nearest import NearestVenues
from venuefinder.store.schema import upgrade
from venuefinder.store.word_counts import quoted
from venuefinder.store.words import WordLeg, Words

QUERIES = Path(__file__).with_name("venue_queries.json")
SHOWN, ALL = ("seen", "both", "told"), ("seen", "both", "told", "name", "kind", "fact", "negated")
"""What queries are about: the first three are those of docs/decisions/0006."""

VENUES = "SELECT id, external_id, name, coalesce(kind, ''), description, tsvector_to_array(search_text) FROM venues"
RANKS = "SELECT external_id, ts_rank(search_text, %(query)s::tsquery) FROM venues"
TOLD = "SELECT venue_id, embedding FROM {table} ORDER BY venue_id, chunk"

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Query:
    """A judged query.

    about: whether photos show what is asked (`seen`), only the text tells it (`told`), or `both`; whether it is a
    venue's `name`, a `kind` with a place, a `fact` in the words of the description, or leaves something out
    (`negated`). relevant: venues by grade, 2 for an answer and 1 for a fair second. breaking: venues that have what is
    left out.
    """

    query: str
    about: str
    split: str
    relevant: Mapping[str, int]
    text: str = ""
    """What is asked for, where that is not the whole query."""
    negatives: Sequence[str] = ()
    breaking: Sequence[str] = ()

    @property
    def asked(self) -> str:
        """What is asked for."""
        return self.text or self.query


@dataclass(frozen=True, slots=True)
class Venue:
    """A sample venue: its words, and the embeddings of its photos `[N, D]` and of its description `[M, D]`."""

    external_id: str
    kind: str
    text: str
    lexemes: frozenset[str]
    photos: Vectors
    descriptions: Vectors


@dataclass(frozen=True, slots=True)
class Judged:
    """Queries, venues, and what each is worth to each."""

    queries: Sequence[Query]
    venues: Sequence[Venue]
    candidates: Sequence[Candidates]
    """One a query, of what is asked for."""
    vectors: Mapping[str, Vectors]
    """Of every query, what it asks for, and every phrase that it leaves out."""
    worth: Mapping[str, Mapping[str, float]]
    """What the words of each of these texts are worth by venue, names apart."""
    image: Background
    """Cosines of photos of different venues."""


def load_queries() -> list[Query]:
    return [Query(**query) for query in json.loads(QUERIES.read_text())]


def judge(services: Services, samples: Path, queries: Sequence[Query]) -> Judged:
    """Ingest the samples, and read what search reads of every venue for every query."""
    upgrade(services.unchecked_database)
    source = open_source(samples)
    with TerminalProgress(source) as progress:
        ingest(source, services, progress, RunOptions())
    space = ensure_background(services.spaces, services.encoder, services.spaces.require(services.encoder.space))
    if not (space.photo_background and space.text_background and space.image_background):
        raise InputError(f"{samples}: found no photos of two venues or no descriptions, expected both")
    texts = sorted({text for query in queries for text in (query.query, query.asked, *query.negatives)})
    vectors = dict(zip(texts, services.encoder.encode_texts(texts), strict=True))
    with reading(services.database) as cursor:
        venues = _venues(cursor, space, NearestVenues(services.database))
        words = {text: WordLeg().words_of(cursor, text) for text in texts}
        ranks = {text: _ranks(cursor, found) for text, found in words.items()}
    candidates = []
    for query in queries:
        scores = _scores(services, space, query.asked, vectors, venues)
        values = _values(words[query.asked], venues) | {"ts_rank": ranks[query.asked]}
        candidates.append(Candidates(scores, space.photo_background, space.text_background, values))
    return Judged(
        queries,
        venues,
        candidates,
        vectors,
        {text: _values(words[text], venues)["information x share"] for text in texts},
        space.image_background,
    )


def _venues(cursor: psycopg.Cursor[Any], space: StoredSpace, index: NearestVenues) -> list[Venue]:
    rows = cursor.execute(VENUES).fetchall()
    with index.reading(space) as read:
        photos = read.evidence([row[0] for row in rows])
    told: dict[int, list[Vectors]] = {}
    statement = TOLD.format(table=f"description_embeddings_{space.id}")
    for venue_id, embedding in cursor.execute(statement.encode()):
        told.setdefault(venue_id, []).append(embedding.to_numpy().astype(np.float32))
    return [
        Venue(
            external_id=external_id,
            kind=kind,
            text=f"{name} {kind} {description}",
            lexemes=frozenset(lexemes),
            photos=np.concatenate([views for _, views in photos[venue_id]]),
            descriptions=np.stack(told[venue_id]),
        )
        for venue_id, external_id, name, kind, description, lexemes in rows
    ]


def _scores(
    services: Services, space: StoredSpace, text: str, vectors: Mapping[str, Vectors], venues: Sequence[Venue]
) -> list[VenueScores]:
    question = question_of(Wording(text=text, term=Term(vectors[text])), (), space)
    names = [venue.external_id for venue in venues]
    return NearestVenues(services.database).scores_of(names, question, space=space)


def _values(words: Words, venues: Sequence[Venue]) -> dict[str, dict[str, float]]:
    """Return what else the words leg might have counted, by venue."""
    nats, asked = words.nats or {}, words.asked or 1.0
    found = {venue.external_id: sorted(nats.keys() & venue.lexemes) for venue in venues}
    told = {name: sum(nats[lexeme] for lexeme in lexemes) for name, lexemes in found.items()}
    return {
        "share of words": {name: len(lexemes) / max(len(words.lexemes), 1) for name, lexemes in found.items()},
        "share of information": {name: value / asked for name, value in told.items()},
        "information": told,
        "information x share": {name: value**2 / asked for name, value in told.items()},
    }


def _ranks(cursor: psycopg.Cursor[Any], words: Words) -> dict[str, float]:
    query = " | ".join(map(quoted, words.lexemes))
    return dict(cursor.execute(RANKS, {"query": query}).fetchall())
