"""The benchmark of venue ranking: its judgements are of the sample venues, its measures and variants as stated."""

from math import log2

import numpy as np
import pytest

from benchmarks.venue_judged import ALL, Judged, Query, Venue, load_queries
from benchmarks.venue_metrics import interval, ndcg, recall, reciprocal_rank
from benchmarks.venue_ranking import by_shared_words
from benchmarks.venue_requests import Scorer, kinds, negations, pictures
from benchmarks.venue_variants import (
    FUSIONS,
    TWO_LEGS,
    WEIGHTS,
    WORD_VALUES,
    Candidates,
    best_and_top,
    best_photo,
    by,
    fused,
    summed,
    summed_with,
    summed_with_words,
    tied_by_words,
    told,
    top_photos,
)
from samples.recipe import load_recipe
from venuefinder.calibrating.calibration import QUANTILES, Background
from venuefinder.records import StoredSpace, VenueScores
from venuefinder.searching.question import Term, Wording, question_of
from venuefinder.searching.ranking import DESCRIPTION_WEIGHT, WORDS_WEIGHT, rank
from venuefinder.testing import FakeEncoder

JUDGED = load_queries()
GRADES = {"a": 2, "b": 1}


WORDS = {"a": 0.0, "b": 0.0, "c": 0.5, "d": 4.0}


def venue(name: str, *cosines: float, description: float | None) -> VenueScores:
    photos = tuple(enumerate(cosines))
    return VenueScores(
        venue_id=ord(name), external_id=name, photos=photos, description=description, words=WORDS.get(name)
    )


def background(mean: float, std: float) -> Background:
    return Background(tuple(i / QUANTILES for i in range(QUANTILES)), mean=mean, std=std, pairs=100)


CANDIDATES = Candidates(
    venues=[
        venue("a", 0.5, 0.1, 0.0, description=0.2),
        venue("b", 0.45, 0.45, 0.45, description=0.3),
        venue("c", 0.1, description=0.9),
        venue("d", 0.5, 0.3, description=0.1),
    ],
    photo=background(0.1, 0.1),
    description=background(0.3, 0.2),
    words=dict.fromkeys(WORD_VALUES, WORDS),
)


def test_every_sample_venue_answers_a_query_and_nothing_else_does():
    assert {name for query in JUDGED for name in query.relevant} == {r.venue.external_id for r in load_recipe()}
    assert {grade for query in JUDGED for grade in query.relevant.values()} == {1, 2}
    assert all(2 in query.relevant.values() for query in JUDGED)


def test_queries_differ_and_both_halves_hold_as_many_of_each_kind():
    assert len({query.query for query in JUDGED}) == len(JUDGED)
    assert {query.about for query in JUDGED} == set(ALL)
    for kind in ALL:
        in_dev = [query.split == "dev" for query in JUDGED if query.about == kind]
        assert abs(2 * sum(in_dev) - len(in_dev)) <= 1


def test_ndcg_is_one_in_the_best_order_and_discounts_by_the_place():
    assert ndcg(["a", "b", "x"], GRADES, 10) == 1
    assert ndcg(["b", "x", "a"], GRADES, 10) == pytest.approx((1 + 2 / log2(4)) / (2 + 1 / log2(3)))
    assert ndcg(["x", "a"], GRADES, 1) == 0


def test_recall_counts_the_relevant_of_any_grade():
    assert recall(["x", "b", "a"], GRADES, 2) == 0.5
    assert recall(["x", "b", "a"], GRADES, 3) == 1


def test_reciprocal_rank_is_of_the_first_relevant():
    assert reciprocal_rank(["x", "b", "a"], GRADES) == 0.5
    assert reciprocal_rank(["x"], GRADES) == 0


def test_the_interval_holds_the_mean_and_narrows_with_more_queries():
    few, many = np.array([0.0, 1.0] * 10), np.array([0.0, 1.0] * 1000)
    (low, high), (lower, higher) = interval(many), interval(few)
    assert lower < low < 0.5 < high < higher
    assert interval(np.ones(5)) == (1, 1)


def test_photos_count_by_the_best_by_the_mean_or_by_both():
    assert by(best_photo)(CANDIDATES) == ["a", "d", "b", "c"]
    assert by(best_photo, top_photos)(CANDIDATES) == ["d", "a", "b", "c"]
    assert by(top_photos)(CANDIDATES) == ["b", "d", "a", "c"]
    assert by(best_and_top)(CANDIDATES)[:2] == ["b", "d"]
    assert by(told)(CANDIDATES) == ["c", "b", "a", "d"]


@pytest.mark.parametrize("weight", WEIGHTS)
def test_the_sum_of_the_best_photo_is_that_of_search(weight):
    candidates = Candidates(CANDIDATES.venues[:3], CANDIDATES.photo, CANDIDATES.description)
    assert summed_with(best_photo, weight)(candidates) == summed(weight)(candidates)


def test_words_lift_a_venue_by_their_weight():
    two = summed(DESCRIPTION_WEIGHT)(CANDIDATES)
    assert summed_with_words("information", 0.0)(CANDIDATES) == two
    assert two[0] == "a"
    assert summed(DESCRIPTION_WEIGHT, 0.4)(CANDIDATES)[0] == "d"
    assert summed_with_words("information", 0.4)(CANDIDATES) == summed(DESCRIPTION_WEIGHT, 0.4)(CANDIDATES)


def test_words_that_break_ties_change_nothing_else():
    equal = [venue("a", 0.5, description=0.2), venue("d", 0.5, description=0.2), venue("b", 0.6, description=0.2)]
    assert tied_by_words(Candidates(equal, CANDIDATES.photo, CANDIDATES.description)) == ["b", "d", "a"]


def test_reciprocal_ranks_add_up():
    """Places by photos a 1, d 2, b 3, c 4, by descriptions c 1, b 2, a 3, d 4, by words d 1, c 2."""
    places = {"a": (1, 3), "b": (3, 2), "c": (4, 1), "d": (2, 4)}
    scores = {name: 1 / (60 + seen) + 1 / (60 + said) for name, (seen, said) in places.items()}
    assert fused()(CANDIDATES) == sorted(scores, key=lambda name: -scores[name])
    scores["d"] += 9 / 61
    scores["c"] += 9 / 62
    assert fused(60, (1.0, 1.0, 9.0))(CANDIDATES) == sorted(scores, key=lambda name: -scores[name])


def test_what_search_does_is_among_the_variants():
    encoder = FakeEncoder()
    space = StoredSpace(
        id=1, space=encoder.space, photo_background=CANDIDATES.photo, text_background=CANDIDATES.description
    )
    wording = Wording(text="red", term=Term(encoder.encode_texts(["red"])[0]))
    formula = question_of(wording, (), space).formula
    found = [one.scores.external_id for one in rank(CANDIDATES.venues, formula)]
    assert found == summed(DESCRIPTION_WEIGHT, WORDS_WEIGHT)(CANDIDATES)
    assert str(WORDS_WEIGHT) in FUSIONS["sum with information x share and names"]
    assert TWO_LEGS.endswith(str(DESCRIPTION_WEIGHT))


def test_the_control_orders_by_shared_words():
    texts = {"a": "A barn.", "b": "A brick loft", "c": "A loft"}
    assert by_shared_words("BRICK loft for a party", texts) == ["b", "c", "a"]


def test_negated_queries_say_what_is_asked_and_what_breaks_it():
    for query in JUDGED:
        assert (query.about == "negated") == bool(query.negatives) == bool(query.breaking)
        assert all(phrase in query.query for phrase in (query.asked, *query.negatives))
        assert not set(query.breaking) & query.relevant.keys()


def judged() -> Judged:
    """Three venues in two dimensions: a photo and a text to the east, to the north-east and to the north."""
    east, north = np.array([1.0, 0.0], dtype=np.float32), np.array([0.0, 1.0], dtype=np.float32)
    between = ((east + north) / np.sqrt(2)).astype(np.float32)
    directions = {"east": east, "between": between, "north": north}
    venues = [
        Venue(name, "barn" if name == "east" else "hall", name, frozenset(), vector[None], vector[None])
        for name, vector in directions.items()
    ]
    query = Query(
        "barn, not north", "negated", "dev", {"east": 2, "between": 1}, "barn", negatives=["north"], breaking=["north"]
    )
    picture = Query("barn", "seen", "dev", {"east": 2, "between": 1})
    candidates = Candidates([], background(0.0, 1.0), background(0.0, 1.0))
    nothing = dict.fromkeys(directions, 0.0)
    return Judged(
        queries=[query, picture],
        venues=venues,
        candidates=[candidates, candidates],
        vectors={"barn": between, "north": north, "barn, not north": north},
        worth={"barn": nothing, "north": nothing | {"north": 1.0}, "barn, not north": nothing},
        image=background(0.0, 1.0),
    )


def test_what_is_left_out_is_taken_away_by_pictures_and_by_words():
    scorer = Scorer(judged())
    query = scorer.judged.queries[0]
    plain = scorer.score(query)
    assert plain == pytest.approx([np.sqrt(0.5), 1, np.sqrt(0.5)])
    assert scorer.score(query, against=0.5) == pytest.approx(plain - 0.5 * np.array([0, np.sqrt(0.5), 1]))
    assert scorer.score(query, words=0.5) == pytest.approx(plain - [0, 0, 0.5 * WORDS_WEIGHT])
    assert scorer.first(scorer.score(query, whole=True)) == ["north", "between", "east"]


def test_the_studies_say_what_they_compared():
    assert negations(judged()).row_count == 20
    assert kinds(judged()).row_count == 3
    assert pictures(judged()).row_count == 6
