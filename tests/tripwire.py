"""Wires across the steps of an ingestion. The one that is armed sends its process a signal, at the step it was told.

Each step is seen where it leaves Python: a file that is opened, a statement, a COPY. So the wires hold however the
code between them is written.
"""

import os
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal, get_args

import psycopg
from sqlalchemy import Engine, event

from tests.slow_encoder import SlowEncoder
from venuefinder.protocols import Embeddings, Pixels

Step = Literal["read", "decode", "encode", "describe", "statement", "copy", "commit", "index", "report"]
STEPS: tuple[Step, ...] = get_args(Step)
PHOTOS = (".jpg", ".png")


class Tripwires:
    """Counts the steps of this process, and calls `trip` at the one that is armed."""

    def __init__(self, step: Step | None = None, number: int = 0, trip: Callable[[], None] = lambda: None) -> None:
        self._armed = (step, number)
        self._trip = trip
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter(dict.fromkeys(STEPS, 0))

    def touch(self, step: Step) -> None:
        """Count a step that is about to be taken."""
        with self._lock:
            self.counts[step] += 1
            reached = (step, self.counts[step]) == self._armed
        if reached:
            self._trip()

    def lay(self) -> None:
        """Watch this process from now on. Cannot be undone: for a process that is to die."""
        sys.addaudithook(self._opened)
        event.listen(Engine, "before_cursor_execute", self._stated)
        event.listen(Engine, "commit", lambda _: self.touch("commit"))
        write_row = psycopg.Copy.write_row

        def written(copy: Any, row: Any) -> None:
            self.touch("copy")
            write_row(copy, row)

        psycopg.Copy.write_row = written  # type: ignore[method-assign]  # a wire

    def _opened(self, happening: str, arguments: tuple[Any, ...]) -> None:
        if happening == "open" and str(arguments[0]).endswith(PHOTOS):
            self.touch("read")

    def _stated(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.touch("statement")
        words = " ".join(statement.split())
        if words.startswith(("CREATE INDEX", "DROP INDEX")):
            self.touch("index")
        if words.startswith("UPDATE ingestion_runs") and "report" in words:
            self.touch("report")


class WiredEncoder(SlowEncoder):
    """A fake encoder behind wires."""

    def __init__(self, wires: Tripwires, seconds: float = 0.0) -> None:
        super().__init__(seconds)
        self._wires = wires

    def prepare(self, image: Any) -> Pixels:
        """Prepare, once a photo is decoded."""
        self._wires.touch("decode")
        return super().prepare(image)

    def encode_prepared(self, prepared: Any) -> Embeddings:
        """Encode photos."""
        self._wires.touch("encode")
        return super().encode_prepared(prepared)

    def encode_texts(self, texts: Any) -> Embeddings:
        """Encode descriptions and queries."""
        self._wires.touch("describe")
        return super().encode_texts(texts)


def signals_me(number: int) -> Callable[[], None]:
    """Return what sends this process a signal."""
    return lambda: os.kill(os.getpid(), number)
