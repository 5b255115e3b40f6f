"""Half vectors as the database sends them, `halfvec_send(embedding)`, decoded at once: one by one costs 10 us each."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

HEADER = 2
"""Half words of a sent `halfvec` before its values: its dimension, and one that is unused."""


def decoded(sent: Sequence[bytes], dimension: int) -> NDArray[np.float32]:
    """Return embeddings, any number in each of `sent`, as `float32 [R, D]`."""
    words = np.frombuffer(b"".join(sent), dtype=">u2").reshape(-1, HEADER + dimension)
    return words[:, HEADER:].astype("<u2").view("<f2").astype(np.float32)
