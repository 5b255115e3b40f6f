"""Manifests as Parquet, whose photos may stand in it as bytes. Read in parts: memory does not grow with the file."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from ingest.sources.columns import check_columns, nested
from venuefinder.errors import InputError, ListingError
from venuefinder.parquet import repeatable_bytes

BATCH_ROWS = 200
BATCH_BYTES = 64_000_000
"""About how many bytes of rows are in memory at once, where rows hold photos."""
BUFFER = 4_000_000
"""Bytes of a column that are read at once, so that a row group is never held whole."""
MAX_GROUP = 2_000_000_000
"""Bytes of a row group before compression. Writers that keep pictures make some of 100 MB; a row group is read at once
where its pages are large."""


def read_parquet(file: BinaryIO, name: str) -> Iterator[tuple[int, Any]]:
    """Yield (row number from 1, fields). Columns may be nested as in JSON, or flat as in CSV."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file, buffer_size=BUFFER, pre_buffer=False) as rows:
            check_columns(name, rows.schema_arrow.names)
            number = 0
            for batch in rows.iter_batches(batch_size=_batch_rows(rows.metadata, name)):
                for fields in batch.to_pylist():
                    number += 1
                    yield number, _fields(fields)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{name}: not a Parquet file that can be read ({error})") from None


def _batch_rows(metadata: Any, name: str) -> int:
    """Return how many rows to read at once; raises InputError for row groups that memory cannot be trusted to take."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    largest = max((group.total_byte_size for group in groups), default=0)
    if largest > MAX_GROUP:
        raise InputError(
            f"{name}: a row group of {largest:,} bytes, at most {MAX_GROUP:,} expected; write it with smaller ones"
        )
    rows = (group.total_byte_size // max(1, group.num_rows) + repeatable_bytes(group) for group in groups)
    a_row: int = max([1, *rows])
    return max(1, min(BATCH_ROWS, BATCH_BYTES // a_row))


def _fields(fields: dict[str, Any]) -> Any:
    try:
        return nested({name: value for name, value in fields.items() if value is not None})
    except ListingError as error:
        return error
