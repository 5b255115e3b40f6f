"""What a comparison of two spaces computes."""

from math import log2

import pytest

from venuefinder.spaces.comparing import ndcg_at_10, overlap


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        (["a", "b"], ["b", "a"], 1.0),
        (["a", "b"], ["b", "c"], 0.5),
        (["a"], ["a", "b", "c", "d"], 0.25),
        (["a"], [], 0.0),
        ([], [], 1.0),
    ],
)
def test_overlap_is_a_share_of_the_longer_list(one, other, share):
    assert overlap(one, other) == overlap(other, one) == share


def test_ndcg_counts_places():
    ideal = 1 + 1 / log2(3)

    assert ndcg_at_10(["a", "b", "c"], {"a", "b"}) == 1
    assert ndcg_at_10(["a", "c", "b"], {"a", "b"}) == pytest.approx((1 + 1 / 2) / ideal)
    assert ndcg_at_10(["c"], {"a"}) == 0
    assert ndcg_at_10([*"bcdefghijk", "a"], {"a"}) == 0  # the eleventh place
    assert ndcg_at_10([*"abcdefghij"], set("abcdefghijklm")) == pytest.approx(1)
