"""An encoder that takes its time, so that something can happen meanwhile."""

import time
from collections.abc import Sequence

from venuefinder.protocols import Embeddings, Pixels
from venuefinder.testing import FakeEncoder


class SlowEncoder(FakeEncoder):
    """FakeEncoder with `seconds` a batch."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def encode_prepared(self, prepared: Sequence[Pixels]) -> Embeddings:
        """Wait, then encode: `float32 [N, V, 16]`."""
        time.sleep(self.seconds)
        return super().encode_prepared(prepared)
