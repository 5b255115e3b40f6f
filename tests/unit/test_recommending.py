"""Likeness, taste and diversity, on made vectors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from venuefinder.recommending.diversity import diversified, intra_list_distance
from venuefinder.recommending.likeness import (
    DUPLICATE,
    LEAST_PAIRS,
    ROUGH,
    UNKNOWN,
    Portraits,
    Scales,
    Sitter,
    Unrelated,
    best_pair,
    likeness,
    mutual,
    scales_of,
    sitter_of,
)
from venuefinder.recommending.taste import Opinion, Taste

DIMENSION = 24


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def portraits(seed=0, *, venues=40, groups=5, without=()):
    """Venues of some groups, one to five photos each; `without` photos and descriptions are some places."""
    random = np.random.default_rng(seed)
    middles = unit(random.normal(size=(groups, DIMENSION)))
    counts = np.array([0 if place in without else 1 + place % 5 for place in range(venues)])
    owners = np.repeat(np.arange(venues), counts)
    told = unit(middles[np.arange(venues) % groups] + 0.1 * random.normal(size=(venues, DIMENSION)))
    told[list(without)] = 0
    return Portraits(
        venue_ids=list(range(100, 100 + venues)),
        photo_ids=list(range(len(owners))),
        photos=unit(middles[owners % groups] + 0.1 * random.normal(size=(len(owners), DIMENSION))),
        counts=counts,
        told=told,
    )


def photo(vector, *, uploaded=False):
    return Sitter(photos=vector[None], photo_ids=(1,), single=True, uploaded=uploaded)


def scored(made, liked=(), disliked=()):
    scales = scales_of(made)
    taste = Taste(
        liked=[Opinion(sitter=sitter_of(made, place), weight=weight) for place, weight in liked],
        disliked=[Opinion(sitter=sitter_of(made, place), weight=weight) for place, weight in disliked],
    )
    return taste.scores(taste.likenesses(made, scales), made, scales)


def test_venues_of_one_group_are_alike():
    made = portraits()
    found = likeness(sitter_of(made, 7), made, scales_of(made))
    same = np.arange(40) % 5 == 7 % 5

    assert found[same].min() > found[~same].max()
    assert abs(found[~same].mean()) < 1


def test_a_venue_without_photos_or_description_is_unrelated():
    made = portraits(without=(3,))
    found = likeness(sitter_of(made, 7), made, scales_of(made))

    assert found[3] == 0
    assert np.isfinite(mutual(made, list(range(40)), scales_of(made))).all()
    assert best_pair(sitter_of(made, 7), made.photos_of(3)) is None


def test_photos_and_descriptions_each_do_alone():
    made = portraits()
    scales, whole = scales_of(made), sitter_of(made, 6)
    for sitter in (
        Sitter(photos=whole.photos, photo_ids=whole.photo_ids),
        Sitter(photos=whole.photos[:0], photo_ids=(), told=whole.told),
    ):
        assert int(likeness(sitter, made, scales).argmax()) % 5 == 6 % 5


def test_a_copy_of_a_liked_photo_counts_half_and_that_of_an_upload_whole():
    made = portraits()
    own, scales = made.photos_of(9)[0], scales_of(made)
    liked, uploaded = likeness(photo(own), made, scales)[9], likeness(photo(own, uploaded=True), made, scales)[9]

    assert (made.photos_of(9) @ own).max() >= DUPLICATE
    assert liked == pytest.approx(uploaded / 2)


def test_too_few_pairs_tell_no_scale():
    assert Unrelated.of(np.full(LEAST_PAIRS - 1, 0.3), ROUGH) is ROUGH
    assert Unrelated.of(np.array([np.nan] * 100), UNKNOWN) is UNKNOWN
    assert Unrelated.of(np.full(LEAST_PAIRS, 0.3), ROUGH).mean == pytest.approx(0.3)
    assert (UNKNOWN.standardised(np.array([0.9, np.nan])) == 0).all()
    assert scales_of(portraits(venues=2)) == Scales()


@given(st.lists(st.integers(0, 39), min_size=1, max_size=6, unique=True), st.randoms(use_true_random=False))
def test_the_order_of_likes_and_dislikes_does_not_matter(places, random):
    made = portraits()
    split = len(places) // 2
    liked, disliked = [(place, 1 + place % 3) for place in places[split:]], [(place, 1.0) for place in places[:split]]
    mixed = [random.sample(given_, len(given_)) for given_ in (liked, disliked)]

    assert (scored(made, liked, disliked) == scored(made, *mixed)).all()


@given(st.integers(0, 39), st.integers(0, 39), st.floats(0.1, 10))
def test_a_dislike_never_lifts_and_a_heavier_one_never_lifts_more(liked, disliked, weight):
    made = portraits()
    plain, once = scored(made, [(liked, 1)]), scored(made, [(liked, 1)], [(disliked, weight)])
    twice = scored(made, [(liked, 1)], [(disliked, 2 * weight)])

    assert (once <= plain).all()
    assert (twice <= once).all()
    assert once[disliked] < plain[disliked]


def test_who_likes_two_things_gets_both_and_not_what_lies_between():
    made = portraits()
    found = scored(made, [(5, 1), (6, 1)])
    both, rest = np.isin(np.arange(40) % 5, (0, 1)), ~np.isin(np.arange(40) % 5, (0, 1))

    assert found[both].min() > found[rest].max()


def test_dislikes_alone_put_what_is_like_them_last():
    made = portraits()
    found = scored(made, disliked=[(4, 1)])

    assert set(np.argsort(found)[:8] % 5) == {4}


relevances = st.lists(st.floats(-5, 5), min_size=1, max_size=25).map(lambda values: np.array(sorted(values)[::-1]))


@given(relevances, st.integers(1, 30), st.integers(0, 10**6))
def test_without_diversity_the_order_is_that_of_relevance(relevance, limit, seed):
    alike = np.random.default_rng(seed).normal(size=(len(relevance), len(relevance)))

    assert diversified(relevance, alike, diversity=0.0, limit=limit) == list(range(min(limit, len(relevance))))


@given(relevances, st.floats(0, 1), st.integers(1, 30), st.integers(0, 10**6))
def test_a_list_is_full_and_names_nothing_twice(relevance, diversity, limit, seed):
    alike = np.random.default_rng(seed).normal(size=(len(relevance), len(relevance)))
    chosen = diversified(relevance, alike, diversity=diversity, limit=limit)

    assert len(set(chosen)) == len(chosen) == min(limit, len(relevance))
    assert chosen[0] == 0
    assert chosen == diversified(relevance, alike, diversity=diversity, limit=limit)


def test_more_diversity_gives_lists_that_differ_more():
    """Over many lists: greedy as it is, maximal marginal relevance promises it of none alone."""
    made = portraits(venues=60)
    scales = scales_of(made)
    means = []
    for step in range(5):
        distances = []
        for liked in range(0, 60, 3):
            found = likeness(sitter_of(made, liked), made, scales)
            pool = np.argsort(-found)
            alike = mutual(made, pool.tolist(), scales)
            chosen = diversified(found[pool], alike, diversity=step / 4, limit=10)
            cosines = made.centres[pool] @ made.centres[pool].T
            distances.append(intra_list_distance(cosines, chosen))
        means.append(np.mean(distances))

    assert means == sorted(means)
    assert means[-1] > means[0] + 0.2


def test_the_distance_within_a_list():
    alike = np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.2], [0.0, 0.2, 1.0]])

    assert intra_list_distance(alike, [0, 1]) == 0.5
    assert intra_list_distance(alike, [0, 1, 2]) == pytest.approx(1 - 0.7 / 3)
    assert intra_list_distance(alike, [2]) == 0.0
