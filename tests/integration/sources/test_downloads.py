"""Downloads into files: all or nothing, however long they take."""

from pathlib import Path

import pytest

from tests.fetched import PHOTO, Make, Serve, cut_short, dripping_body
from tests.hostile_web import Client, answer, gives
from venuefinder.errors import (
    FetchError,
    ImageSizeError,
    MissingImageError,
)
from venuefinder.originals import fetching


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
