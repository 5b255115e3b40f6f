"""Draw from an iterator on a thread of its own, so that what it yields is there when it is asked for."""

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterable[Item], *, most: int = 1) -> Generator[Item]:
    """Yield what `items` does, in its order, up to `most` drawn before they are asked for.

    What it raises comes out where it would have. Close the generator to stop early; it waits for the item being drawn.
    """
    iterator = iter(items)
    end = object()
    coming: deque[Future[Item | object]] = deque()
    pool = ThreadPoolExecutor(1, thread_name_prefix="ahead")
    try:
        coming.extend(pool.submit(next, iterator, end) for _ in range(most))
        while (item := coming.popleft().result()) is not end:
            coming.append(pool.submit(next, iterator, end))
            yield item  # type: ignore[misc]  # it is not the end
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
