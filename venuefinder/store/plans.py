"""Which plan answers a search soonest: read every row that passes, or search an index.

The costs are milliseconds, measured on 512-dimensional half vectors (docs/guides/indexing.md); only their ratios
matter, and those hold for other dimensions and machines well enough: near the crossover both plans take as long.
"""

from venuefinder.records import IndexKind, Passing

READ_ROW = 0.00045
"""To read a row and compare it."""
SEARCH = 6.0
"""To search an index."""
SEARCH_FILTERED = 1.2
"""To search one under a filter, over the share of rows that pass: the fewer pass, the more are visited in vain."""


def reads_all(passing: Passing, kind: IndexKind, depth: int) -> bool:
    """Return whether reading every row that passes is cheaper than searching an index, or the only way."""
    if kind == "exact" or passing.total <= depth:
        return True
    share = max(passing.rows, 1) / max(passing.all_rows, 1)
    return passing.rows * READ_ROW <= SEARCH + SEARCH_FILTERED / share
