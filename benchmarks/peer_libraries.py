"""Libraries of indexes: vectors in memory, no columns; what passes a filter is worked out beforehand, for nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peer import DEPTHS, EFFORTS, Numbers, Photos, Query, ten_venues

THREADS = 2
"""That build; one searches."""


class Faiss:
    """HNSW of 32 links, as its guide has it; filters as a bitmap."""

    name, packages, is_database = "faiss HNSW", ("faiss-cpu",), False
    efforts: Sequence[int] = EFFORTS
    depths: Sequence[int] = DEPTHS

    def __init__(self, folder: Path) -> None:  # noqa: ARG002 - it keeps nothing on disk
        import faiss

        self._faiss = faiss
        self._effort = 0

    def build(self, photos: Photos) -> None:
        """Add all photos, and a bitmap for each filter."""
        self._faiss.omp_set_num_threads(THREADS)
        self._index = self._empty(photos.vectors.shape[1])
        self._index.add(photos.vectors)
        self._faiss.omp_set_num_threads(1)
        self._bitmaps = {name: np.packbits(rows, bitorder="little") for name, rows in photos.passing().items()}

    def widen(self, effort: int) -> None:
        """Set `efSearch`."""
        self._effort = effort

    def venues(self, query: Query, where: str, depth: int) -> Sequence[int]:
        """Search with the filter's bitmap."""
        chosen = self._faiss.IDSelectorBitmap(self._bitmaps[where]) if where in self._bitmaps else None

        def nearest(photos: int) -> Numbers:
            found = self._index.search(query.vector[None], photos, params=self._parameters(photos, chosen))[1][0]
            return np.asarray(found[found >= 0])

        return ten_venues(nearest, depth)

    def _empty(self, dimension: int) -> Any:
        return self._faiss.IndexHNSWFlat(dimension, 32, self._faiss.METRIC_INNER_PRODUCT)

    def _parameters(self, photos: int, chosen: Any) -> Any:
        return self._faiss.SearchParametersHNSW(efSearch=max(self._effort, photos), sel=chosen)


class FaissFlat(Faiss):
    """Every photo that passes is compared."""

    name = "faiss exact"
    efforts = (0,)

    def _empty(self, dimension: int) -> Any:
        return self._faiss.IndexFlatIP(dimension)

    def _parameters(self, photos: int, chosen: Any) -> Any:  # noqa: ARG002 - nothing to choose
        return self._faiss.SearchParameters(sel=chosen)


class Hnswlib:
    """HNSW with its defaults; filters as a Python function of the row's number, which is all it offers."""

    name, packages, is_database = "hnswlib", ("hnswlib",), False
    efforts: Sequence[int] = EFFORTS
    depths: Sequence[int] = DEPTHS

    def __init__(self, folder: Path) -> None:  # noqa: ARG002 - it keeps nothing on disk
        import hnswlib

        self._hnswlib = hnswlib
        self._effort = 0

    def build(self, photos: Photos) -> None:
        """Add all photos."""
        self._index = self._hnswlib.Index(space="ip", dim=photos.vectors.shape[1])
        self._index.init_index(max_elements=len(photos.vectors), ef_construction=200, M=16)
        self._index.add_items(photos.vectors, num_threads=THREADS)
        self._index.set_num_threads(1)
        self._passing = photos.passing()

    def widen(self, effort: int) -> None:
        """Set `ef`."""
        self._effort = effort

    def venues(self, query: Query, where: str, depth: int) -> Sequence[int]:
        """Search with the filter's function."""
        passing = self._passing.get(where)
        chosen, most = (
            (None, self._index.get_current_count()) if passing is None else (passing.__getitem__, passing.sum())
        )

        def nearest(photos: int) -> Numbers:
            photos = min(photos, int(most))  # asked for more than there are, it raises
            self._index.set_ef(max(self._effort, photos))
            return np.asarray(self._index.knn_query(query.vector, k=photos, filter=chosen)[0][0], dtype=np.int64)

        return ten_venues(nearest, depth)
