"""Photos and listings on the web, in a bucket, in shards and inside Parquet: real HTTP, and S3 as moto serves it."""

import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import fsspec
import httpx2
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from sqlalchemy import text

from ingest.backfill import Backfill, BackfillReport
from ingest.options import RunOptions
from ingest.progress import Quiet
from ingest.report import Report
from ingest.runner import ingest
from ingest.sources import open_source, parquet
from tests.buckets import BUCKET, name_s3, serving_s3
from tests.catalogues import paint
from tests.hostile_web import Client, Handler, HostileServer, answer, gives, redirects, serving
from tests.serving import problem_of, served
from tests.shards import write_shard
from tests.workers import in_state, working
from venuefinder.bootstrap import Services
from venuefinder.errors import ConfigurationError, InputError
from venuefinder.originals import fetching
from venuefinder.originals.buckets import Buckets
from venuefinder.records import StoredPhoto
from venuefinder.settings import Settings
from venuefinder.spaces.space_states import Missing
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder

COLOURS = ("red", "green", "blue", "white")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PAUSES", (0.01, 0.01))


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A photo of each colour."""
    folder = tmp_path_factory.mktemp("painted")
    for colour in COLOURS:
        paint(folder / f"{colour}.jpg", colour)
    return {colour: (folder / f"{colour}.jpg").read_bytes() for colour in COLOURS}


@pytest.fixture(scope="module")
def s3() -> Iterator[Buckets]:
    """A bucket, for all tests of this module."""
    with pytest.MonkeyPatch.context() as patched, serving_s3(patched) as buckets:
        yield buckets


@pytest.fixture
def web(painted: dict[str, bytes]) -> Iterator[HostileServer]:
    """A server with a photo of each colour; tests give it more."""
    handlers: dict[str, Handler] = {f"/{colour}.jpg": gives(data) for colour, data in painted.items()}
    with serving(handlers) as server:
        yield server


def services_of(database: Database, tmp_path: Path, **settings: Any) -> Services:
    chosen = {"data_dir": tmp_path / "data", "batch_size": 3, "decode_threads": 2, "fetch_timeout": 20} | settings
    return Services(Settings(_env_file=None, **chosen), encoder=FakeEncoder(), database=database)


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Iterator[Services]:
    with services_of(database, tmp_path, fetch_allow="127.0.0.1") as services:
        yield services


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


# --- the web ---


def test_photos_by_url_are_read_once_and_again_with_verify(
    services: Services, web: HostileServer, tmp_path: Path, painted: dict[str, bytes]
) -> None:
    paint(tmp_path / "own.jpg", "white")
    path = manifest(tmp_path / "m.jsonl", venue(web.url("/red.jpg?sig=secret"), web.url("/blue.jpg"), "own.jpg"))
    assert run(services, path).photos.new == 3
    asked = web.asked.total()
    again = run(services, path)
    assert (again.photos.unchanged, again.venues.unchanged, web.asked.total()) == (3, 1, asked)
    verified = run(services, path, verify=True)
    assert (verified.photos.unchanged, verified.venues.unchanged, web.asked.total()) == (3, 1, asked + 2)
    red = stored(services)[0]
    assert (red.file.location, red.file.size) == (web.url("/red.jpg?sig=secret"), len(painted["red"]))
    assert readable(services, red)


def test_a_caption_of_a_photo_by_url_changes_without_reading(
    services: Services, web: HostileServer, tmp_path: Path
) -> None:
    path = manifest(tmp_path / "m.jsonl", venue(web.url("/red.jpg")))
    run(services, path)
    before, asked = stored(services)[0].file, web.asked.total()
    manifest(path, venue({"uri": web.url("/red.jpg"), "caption": "Dusk"}))
    assert run(services, path).photos.updated == 1
    assert (stored(services)[0].caption, stored(services)[0].file, web.asked.total()) == ("Dusk", before, asked)


def test_a_photo_that_changed_behind_its_url_is_another(
    services: Services, web: HostileServer, tmp_path: Path, painted: dict[str, bytes]
) -> None:
    shown = dict.fromkeys(["/a.jpg"], painted["red"])
    web.handlers |= {"/a.jpg": lambda client: client.send(answer(shown["/a.jpg"]))}
    path = manifest(tmp_path / "m.jsonl", venue(web.url("/a.jpg")))
    run(services, path)
    shown["/a.jpg"] = painted["green"]
    with served(services) as api:
        photo = api.get("/v1/venues/a").json()["photos"][0]
        detail = problem_of(api.get(photo["url"]), 404, "not-found")["detail"]
    assert "its original changed since" in detail
    assert run(services, path, verify=True).photos.updated == 1
    assert readable(services, stored(services)[0])


def hang(client: Client) -> None:
    client.hold()


def test_each_bad_address_fails_alone_and_says_why(
    database: Database, web: HostileServer, tmp_path: Path, painted: dict[str, bytes]
) -> None:
    handlers: dict[str, Handler] = {
        "/html.jpg": gives(b"<!doctype html><title>404</title>", "Content-Type: image/jpeg"),
        "/circle": redirects("/circle"),
        "/large": gives(bytes(1_100_000)),
        "/hang": hang,
        "/drip": lambda client: client.drip(answer(painted["red"])),
        "/inside": redirects("http://169.254.169.254/latest/meta-data/"),
        "/file": redirects("file:///etc/passwd"),
    }
    web.handlers |= handlers
    reasons = {
        "/html.jpg": ("not-an-image", "found an HTML page"),
        "/circle": ("fetch", "more than 5 redirects"),
        "/large": ("size", "1,100,000 bytes, at most 1,000,000 allowed"),
        "/hang": ("fetch", "not here within 1 seconds"),
        "/drip": ("fetch", "not here within 1 seconds"),
        "/inside": ("refused", "a link-local address"),
        "/file": ("refused", "redirected to scheme 'file'"),
        "/none": ("missing", "404"),
    }
    uris = [f"{web.url(path)}?sig=secret" for path in reasons] + ["http://[::1]:1/a.jpg", "ftp://x/a.jpg"]
    path = manifest(tmp_path / "m.jsonl", venue(*uris), venue(web.url("/red.jpg"), external_id="good"))
    limits = {"fetch_allow": "127.0.0.1", "fetch_timeout": 1, "max_photo_bytes": 1_000_000}
    with services_of(database, tmp_path, **limits) as services:
        report = run(services, path)
        assert readable(services, stored(services, "good")[0])
    assert (report.photos.new, report.photos.failed, report.venues.failed) == (1, len(uris), 0)
    found = {failure.uri: failure for failure in report.failures}
    for path_of, (kind, reason) in reasons.items():
        failure = found[web.url(path_of)]
        assert (failure.kind, reason in failure.reason) == (kind, True), failure
    assert "a loopback address" in found["http://[::1]:1/a.jpg"].reason
    assert found["ftp://x/a.jpg"].kind == "refused"
    assert not any("secret" in f"{failure.uri}{failure.reason}" for failure in report.failures)


def test_private_addresses_need_the_operators_word(database: Database, web: HostileServer, tmp_path: Path) -> None:
    path = manifest(tmp_path / "m.jsonl", venue(web.url("/red.jpg")))
    with services_of(database, tmp_path) as services:
        report = run(services, path)
    assert (report.photos.failed, web.connections) == (1, 0)
    assert "VENUEFINDER_FETCH_ALLOW" in report.failures[0].reason


def test_servers_that_hang_hold_up_no_other_photo(
    database: Database, web: HostileServer, tmp_path: Path, painted: dict[str, bytes]
) -> None:
    """Two threads decode. Eight photos come only once all others were asked for, more than are under way at once."""

    def at_last(client: Client) -> None:
        while web.asked["/red.jpg"] < 40:
            client.hold(0.02)
        client.send(answer(painted["blue"]))

    web.handlers |= {f"/late/{number}": at_last for number in range(8)}
    late = [venue(web.url(f"/late/{number}"), external_id=f"late-{number}") for number in range(8)]
    good = [venue(web.url("/red.jpg"), external_id=f"good-{number}") for number in range(40)]
    with services_of(database, tmp_path, fetch_allow="127.0.0.1", fetch_threads=16) as services:
        report = run(services, manifest(tmp_path / "m.jsonl", *late, *good))
    assert (report.photos.new, report.failures) == (48, [])


def test_a_manifest_on_the_web_names_what_lies_beside_it(
    services: Services, web: HostileServer, painted: dict[str, bytes]
) -> None:
    lines = [
        venue("pics/a b.jpg", web.url("/blue.jpg")),
        venue("../red.jpg", "/red.jpg", "s3://photos/x.jpg", "file:///etc/passwd", external_id="bad"),
    ]
    web.handlers |= {
        "/list/m.jsonl": gives("\n".join(map(json.dumps, lines)).encode()),
        "/list/pics/a%20b.jpg": gives(painted["green"]),
    }
    report = run(services, web.url("/list/m.jsonl?sig=1"))
    assert (report.photos.new, report.photos.failed) == (2, 4)
    assert [photo.file.location for photo in stored(services)] == [
        web.url("/list/pics/a b.jpg"),
        web.url("/blue.jpg"),
    ]
    assert {failure.kind for failure in report.failures} == {"refused"}
    assert run(services, web.url("/list/m.jsonl?sig=1")).photos.unchanged == 2


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("/none.jsonl", r"/none\.jsonl: the server answered 404"),
        ("/a.xlsx", r"found a \.xlsx, expected a manifest"),
        ("/html.parquet", r"html\.parquet: not a Parquet file"),
    ],
)
def test_a_manifest_on_the_web_that_is_none(services: Services, web: HostileServer, place: str, message: str) -> None:
    web.handlers |= {"/html.parquet": gives(b"<html>")}
    with pytest.raises(InputError, match=message):
        run(services, web.url(place))


def test_other_schemes_are_no_sources(services: Services) -> None:
    for place in ("ftp://host/m.jsonl", "file:///etc/passwd", "s3:///a.jsonl"):
        with pytest.raises(InputError):
            list(open_source(place, services.network))
    with pytest.raises(ConfigurationError, match="expected a path"):
        open_source("https://host/m.jsonl")


# --- buckets ---


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
    with serving({f"/{BUCKET}/a.jpg": hang}) as server:
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


# --- shards ---


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


# --- bytes inside Parquet ---


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


# --- our own store ---


@pytest.mark.parametrize("place", ["", "s3"])
def test_copies_outlive_what_was_copied(
    place: str, database: Database, s3: Buckets, web: HostileServer, tmp_path: Path, painted: dict[str, bytes]
) -> None:
    store = f"s3://{BUCKET}/store" if place else ""
    paint(tmp_path / "own.jpg", "white")
    path = manifest(
        tmp_path / "m.jsonl", venue(web.url("/red.jpg"), "own.jpg"), venue(web.url("/red.jpg?2"), external_id="b")
    )
    chosen = {"fetch_allow": "127.0.0.1", "photo_store": store}
    with services_of(database, tmp_path, **chosen) as services:
        run(services, path)
        assert not any(photo.file.copied for photo in stored(services))
    with services_of(database, tmp_path, copy_photos=True, **chosen) as services:
        report = run(services, path)
        assert (report.photos.updated + report.photos.unchanged, report.photos.failed) == (3, 0)
        hashes = {photo.content.content_hash for photo in stored(services) + stored(services, "b")}
        assert len(hashes) == 2
        assert all(services.originals.kept.there(one) for one in hashes)
        asked = web.asked.total()
        assert run(services, path).photos.unchanged == 3
        assert web.asked.total() == asked
    web.close()
    (tmp_path / "own.jpg").rename(tmp_path / "moved.jpg")
    with services_of(database, tmp_path, **chosen) as services:
        assert all(readable(services, photo) for photo in stored(services))
        with served(services) as api:
            shown = [api.get(photo["url"]) for photo in api.get("/v1/venues/a").json()["photos"]]
            assert {answered.status_code for answered in shown} == {200}
        services.removals.remove_venues(["a", "b"])
        assert not any(services.originals.kept.there(one) for one in hashes)


def test_what_a_copy_was_replaced_by_is_forgotten_by_the_run(database: Database, tmp_path: Path) -> None:
    path = manifest(tmp_path / "m.jsonl", venue("a.jpg", "b.jpg"))
    paint(tmp_path / "a.jpg", "red")
    paint(tmp_path / "b.jpg", "green")
    with services_of(database, tmp_path, copy_photos=True) as services:
        run(services, path)
        before = kept(services)
        paint(tmp_path / "a.jpg", "blue", size=(300, 200))
        manifest(path, venue("a.jpg"))
        run(services, path, prune=True)
        after = kept(services)
    assert (len(before), len(after), len(before & after)) == (2, 1, 0)


def test_a_copy_goes_where_a_photo_is_read_in_place_again(database: Database, tmp_path: Path) -> None:
    """A photo that changed in time alone was no longer said to be copied, and its copy stayed for ever."""
    path = manifest(tmp_path / "m.jsonl", venue("a.jpg", "b.jpg"))
    paint(tmp_path / "a.jpg", "red")
    paint(tmp_path / "b.jpg", "green")
    with services_of(database, tmp_path, copy_photos=True) as services:
        run(services, path)
        assert len(kept(services)) == 2
    os.utime(tmp_path / "a.jpg", ns=(1, 1))
    with services_of(database, tmp_path) as services:
        run(services, path)
        in_place, copied = stored(services)
        assert (in_place.file.copied, copied.file.copied) == (False, True)
        assert readable(services, in_place)
        assert readable(services, copied)
        assert kept(services) == {copied.content.content_hash.hex()}


def test_nothing_is_deleted_while_somebody_puts_originals_into_the_store(database: Database, tmp_path: Path) -> None:
    """Two venues share an original: one is removed just when a run has found it in the store already."""
    paint(tmp_path / "a.jpg", "red")
    path = manifest(tmp_path / "m.jsonl", venue("a.jpg"))
    with services_of(database, tmp_path, copy_photos=True) as services:
        run(services, path)
        before = kept(services)
        with services.removals.keeping():
            services.removals.remove_venue("a")
            assert kept(services) == before
        assert kept(services) == set()
        with database.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM unused_originals")) == 0


# --- all kinds, for all who read them ---


class Unheard:
    """`BackfillProgress` for nobody."""

    def begin(self, missing: Missing) -> None: ...
    def update(self, report: BackfillReport) -> None: ...
    def say(self, message: str) -> None: ...


def test_every_kind_is_served_and_looked_at_and_filled_into_another_space(
    database: Database, s3: Buckets, web: HostileServer, tmp_path: Path, painted: dict[str, bytes]
) -> None:
    s3.write(f"s3://{BUCKET}/kinds/a.jpg", painted["green"])
    paint(tmp_path / "own.jpg", "white")
    given = {"bytes": painted["red"], "path": "inside.jpg"}
    named = [{"path": name} for name in (web.url("/blue.jpg"), f"s3://{BUCKET}/kinds/a.jpg", "own.jpg")]
    pq.write_table(pa.Table.from_pylist([venue(given, *named)]), tmp_path / "m.parquet")
    write_shard(tmp_path / "s.tar", {"1.jpg": painted["green"], "1.json": {"external_id": "b"}})
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", fetch_allow="127.0.0.1", batch_size=3)
    encoders = {spec: FakeEncoder(weights=spec, spec=spec) for spec in ("starter", "new")}
    with Services(settings, load=lambda spec, _: encoders[spec], database=database) as services:
        assert run(services, tmp_path / "m.parquet").photos.new == 4
        assert run(services, tmp_path / "s.tar").photos.new == 1
        with served(services) as api:
            answers = [api.get(f"/v1/venues/{name}") for name in "ab"]
            pictures = [api.get(photo["url"]) for answered in answers for photo in answered.json()["photos"]]
        assert [answered.status_code for answered in pictures] == [200] * 5
        assert not any(place in answered.text for answered in answers for place in ("inline:", "tar:", str(tmp_path)))
        looked_at = services.photo_inputs.of(["a", "b"])
        seen = [photo.open(10_000).size for venue_of in looked_at.values() for photo in venue_of.photos]
        assert seen == [(116, 87)] * 5
        space = services.switching.create(encoders["new"].space)[0]
        report = Backfill(services.in_space(space), space, Unheard()).run()
    assert (report.photos, report.failures) == (5, [])


# --- what strangers send ---


def test_a_sent_manifest_reaches_public_addresses_alone(
    database: Database, s3: Buckets, web: HostileServer, tmp_path: Path, painted: dict[str, bytes]
) -> None:
    """Whatever the operator allows for his own: a caller reads no file, no bucket, no address inside."""
    s3.write(f"s3://{BUCKET}/secret.jpg", painted["red"])
    paint(tmp_path / "secret.jpg", "red")
    shard = write_shard(tmp_path / "s.tar", {"a.jpg": painted["red"]})
    named = [
        web.url("/red.jpg"),
        "http://169.254.169.254/latest/meta-data/",
        f"s3://{BUCKET}/secret.jpg",
        str(tmp_path / "secret.jpg"),
        (tmp_path / "secret.jpg").as_uri(),
        f"tar:512:{len(painted['red'])}:{shard}",
        f"inline:{sha256(painted['red']).hexdigest()}",
        f"upload:{sha256(painted['red']).hexdigest()}",
        "memory://x/y",
        "venues.jsonl",
    ]
    with services_of(database, tmp_path, fetch_allow="127.0.0.1") as services, worked(services) as api:
        sent = {"manifest": ("venues.jsonl", json.dumps(venue(*named)).encode())}
        job_id = api.post("/v1/ingestions", files=sent).json()["id"]
        found = in_state(api, job_id, "done", "failed")
        failures = api.get(f"/v1/ingestions/{job_id}/failures").json()["failures"]
    assert (found["counts"]["photos"]["failed"], found["counts"]["photos"]["new"]) == (len(named), 0)
    assert {failure["kind"] for failure in failures} == {"refused"}
    assert web.connections == 0


def test_a_sent_manifest_may_bring_its_photos_and_name_public_ones(
    database: Database, web: HostileServer, tmp_path: Path, painted: dict[str, bytes]
) -> None:
    target = io.BytesIO()
    rows = [
        venue({"bytes": painted["red"], "path": "a.jpg"}, {"bytes": None, "path": web.url("/blue.jpg", "public.test")})
    ]
    pq.write_table(pa.Table.from_pylist(rows), target)
    with services_of(database, tmp_path) as services, served(services) as api:
        public = fetching.Fetcher(max_bytes=10**6, timeout=20, allow=["public.test"], resolve=lambda *_: ["127.0.0.1"])
        services.network.web._fetchers[True] = public
        with working(services):
            for pruned in ("false", "true"):
                sent = {"manifest": ("venues.parquet", target.getvalue())}
                job_id = api.post("/v1/ingestions", files=sent, data={"prune": pruned}).json()["id"]
                found = in_state(api, job_id, "done", "failed")
    assert found["counts"]["photos"]["unchanged"] == 2, found
    assert found["counts"]["venues"]["failed"] == 0


def test_a_source_of_the_operators_may_be_an_address(database: Database, web: HostileServer, tmp_path: Path) -> None:
    web.handlers |= {"/m.jsonl": gives(json.dumps(venue("red.jpg", "none.jpg")).encode())}
    sources = {"crm": web.url("/m.jsonl")}
    chosen = {"fetch_allow": "127.0.0.1", "sources": sources}
    with services_of(database, tmp_path, **chosen) as services, worked(services) as api:
        job_id = api.post("/v1/ingestions", json={"source": "crm"}).json()["id"]
        found = in_state(api, job_id, "done", "failed")
        told = api.get(f"/v1/ingestions/{job_id}/failures").text
    assert (found["counts"]["photos"]["new"], found["counts"]["photos"]["failed"]) == (1, 1)
    assert str(web.port) not in told
