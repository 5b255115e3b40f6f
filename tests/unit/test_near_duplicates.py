"""Near-duplicates: a picture ranks one venue, the others count by their next best photo; nothing else changes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from venuefinder.records import VenueScores
from venuefinder.searching.near_duplicates import DUPLICATE, EPSILON, neighbours, repeat, suspects, uncrowd
from venuefinder.searching.ranking import Formula, Leg, rank

QUERY = np.array([1.0, 0.0, 0.0, 0.0])
Vectors = dict[int, NDArray[np.float32]]


def picture(cosine: float, turn: int = 0) -> NDArray[np.float32]:
    """A unit vector of that cosine with the query; of one turn they are near-duplicates where cosines are near."""
    rest = np.zeros(4)
    rest[1 + turn] = 1
    return (cosine * QUERY + np.sqrt(1 - cosine**2) * rest).astype(np.float32)


def catalogue(*venues: list[tuple[float, int]]) -> tuple[list[VenueScores], Vectors]:
    """Venues by the (cosine, turn) of their photos, best first by their best photo, with all vectors."""
    vectors: Vectors = {}
    scores = []
    for number, pictures in enumerate(sorted(venues, key=lambda photos: -max((c for c, _ in photos), default=-1))):
        photos = []
        for cosine, turn in sorted(pictures, reverse=True):
            photo_id = len(vectors) + 1
            vectors[photo_id] = picture(cosine, turn)
            photos.append((photo_id, cosine))
        scores.append(
            VenueScores(venue_id=number, external_id=f"v{number}", photos=tuple(photos), description=0.1, words=1.0)
        )
    return scores, vectors


def kept(venues: list[VenueScores]) -> list[list[float]]:
    return [[cosine for _, cosine in venue.photos] for venue in venues]


def test_a_later_venue_counts_by_its_next_best_photo_that_repeats_none():
    candidates, vectors = catalogue([(0.5, 0)], [(0.499, 0), (0.3, 1)], [(0.498, 0), (0.301, 1), (0.2, 2)])
    assert kept(uncrowd(candidates, vectors)) == [[0.5], [0.3], [0.2]]


def test_a_venue_listed_twice_counts_half_the_second_time():
    candidates, vectors = catalogue([(0.5, 0), (0.4, 1)], [(0.5, 0)])
    found = uncrowd(candidates, vectors, nothing=0.1)
    assert kept(found) == [[0.5, 0.4], [pytest.approx(0.3)]]
    assert (found[1].description, found[1].words) == (0.1, 1.0)


def test_who_comes_first_keeps_the_picture_whatever_its_cosine():
    candidates, vectors = catalogue([(0.5, 0), (0.1, 1)], [(0.499, 0), (0.2, 2)])
    assert kept(uncrowd(candidates[::-1], vectors)) == [[0.499, 0.2], [0.1]]


def test_to_lose_a_photo_never_lifts_a_venue():
    candidates, vectors = catalogue([(0.05, 0)], [(0.049, 0)])
    assert kept(uncrowd(candidates, vectors, nothing=0.1)) == [[0.05], [0.049]]
    assert kept(uncrowd(candidates, vectors, nothing=0.0)) == [[0.05], [0.0245]]


def test_photos_of_one_venue_may_repeat_each_other():
    candidates, vectors = catalogue([(0.5, 0), (0.499, 0)])
    assert uncrowd(candidates, vectors) == candidates


def test_different_pictures_of_equal_cosine_stay():
    candidates, vectors = catalogue([(0.5, 0)], [(0.5, 1)], [(0.5, 2)])
    assert suspects(candidates) == {1, 2, 3}
    assert uncrowd(candidates, vectors) == candidates


def test_without_neighbours_nobody_is_suspect():
    candidates, _ = catalogue([(0.5, 0), (0.2, 1)], [(0.4, 0), (0.2, 0)], [])
    assert suspects(candidates) == set()


def test_the_photo_that_a_next_best_one_might_repeat_is_suspect():
    candidates, _ = catalogue([(0.5, 0)], [(0.5, 0), (0.3, 1)], [(0.31, 1)])
    assert suspects(candidates) == {1, 2, 3, 4}


cosines = st.floats(0.05, 0.95).map(lambda cosine: round(cosine, 3))
catalogues = st.lists(st.lists(st.tuples(cosines, st.integers(0, 2)), max_size=3), max_size=12)


@given(catalogues)
def test_no_two_venues_are_ranked_by_one_whole_picture(venues):
    candidates, vectors = catalogue(*venues)
    of_candidates = {photo for venue in candidates for photo in venue.photos}
    best = [venue.photos[0] for venue in uncrowd(candidates, vectors) if venue.photos]
    whole = [photo for photo in best if photo in of_candidates]
    for place, (photo, cosine) in enumerate(whole):
        for other, its in whole[:place]:
            assert abs(cosine - its) > EPSILON or vectors[photo] @ vectors[other] < DUPLICATE


@given(catalogues)
def test_photos_only_go_best_first_or_the_best_counts_half(venues):
    candidates, vectors = catalogue(*venues)
    found = uncrowd(candidates, vectors)
    assert [venue.venue_id for venue in found] == [venue.venue_id for venue in candidates]
    for before, after in zip(candidates, found, strict=True):
        tails = [before.photos[start:] for start in range(len(before.photos) + 1)]
        assert after.photos in tails or after.photos == ((before.photos[0][0], (before.photos[0][1] - 1) / 2),)


@given(catalogues)
def test_a_venue_depends_only_on_those_before_it(venues):
    candidates, vectors = catalogue(*venues)
    found = uncrowd(candidates, vectors)
    for end in range(len(candidates)):
        assert uncrowd(candidates[:end], vectors) == found[:end]


@given(catalogues, st.randoms(use_true_random=False))
def test_suspects_do_not_depend_on_the_order(venues, random):
    candidates, _ = catalogue(*venues)
    shuffled = random.sample(candidates, len(candidates))
    assert suspects(shuffled) == suspects(candidates)


@given(st.lists(st.lists(st.tuples(cosines, st.integers(0, 2)), max_size=1), max_size=12))
def test_the_suspects_are_enough_where_venues_have_one_photo(venues):
    candidates, vectors = catalogue(*venues)
    fetched = {photo: vectors[photo] for photo in suspects(candidates)}
    assert uncrowd(candidates, fetched) == uncrowd(candidates, vectors)


@pytest.mark.parametrize("empty", [[], [VenueScores(venue_id=1, external_id="a", photos=(), description=None)]])
def test_nothing_to_uncrowd(empty):
    assert suspects(empty) == set()
    assert uncrowd(empty, {}) == empty


@given(catalogues)
def test_where_no_neighbours_repeat_each_other_nothing_changes(venues):
    candidates, vectors = catalogue(*venues)
    if not repeat({photo: vectors[photo] for photo in neighbours(candidates)}):
        assert uncrowd(candidates, vectors) == candidates


def test_two_copies_among_neighbours_repeat_each_other():
    candidates, vectors = catalogue([(0.5, 0)], [(0.499, 0)], [(0.498, 1)], [(0.2, 0)])
    assert neighbours(candidates) == {1, 2, 3}
    assert repeat({photo: vectors[photo] for photo in (1, 2)})
    assert not repeat({photo: vectors[photo] for photo in (1, 3)})
    assert not repeat({})


@given(catalogues, st.integers(0, 12))
def test_where_none_of_the_first_repeat_each_other_they_stay_the_first(venues, first):
    candidates, vectors = catalogue(*venues)
    formula = Formula(photo=Leg(weight=1.0))
    before = [venue.scores for venue in rank(candidates, formula)]
    if not repeat({photo: vectors[photo] for photo in neighbours(before[:first])}):
        after = rank(uncrowd(before, vectors, nothing=formula.photo.zero), formula)
        assert [venue.scores for venue in after[:first]] == before[:first]
