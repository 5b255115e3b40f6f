"""What a Parquet file's footer tells of the memory that its rows will take."""

from typing import Any


def repeatable_bytes(group: Any) -> int:
    """Return how many bytes each row of a row group may hold at most of values that the file has once, in a dictionary.

    Two thousand bytes of a file can say two hundred times the same ten megabytes. `group` is pyarrow's
    RowGroupMetaData.
    """
    columns = [group.column(number) for number in range(group.num_columns)]
    return sum(
        column.total_uncompressed_size
        for column in columns
        if column.has_dictionary_page and column.physical_type in ("BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")
    )
