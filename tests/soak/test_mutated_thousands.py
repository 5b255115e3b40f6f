"""Ten thousand mutated files: each alone against the clock, and all of them through ingestion."""

import contextlib
import shutil
import time
from pathlib import Path

import pytest

from tests.bombarding import bombarded, check_rows
from tests.killing import ingested
from tests.mutated import SEED, mutated
from tests.soak.conftest import Figure
from venuefinder.errors import ImageError
from venuefinder.images import decode_photo
from venuefinder.store.database import Database

pytestmark = pytest.mark.soak
ROUNDS, FILES = 10, 1_000
LONGEST = 20.0
"""Seconds that one file may take, on a machine that is busy with other things."""


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_thousand_mutated_photos(
    number: int, database_url: str, database: Database, tmp_path: Path, figure: Figure
) -> None:
    seed = SEED + 1 + number
    found = bombarded(tmp_path / "venues", database_url, files=FILES, seed=seed)
    first = found.ended.report
    check_rows(database, found.ended)
    for kind, count in first["kinds"].items():
        figure(f"mutated files refused as {kind}", count)
    figure("mutated files decoded", first["photos"]["new"])
    figure("bytes of memory at the most", found.ended.peak)
    if number == 0:
        again = ingested(found.source, database_url)
        assert again.report["photos"] == first["photos"] | {"new": 0, "unchanged": first["photos"]["new"]}
        assert again.report["failures"] == first["failures"]
    shutil.rmtree(found.source)


def test_each_in_bounded_time(figure: Figure) -> None:
    for file in mutated(FILES, SEED):
        started = time.perf_counter()
        with contextlib.suppress(ImageError):
            decode_photo(file.data, max_pixels=100_000_000, draft=256)
        seconds = time.perf_counter() - started
        assert seconds < LONGEST, (file.name, file.kind)
        figure(f"seconds to decode or refuse: {file.kind}", seconds)
