"""Ingest a folder of mutated files in a process of bounded memory, and check what is said of each."""

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from tests.killing import ingested
from tests.mutated import write_mutated
from tests.tripped import Ended, Plan
from venuefinder.errors import FailureKind
from venuefinder.images import ALLOWED_FORMATS
from venuefinder.store.database import Database

ADDRESS_SPACE = 3_000_000_000
"""Bytes beyond the program itself; each of the threads may hold a photo of 100 megapixels, in a few copies."""
PEAK = 1_500_000_000
"""Bytes of memory."""
FOR_PHOTOS = set(get_args(FailureKind)) - {"listing", "database", "fetch"}


@dataclass(frozen=True, slots=True)
class Bombarded:
    """A source of mutated files, and how its ingestion ended."""

    source: Path
    ended: Ended


def bombarded(root: Path, database_url: str, *, files: int, seed: int) -> Bombarded:
    """Ingest so many mutated files. Any warning is an error, which would end the run."""
    source = write_mutated(root, files, seed=seed)
    ended = ingested(source, database_url, Plan(address_space=ADDRESS_SPACE))
    assert ended.code == 6, ended.stderr[-3000:]
    assert "Traceback" not in ended.stderr
    check_report(ended, files)
    return Bombarded(source, ended)


def check_report(ended: Ended, files: int) -> None:
    """Each file is in, or failed for a reason of its own, within the memory allowed."""
    photos, failures = ended.report["photos"], ended.report["failures"]
    assert photos["read"] == files == photos["new"] + photos["failed"]
    assert len({failure["uri"] for failure in failures}) == len(failures) == photos["failed"]
    assert {failure["kind"] for failure in failures} <= FOR_PHOTOS
    assert sum(ended.report["kinds"].values()) == len(failures)
    for failure in failures:
        assert 5 < len(failure["reason"]) < 400, failure
        assert failure["reason"].isprintable(), failure
    assert ended.peak < PEAK


def check_rows(database: Database, ended: Ended) -> None:
    """What is stored is whole: a size, a format that is allowed, an embedding."""
    query = (
        "SELECT p.format, p.width, p.height, count(e) FROM photos p LEFT JOIN photo_embeddings e ON e.photo_id = p.id"
    )
    with database.connect() as connection:
        found = connection.exec_driver_sql(f"{query} GROUP BY p.id").all()
    assert len(found) == ended.report["photos"]["new"]
    for name, width, height, embeddings in found:
        assert name in ALLOWED_FORMATS
        assert 16 <= min(width, height) <= width * height <= 100_000_000
        assert embeddings == 1
