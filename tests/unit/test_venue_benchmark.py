"""The benchmark of venue ranking: its judgements are of the sample venues, its measures and variants as stated."""

import json
from math import log2

import numpy as np
import pytest

from benchmarks.venue_metrics import interval, ndcg, recall, reciprocal_rank
from benchmarks.venue_ranking import KINDS, QUERIES, Query, by_shared_words
from benchmarks.venue_variants import (
    SHIPPED,
    VARIANTS,
    WEIGHTS,
    Candidates,
    best_and_top,
    best_photo,
    by,
    fused,
    summed,
    summed_with,
    told,
    top_photos,
)
from samples.recipe import load_recipe
from venuefinder.calibration import QUANTILES, Background
from venuefinder.ranking import rank
from venuefinder.records import VenueScores

JUDGED = [Query(**query) for query in json.loads(QUERIES.read_text())]
GRADES = {"a": 2, "b": 1}


def venue(name: str, *cosines: float, description: float | None) -> VenueScores:
    photos = tuple(enumerate(cosines))
    return VenueScores(venue_id=ord(name), external_id=name, photos=photos, description=description)


CANDIDATES = Candidates(
    venues=[
        venue("a", 0.5, 0.1, 0.0, description=0.2),
        venue("b", 0.45, 0.45, 0.45, description=0.3),
        venue("c", 0.1, description=0.9),
        venue("d", 0.5, 0.3, description=0.1),
    ],
    photo=Background(tuple(i / QUANTILES for i in range(QUANTILES)), mean=0.1, std=0.1, pairs=100),
    description=Background(tuple(i / QUANTILES for i in range(QUANTILES)), mean=0.3, std=0.2, pairs=100),
)


def test_every_sample_venue_answers_a_query_and_nothing_else_does():
    assert {name for query in JUDGED for name in query.relevant} == {r.venue.external_id for r in load_recipe()}
    assert {grade for query in JUDGED for grade in query.relevant.values()} == {1, 2}
    assert all(2 in query.relevant.values() for query in JUDGED)


def test_queries_differ_and_both_halves_hold_as_many_of_each_kind():
    assert len({query.query for query in JUDGED}) == len(JUDGED)
    assert {query.about for query in JUDGED} == set(KINDS)
    for kind in KINDS:
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


def test_reciprocal_ranks_add_up():
    """Places by photos a 1, d 2, b 3, c 4, by descriptions c 1, b 2, a 3, d 4."""
    places = {"a": (1, 3), "b": (3, 2), "c": (4, 1), "d": (2, 4)}
    scores = {name: 1 / (60 + seen) + 1 / (60 + said) for name, (seen, said) in places.items()}
    assert fused(CANDIDATES) == sorted(scores, key=lambda name: -scores[name])


def test_what_search_does_is_among_the_variants():
    ids = {venue.venue_id: venue.external_id for venue in CANDIDATES.venues}
    found = rank(CANDIDATES.venues, photo=CANDIDATES.photo, description=CANDIDATES.description, limit=len(ids))
    assert VARIANTS[SHIPPED](CANDIDATES) == [ids[venue.venue_id] for venue in found]


def test_the_control_orders_by_shared_words():
    texts = {"a": "A barn.", "b": "A brick loft", "c": "A loft"}
    assert by_shared_words("BRICK loft for a party", texts) == ["b", "c", "a"]
