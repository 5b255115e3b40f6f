"""A disk that fills up under an ingestion: a small tmpfs, which takes root to mount."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.killing import Undisturbed, undisturbed
from tests.soak.conftest import Figure
from tests.stored import stored, write_venues
from tests.tripped import Plan, run_tripped
from venuefinder.store.database import open_database

pytestmark = pytest.mark.soak
VENUES = 500
ROOM = 1_500_000
"""Bytes left beside an empty database and its log."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 150 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=150m,mode=0755", "venuefinder-soak", place], check=True)
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture
def one(database_url: str, tmp_path: Path) -> Undisturbed:
    return undisturbed(write_venues(tmp_path / "venues", venues=VENUES, photos=3), database_url)


def test_a_full_disk_is_named_and_loses_nothing(small_disk: Path, one: Undisturbed, figure: Figure) -> None:
    settings = {"VENUEFINDER_DATA_DIR": str(small_disk / "data"), "DATABASE_URL": ""}
    arguments = ("ingest", str(one.source), "--json")
    initialised = run_tripped(Plan(), small_disk.parent, "init", **settings)
    assert initialised.code == 0, initialised.stderr
    filler = small_disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - ROOM))
    full = run_tripped(Plan(), small_disk.parent, *arguments, **settings)
    assert full.code == 4, full.stderr[-3000:]
    assert "disk is full" in full.stderr
    assert "free some space" in full.stderr
    assert "Traceback" not in full.stderr

    again = run_tripped(Plan(), small_disk.parent, *arguments, **settings)
    assert again.code == 4, again.stderr[-3000:]
    assert "disk is full" in again.stderr

    filler.unlink()
    with open_database(None, small_disk / "data") as database:
        kept = stored(database)
        done = run_tripped(Plan(), small_disk.parent, *arguments, **settings)
        assert done.code == 0, done.stderr[-3000:]
        assert set(kept["embeddings"]) <= set(one.rows["embeddings"])
        assert stored(database) == one.rows
    figure("photos that were in when the disk was full", len(kept["photos"]))
