"""What every encoder promises, checked where vectors leave it."""

import numpy as np
from numpy.typing import NDArray

from venuefinder.domain import EmbeddingSpace
from venuefinder.errors import EncodingError
from venuefinder.protocols import Embeddings

NORM_TOLERANCE = 1e-3
"""Half precision rounds a unit vector's norm by about 5e-4."""


def checked(vectors: NDArray[np.floating], space: EmbeddingSpace, *, what: str) -> Embeddings:
    """Return `vectors [..., D]` as float32, or raise EncodingError if they are not D-dimensional unit vectors.

    `what` names the inputs in the message, for example "3 photos".
    """
    if vectors.shape[-1] != space.dimension:
        raise EncodingError(
            f"{what}: embeddings have {vectors.shape[-1]} values, space {space.name!r} expects {space.dimension}"
        )
    if not np.isfinite(vectors).all():
        raise EncodingError(f"{what}: embeddings hold NaN or infinity; try dtype float32 on this device")
    norms = np.linalg.norm(vectors.astype(np.float64), axis=-1)
    if norms.size and np.abs(norms - 1).max() > NORM_TOLERANCE:
        raise EncodingError(f"{what}: embeddings have L2 norm {norms.min():.4f} to {norms.max():.4f}, expected 1")
    return np.ascontiguousarray(vectors, dtype=np.float32)
