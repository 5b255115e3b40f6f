"""Photos inside shards and inside Parquet."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.sources import open_source, parquet
from tests.buckets import BUCKET
from tests.hostile_web import Client, Handler, HostileServer, answer
from tests.serving import served
from tests.shards import write_shard
from tests.sourced import kept, readable, run, stored, venue
from venuefinder.bootstrap import Services
from venuefinder.errors import InputError
from venuefinder.originals.buckets import Buckets
from venuefinder.testing import FakeEncoder


@pytest.mark.parametrize("where", ["here", "bucket", "web"])
def test_shards_are_read_where_they_lie(
    where: str, services: Services, s3: Buckets, web: HostileServer, tmp_path: Path, painted: dict[str, bytes]
) -> None:
    for number, colour in enumerate(("red", "blue")):
        members: dict[str, Any] = {
            f"{colour}.jpg": painted[colour],
            f"{colour}.json": {"external_id": colour},
            "g.jpg": painted["green"],
            "g.json": {"external_id": colour, "caption": "Garden"},
        }
        data = write_shard(tmp_path / f"s-{number}.tar", members).read_bytes()
        s3.write(f"s3://{BUCKET}/shards/s-{number}.tar", data)
        web.handlers |= {f"/s-{number}.tar": in_parts(data)}
    pattern = {"here": f"{tmp_path}/", "bucket": f"s3://{BUCKET}/shards/", "web": web.url("/")}[where] + "s-{0..1}.tar"
    report = run(services, pattern)
    assert (report.venues.new, report.photos.new, report.failures) == (2, 4, [])
    if where == "web":
        assert web.asked == {"/s-0.tar": 1, "/s-1.tar": 1}  # each shard once, no photo on its own
    photos = stored(services, "red") + stored(services, "blue")
    assert all(photo.file.location.startswith("tar:") and readable(services, photo) for photo in photos)
    again = run(services, pattern)
    assert (again.photos.unchanged, again.venues.unchanged) == (4, 2)


def in_parts(data: bytes) -> Handler:
    """Serve a file as servers do: whole, or the part that was asked for."""

    def handler(client: Client) -> None:
        head = client.head.lower()
        if "range: bytes=" not in head:
            client.send(answer(data))
            return
        first, last = map(int, head.partition("range: bytes=")[2].split("\r\n")[0].split("-"))
        part = data[first : last + 1]
        client.send(answer(part, f"Content-Range: bytes {first}-{last}/{len(data)}", status="206 Partial Content"))

    return handler


def test_bytes_inside_parquet_are_kept_once(
    services: Services, tmp_path: Path, painted: dict[str, bytes], web: HostileServer
) -> None:
    rows = [
        venue({"uri": "front.jpg", "bytes": painted["red"], "caption": "Front"}),
        venue({"bytes": painted["red"], "path": None}, {"bytes": None, "path": web.url("/blue.jpg")}, external_id="b"),
        venue({"bytes": b"<html>", "path": "x.jpg"}, external_id="c"),
    ]
    path = tmp_path / "m.parquet"
    photo = pa.struct({"uri": pa.string(), "bytes": pa.binary(), "path": pa.string(), "caption": pa.string()})
    schema = pa.schema({"external_id": pa.string(), "name": pa.string(), "photos": pa.list_(photo)})
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    report = run(services, path)
    assert (report.photos.new, report.photos.failed) == (3, 1)
    digest = sha256(painted["red"]).hexdigest()
    assert kept(services) == {digest}
    front, (copy, blue) = stored(services)[0], stored(services, "b")
    assert (front.uri, front.caption, front.file.location) == ("front.jpg", "Front", f"inline:{digest}")
    assert (copy.uri, blue.file.location) == (f"{digest[:16]}.jpeg", web.url("/blue.jpg"))
    path_of, asked = services.settings.data_dir / "photos" / digest[:2] / digest, web.asked.total()
    written = path_of.stat().st_mtime_ns
    encoder = services.encoder
    assert isinstance(encoder, FakeEncoder)
    prepared = encoder.prepared
    again = run(services, path)
    assert (again.photos.unchanged, encoder.prepared, web.asked.total()) == (3, prepared, asked)
    assert path_of.stat().st_mtime_ns == written
    with served(services) as api:
        assert api.get(api.get("/v1/venues/a").json()["photos"][0]["url"]).status_code == 200
    services.removals.remove_venue("a")
    assert kept(services) == {digest}  # the other venue's still
    services.removals.remove_venue("b")
    assert kept(services) == set()


def test_memory_holds_some_rows_of_parquet(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [venue({"bytes": bytes([number]) * 1000, "path": "a.jpg"}, external_id=f"v{number}") for number in range(50)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "m.parquet", compression="none", use_dictionary=False)
    monkeypatch.setattr(parquet, "BATCH_BYTES", 5_000)
    sizes: list[int] = []
    whole = pq.ParquetFile.iter_batches

    def spied(file: pq.ParquetFile, **options: Any) -> Iterator[pa.RecordBatch]:
        for batch in whole(file, **options):
            sizes.append(batch.num_rows)
            yield batch

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", spied)
    assert len(list(open_source(tmp_path / "m.parquet"))) == sum(sizes) == 50
    assert max(sizes) <= 5
    monkeypatch.setattr(parquet, "MAX_GROUP", 10_000)
    with pytest.raises(InputError, match=r"a row group of [\d,]+ bytes, at most 10,000 expected"):
        list(open_source(tmp_path / "m.parquet"))
