"""The tables of an export, read in batches: columns, numbers and vectors checked, however they came to be there."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from venuefinder.carried import HalfVectors
from venuefinder.domain import EmbeddingSpace
from venuefinder.errors import InputError
from venuefinder.parquet import repeatable_bytes
from venuefinder.transfer.layout import VENUES
from venuefinder.transfer.manifest import FileFacts

BATCH_ROWS = 1000
BATCH_BYTES = 256_000_000
"""Of values that a file has once, in a dictionary, and rows repeat: what a batch may hold of them."""
MOST_GROUP = 1 << 30
"""Bytes of a row group, unpacked: what reading may take of memory. Ours have some tens of millions."""
MOST_OF_VENUE = 500_000
"""Rows of one venue in one table, which are in memory together."""
NORM_TOLERANCE = 2e-3
"""Of stored embeddings: what an encoder may be off, 0.001, and what rounding each value to half precision adds."""
T = TypeVar("T")


def read_rows(path: Path, schema: pa.Schema, facts: FileFacts) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table; raises InputError for other columns, or more rows or bytes than expected."""
    for batch in read_batches(path, schema, facts):
        yield from batch.to_pylist()


def read_batches(path: Path, schema: pa.Schema, facts: FileFacts) -> Iterator[pa.RecordBatch]:
    """Yield a table in batches. Raises as `read_rows`."""
    try:
        with pq.ParquetFile(path) as file:
            _check(path, file, schema, facts)
            for batch in file.iter_batches(batch_size=_rows_at_once(file), use_threads=False):
                batch.validate(full=True)
                yield batch
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a Parquet file that can be read ({error}); copy the export anew") from None


def _rows_at_once(file: pq.ParquetFile) -> int:
    """Return fewer rows where each could repeat a large value: a small file may have one that a thousand rows name."""
    groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
    once = (repeatable_bytes(group) for group in groups)
    return max(1, min(BATCH_ROWS, BATCH_BYTES // max([1, *once])))


def _check(path: Path, file: pq.ParquetFile, schema: pa.Schema, facts: FileFacts) -> None:
    found = file.schema_arrow
    if not found.equals(schema, check_metadata=False):
        odd = next((_named(field) for field in found if field not in list(schema)), "out of order")
        raise InputError(f"{path}: found the column {odd}, expected {', '.join(map(_named, schema))}")
    if file.metadata.num_rows != facts.rows:
        raise InputError(f"{path}: found {file.metadata.num_rows:,} rows, expected {facts.rows} as in the manifest")
    for number in range(file.metadata.num_row_groups):
        if (size := file.metadata.row_group(number).total_byte_size) > MOST_GROUP:
            raise InputError(f"{path}: row group {number} unpacks to {size:,} bytes, expected {MOST_GROUP:,} at most")


def _named(column: pa.Field) -> str:
    return f"{column.name}: {column.type}"


@dataclass(frozen=True, slots=True)
class VectorRow:
    """An embedding `float16 [D]`: the view of a photo, or the chunk of a description and what that says."""

    photo: int
    place: int
    embedding: HalfVectors
    content: str = ""


def read_vectors(
    path: Path, schema: pa.Schema, facts: FileFacts, space: EmbeddingSpace
) -> Iterator[tuple[int, VectorRow]]:
    """Yield (venue's number, embedding); raises InputError for those that are not finite unit vectors."""
    row = 0
    for batch in read_batches(path, schema, facts):
        for name in schema.names:
            if batch.column(name).null_count:
                raise InputError(
                    f"{path}: found nothing in the column {name} after row {row}, expected a value in each"
                )
        embeddings = _embeddings(batch, space.dimension)
        _check_vectors(path, embeddings, space, row)
        row += len(embeddings)
        yield from zip(batch.column("venue").to_pylist(), _vector_rows(batch, embeddings), strict=True)


def _embeddings(batch: pa.RecordBatch, dimension: int) -> HalfVectors:
    values: NDArray[np.float16] = batch.column("embedding").flatten().to_numpy(zero_copy_only=False)
    return values.astype(np.float16, copy=False).reshape(-1, dimension)


def _check_vectors(path: Path, embeddings: HalfVectors, space: EmbeddingSpace, row: int) -> None:
    values = embeddings.astype(np.float32)
    norms = np.linalg.norm(values, axis=1)
    good = np.isfinite(values).all(axis=1) & (np.abs(norms - 1) <= NORM_TOLERANCE)
    if not good.all():
        bad = int(np.flatnonzero(~good)[0])
        raise InputError(
            f"{path}: row {row + bad + 1}: its embedding has the L2 norm {norms[bad]:.4g}, space {space.name!r} "
            "expects 1"
        )


def _vector_rows(batch: pa.RecordBatch, embeddings: HalfVectors) -> Iterator[VectorRow]:
    if "photo" in batch.schema.names:
        photos, views = (batch.column(name).to_pylist() for name in ("photo", "view"))
        return (VectorRow(*row) for row in zip(photos, views, embeddings, strict=True))
    chunks, contents = (batch.column(name).to_pylist() for name in ("chunk", "content"))
    return (VectorRow(-1, *row) for row in zip(chunks, embeddings, contents, strict=True))


class ByVenue(Generic[T]):
    """The rows of a table, (venue's number, row) each, taken venue by venue in ascending order of their numbers."""

    def __init__(self, rows: Iterator[tuple[int, T]], path: Path) -> None:
        self._rows = rows
        self._path = path
        self._next = next(rows, None)

    def take(self, venue: int) -> list[T]:
        """Return the rows of a venue; raises InputError where there are others before, or too many."""
        taken: list[T] = []
        while self._next is not None and self._next[0] == venue:
            taken.append(self._next[1])
            self._next = next(self._rows, None)
            if len(taken) > MOST_OF_VENUE:
                raise InputError(f"{self._path}: found more than {MOST_OF_VENUE:,} rows of venue {venue}")
        if self._next is not None and self._next[0] < venue:
            raise self._stray(self._next[0])
        return taken

    def end(self) -> None:
        """Raise InputError where rows are left."""
        if self._next is not None:
            raise self._stray(self._next[0])

    def _stray(self, number: int) -> InputError:
        return InputError(
            f"{self._path}: found rows of venue {number} out of place, expected those of the venues of {VENUES}, in "
            "their order"
        )
