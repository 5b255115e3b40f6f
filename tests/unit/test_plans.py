"""When an index is searched, and how wide: by the share of rows that pass."""

import pytest

from venuefinder.records import Passing
from venuefinder.request import VenueFilter
from venuefinder.store.plans import MOST_EF_SEARCH, reads_all, width

PHOTOS = 1_000_000
ROWS = 90


def passing(share: float) -> Passing:
    rows = round(PHOTOS * share)
    return Passing(where=VenueFilter(), total=rows // 8, rows=rows, all_rows=PHOTOS)


def test_without_a_filter_the_width_is_what_was_tuned_or_the_rows_wanted():
    assert width(passing(1.0), ROWS, 300) == 300
    assert width(passing(1.0), 500, 300) == 500


def test_the_fewer_pass_the_wider_the_search_up_to_what_pgvector_allows():
    widths = [width(passing(share), ROWS, 600) for share in (1.0, 0.9, 0.7, 0.5, 0.3, 0.1)]
    assert widths == sorted(widths)
    assert 600 < widths[3] < 1_200
    assert widths[-1] == MOST_EF_SEARCH


def test_a_wide_tuning_is_widened_by_the_filter_too_and_not_only_a_narrow_one():
    assert width(passing(0.5), ROWS, 680) == pytest.approx(680 * 2**0.5, abs=1)


@pytest.mark.parametrize(("share", "all_read"), [(0.5, False), (0.3, False), (0.01, True), (0.001, True)])
def test_what_little_passes_is_read(share: float, all_read: bool):
    assert reads_all(passing(share), "hnsw", 30, rows=ROWS, ef_search=600) is all_read


def test_without_an_index_all_is_read():
    assert reads_all(passing(1.0), "exact", 30, rows=ROWS, ef_search=600)
