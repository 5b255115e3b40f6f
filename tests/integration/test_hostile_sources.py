"""Fetching from servers that hang, drip, lie, redirect and break: over real sockets, on loopback."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import hostile
from tests.hostile_web import Client, Handler, HostileServer, answer, certificate, gives, redirects, serving
from venuefinder import __version__
from venuefinder.errors import (
    FetchError,
    ImageError,
    ImageSizeError,
    MissingImageError,
    NotAnImageError,
    RefusedImageError,
)
from venuefinder.images import decode_photo
from venuefinder.originals import fetching
from venuefinder.originals.fetching import Fetcher

PHOTO = hostile.encoded(hostile.textured(), "JPEG")
SECONDS = 0.6
"""That a fetch may take here."""
MAX_BYTES = 200_000

Serve = Callable[[Mapping[str, Handler]], HostileServer]
Make = Callable[..., Fetcher]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PAUSES", (0.01, 0.01))


@pytest.fixture
def serve() -> Iterator[Serve]:
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda handlers: stack.enter_context(serving(handlers))


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[Fetcher] = []

    def fetcher(**options: object) -> Fetcher:
        defaults = {"max_bytes": MAX_BYTES, "timeout": SECONDS, "allow": ["127.0.0.1"]}
        made.append(Fetcher(**{**defaults, **options}))
        return made[-1]

    yield fetcher
    for one in made:
        one.close()


def test_fetches_a_photo(serve: Serve, make: Make) -> None:
    server = serve({"/a.jpg": gives(PHOTO)})
    assert make().read(server.url("/a.jpg?sig=1")) == PHOTO
    head = server.requests[0].lower()
    assert head.startswith("get /a.jpg?sig=1 http/1.1\r\n")
    for line in (
        f"host: 127.0.0.1:{server.port}",
        f"user-agent: venuefinder/{__version__}",
        "accept-encoding: identity",
    ):
        assert line in head
    assert "cookie" not in head


def test_takes_no_proxy_and_no_password_from_the_environment(
    serve: Serve, make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret")
    (tmp_path / ".netrc").chmod(0o600)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    monkeypatch.setenv("HOME", str(tmp_path))
    server = serve({"/a.jpg": gives(PHOTO, "Set-Cookie: a=b")})
    fetcher = make()
    assert fetcher.read(server.url("/a.jpg")) == fetcher.read(server.url("/a.jpg")) == PHOTO
    assert all("authorization" not in head.lower() and "cookie" not in head.lower() for head in server.requests)


def test_threads_share_connections(serve: Serve, make: Make) -> None:
    server = serve({f"/{number}": gives(f"photo {number}".encode()) for number in range(200)})
    fetcher = make(timeout=10)
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda number: fetcher.read(server.url(f"/{number}")), range(200)))
    assert read == [f"photo {number}".encode() for number in range(200)]
    assert server.connections <= 8


def test_missing_photos_cost_no_connection(serve: Serve, make: Make) -> None:
    server = serve({"/404": gives(b"<html>", status="404 Gone fishing"), "/410": gives(b"", status="410 x")})
    fetcher = make()
    with pytest.raises(MissingImageError, match=r"^the server answered 404 Not Found$"):
        fetcher.read(server.url("/404"))
    with pytest.raises(MissingImageError, match=r"^the server answered 410 Gone$"):
        fetcher.read(server.url("/410"))
    assert server.connections == 1


@pytest.mark.parametrize(
    ("status", "tries"), [("500", 1), ("403", 1), ("206", 1), ("304", 1), ("799", 1), ("503", 3), ("429", 3)]
)
def test_names_the_status(serve: Serve, make: Make, status: str, tries: int) -> None:
    server = serve({"/": gives(PHOTO if status == "206" else b"", status=f"{status} <script>")})
    with pytest.raises(FetchError, match=rf"^the server answered {status}[A-Za-z ]*$"):
        make().read(server.url("/"))
    assert server.asked["/"] == tries


def test_comes_again_when_told_to(serve: Serve, make: Make) -> None:
    def busy_twice(client: Client) -> None:
        client.send(answer(PHOTO) if client.number == 3 else answer(status="503 Busy"))

    server = serve({"/": busy_twice})
    assert make().read(server.url("/")) == PHOTO
    assert server.connections == 1


@pytest.mark.parametrize("told", ["99999999999", "9", "Wed, 21 Oct 2099 07:28:00 GMT", "-1", "\xb2"])
def test_waits_no_longer_than_it_has(serve: Serve, make: Make, told: str) -> None:
    server = serve(
        {
            "/": lambda client: client.send(
                answer(b"", status="429 x").replace(b"\r\n", f"\r\nRetry-After: {told}\r\n".encode("latin-1"), 1)
            )
        }
    )
    with pytest.raises(FetchError, match=r"429 Too Many Requests"):
        make().read(server.url("/"))
    assert server.asked["/"] == (1 if told in ("99999999999", "9") else 3)


def late(client: Client) -> None:
    client.hold()


def dripping_headers(client: Client) -> None:
    client.drip(answer(PHOTO))


def dripping_body(client: Client) -> None:
    client.send(answer(length=len(PHOTO)))
    client.drip(PHOTO)


def dripping_chunks(client: Client) -> None:
    client.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        client.send(b"1\r\nx\r\n")
        client.hold(0.05)


def early_hints(client: Client) -> None:
    while True:
        client.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        client.hold(0.05)


def slow_refusal(client: Client) -> None:
    client.send(answer(b"", status="302 Found", length=1000).replace(b"\r\n\r\n", b"\r\nLocation: /\r\n\r\n"))
    client.hold()


@pytest.mark.parametrize("handler", [late, dripping_headers, dripping_body, dripping_chunks, early_hints, slow_refusal])
def test_leaves_a_server_that_takes_its_time(serve: Serve, make: Make, handler: Handler) -> None:
    server = serve({"/": handler})
    with pytest.raises(FetchError, match=r"^not here within 0\.6 seconds; raise VENUEFINDER_FETCH_TIMEOUT"):
        make().read(server.url("/"))
    assert server.asked["/"] == 1


def test_leaves_a_resolver_that_takes_its_time(make: Make) -> None:
    from threading import Event

    ending = Event()
    fetcher = make(resolve=lambda *_: ending.wait(30) and [])
    with pytest.raises(FetchError, match=r"not here within"):
        fetcher.read("http://slow.example/")
    ending.set()


def endless(client: Client) -> None:
    client.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        client.send(bytes(100_000))


def endless_chunks(client: Client) -> None:
    client.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        client.send(b"186a0\r\n" + bytes(100_000) + b"\r\n")


@pytest.mark.parametrize("handler", [endless, endless_chunks])
def test_stops_reading_a_body_without_end(serve: Serve, make: Make, handler: Handler) -> None:
    with pytest.raises(ImageSizeError, match=r"^more than the 200,000 bytes allowed$"):
        make(timeout=20).read(serve({"/": handler}).url("/"))


def test_believes_a_length_that_is_too_large(serve: Serve, make: Make) -> None:
    server = serve({"/": lambda client: client.send(answer(length=10**15))})
    with pytest.raises(ImageSizeError, match=r"^1,000,000,000,000,000 bytes, at most 200,000 allowed$"):
        make(timeout=20).read(server.url("/"))


def test_believes_a_length_that_is_too_short(serve: Serve, make: Make) -> None:
    """What follows is left unread, and is never taken for a photo of another address than this server's."""
    server = serve({"/": lambda client: client.send(answer(PHOTO, length=100) + answer(b"another"))})
    other = serve({"/": gives(PHOTO)})
    fetcher = make()
    assert fetcher.read(server.url("/")) == PHOTO[:100]
    assert fetcher.read(other.url("/")) == PHOTO


def cut_short(client: Client) -> None:
    client.send(answer(PHOTO[:500], length=len(PHOTO)))
    client.reset()


def silent_end(client: Client) -> None:
    raise ConnectionAbortedError


def no_http(client: Client) -> None:
    client.send(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    client.hold()


def huge_headers(client: Client) -> None:
    client.send(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"x" * 300_000 + b"\r\n\r\n")
    client.hold()


def many_headers(client: Client) -> None:
    client.send(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000 + b"\r\n")
    client.hold()


def two_lengths(client: Client) -> None:
    client.send(answer(PHOTO, "Content-Length: 5"))


def odd_length(client: Client) -> None:
    client.send(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n")
    client.hold()


def packed_transfer(client: Client) -> None:
    client.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx")
    client.hold()


@pytest.mark.parametrize(
    "handler",
    [
        cut_short,
        silent_end,
        Client.reset,
        no_http,
        huge_headers,
        many_headers,
        two_lengths,
        odd_length,
        packed_transfer,
    ],
)
def test_refuses_an_answer_that_is_none(serve: Serve, make: Make, handler: Handler) -> None:
    server = serve({"/": handler})
    with pytest.raises(FetchError, match=r"^(the server's answer is broken|the connection broke): .{5,200}$"):
        make(timeout=20).read(server.url("/"))
    assert server.asked["/"] == 3


def test_recovers_from_a_connection_that_was_reset(serve: Serve, make: Make) -> None:
    """Servers drop idle connections just when they are used again."""

    def every_second(client: Client) -> None:
        if client.number % 2:
            client.send(answer(PHOTO))
        else:
            client.reset()

    server = serve({"/": every_second})
    fetcher = make()
    assert [fetcher.read(server.url("/")) for _ in range(4)] == [PHOTO] * 4


def test_keeps_no_part_of_a_photo_that_changes_while_it_is_fetched(serve: Serve, make: Make) -> None:
    def replaced(client: Client) -> None:
        if client.number == 1:
            client.send(answer(b"old" * 100, length=len(PHOTO)))
            client.reset()
        client.send(answer(PHOTO))

    assert make().read(serve({"/": replaced}).url("/")) == PHOTO


@pytest.mark.parametrize("encoding", ["gzip", "br", "x" * 500])
def test_refuses_a_compressed_body(serve: Serve, make: Make, encoding: str) -> None:
    server = serve({"/": gives(PHOTO, f"Content-Encoding: {encoding}")})
    with pytest.raises(FetchError, match=r"^sent compressed .{4,30}, expected the file as it is$"):
        make().read(server.url("/"))


def test_html_by_the_name_of_a_photo_is_no_photo(serve: Serve, make: Make) -> None:
    server = serve({"/a.jpg": gives(b"<!doctype html><title>Not found</title>", "Content-Type: image/jpeg")})
    with pytest.raises(NotAnImageError, match=r"found an HTML page, expected an image"):
        decode_photo(make().read(server.url("/a.jpg")), max_pixels=10**6)


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


def test_downloads_all_or_nothing(serve: Serve, make: Make, tmp_path: Path) -> None:
    server = serve({"/": gives(PHOTO), "/cut": cut_short, "/404": gives(b"", status="404 x")})
    fetcher, path = make(), tmp_path / "shards" / "a.tar"
    fetcher.download(server.url("/"), path, max_bytes=10**6)
    for url, most, error in (("/cut", 10**6, FetchError), ("/404", 10**6, MissingImageError), ("/", 5, ImageSizeError)):
        with pytest.raises(error):
            fetcher.download(server.url(url), path, max_bytes=most)
    assert path.read_bytes() == PHOTO
    assert list(path.parent.iterdir()) == [path]


def test_a_download_whose_end_nobody_tells(serve: Serve, make: Make, tmp_path: Path) -> None:
    """Where the connection broke, the first half of a manifest was taken for all of it, and the rest was pruned."""

    def cut(client: Client) -> None:
        client.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + PHOTO)
        client.close()

    def chunked(client: Client) -> None:
        client.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n")

    server, path = serve({"/": cut, "/chunked": chunked}), tmp_path / "m.jsonl"
    with pytest.raises(FetchError, match="does not say where the file ends"):
        make().download(server.url("/"), path, max_bytes=10**6)
    assert not list(tmp_path.iterdir())
    assert make().read(server.url("/")) == PHOTO  # of a photo, decoding tells
    make().download(server.url("/chunked"), path, max_bytes=10**6)
    assert path.read_bytes() == b"abcd"


def test_a_download_earns_its_time(serve: Serve, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shard of gigabytes may take longer than a photo, as long as it comes."""

    def steady(client: Client) -> None:
        client.send(answer(length=40_000))
        for _ in range(4):
            client.hold(0.25)
            client.send(bytes(10_000))

    server = serve({"/": steady, "/drip": dripping_body})
    monkeypatch.setattr(fetching, "SLOWEST", 20_000)
    fetcher = make()
    fetcher.download(server.url("/"), tmp_path / "a.tar", max_bytes=10**6)
    assert (tmp_path / "a.tar").stat().st_size == 40_000
    with pytest.raises(FetchError, match=r"not here within"):
        fetcher.download(server.url("/drip"), tmp_path / "b.tar", max_bytes=10**6)


def test_after_closing_nothing_is_tried_again(serve: Serve, make: Make) -> None:
    fetcher = make()

    def closing(client: Client) -> None:
        fetcher.close()
        client.send(answer(status="503 x"))

    server = serve({"/": closing})
    with pytest.raises(ImageError):
        fetcher.read(server.url("/"))
    assert server.asked["/"] == 1
