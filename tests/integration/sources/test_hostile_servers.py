"""Fetching from servers that hang, drip, lie and break: over real sockets, on loopback."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.fetched import PHOTO, Make, Serve, cut_short, dripping_body
from tests.hostile_web import Client, Handler, answer, gives
from venuefinder import __version__
from venuefinder.errors import (
    FetchError,
    ImageError,
    ImageSizeError,
    MissingImageError,
    NotAnImageError,
)
from venuefinder.images import decode_photo


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


def test_after_closing_nothing_is_tried_again(serve: Serve, make: Make) -> None:
    fetcher = make()

    def closing(client: Client) -> None:
        fetcher.close()
        client.send(answer(status="503 x"))

    server = serve({"/": closing})
    with pytest.raises(ImageError):
        fetcher.read(server.url("/"))
    assert server.asked["/"] == 1
