"""Where a fetch may lead: redirects, names and their addresses, encryption."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fetched import PHOTO, Make, Serve
from tests.hostile_web import Handler, HostileServer, certificate, gives, redirects, serving
from venuefinder.errors import (
    FetchError,
    RefusedImageError,
)
from venuefinder.originals import fetching


def test_follows_redirects(serve: Serve, make: Make) -> None:
    hops: dict[str, Handler] = {f"/{number}": redirects(f"/{number + 1}?sig=1") for number in range(5)}
    server = serve({**hops, "/5": gives(PHOTO)})
    assert make().read(server.url("/0")) == PHOTO
    assert server.connections == 1


def test_leaves_a_circle(serve: Serve, make: Make) -> None:
    server = serve({"/a": redirects("/b"), "/b": redirects("/a")})
    with pytest.raises(FetchError, match=r"^more than 5 redirects$"):
        make().read(server.url("/a"))
    assert server.asked.total() == 6


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("http://127.0.0.1:{port}/b?sig=secret", "host 127.0.0.1 is at a loopback address"),
        ("http://2130706433:{port}/b?sig=secret", "is at a loopback address"),
        ("http://[::ffff:127.0.0.1]:{port}/b?sig=secret", "is at a loopback address"),
        ("http://169.254.169.254/latest/meta-data/", "is at a link-local address"),
        ("http://[fd00:ec2::254]/latest/meta-data/", "is at a private address"),
        ("file:///etc/passwd", "redirected to scheme 'file'"),
        ("http://me:secret@photos.test:{port}/b", "user or password"),
    ],
)
def test_no_redirect_leads_inside(serve: Serve, make: Make, target: str, words: str) -> None:
    handlers: dict[str, Handler] = {"/b": gives(PHOTO)}
    server = serve(handlers)
    handlers["/a"] = redirects(target.format(port=server.port))
    resolve = {"photos.test": ["127.0.0.1"]}
    fetcher = make(allow=["photos.test"], resolve=lambda host, _: resolve.get(host) or fetching.system_resolve(host, 0))
    assert fetcher.read(server.url("/b", "photos.test")) == PHOTO
    with pytest.raises(RefusedImageError, match=words) as refusal:
        fetcher.read(server.url("/a", "photos.test"))
    assert "secret" not in str(refusal.value)
    assert server.asked == {"/a": 1, "/b": 1}


def test_connects_to_the_very_address_it_checked(serve: Serve, make: Make) -> None:
    """A name that answers first with an address that may be fetched, and then with another, gets one question."""
    asked: list[str] = []

    def rebinding(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    server = serve({"/": gives(PHOTO), "/bye": gives(PHOTO, "Connection: close")})
    fetcher = make(resolve=rebinding)
    assert fetcher.read(server.url("/", "rebinding.test")) == PHOTO
    assert fetcher.read(server.url("/bye", "rebinding.test")) == PHOTO
    assert asked == ["rebinding.test"]
    assert f"host: rebinding.test:{server.port}" in server.requests[0].lower()
    with pytest.raises(RefusedImageError, match=r"host rebinding\.test is at a private address"):
        fetcher.read(server.url("/", "rebinding.test"))


def test_refuses_a_name_with_a_private_address_among_public_ones(make: Make) -> None:
    fetcher = make(allow=[], resolve=lambda *_: ["93.184.216.34", "127.0.0.1"])
    with pytest.raises(RefusedImageError, match=r"is at a loopback address"):
        fetcher.read("http://mixed.test/")


def test_tries_the_next_address_of_a_host(serve: Serve, make: Make) -> None:
    server = serve({"/": gives(PHOTO)})
    fetcher = make(allow=["photos.test"], resolve=lambda *_: ["::1", "127.0.0.1"])
    assert fetcher.read(server.url("/", "photos.test")) == PHOTO


def test_says_when_nobody_listens(serve: Serve, make: Make) -> None:
    server = serve({})
    server.close()
    with pytest.raises(FetchError, match=r"^no connection to its server: Connection refused$"):
        make().read(server.url("/"))


@pytest.fixture
def encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileServer]:
    """A server whose certificate is for photos.test, and whose redirect leads to an address without TLS."""
    import ssl

    path = certificate("photos.test", tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    handlers: dict[str, Handler] = {"/": gives(PHOTO), "/plain": redirects("http://photos.test/a?sig=secret")}
    with serving(handlers, tls=context) as server:
        yield server


def test_verifies_the_name_not_the_address(encrypted: HostileServer, make: Make) -> None:
    fetcher = make(resolve=lambda *_: ["127.0.0.1"], timeout=5)
    assert fetcher.read(encrypted.url("/", "photos.test")) == PHOTO
    for host in ("other.test", "127.0.0.1"):
        with pytest.raises(FetchError, match=r"no connection to its server: .*certificate verify failed"):
            fetcher.read(encrypted.url("/", host))
    assert encrypted.asked["/"] == 1


def test_never_leaves_encryption(encrypted: HostileServer, make: Make) -> None:
    fetcher = make(resolve=lambda *_: ["127.0.0.1"], timeout=5)
    with pytest.raises(
        RefusedImageError, match=r"redirected from https to http://photos.test/a, which is not encrypted"
    ):
        fetcher.read(encrypted.url("/plain", "photos.test"))


def test_leaves_a_server_that_never_shakes_hands(serve: Serve, make: Make) -> None:
    server = serve({})
    with pytest.raises(FetchError, match=r"not here within"):
        make().read(server.url("/").replace("http:", "https:"))
