"""Serve the API: on loopback, or anywhere once there is an API key."""

import ipaddress
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from venuefinder.api.app import create_app
from venuefinder.api.gate import usable_key
from venuefinder.api.protocol import ProblemProtocol
from venuefinder.bootstrap import Services
from venuefinder.errors import ConfigurationError, RefusedToServeError

logger = logging.getLogger("uvicorn.error")
"""Uvicorn's log of what it does, which its configuration shows; given a socket, it does not say where it serves."""
SHUTDOWN_SECONDS = 20
"""Requests under way get this long to end once the service is asked to stop."""
BACKLOG = 128
MAX_PORT = 65_535


def serve(services: Services, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve until SIGTERM or SIGINT, then end the requests under way and return.

    Raises RefusedToServeError for an address that others can reach while there is no API key, ConfigurationError for
    one that cannot be had, and whatever the encoder or the database raise when they are not as they should be.
    """
    listening = bind(host, port, has_key=usable_key(services.settings.api_key) is not None)
    with listening:
        app = create_app(services)
        app.state.generations.warm()  # here rather than in the lifespan, so that its errors reach the caller
        config = configuration(app)
        logger.info("VenueFinder is at %s (press Ctrl+C to end it)", address_of(listening))
        with _signals_end_serving():
            Server(config).run(sockets=[listening])


class Server(uvicorn.Server):
    """Ends the streams that would go on for hours before it waits for the requests under way."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End."""
        app = self.config.app
        if isinstance(app, FastAPI):
            app.state.generations.watches.end()
        await super().shutdown(sockets)


def configuration(app: FastAPI, *, log_level: str | None = None) -> uvicorn.Config:
    """Return how uvicorn serves the API: the same whatever else is installed, and no WebSockets, which pass no gate."""
    return uvicorn.Config(
        app,
        http=ProblemProtocol,
        ws="none",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        log_level=log_level,
    )


def address_of(listening: socket.socket) -> str:
    """Return the URL of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def bind(host: str, port: int, *, has_key: bool) -> socket.socket:
    """Return a listening socket. The address that was judged is the one that is bound; names resolve once."""
    family, address = _resolved(host, port)
    if not has_key and not ipaddress.ip_address(address[0]).is_loopback:
        raise RefusedToServeError(
            f"host {host!r}: found {address[0]}, which others can reach, and no API key; set VENUEFINDER_API_KEY, or "
            "serve on 127.0.0.1"
        )
    try:
        listening = socket.create_server(address, family=family, backlog=BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise ConfigurationError(
            f"address {address[0]} port {port}: cannot be served on ({reason}); stop what uses it, or choose another "
            "with --host and --port"
        ) from error
    # Connections inherit it. Without it, answers on a kept connection wait 40 ms for the caller's delayed ACK; asyncio
    # sets it on sockets that it made itself.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """Return the first address of a name; an empty host is every address, as sockets have it."""
    if not 0 <= port <= MAX_PORT:  # getaddrinfo takes 70000 for 4464
        raise ConfigurationError(f"port: found {port}, expected 0 to {MAX_PORT} (0: any free one)")
    try:
        found = socket.getaddrinfo(host or "0.0.0.0", port, type=socket.SOCK_STREAM)  # noqa: S104 - judged by `bind`
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(f"host {host!r} port {port}: no such address ({error}); serve on 127.0.0.1") from error
    family, _, _, _, address = found[0]
    return socket.AddressFamily(family), (str(address[0]), int(address[1]))


@contextmanager
def _signals_end_serving() -> Iterator[None]:
    """Let uvicorn's way to end be the end.

    Once it has stopped, uvicorn raises the signal again for whoever handled it before; by default that kills the
    process before the embedded database is let go of.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _ignore) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore(_number: int, _frame: object) -> None:
    """Do nothing: uvicorn has ended by then."""
