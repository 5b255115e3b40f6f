"""An event loop in a thread of its own, for what must end in time however its other side behaves."""

import asyncio
from collections.abc import Coroutine
from threading import Lock, Thread
from typing import Any, TypeVar

Found = TypeVar("Found")


class LoopThread:
    """Runs coroutines for threads. A blocked read cannot be given up at a moment of ours; an awaited one can."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._lock = Lock()

    def run(self, coroutine: Coroutine[Any, Any, Found]) -> Found:
        """Return what a coroutine returns, or raise what it raises. Begins the thread when first called."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._started()).result()

    def cancel(self) -> None:
        """Give up what runs now; whoever waits for it gets CancelledError."""
        with self._lock:
            loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])

    def close(self) -> None:
        """End the thread, once nothing runs in it any more."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                # A daemon, so that a model nobody closed does not keep the process from ending.
                self._thread = Thread(target=self._loop.run_forever, name=self._name, daemon=True)
                self._thread.start()
            return self._loop
