"""Encoders that take their time, so that something can happen meanwhile."""

import time
from collections.abc import Sequence
from threading import Event

from venuefinder.protocols import Embeddings, Pixels
from venuefinder.testing import FakeEncoder

PATIENCE_SECONDS = 60


class SlowEncoder(FakeEncoder):
    """FakeEncoder with `seconds` a batch."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def encode_prepared(self, prepared: Sequence[Pixels]) -> Embeddings:
        """Wait, then encode: `float32 [N, V, 16]`."""
        time.sleep(self.seconds)
        return super().encode_prepared(prepared)


class HeldEncoder(FakeEncoder):
    """FakeEncoder that encodes so many batches of photos, and then none until it is let go."""

    def __init__(self, batches: int = 0, *, weights: str = "fake", spec: str = "fake") -> None:
        super().__init__(weights=weights, spec=spec)
        self._batches = batches
        self._reached = Event()
        self._let_go = Event()

    def encode_prepared(self, prepared: Sequence[Pixels]) -> Embeddings:
        """Encode, or wait: `float32 [N, V, 16]`."""
        if len(self.image_batches) >= self._batches:
            self._reached.set()
            assert self._let_go.wait(PATIENCE_SECONDS), "nobody let the encoder go"
        return super().encode_prepared(prepared)

    def wait(self) -> None:
        """Wait until it holds a batch."""
        assert self._reached.wait(PATIENCE_SECONDS), "the encoder never came so far"

    def let_go(self) -> None:
        """Hold nothing any more."""
        self._let_go.set()
