"""Photos and listings on the web: real HTTP, hostile where it can be."""

import io
import json
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.sources import open_source
from tests.buckets import BUCKET
from tests.catalogues import paint
from tests.hostile_web import Client, Handler, HostileServer, answer, gives, hangs, redirects
from tests.serving import problem_of, served
from tests.shards import write_shard
from tests.sourced import manifest, readable, run, services_of, stored, venue, worked
from tests.workers import in_state, working
from venuefinder.bootstrap import Services
from venuefinder.errors import ConfigurationError, InputError
from venuefinder.originals import fetching
from venuefinder.originals.buckets import Buckets
from venuefinder.store.database import Database


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


def test_each_bad_address_fails_alone_and_says_why(
    database: Database, web: HostileServer, tmp_path: Path, painted: dict[str, bytes]
) -> None:
    handlers: dict[str, Handler] = {
        "/html.jpg": gives(b"<!doctype html><title>404</title>", "Content-Type: image/jpeg"),
        "/circle": redirects("/circle"),
        "/large": gives(bytes(1_100_000)),
        "/hang": hangs,
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
