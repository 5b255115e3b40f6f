import socket
from pathlib import Path

import numpy as np
import pytest
from pgvector import HalfVector
from sqlalchemy import text

from venuefinder.errors import ConfigurationError, DatabaseUnavailableError, ExtensionError
from venuefinder.store.database import Database, open_database


def test_migrated_database_passes_check(database: Database) -> None:
    database.check()
    facts = database.facts()
    assert facts.server_version.startswith("18.")
    assert facts.extension_version == facts.extension_available == "0.8.5"


def test_half_vectors_go_in_and_out_in_half_precision(database: Database) -> None:
    vector = np.array([0.1, -2.5, 3.0], dtype=np.float32)
    with database.connect() as connection:
        found = connection.execute(text("SELECT CAST(:v AS halfvec)"), {"v": HalfVector(vector)}).scalar_one()
    np.testing.assert_array_equal(found.to_numpy(), vector.astype(np.float16))
