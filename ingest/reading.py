"""Threads that decode, and others beside them that wait for other machines: many of these, or decoding would starve."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

Owner = TypeVar("Owner")
Read = TypeVar("Read")
Result = TypeVar("Result")


class Reading(Generic[Owner, Result]):
    """Photos under way, at most so many: each read, then decoded, on behalf of an owner.

    What lies on this machine comes out in the order it was put in. What comes from others may be overtaken: a server
    that hangs holds up its own photos alone.
    """

    def __init__(self, *, decoders: int, fetchers: int, ahead: int) -> None:
        """Decode in `decoders` threads, wait in `fetchers`; hold `ahead` results, and as many as are waited for."""
        self._decoding = ThreadPoolExecutor(decoders, thread_name_prefix="decode")
        self._fetching = ThreadPoolExecutor(fetchers, thread_name_prefix="fetch")
        self._ahead = ahead
        self._fetchers = fetchers
        self._waiting: deque[tuple[Owner, Future[Result], bool]] = deque()
        self._remote = 0

    def put(self, owner: Owner, read: Callable[[], Read], decode: Callable[[Read], Result], *, remote: bool) -> None:
        """Begin with a photo; `remote`: reading it waits for another machine."""
        if remote:
            # The thread that fetched also waits for decoding: so no more is read than can be decoded.
            begun = self._fetching.submit(lambda: self._decoding.submit(decode, read()).result())
        else:
            begun = self._decoding.submit(lambda: decode(read()))
        self._remote += remote
        self._waiting.append((owner, begun, remote))

    @property
    def full(self) -> bool:
        """Whether one must be taken before another is put."""
        return len(self._waiting) > self._ahead + min(self._remote, self._fetchers)

    def __len__(self) -> int:
        """Return how many are under way."""
        return len(self._waiting)

    def take(self) -> tuple[Owner, Future[Result]]:
        """Return the first, or where that is not here yet from another machine, one that is."""
        place = 0 if not self._waiting[0][2] else self._first_done()
        owner, begun, remote = self._waiting[place]
        del self._waiting[place]
        self._remote -= remote
        return owner, begun

    def _first_done(self) -> int:
        begun = [one for _, one, _ in self._waiting]
        if not any(one.done() for one in begun):
            wait(begun, return_when=FIRST_COMPLETED)
        return next(place for place, one in enumerate(begun) if one.done())

    def close(self) -> None:
        """End the threads; what has not begun is dropped."""
        self._decoding.shutdown(wait=False, cancel_futures=True)
        self._fetching.shutdown(wait=True, cancel_futures=True)
        self._decoding.shutdown(wait=True)
