"""Files that were photos, or pretend to be, through the whole of ingestion: 300 here, 10,000 in tests/soak."""

from pathlib import Path

from tests.bombarding import bombarded, check_rows
from tests.mutated import SEED
from venuefinder.store.database import Database


def test_mutated_photos_are_decoded_or_refused(database_url: str, database: Database, tmp_path: Path) -> None:
    found = bombarded(tmp_path / "venues", database_url, files=300, seed=SEED)
    first = found.ended.report
    assert {"broken", "truncated", "not-an-image", "size"} <= set(first["kinds"])
    assert first["photos"]["new"] > 60
    check_rows(database, found.ended)
