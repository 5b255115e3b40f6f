"""Ray Data's side of the queue that feeds a cluster."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from ray.data import Datasource
from ray.data.block import BlockMetadata
from ray.data.datasource import ReadTask

CHUNKS = "works"


class QueueSource(Datasource):
    """Rows of one column of bytes, as they come out of a queue, until None does.

    One task reads them. It runs beside the driver, so that no row is lost with a node.
    """

    def __init__(self, queue: Any) -> None:
        self._queue = queue

    def estimate_inmemory_data_size(self) -> int | None:
        """Return None: nobody knows how much will come."""
        return None

    def get_read_tasks(self, *_: Any, **__: Any) -> list[ReadTask]:
        """Return the one task."""
        queue = self._queue

        def read() -> Iterator[pa.Table]:
            while (chunk := queue.get()) is not None:
                yield pa.table({CHUNKS: pa.array([chunk], pa.large_binary())})

        unknown = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
        return [ReadTask(read, unknown)]
