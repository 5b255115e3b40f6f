"""Runs over sources of every kind, with a fake encoder, and what they left behind."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2

from ingest.options import RunOptions
from ingest.progress import Quiet
from ingest.report import Report
from ingest.runner import ingest
from ingest.sources import open_source
from tests.serving import served
from tests.workers import working
from venuefinder.bootstrap import Services
from venuefinder.records import StoredPhoto
from venuefinder.settings import Settings
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder

COLOURS = ("red", "green", "blue", "white")


def services_of(database: Database, tmp_path: Path, **settings: Any) -> Services:
    chosen = {"data_dir": tmp_path / "data", "batch_size": 3, "decode_threads": 2, "fetch_timeout": 20} | settings
    return Services(Settings(_env_file=None, **chosen), encoder=FakeEncoder(), database=database)


def run(services: Services, place: str | Path, **options: Any) -> Report:
    return ingest(open_source(place, services.network), services, Quiet(), RunOptions(**options))


def manifest(path: Path, *lines: Mapping[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def stored(services: Services, external_id: str = "a") -> list[StoredPhoto]:
    return list(services.venues.known([external_id], services.catalogue.space)[external_id].photos.values())


def venue(*photos: Any, external_id: str = "a") -> dict[str, Any]:
    return {"external_id": external_id, "name": "A", "photos": list(photos)}


def kept(services: Services) -> set[str]:
    folder = services.settings.data_dir / "photos"
    return {path.name for path in folder.rglob("*") if path.is_file()}


def readable(services: Services, photo: StoredPhoto) -> bool:
    return sha256(services.originals.of(photo)).digest() == photo.content.content_hash


@contextmanager
def worked(services: Services) -> Iterator[httpx2.Client]:
    """Serve, with a worker beside, and yield a client."""
    with served(services) as api, working(services):
        yield api
