"""The API on a real socket, for tests."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from PIL import Image

from venuefinder.api.app import create_app
from venuefinder.api.page import BUILT
from venuefinder.api.serving import Server, address_of, bind, configuration
from venuefinder.bootstrap import Services
from venuefinder.query.gazetteer import WorldGazetteer

STARTING_SECONDS = 30


@contextmanager
def served(services: Services, page: Path = BUILT) -> Iterator[httpx2.Client]:
    """Serve on an ephemeral port of loopback, and yield a client of it."""
    vars(services).setdefault("gazetteer", _gazetteer())
    with bind("127.0.0.1", 0, has_key=False) as listening:
        server = Server(configuration(create_app(services, page=page), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            _wait(server, thread)
            with httpx2.Client(base_url=address_of(listening), timeout=60) as client:
                client.get("/healthz")  # FastAPI makes its routes now, and mutes warnings of the process meanwhile
                yield client
        finally:
            server.should_exit = True
            thread.join()


@cache
def _gazetteer() -> WorldGazetteer:
    """Read the places of the world once for all tests: it takes seconds, and nothing changes them."""
    return WorldGazetteer()


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while not server.started:
        assert thread.is_alive(), "the server ended while it was starting"
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)


def photo(colour: str = "red", *, size: tuple[int, int] = (64, 48), fmt: str = "JPEG", **options: Any) -> bytes:
    """Return the bytes of a photo of one colour."""
    target = BytesIO()
    Image.new("RGB", size, colour).save(target, fmt, **options)
    return target.getvalue()


def problem_of(response: httpx2.Response, status: int, name: str) -> Mapping[str, Any]:
    """Return the problem a response is, having checked that it is the one expected."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    body: Mapping[str, Any] = response.json()
    assert body["status"] == status
    assert body["type"] == f"urn:venuefinder:problem:{name}"
    assert body["title"]
    assert body["instance"] == f"urn:uuid:{response.headers['x-request-id']}"
    return body


def exchanged(api: httpx2.Client, sent: bytes) -> bytes:
    """Send bytes that no proper client would, and return all that comes back until the service hangs up."""
    with socket.create_connection(("127.0.0.1", api.base_url.port), timeout=STARTING_SECONDS) as connection:
        connection.sendall(sent)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
    return received
