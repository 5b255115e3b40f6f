"""One mark a clause: which clauses a request has, and what is known of each for a venue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venuefinder.calibrating.evidence import SeenRule
from venuefinder.domain import Venue
from venuefinder.query.interpretation import Candidate, Interpretation, Part
from venuefinder.request import VenueFilter
from venuefinder.searching.clauses import Clause, clauses_of, judge
from venuefinder.statements import Statements

RULE = SeenRule(threshold=0.3, precision=0.95, recall=0.4, pairs=1000, phrases=60, slope=20.0, intercept=-6.0)
LISTINGS = {
    "says": "A barn with string lights.",
    "denies": "No string lights.",
    "is silent": "Somewhere.",
    "says both": "The hall has string lights. No string lights in the bar.",
}
STRONG, WEAK = (7, 0.31), (7, 0.29)


def where(**fields) -> VenueFilter:
    return VenueFilter.model_validate(fields)


def statements(description: str) -> Statements:
    return Statements.of(Venue(external_id="v", name="Somewhere", description=description))


def visual(phrase: str = "string lights") -> Clause:
    return Clause(text=phrase, kind="visual", phrase=phrase)


def negative(phrase: str = "string lights") -> Clause:
    return Clause(text=f"no {phrase}", kind="negative", phrase=phrase)


def part(words: str, kind: str, meaning: dict[str, object], *, applied: bool = True, candidates=()) -> Part:
    return Part(
        start=0, end=len(words), words=words, kind=kind, meaning=meaning, applied=applied, candidates=candidates
    )


def understood(*parts: Part, clauses=(), negatives=(), **filters) -> Interpretation:
    text = ", ".join(clauses)
    return Interpretation(text=text, clauses=clauses, negatives=negatives, filters=where(**filters), parts=parts)


@pytest.mark.parametrize(
    ("listing", "evidence", "status", "photo_id"),
    [
        ("says", STRONG, "seen", 7),
        ("denies", STRONG, "seen", 7),
        ("is silent", STRONG, "seen", 7),
        ("says", WEAK, "stated", None),
        ("denies", WEAK, "contradicted", None),
        ("is silent", WEAK, "unknown", None),
        ("says both", WEAK, "unknown", None),
        ("says", None, "stated", None),
        ("denies", None, "contradicted", None),
        ("is silent", None, "unknown", None),
    ],
)
def test_a_phrase(listing, evidence, status, photo_id):
    mark = judge(visual(), statements(LISTINGS[listing]), evidence, RULE)

    assert (mark.text, mark.status, mark.photo_id) == ("string lights", status, photo_id)


@pytest.mark.parametrize(
    ("listing", "evidence", "status", "photo_id"),
    [
        ("says", STRONG, "contradicted", 7),
        ("denies", STRONG, "contradicted", 7),
        ("says", WEAK, "contradicted", None),
        ("denies", WEAK, "stated", None),
        ("is silent", WEAK, "unknown", None),
        ("says both", None, "unknown", None),
    ],
)
def test_a_negative(listing, evidence, status, photo_id):
    """A low score of "carpets" is no proof that there are none."""
    mark = judge(negative(), statements(LISTINGS[listing]), evidence, RULE)

    assert (mark.text, mark.status, mark.photo_id) == ("no string lights", status, photo_id)


def test_a_probability_is_that_of_the_photo_and_only_with_a_rule():
    silent = statements("")

    assert judge(visual(), silent, (7, 0.3), RULE).probability == 0.5
    assert judge(negative(), silent, (7, 0.4), RULE).probability == round(RULE.probability(0.4), 4)
    assert judge(visual(), silent, (7, 0.3), None).probability is None
    assert judge(visual(), silent, None, RULE).probability is None


def test_a_filter_is_judged_by_the_listing_alone():
    clause = Clause(text="for 100 guests", kind="filter", only=where(guests=100))
    large = Statements.of(Venue.model_validate({"external_id": "v", "name": "V", "capacity": {"seated": 100}}))

    assert judge(clause, large, None, RULE).status == "stated"
    mark = judge(clause, statements(""), STRONG, RULE)
    assert (mark.status, mark.photo_id, mark.probability) == ("unknown", None, None)


@given(
    st.sampled_from([visual(), negative(), Clause(text="barn", kind="filter", only=where(kind="barn"))]),
    st.sampled_from(sorted(LISTINGS)),
    st.none() | st.tuples(st.integers(1, 9), st.floats(-1, 1)),
)
def test_without_a_rule_no_photo_shows_anything(clause, listing, evidence):
    mark = judge(clause, statements(LISTINGS[listing]), evidence, None)

    assert mark == judge(clause, statements(LISTINGS[listing]), None, RULE)
    assert mark.status != "seen"
    assert mark.photo_id is None


@given(st.floats(-1, 1), st.floats(-1, 1), st.sampled_from(sorted(LISTINGS)))
def test_a_better_photo_never_takes_seen_away(score, other, listing):
    low, high = sorted((score, other))
    marks = [judge(visual(), statements(LISTINGS[listing]), (7, value), RULE).status for value in (low, high)]

    assert marks[0] != "seen" or marks[1] == "seen"


def test_clauses_come_as_phrases_negatives_filters():
    query = understood(
        part("no carpets", "negation", {"negative": "carpets", "amenities": {"none": ["carpets"]}}),
        part("for 120 guests", "guests", {"guests": 120}),
        part("under £5k", "price", {"price": {"max": 5000.0, "currency": "GBP"}}),
        part("near Bath", "place", {"near": {"place": "Bath"}}),
        clauses=("rustic barn", "string lights"),
        negatives=("carpets",),
        guests=120,
        price={"max": 5000},
        near={"place": "Bath", "latitude": 51.38, "longitude": -2.36, "radius_km": 25},
        amenities={"none": ["carpets"], "all": ["parking"]},
        country="GB",
    )

    clauses = clauses_of(query, where(country="GB", amenities={"all": ["parking"]}))

    assert [(clause.kind, clause.text) for clause in clauses] == [
        ("visual", "rustic barn"),
        ("visual", "string lights"),
        ("negative", "no carpets"),
        ("filter", "for 120 guests"),
        ("filter", "under £5k"),
        ("filter", "near Bath"),
        ("filter", "country: GB"),
        ("filter", "has parking"),
    ]
    assert [clause.phrase for clause in clauses if clause.is_visual] == ["rustic barn", "string lights", "carpets"]
    assert clauses[4].only == where(guests=120, price={"max": 5000})
    assert clauses[5].only == where(near=query.filters.near)


def test_a_given_filter_is_resolved_and_counted_as_the_whole_query_is():
    point = {"place": "Bath", "latitude": 51.38, "longitude": -2.36, "radius_km": 10}
    query = understood(
        part("120 guests", "guests", {"guests": 120}), guests=120, near=point, price={"max": 50, "per": "head"}
    )

    clauses = clauses_of(query, where(near={"place": "Bath"}, price={"max": 50, "per": "head"}))

    assert [clause.text for clause in clauses] == ["120 guests", "within 10 km of Bath", "at most £50 a head"]
    assert clauses[1].only == where(near=point)
    assert clauses[2].only == where(guests=120, price={"max": 50, "per": "head"})


def test_each_part_of_a_price_answers_for_its_own_limit():
    query = understood(
        part("under £5k", "price", {"price": {"max": 5000}}),
        part("no minimum spend", "price", {"price": {"max_minimum_spend": 0}}),
        part("for 6 hours", "price", {"price": {"hours": 6}}),
        price={"max": 5000, "max_minimum_spend": 0, "hours": 6},
    )

    clauses = clauses_of(query, where())

    assert [(clause.text, clause.only) for clause in clauses] == [
        ("under £5k", where(price={"max": 5000, "hours": 6})),
        ("no minimum spend", where(price={"max_minimum_spend": 0, "hours": 6})),
    ]


def test_parts_that_do_not_apply_ask_nothing_but_for_an_ambiguous_place():
    cambridge = Candidate(name="Cambridge, GB", latitude=52.2, longitude=0.1)
    query = understood(
        part("for 80", "guests", {"guests": 80}, applied=False),
        part("stage", "amenity", {"amenities": {"all": ["stage"]}}, applied=False),
        part("near Cambridge", "place", {"near": {"place": "Cambridge"}}, applied=False, candidates=(cambridge,)),
        clauses=("stage",),
        guests=120,
    )

    clauses = clauses_of(query, where(guests=120))

    assert [clause.text for clause in clauses] == ["stage", "near Cambridge", "120 guests"]
    there = Statements.of(Venue(external_id="v", name="V", city="Cambridge"))
    assert judge(clauses[1], there, None, None).status == "stated"
    assert judge(clauses[1], statements(""), None, None).status == "unknown"


def test_what_a_phrase_asks_is_not_asked_again():
    query = understood(
        part("barn", "kind", {"kind": "barn"}),
        part("must have stages", "amenity", {"amenities": {"all": ["stage"]}}),
        clauses=("a barn", "stages"),
        negatives=("carpet",),
        kind="barn",
        amenities={"all": ["stage"], "none": ["carpets"]},
    )

    clauses = clauses_of(query, where(amenities={"none": ["carpets"]}))

    assert [clause.text for clause in clauses] == ["a barn", "stages", "no carpet"]


def test_nothing_asked_has_no_clauses():
    assert clauses_of(understood(), where()) == ()


@given(st.lists(st.sampled_from(["barn", "string lights", "stage", "sea view"]), unique=True), st.booleans())
def test_the_mark_of_a_phrase_does_not_depend_on_the_others(phrases, filtered):
    """What a phrase gets beside others it gets alone."""
    listing = statements("A barn with string lights, no stage.")
    filters = where(kind="hall", guests=10) if filtered else where()

    clauses = clauses_of(understood(clauses=tuple(phrases)), filters)
    together = [judge(clause, listing, WEAK, RULE) for clause in clauses if clause.kind == "visual"]

    alone = [clauses_of(understood(clauses=(phrase,)), where())[0] for phrase in phrases]
    assert together == [judge(clause, listing, WEAK, RULE) for clause in alone]


def test_what_is_said_again_is_marked_once() -> None:
    twice = part(
        "near Bath",
        "place",
        {"near": {"place": "Bath"}},
        applied=False,
        candidates=(Candidate(name="Bath", latitude=51.4, longitude=-2.4),),
    )

    assert [clause.text for clause in clauses_of(understood(twice, twice), where())] == ["near Bath"]
