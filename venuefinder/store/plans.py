"""Which plan answers a search soonest: read every row that passes, or search an index.

The costs are milliseconds, measured on 512-dimensional half vectors (docs/guides/indexing.md); only their ratios
matter, and those hold for other dimensions and machines well enough: near the crossover both plans take as long.
"""

from math import sqrt

from venuefinder.records import IndexKind, Passing

READ_ROW = 0.00065
"""To read a row and compare it."""
SEARCH = 0.4
"""To begin a search of an index."""
CANDIDATE = 0.0275
"""To keep one candidate more, of `hnsw.ef_search` many; at a million photos, where it matters most."""
RESUMED = 3
"""How many candidates a filter takes for each that it lets through, over the share it lets through. With 1.5, a search
under a filter of 50 % found .985 of the right venues of 100,000 photos, with 3 .997."""
MOST_EF_SEARCH = 1_000


def reads_all(passing: Passing, kind: IndexKind, depth: int, *, rows: int, ef_search: int) -> bool:
    """Return whether reading every row that passes is cheaper than searching an index for `rows`, or the only way."""
    if kind == "exact" or passing.total <= depth:
        return True
    return passing.rows * READ_ROW <= SEARCH + CANDIDATE * _candidates(passing, rows, ef_search)


def width(passing: Passing, rows: int, ef_search: int) -> int:
    """Return how wide to search for `rows` that pass, in one batch where that can be: as tuned, or wider."""
    return round(min(_candidates(passing, rows, ef_search), MOST_EF_SEARCH))


def _candidates(passing: Passing, rows: int, ef_search: int) -> float:
    """Return how many candidates it takes for `rows` that pass, and are the right ones, to be among them.

    A filter makes tuning's width too narrow by less than what it throws away: at 680, which found .992 of a million
    photos, a filter of 50 % found .987; at 800 .990, at 960 .992.
    """
    share = share_of(passing)
    return max(ef_search / sqrt(share), RESUMED * rows / share if share < 1 else rows)


def share_of(passing: Passing) -> float:
    """Return the share of rows that pass, in (0, 1]."""
    return min(1.0, max(passing.rows, 1) / max(passing.all_rows, 1))
