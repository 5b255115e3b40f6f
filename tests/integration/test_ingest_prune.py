"""What a source no longer lists: it stays until it is pruned, and then goes whole."""

import shutil
from pathlib import Path

from ingest.options import RunOptions
from ingest.progress import Quiet
from ingest.runner import ingest
from ingest.sources import open_source
from tests.catalogues import VENUES, run, write_manifest
from venuefinder.bootstrap import Services
from venuefinder.uploads import Upload


def test_what_vanished_stays_until_pruned(services: Services, folder: Path) -> None:
    run(services, folder)
    (folder / "red-barn" / "yard.jpg").unlink()
    for path in sorted((folder / "white-loft").iterdir()):
        path.unlink()
    (folder / "white-loft").rmdir()
    progress = Quiet()
    source = open_source(folder)
    kept = ingest(source, services, progress, RunOptions())
    assert (kept.venues.removed, kept.photos.removed) == (0, 0)
    assert "1 venues and 2 photos are no longer listed" in progress.said[-1]
    assert services.venues.counts() == (4, 7)
    pruned = ingest(source, services, progress, RunOptions(prune=True))
    assert (pruned.venues.removed, pruned.photos.removed) == (1, 2)
    assert "removing" in progress.said[-1]
    assert services.venues.counts() == (3, 5)


def test_any_number_can_be_removed(services: Services, folder: Path) -> None:
    """PostgreSQL takes 65,535 parameters a statement; a source that moved away may leave more than that behind."""
    run(services, folder)
    many = 70_000
    assert services.venues.remove(["red-barn", *(f"venue-{number}" for number in range(many))]) == 1
    photo = next(iter(services.venues.known(["white-loft"])["white-loft"].photos.values())).id
    assert services.venues.remove_photos([photo, *range(10**6, 10**6 + many)]) == 1


def test_a_pruned_venue_leaves_no_uploads_behind(services: Services, folder: Path) -> None:
    run(services, folder)
    data = (folder / "red-barn" / "front.jpg").read_bytes()
    services.uploads.add("white-loft", [Upload(name="front.jpg", size=len(data), read=lambda: data)])
    uploads = services.settings.data_dir / "photos"
    assert sum(path.is_file() for path in uploads.rglob("*")) == 1
    shutil.rmtree(folder / "white-loft")
    assert run(services, folder, prune=True).photos.removed == 2
    assert not any(path.is_file() for path in uploads.rglob("*"))


def test_pruning_one_source_leaves_the_others(services: Services, folder: Path, tmp_path: Path) -> None:
    run(services, folder)
    other = write_manifest(tmp_path / "other" / "venues.jsonl", {"extra": VENUES["white-loft"]})
    assert run(services, other, prune=True).venues.removed == 0
    assert services.venues.counts()[0] == 5


def test_nothing_is_pruned_when_a_listing_failed(services: Services, tmp_path: Path) -> None:
    path = write_manifest(tmp_path / "venues.jsonl")
    run(services, path)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(["{broken", *lines[1:]]) + "\n")
    progress = Quiet()
    report = ingest(open_source(path), services, progress, RunOptions(prune=True))
    assert report.venues.removed == 0
    assert "none is removed" in progress.said[-1]
    assert services.venues.counts()[0] == 4
