"""What holds of every query: what is echoed is what filters, nothing is lost, nothing overlaps, nothing crashes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from asking import NOTHING, ask, labelled, world
from hypothesis import example, given, settings
from hypothesis import strategies as st

from venuefinder.errors import QueryError
from venuefinder.query.interpretation import Interpretation
from venuefinder.query.lexicon import DANGLING
from venuefinder.query.parse import plain
from venuefinder.query.sentence import read
from venuefinder.query.wordlists import phrases
from venuefinder.request import MAX_QUERY_CHARACTERS, PriceLimit, VenueFilter

PIECES = st.sampled_from(
    sorted(
        phrases(
            """
            rustic barn|string lights|for 120 guests|80 seated|150 standing|60-80 people|theatre style for 200|under £5k
            |between £2k and £3k|£40pp|at least $900|no minimum spend|for 6 hours|near Bath|in London|in Italy|parking
            |within 10 miles of York|in Cambridge|in Kent|Leeds|Paris, Texas|near Bath or Bristol|no carpets|not modern
            |without a stage or a bar|wifi and catering|must have a stage|a fireplace|piano required|hotel bar|warehouse
            |or loft|with a garden|venue|and|,|with|for|in|no|under|a wedding|white walls|£5k budget|dogs allowed|é
            |parking or wifi|preferably|would be nice|with or without|no stage, bar or camping|dogs not allowed|either
            |ski lift|own catering|accessible|no steps and parking|optional|lift
            |½|🎈|ß
            """
        )
    )
)
QUERIES = st.lists(PIECES, min_size=1, max_size=9).map(" ".join).filter(str.strip)
ANYTHING = st.text(max_size=200) | st.text(alphabet="0123456789 ,.-£$k|/'anotrfihe", max_size=200)
REQUESTS = st.sampled_from([request.query for request in labelled()[1]])
GIVEN = st.sampled_from(
    [
        NOTHING,
        VenueFilter(guests=20),
        VenueFilter.model_validate({"price": {"max": 900, "currency": "EUR"}}),
        VenueFilter.model_validate({"price": {"hours": 6}}),
        VenueFilter.model_validate({"near": {"place": "Cambridge, UK"}, "kind": "hotel"}),
        VenueFilter.model_validate({"amenities": {"all": ["stage"], "none": ["wifi"]}, "country": "GB"}),
        VenueFilter.model_validate({"box": {"south": 50, "west": -3, "north": 52, "east": 0}}),
    ]
)


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", read(text).plain)


def merged(one: Any, other: Any) -> Any:
    """An independent merge of JSON: mappings by key, lists as sets, anything else must agree."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: merged(one.get(key), other.get(key)) for key in one | other}
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return sorted({*one, *other})
    assert one is None or other is None or one == other
    return other if one is None else one


def echoed(found: Interpretation, given: VenueFilter) -> VenueFilter:
    asked: Any = given.model_dump(mode="json", exclude_unset=True)
    for part in found.parts:
        if part.applied:
            asked = merged(asked, {name: value for name, value in part.meaning.items() if name != "negative"})
    return VenueFilter.model_validate(asked)


def alike(filters: VenueFilter) -> dict[str, Any]:
    dumped = filters.model_dump(mode="json")
    return dumped | {"amenities": {name: sorted(terms) for name, terms in dumped["amenities"].items()}}


@given(query=QUERIES | REQUESTS, filters=GIVEN)
def test_what_is_echoed_is_what_filters(query, filters):
    found = ask(query, filters)
    resolved = plain(query, filters, vocabulary=labelled()[0], gazetteer=world()).filters

    assert alike(echoed(found, resolved)) == alike(found.filters)


@pytest.mark.parametrize(
    ("given_price", "expected", "applied"),
    [
        ({"hours": 6}, {"hours": 6, "max": 5000, "currency": "GBP"}, [True]),
        ({"hours": 6, "currency": "EUR"}, {"hours": 6, "currency": "EUR"}, [False]),
        ({"hours": 6, "per": "head"}, {"hours": 6, "per": "head"}, [False]),
        ({"min": 100}, {"min": 100}, [False]),
    ],
)
def test_hours_that_are_given_leave_the_budget_to_the_words(given_price, expected, applied):
    found = ask("a barn under £5000", VenueFilter.model_validate({"price": given_price}))

    assert found.filters.price == PriceLimit.model_validate(expected)
    assert [part.applied for part in found.parts if part.kind == "price"] == applied


def test_given_hours_win_over_hours_in_words():
    found = ask("a barn for 4 hours under £5000", VenueFilter.model_validate({"price": {"hours": 6}}))

    assert found.filters.price == PriceLimit(hours=6, max=5000)
    assert {part.words: part.applied for part in found.parts if part.kind == "price"} == {
        "for 4 hours": False,
        "under £5000": True,
    }


@given(query=QUERIES | REQUESTS | ANYTHING)
def test_parts_stand_where_they_say_and_do_not_overlap(query):
    found = ask(query)

    assert [query[part.start : part.end] for part in found.parts] == [part.words for part in found.parts]
    assert all(a.end <= b.start for a, b in zip(found.parts, found.parts[1:], strict=False))
    assert all(part.words.strip() == part.words != "" for part in found.parts)
    assert all(part.applied or part.note for part in found.parts)


def stands_in(some: list[str], all_words: list[str]) -> bool:
    """Whether these words stand among the others in their order, each as often as here."""
    rest = iter(all_words)
    return all(word in rest for word in some)


@given(query=QUERIES | REQUESTS | ANYTHING)
@example(query="white walls for 120 guests, white curtains and white chairs near Bath, white")
def test_no_word_is_lost_that_no_part_took(query):
    """Nor does any come twice, or before another: but for what joined it to a part that is gone."""
    found = ask(query)
    ends = [0, *(end for part in found.parts for end in part.span), len(query)]
    pieces = [query[start:end] for start, end in zip(ends[::2], ends[1::2], strict=True)]
    untouched = [word for piece in pieces for word in words(piece) if word not in DANGLING]

    assert stands_in(words(found.text), words(query))
    assert stands_in(untouched, words(found.text))


@given(query=QUERIES | REQUESTS, data=st.data())
def test_switching_a_part_off_restores_its_words_and_drops_its_filter(query, data):
    before = ask(query)
    if not before.parts:
        return
    part = data.draw(st.sampled_from(before.parts))
    after = ask(query, switch_off=(part.span,))
    same = next(other for other in after.parts if other.span == part.span)

    assert (same.applied, same.note) == (False, "switched off")
    assert set(words(part.words)) <= set(words(after.text))
    assert part.words in after.text or part.words not in " ".join(query.split())
    assert [other.span for other in after.parts] == [other.span for other in before.parts]
    assert alike(echoed(after, NOTHING)) == alike(after.filters)


@given(query=QUERIES | REQUESTS)
def test_with_every_part_off_the_text_is_the_query(query):
    off = tuple(part.span for part in ask(query).parts)
    found = ask(query, switch_off=off)

    assert found.text == " ".join(query.split())
    assert (found.filters, found.negatives) == (NOTHING, ())


@given(query=ANYTHING | QUERIES)
def test_the_same_query_is_understood_the_same(query):
    assert ask(query) == ask(query)


@given(request=st.sampled_from(labelled()[1]))
def test_the_text_that_is_left_is_left_again(request):
    text = ask(request.query).text
    filtering = {"guests", "price", "place", "negation"}

    assert not [part for part in ask(text).parts if part.applied and part.kind in filtering]


@given(query=QUERIES | REQUESTS)
def test_clauses_are_words_of_the_text(query):
    found = ask(query)

    assert len(found.clauses) <= 8
    assert set(words(" ".join(found.clauses))) <= set(words(found.text))


def test_other_languages_keep_every_word():
    foreign = [request.query for request in labelled()[1] if request.about == "foreign"]
    found = [ask(query) for query in foreign]

    assert len(foreign) == 15
    assert [one.text for one in found] == foreign
    assert all((one.parts, one.filters) == ((), NOTHING) for one in found)


def test_a_span_that_is_no_part_is_refused_with_those_that_are():
    with pytest.raises(
        QueryError, match=r"switch_off: \[0, 3\] is no part of the query; its parts: \[0, 4\], \[5, 14\]"
    ):
        ask("barn near Bath", switch_off=((0, 3),))
    with pytest.raises(QueryError, match="its parts: none"):
        ask("Scheune für 100 Gäste", switch_off=((8, 21),))


@settings(max_examples=20, deadline=None)
@given(piece=PIECES | st.text(min_size=1, max_size=12), before=PIECES)
def test_the_longest_query_is_understood(piece, before):
    query = (f"{before} " + f"{piece} " * MAX_QUERY_CHARACTERS)[:MAX_QUERY_CHARACTERS]

    assert ask(query).text is not None


def test_meanings_are_json():
    for request in labelled()[1]:
        for part in ask(request.query).parts:
            assert json.loads(json.dumps(dict(part.meaning))) == part.meaning


def test_nothing_here_knows_a_database_or_a_model():
    sources = Path(__file__).parents[2].joinpath("venuefinder", "query").glob("*.py")
    imported = {
        line.split()[1] for path in sources for line in path.read_text().splitlines() if line.startswith("from venue")
    }

    assert {name.split(".")[1] for name in imported} == {"errors", "geography", "query", "request"}
