"""Cursors that come back as they went, and pages that agree with one long page whatever the index misses."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venuefinder.errors import QueryError
from venuefinder.records import VenueScores
from venuefinder.request import SearchRequest
from venuefinder.searching.paging import DEEPEST, TIERS, Cursor, fingerprint, places, read_cursor, start_of
from venuefinder.searching.ranking import RankedVenue

REQUEST = SearchRequest(query="barn")


def ranked(venue_id: int, score: float) -> RankedVenue:
    scores = VenueScores(venue_id=venue_id, external_id=f"v{venue_id}", photos=(), description=None)
    return RankedVenue(score=score, scores=scores)


class ForgetfulSearch:
    """Finds the best, but for some that only a wider search finds, as approximate indexes do."""

    def __init__(self, total: int, missed: frozenset[int]) -> None:
        self.total, self.missed = total, missed
        self.depths: list[int] = []

    def __call__(self, depth: int) -> Sequence[RankedVenue]:
        self.depths.append(depth)
        order = [place for place in range(self.total) if depth > TIERS[0] or place not in self.missed]
        order += [place for place in range(self.total) if depth <= TIERS[0] and place in self.missed]
        return [ranked(place, -place) for place in order[: depth + 5]]


@given(
    total=st.integers(0, 1_200),
    missed=st.frozensets(st.integers(0, 60), max_size=10),
    end=st.integers(1, DEEPEST),
    cut=st.integers(1, DEEPEST),
)
def test_a_shorter_page_is_the_beginning_of_a_longer_one(
    total: int, missed: frozenset[int], end: int, cut: int
) -> None:
    search = ForgetfulSearch(total, missed)
    long, short = places(max(end, cut), search), places(min(end, cut), search)
    assert short == long[: len(short)]
    assert len(long) == min(total, max(end, cut))
    assert len({venue.venue_id for venue in long}) == len(long)


def test_the_first_page_looks_no_further_than_it_must() -> None:
    search = ForgetfulSearch(2_000, frozenset())
    places(10, search)
    assert search.depths == [TIERS[0]]


@given(offset=st.integers(0, 10**9), after=st.from_regex(r"[A-Za-z0-9._~-]{1,200}", fullmatch=True))
def test_a_cursor_comes_back_as_it_went(offset: int, after: str) -> None:
    cursor = Cursor(offset=offset, after=after, query=fingerprint(REQUEST), generation="g")
    assert read_cursor(REQUEST.model_copy(update={"cursor": cursor.encode()}), "g") == cursor


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "!!!!",
        "bnVsbA",
        "W10",
        "WzEsMiwzLDRd",
        "ey",
        "[" * 900,
        "W3RydWUsImEiLCJiIiwiYyJd",
        "WzFlOTksImEiLCJiIiwiYyJd",
    ],
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match=r"cursor: found .* expected next_cursor"):
        read_cursor(REQUEST.model_copy(update={"cursor": text}), "g")


def test_a_cursor_of_another_query_is_refused() -> None:
    cursor = Cursor(offset=1, after="a", query=fingerprint(SearchRequest(query="loft")), generation="g").encode()
    with pytest.raises(QueryError, match="another query"):
        read_cursor(REQUEST.model_copy(update={"cursor": cursor}), "g")


def test_a_cursor_of_another_generation_is_refused() -> None:
    cursor = Cursor(offset=1, after="a", query=fingerprint(REQUEST), generation="old").encode()
    with pytest.raises(QueryError, match="rebuilt"):
        read_cursor(REQUEST.model_copy(update={"cursor": cursor}), "new")


def test_the_size_of_a_page_may_change_between_pages() -> None:
    assert fingerprint(REQUEST) == fingerprint(REQUEST.model_copy(update={"limit": 50, "explain": True}))
    assert fingerprint(REQUEST) != fingerprint(REQUEST.model_copy(update={"strict": True}))


def test_a_page_begins_after_the_last_venue_wherever_that_is_now() -> None:
    cursor = Cursor(offset=2, after="b", query="q", generation="g")
    assert start_of(cursor, ["new", "a", "b", "c"]) == 3
    assert start_of(cursor, ["a", "c", "d"]) == 2
    assert start_of(None, ["a"]) == 0
