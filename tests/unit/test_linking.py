"""Copies within a venue: each linked to one that is shown, by hashes, and by embeddings where these are in doubt."""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from itertools import islice, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from venuefinder.searching.near_duplicates import DUPLICATE
from venuefinder.upkeep.linking import LEAST_SET, LIKELY_BITS, SURE_BITS, Picture, doubtful, links

HASH = 0xA5A5_3C3C_0FF0_9669
FAR = ~HASH & (2**64 - 1)
SAME = np.array([1, 0], dtype=np.float32)
OTHER = np.array([0, 1], dtype=np.float32)


def turned(hash_: int, bits: int) -> int:
    """The hash with so many of its bits turned, evenly over ones and zeroes."""
    return hash_ ^ ((1 << bits) - 1)


def picture(number: int, hash_: int | None = HASH, **fields: object) -> Picture:
    made = Picture(
        id=number,
        uri=f"{number}.jpg",
        position=number,
        pixels=1000,
        content_hash=sha256(str(number).encode()).digest(),
        perceptual_hash=hash_,
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # fields of a picture


def test_the_largest_of_copies_is_shown_then_the_first_of_the_listing():
    assert links([picture(1), picture(2, pixels=4000), picture(3)], {}) == {1: 2, 2: None, 3: 2}
    assert links([picture(2), picture(1)], {}) == {1: None, 2: 1}


def test_one_without_a_flag_is_shown_though_it_is_smaller():
    assert links([picture(1, pixels=4000, flagged=True), picture(2)], {}) == {1: 2, 2: None}


@pytest.mark.parametrize(("bits", "linked"), [(SURE_BITS, True), (SURE_BITS + 1, False)])
def test_near_hashes_alone_are_proof(bits, linked):
    photos = [picture(1), picture(2, turned(HASH, bits))]
    assert (links(photos, {})[2] == 1) is linked


@pytest.mark.parametrize(
    ("bits", "vector", "linked"),
    [(LIKELY_BITS, SAME, True), (LIKELY_BITS, OTHER, False), (LIKELY_BITS + 1, SAME, False)],
)
def test_less_near_ones_need_embeddings_that_agree(bits, vector, linked):
    photos = [picture(1), picture(2, turned(HASH, bits))]
    assert (links(photos, {1: {7: SAME}, 2: {7: vector}})[2] == 1) is linked


def test_embeddings_of_different_spaces_are_not_compared():
    photos = [picture(1), picture(2, turned(HASH, LIKELY_BITS))]
    assert links(photos, {1: {7: SAME}, 2: {8: SAME}})[2] is None


def test_embeddings_agree_from_a_cosine_on():
    just = np.array([DUPLICATE + 1e-4, np.sqrt(1 - (DUPLICATE + 1e-4) ** 2)], dtype=np.float32)
    below = np.array([DUPLICATE - 1e-4, np.sqrt(1 - (DUPLICATE - 1e-4) ** 2)], dtype=np.float32)
    photos = [picture(1), picture(2, turned(HASH, LIKELY_BITS))]
    assert [links(photos, {1: {1: SAME}, 2: {1: one}})[2] for one in (just, below)] == [1, None]


def test_plain_walls_have_hashes_that_prove_nothing():
    """Two rooms before white walls: both hashes all but empty, and yet not one picture."""
    empty = (1 << (LEAST_SET - 1)) - 1
    photos = [picture(1, empty), picture(2, empty)]
    assert links(photos, {1: {1: SAME}, 2: {1: OTHER}}) == {1: None, 2: None}
    assert links(photos, {1: {1: SAME}, 2: {1: SAME}}) == {1: None, 2: 1}
    full = ~empty & (2**64 - 1)
    assert links([picture(1, full), picture(2, full)], {})[2] is None


def test_the_same_bytes_are_a_copy_though_nobody_looked():
    one = picture(1, None)
    assert links([one, picture(2, None, content_hash=one.content_hash), picture(3, None)], {}) == {
        1: None,
        2: 1,
        3: None,
    }


def test_the_same_bytes_as_a_copy_are_a_copy_of_what_is_shown():
    photos = [picture(1, pixels=4000), picture(2), picture(3, None, content_hash=picture(2).content_hash)]
    assert links(photos, {}) == {1: None, 2: 1, 3: 1}


def test_copies_do_not_form_chains():
    """1 is like 2, 2 is like 3, 1 is not like 3: what 3 is linked to must itself be shown."""
    photos = [picture(1), picture(2, turned(HASH, SURE_BITS)), picture(3, turned(HASH, 2 * SURE_BITS))]
    assert links(photos, {}) == {1: None, 2: 1, 3: None}


def test_only_photos_in_doubt_need_embeddings():
    photos = [picture(1), picture(2), picture(3, turned(HASH, LIKELY_BITS)), picture(4, FAR), picture(5, None)]
    assert doubtful(photos) == {1, 2, 3}
    assert doubtful([picture(1), picture(2), picture(4, FAR)]) == set()


def test_many_photos_are_compared_with_all_others():
    random = np.random.default_rng(5)
    hashes = [int(one) for one in random.integers(0, 2**63, 1500)]
    photos = [picture(number, hash_) for number, hash_ in enumerate(hashes)]
    far = [picture(2000, turned(hashes[0], LIKELY_BITS)), picture(2001, turned(hashes[1400], LIKELY_BITS))]
    assert {0, 1400, 2000, 2001} <= doubtful([*photos, *far])


hashes = st.builds(turned, st.sampled_from([HASH, FAR, 0]), st.integers(0, 20)) | st.none()
venues = st.lists(st.tuples(hashes, st.integers(0, 3), st.booleans(), st.sampled_from([b"a", b"b", None])), max_size=7)


def venue_of(drawn: Iterable[tuple[int | None, int, bool, bytes | None]]) -> list[Picture]:
    photos = [picture(n, hash_, pixels=pixels, flagged=flagged) for n, (hash_, pixels, flagged, _) in enumerate(drawn)]
    same = (content for *_, content in drawn)
    return [
        replace(photo, content_hash=sha256(content).digest()) if content else photo
        for photo, content in zip(photos, same, strict=True)
    ]


@given(venues, st.lists(st.sampled_from([SAME, OTHER]), min_size=7, max_size=7))
def test_every_copy_is_linked_to_a_photo_that_is_shown_whatever_the_order(drawn, vectors):
    photos = venue_of(drawn)
    known = {photo.id: {1: vectors[photo.id]} for photo in photos}
    found = links(photos, known)
    assert found.keys() == {photo.id for photo in photos}
    assert all(found[shown] is None for shown in found.values() if shown is not None)
    assert not photos or None in found.values()
    assert links(photos, {one: known[one] for one in doubtful(photos)}) == found  # those named are all it needs
    assert all(links(order, known) == found for order in islice(permutations(photos), 24))
