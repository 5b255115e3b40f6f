"""Half vectors as the server sends them, against what pgvector's own package makes of them."""

import numpy as np
from pgvector import HalfVector

from venuefinder.store.cursors import reading
from venuefinder.store.database import Database
from venuefinder.store.half_vectors import decoded

SENT = "SELECT halfvec_send(vector), vector FROM unnest(%(vectors)s::halfvec[]) AS given (vector)"


def test_many_are_decoded_as_one_by_one(database: Database) -> None:
    vectors = np.random.default_rng(5).normal(size=(7, 33))
    vectors[0, :4] = (0, -0.0, 65504, 6e-8)  # the greatest and the least
    with reading(database) as cursor:
        rows = cursor.execute(SENT, {"vectors": [HalfVector(vector) for vector in vectors]}).fetchall()
    expected = np.array([vector.to_numpy() for _, vector in rows], dtype=np.float32)
    np.testing.assert_array_equal(decoded([sent for sent, _ in rows], 33), expected)
    np.testing.assert_array_equal(decoded([b"".join(sent for sent, _ in rows)], 33), expected)
    assert decoded([], 33).shape == (0, 33)
