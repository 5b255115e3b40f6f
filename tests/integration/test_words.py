"""The words leg on a real Postgres: what words are worth, which venues they bring in; any text is only text."""

from collections.abc import Iterator
from math import log
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.catalogues import run, write_folder
from venuefinder.bootstrap import Services
from venuefinder.request import SearchRequest
from venuefinder.store.cursors import reading
from venuefinder.store.database import Database
from venuefinder.store.filters import Condition
from venuefinder.store.word_counts import Counts, WordCounts
from venuefinder.store.words import (
    MOST_NAMES,
    MOST_RETRIEVED,
    MOST_WORDS,
    WordLeg,
    Words,
    information,
    retrieve,
    runs,
    weighed,
)

Cursor = psycopg.Cursor[Any]
VENUES = [
    ("Ashton Court", "country house", "Bristol", "A mansion in a deer park, with a garden and a great hall."),
    ("Garden House", "hotel", "Leeds", "Rooms over the river."),
    ("The Barn", "barn", "Bath", "A rustic barn with beams, a garden and fairy lights."),
    ("O'Neill's \\ Bar", "bar", "Cork", "Live music. Quotes ' and \\ backslashes."),
]
COMMON = 1_300
"""Venues of which each says garden and house: too many to be brought in by that."""


@pytest.fixture(scope="module")
def catalogue(module_database: Database) -> Database:
    """Four venues among many of common words, with the statistics gathered."""
    _fill(module_database)
    return module_database


def _fill(database: Database) -> None:
    many = [(f"Place {n}", "venue", "London", f"A house with a garden{_by(n)}.") for n in range(COMMON)]
    with database.begin() as connection:
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor:
            with cursor.copy("COPY venues (external_id, name, kind, city, description) FROM STDIN") as copy:
                for number, venue in enumerate([*VENUES, *many]):
                    copy.write_row((f"v{number}", *venue))
            cursor.execute("ANALYZE venues")


def _by(number: int) -> str:
    """Half of the venues are by a lake, half by a meadow, one by both."""
    return " by a lake" * (number <= COMMON // 2) + " by a meadow" * (number >= COMMON // 2)


@pytest.fixture
def cursor(catalogue: Database) -> Iterator[Cursor]:
    with reading(catalogue) as cursor:
        yield cursor


def words_of(cursor: Cursor, text: str) -> Words:
    return WordLeg().words_of(cursor, text)


def values(cursor: Cursor, words: Words) -> dict[str, float]:
    statement = f"SELECT v.name, {words.value} FROM venues v ORDER BY v.id LIMIT 5"  # noqa: S608 - what is tested
    return dict(cursor.execute(statement.encode(), words.parameters).fetchall())


def brought(cursor: Cursor, text: str, condition: Condition | None = None, limit: int = 10) -> list[str]:
    found = retrieve(cursor, words_of(cursor, text), condition or Condition(), limit)
    names = dict(cursor.execute("SELECT id, name FROM venues WHERE id = ANY(%s)", [found]).fetchall())
    return [names[venue] for venue in found]


def test_a_word_is_worth_its_rarity_and_a_venue_the_share_it_has(cursor: Cursor) -> None:
    words = words_of(cursor, "gardens with beams and fairy lights")
    n = COMMON + len(VENUES)
    assert words.lexemes == ("garden", "beam", "fairi", "light")
    assert words.nats == pytest.approx(
        {"garden": log((n + 1) / (COMMON + 3 + 0.5)), "beam": log((n + 1) / 1.5), "fairi": log((n + 1) / 1.5)}
        | {"light": log((n + 1) / 1.5)},
        abs=1e-3,
    )
    found = values(cursor, words)
    assert found["The Barn"] == pytest.approx(words.asked)
    assert found["Ashton Court"] == pytest.approx(words.nats["garden"] ** 2 / words.asked, abs=1e-6)
    assert found["Garden House"] > 0
    assert found["O'Neill's \\ Bar"] == 0


def test_words_that_no_venue_has_make_the_others_a_smaller_share(cursor: Cursor) -> None:
    one, two = words_of(cursor, "beams"), words_of(cursor, "beams zebra")
    assert two.asked > one.asked
    assert 0 < values(cursor, two)["The Barn"] < values(cursor, one)["The Barn"]


@pytest.mark.parametrize("text", ["", "   ", "the of and", "zebra", "!?*&|:<->()"])
def test_without_a_word_that_any_venue_has_all_are_worth_nothing(cursor: Cursor, text: str) -> None:
    words = words_of(cursor, text)
    assert not words
    assert set(values(cursor, words).values()) == {0.0}
    assert brought(cursor, text) == []


@pytest.mark.parametrize("text", ["Ashton Court", "ashton court", "a wedding at Ashton Court on Saturday", "ashton"])
def test_a_name_is_found(cursor: Cursor, text: str) -> None:
    assert brought(cursor, text) == ["Ashton Court"]


def test_a_name_of_common_words_is_found_and_worth_more_than_its_words(cursor: Cursor) -> None:
    words = words_of(cursor, "the garden house")
    assert brought(cursor, "the garden house")[0] == "Garden House"
    found = values(cursor, words)
    assert found["Garden House"] > 5 > 0.1 > found["Place 0"] > 0


def test_a_name_counts_less_the_less_of_the_query_it_is(cursor: Cursor) -> None:
    (whole,) = words_of(cursor, "The Barn").names
    (part,) = words_of(cursor, "rustic barn with beams and fairy lights").names
    assert whole.lexemes == part.lexemes == {"barn"}
    assert 0 < part.nats < whole.nats / 10


def test_a_name_within_another_name_is_not_that_name(cursor: Cursor) -> None:
    assert [name.lexemes for name in words_of(cursor, "garden house hotel").names] == [{"garden", "hous"}]
    assert words_of(cursor, "garden").names == ()
    assert words_of(cursor, "ashton house and court").names == ()


def test_common_words_bring_in_nobody(cursor: Cursor) -> None:
    words = words_of(cursor, "house with a garden")
    assert (words.telling, words.names) == ((), ())
    assert brought(cursor, "house with a garden") == []
    assert values(cursor, words)["Place 0"] > 0


def test_words_that_are_common_alone_bring_in_who_has_them_together(cursor: Cursor) -> None:
    assert brought(cursor, "a house by a lake") == []
    assert words_of(cursor, "a house by a lake, a meadow").telling == (frozenset({"lake", "meadow"}),)
    assert brought(cursor, "a house by a lake, a meadow") == [f"Place {COMMON // 2}"]


def test_only_venues_that_pass_are_brought_in_the_most_valuable_first(cursor: Cursor) -> None:
    assert brought(cursor, "beams and a mansion in a deer park") == ["Ashton Court", "The Barn"]
    assert brought(cursor, "beams and a mansion in a deer park", limit=1) == ["Ashton Court"]
    in_bath = Condition(["v.city = %(where_city)s"], {"where_city": "Bath"})
    assert brought(cursor, "beams and a mansion in a deer park", in_bath) == ["The Barn"]


def test_what_should_not_be_there_is_taken_away(cursor: Cursor) -> None:
    leg = WordLeg()
    wanted, unwanted = leg.words_of(cursor, "rustic garden"), leg.words_of(cursor, "fairy lights")
    without = leg.words_of(cursor, "rustic garden", ["fairy lights", "zebras"])
    before, against, after = (values(cursor, words) for words in (wanted, unwanted, without))
    assert after == pytest.approx({name: before[name] - against[name] for name in before})
    assert after["The Barn"] < before["The Barn"]
    assert leg.words_of(cursor, "rustic garden") == wanted


def test_a_name_that_should_not_be_there_is_only_words(cursor: Cursor) -> None:
    words = WordLeg().words_of(cursor, "zebra", ["the garden house"])
    assert words
    assert -1 < values(cursor, words)["Garden House"] < 0


def test_names_with_quotes_and_backslashes_are_found(cursor: Cursor) -> None:
    assert brought(cursor, "O'Neill's \\ Bar") == ["O'Neill's \\ Bar"]
    assert brought(cursor, "quotes and backslashes") == ["O'Neill's \\ Bar"]


def test_what_is_common_is_read_from_the_statistics_once_a_minute(cursor: Cursor) -> None:
    now = [0.0]
    counts = WordCounts(lambda: now[0])
    before = counts.of(cursor, "", ["zebra", "garden"], set())
    assert before.venues == COMMON + len(VENUES)
    assert before.words == {"zebra": 0, "garden": COMMON + 3}
    cursor.execute("INSERT INTO venues (external_id, name, description) VALUES ('new', 'New', 'Zebras.')")
    assert counts.of(cursor, "", ["zebra"], set()).words == {"zebra": 0}
    now[0] = 61.0
    assert counts.of(cursor, "", ["zebra"], set()).words == {"zebra": 1}
    cursor.connection.rollback()


def test_a_query_is_read_once_a_minute(cursor: Cursor) -> None:
    now = [0.0]
    leg = WordLeg(lambda: now[0])
    first = leg.words_of(cursor, "beams")
    assert leg.words_of(cursor, "beams") is first
    now[0] = 61.0
    assert leg.words_of(cursor, "beams") is not first


def test_without_statistics_counts_are_bounded(database: Database) -> None:
    with database.begin() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute(
            "INSERT INTO venues (external_id, name, description) SELECT 'v' || n, 'Place ' || n, 'A garden.' "
            "FROM generate_series(1, 1200) n"
        )
    with reading(database) as cursor:
        counts = WordCounts().of(cursor, "", ["garden", "zebra"], set())
    assert counts == Counts(1200, {"garden": 1000.0, "zebra": 0.0}, {})


def test_an_empty_catalogue_has_no_words(database: Database) -> None:
    with reading(database) as cursor:
        assert not words_of(cursor, "a barn")
        assert brought(cursor, "a barn") == []


@pytest.mark.parametrize("way", ["rare", "name"])
def test_venues_are_found_by_their_indexes(cursor: Cursor, way: str) -> None:
    text, index = {"rare": ("beams", "venues_search_text_idx"), "name": ("garden house", "venues_name_words_idx")}[way]
    words = words_of(cursor, text)
    plans = _Plans(cursor)
    retrieve(plans, words, Condition(), 10)  # type: ignore[arg-type]  # it only executes
    assert index in plans.plan
    assert "Seq Scan" not in plans.plan


class _Plans:
    """Explains what it is asked to execute."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self.plan = ""

    def execute(self, statement: bytes, parameters: dict[str, Any], *, prepare: bool) -> "_Plans":
        rows = self._cursor.execute(b"EXPLAIN " + statement, parameters, prepare=prepare).fetchall()
        self.plan = "\n".join(row[0] for row in rows)
        return self

    def fetchall(self) -> list[tuple[int]]:
        return []


hostile = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=80) | st.lists(
    st.sampled_from(
        ["ashton", "court", "'", "\\", ":A", "&", "|", "!", "<->", "%s", "%(limit)s", "house-", "a.b/c@d.uk"]
    )
).map(" ".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=hostile)
def test_any_text_is_only_text(cursor: Cursor, text: str) -> None:
    words = words_of(cursor, text)
    most = words.asked + sum(name.nats for name in words.names)
    assert all(0 <= value <= most + 1e-9 for value in values(cursor, words).values())
    without = WordLeg().words_of(cursor, "barn", [text])
    assert all(-words.asked - 1e-9 <= value for value in values(cursor, without).values())
    assert len(retrieve(cursor, words, Condition(), 5)) <= 5
    assert len(words.lexemes) <= MOST_WORDS
    assert len(words.names) <= MOST_NAMES


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_rarer_tells_more(count: int, venues: int) -> None:
    assert information(count, venues) > information(count + 1, max(venues, count + 1)) - 1e-12 or count >= venues
    assert information(count, venues) > 0


@given(st.integers(0, 3), st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
def test_words_counted_after_the_venues_still_tell(venues: int, found: list[int]) -> None:
    """How many venues there are is remembered for a minute, in which an empty catalogue may be filled."""
    counts = {f"word{place}": float(count) for place, count in enumerate(found)}
    words = weighed(tuple(counts), Counts(venues, counts, {}))
    assert {next(iter(some)) for some in words.telling if len(some) == 1} <= {
        word for word, count in counts.items() if count <= MOST_RETRIEVED
    }
    assert all(nats > 0 for nats in (words.nats or {}).values())


def test_runs_are_side_by_side() -> None:
    assert runs(("a", "b", "c")) == {frozenset(run) for run in ("a", "b", "c", "ab", "bc", "abc")}
    assert max(map(len, runs([str(n) for n in range(MOST_WORDS)]))) == 8


def test_the_bound_of_venues_brought_in_is_below_what_is_counted() -> None:
    """A count that stops short must not pass for a rare word."""
    from venuefinder.store.word_counts import COUNTED

    assert MOST_RETRIEVED < COUNTED


def test_a_listed_amenity_is_a_word_of_the_venue(services: Services, tmp_path: Path) -> None:
    """It lifts the venue above those that list nothing of it, whatever their photos look like, and past the floor."""
    listings: dict[str, dict[str, Any]] = {
        f"venue-{number}": {"name": f"Venue {number}", "photos": {"a.jpg": colour}}
        for number, colour in enumerate(("red", "green", "blue", "yellow", "black", "white"))
    }
    listings["venue-3"]["amenities"] = ["natural light", "wifi"]
    run(services, write_folder(tmp_path / "venues", listings))
    answer = services.search.answer(SearchRequest(query="natural light", strict=True))
    assert [(hit.venue.external_id, hit.below_floor) for hit in answer.results][:1] == [("venue-3", False)]
    (clause,) = answer.results[0].clauses
    assert (clause.text, clause.status) == ("natural light", "stated")
