"""Where every row is read, the database orders as the formula does: all legs, photos put aside, deep pages."""

import pytest
from sqlalchemy import text

from tests.crowds import vectors
from venuefinder.bootstrap import Services
from venuefinder.records import StoredSpace
from venuefinder.request import VenueFilter
from venuefinder.searching.question import Question
from venuefinder.searching.ranking import Formula, Leg, RankedVenue, rank
from venuefinder.settings import Settings
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder

VENUES, PHOTOS = 400, 3
ASKED = 5
"""What photos are asked for; those put aside show just that, and no page."""
ANYWHERE = VenueFilter()
VENUE_ROWS = """
INSERT INTO venues (external_id, name, kind, description)
SELECT 'v' || n, CASE WHEN n % 9 = 0 THEN 'Old Mill ' ELSE 'House ' END || n, CASE WHEN n % 2 = 0 THEN 'even' END,
       CASE WHEN n % 5 = 0 THEN 'A mill by the river.' WHEN n % 5 = 1 THEN 'A river.' ELSE '' END
FROM generate_series(1, :venues) n
"""
PHOTO_ROWS = """
INSERT INTO photos (venue_id, position, uri, location, content_hash, file_bytes, width, height, format, flags)
SELECT v.id, n, n::text, '/x', sha256(n::text::bytea), 1, 1, 1, 'JPEG',
       CASE WHEN v.id % 7 = 0 OR (v.id % 3 = 0 AND n = 1) THEN ARRAY['blurry'] ELSE ARRAY[]::text[] END
FROM venues v, generate_series(1, :photos) n WHERE v.id % 11 <> 0 ORDER BY v.id, 2
"""
PHOTO_EMBEDDING = "INSERT INTO photo_embeddings VALUES (:space, :row, 0, :venue, CAST(:vector AS halfvec))"
TOLD_EMBEDDING = "INSERT INTO description_embeddings VALUES (:space, :venue, :row, 'x', CAST(:vector AS halfvec))"


@pytest.fixture(scope="module")
def services(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Services:
    """400 venues: some described, some in words, some without photos, many with photos that are put aside."""
    settings = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("scores"), index="exact")
    services = Services(settings, encoder=FakeEncoder(), database=module_database)
    fill(services)
    return services


def fill(services: Services) -> None:
    space = services.catalogue.space
    with services.database.begin() as connection:
        connection.execute(text(VENUE_ROWS), {"venues": VENUES})
        connection.execute(text(PHOTO_ROWS), {"photos": PHOTOS})
        shown = connection.execute(text("SELECT id, venue_id, aside FROM photos ORDER BY id")).all()
        told = connection.execute(text("SELECT n % 2, id FROM venues, generate_series(1, 2) n WHERE id % 4 < 2")).all()
        near = vectors(1, space.space.dimension, seed=ASKED)[0]
        for statement, rows, seed in ((PHOTO_EMBEDDING, shown, 1), (TOLD_EMBEDDING, told, 2)):
            drawn = vectors(len(rows), space.space.dimension, seed=seed)
            bound = [
                {
                    "space": space.id,
                    "row": row,
                    "venue": venue,
                    "vector": str((near if any(aside) else vector).tolist()),
                }
                for (row, venue, *aside), vector in zip(rows, drawn, strict=True)
            ]
            connection.execute(text(statement), bound)


def asking(*, photo: float = 1.0, told: float = 0.0, words: float = 0.0) -> Question:
    """Ask for vectors and words with these weights."""
    dimension = FakeEncoder().space.dimension
    return Question(
        photo=vectors(1, dimension, seed=ASKED)[0],
        description=vectors(1, dimension, seed=ASKED + 1)[0] if told else None,
        words="old mill by a river" if words else "",
        formula=Formula(
            photo=Leg(weight=photo, scale=4.0, offset=0.8),
            description=Leg(weight=told, scale=5.0, offset=1.5),
            words=Leg(weight=words),
        ),
    )


QUESTIONS = {
    "photos": asking(),
    "photos and descriptions": asking(photo=0.7, told=0.3),
    "all legs": asking(photo=0.7, told=0.3, words=0.4),
    "descriptions against photos": asking(photo=-0.4, told=0.6),
}


def in_order(services: Services, question: Question, where: VenueFilter) -> list[RankedVenue]:
    """Every venue that passes, scored in Python from what each leg says of it."""
    with services.index.reading(stored(services)) as reading:
        rows = reading.passing(where).ids
        if rows is None:
            with services.database.connect() as connection:
                rows = tuple(connection.scalars(text("SELECT id FROM venues")))
        return rank(reading.scores(rows, question), question.formula)


def stored(services: Services) -> StoredSpace:
    return services.spaces.require(services.encoder.space)


def names(venues: list[RankedVenue]) -> list[str]:
    return [venue.scores.external_id for venue in venues]


@pytest.mark.parametrize("where", [ANYWHERE, VenueFilter(kind="even")], ids=["all", "even"])
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_the_best_are_those_of_the_formula(services: Services, question: Question, where: VenueFilter) -> None:
    expected = in_order(services, question, where)
    assert len({round(venue.score, 6) for venue in expected}) > 100
    with services.index.reading(stored(services)) as reading:
        found = rank(reading.candidates(question, reading.passing(where), depth=30), question.formula)
    assert names(found)[:30] == names(expected)[:30]


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_what_comes_deeper_goes_on_in_that_order(services: Services, question: Question) -> None:
    expected = in_order(services, question, ANYWHERE)
    first = {venue.venue_id for venue in expected[:50]}
    found: list[str] = []
    with services.index.reading(stored(services)) as reading:
        for offset in range(0, VENUES - 50, 60):
            taken = reading.beyond(question, reading.passing(ANYWHERE), without=first, offset=offset, limit=60)
            found += names(rank(taken, question.formula))
    assert found == names(expected)[50:]
