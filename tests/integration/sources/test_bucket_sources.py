"""Folders, manifests and photos in buckets: S3 as moto serves it, other clouds through fsspec."""

import io
import json
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from ingest.sources import open_source
from tests.buckets import BUCKET, name_s3
from tests.hostile_web import hangs, serving
from tests.sourced import manifest, readable, run, services_of, stored, venue
from venuefinder.bootstrap import Services
from venuefinder.errors import ConfigurationError, InputError
from venuefinder.originals.buckets import Buckets
from venuefinder.store.database import Database


def test_a_folder_in_a_bucket(services: Services, s3: Buckets, painted: dict[str, bytes]) -> None:
    root = f"s3://{BUCKET}/venues"
    fields = {"name": "Red Barn", "city": "Bath", "photos": [{"uri": "in/b #1?.jpg", "caption": "Yard"}]}
    s3.write(f"{root}/red-barn/venue.json", json.dumps(fields).encode())
    s3.write(f"{root}/red-barn/in/b #1?.jpg", painted["red"])
    s3.write(f"{root}/red-barn/a.jpg", painted["green"])
    s3.write(f"{root}/red-barn/notes.txt", b"text")
    s3.write(f"{root}/empty/.hidden", b"x")
    report = run(services, f"{root}/")
    assert (report.photos.new, report.photos.failed, report.venues.failed) == (2, 1, 1)
    photos = stored(services, "red-barn")
    assert [(photo.uri, photo.caption) for photo in photos] == [("in/b #1?.jpg", "Yard"), ("a.jpg", None)]
    assert all(readable(services, photo) for photo in photos)
    s3.delete(f"{root}/red-barn/notes.txt")
    s3.delete(f"{root}/empty/.hidden")
    assert run(services, root).venues.unchanged == 1
    s3.write(f"{root}/red-barn/a.jpg", painted["blue"])
    assert run(services, root).photos.updated == 1


def test_a_manifest_in_a_bucket(services: Services, s3: Buckets, painted: dict[str, bytes]) -> None:
    root = f"s3://{BUCKET}/lists"
    s3.write(f"{root}/pics/a.jpg", painted["red"])
    s3.write(f"s3://{BUCKET}/elsewhere/b.jpg", painted["blue"])
    uris = ["pics/a.jpg", f"s3://{BUCKET}/elsewhere/b.jpg", "pics/none.jpg", "../../x.jpg", f"s3://{BUCKET}/a/../b.jpg"]
    rows = pa.Table.from_pylist([venue(*uris)])
    target = io.BytesIO()
    pq.write_table(rows, target)
    s3.write(f"{root}/m.parquet", target.getvalue())
    s3.write(f"{root}/m.csv", f"external_id,name,photos\na,A,{'|'.join(uris)}\n".encode())
    report = run(services, f"{root}/m.parquet")
    assert (report.photos.new, report.photos.failed) == (2, 3)
    assert [failure.kind for failure in report.failures] == ["refused", "refused", "missing"]
    assert [photo.file.location for photo in stored(services)] == [f"{root}/pics/a.jpg", uris[1]]
    assert run(services, f"{root}/m.csv").photos.unchanged == 2
    with pytest.raises(InputError, match=r"s3://photos/lists/none\.jsonl: no such object"):
        run(services, f"{root}/none.jsonl")


def test_a_bucket_that_does_not_answer_costs_its_photos(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving({f"/{BUCKET}/a.jpg": hangs}) as server:
        name_s3(monkeypatch, server.url(""))
        with services_of(database, tmp_path, fetch_timeout=1) as services:
            report = run(services, manifest(tmp_path / "m.jsonl", venue(f"s3://{BUCKET}/a.jpg")))
    assert [failure.reason for failure in report.failures] == [
        "not here within 1 seconds; raise VENUEFINDER_FETCH_TIMEOUT if its bucket is that slow"
    ]


@pytest.mark.parametrize("scheme", ["gs", "az"])
def test_other_clouds_are_read_through_fsspec(services: Services, scheme: str, painted: dict[str, bytes]) -> None:
    """A memory in the place of the cloud: this shows our side of fsspec's interface, and nothing of theirs."""
    services.network.buckets._clients[scheme] = MemoryFileSystem()
    root = f"{scheme}://{scheme}-bucket/venues"
    services.network.buckets.write(f"{root}/barn/a.jpg", painted["red"])
    assert run(services, root).photos.new == 1
    photo = stored(services, "barn")[0]
    assert photo.file.location == f"{root}/barn/a.jpg"
    assert readable(services, photo)
    assert run(services, root).photos.unchanged == 1


def test_a_package_that_is_missing_is_named(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any, **__: Any) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec, "filesystem", missing)
    with pytest.raises(ConfigurationError, match=r"s3://: its package is not installed; run: pip install .*buckets"):
        open_source("s3://bucket/folder", services.network)
