"""Do for each of many things what waits for another machine, some ahead, and take the results in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(items: Iterable[Item], do: Callable[[Item], Result], *, threads: int) -> Iterator[tuple[Item, Result]]:
    """Yield each item with its result, `threads` of them worked on beside the one that was yielded last."""
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="source")
    try:
        for item in items:
            waiting.append((item, pool.submit(do, item)))
            if len(waiting) > threads:
                first, result = waiting.popleft()
                yield first, result.result()
        while waiting:
            first, result = waiting.popleft()
            yield first, result.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
