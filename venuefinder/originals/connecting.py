"""Connections to addresses that were checked, each reading and writing only until its thread's deadline."""

import ssl
from collections.abc import Iterable
from queue import Empty, SimpleQueue
from threading import Thread, local
from time import monotonic
from typing import Any

from httpcore2 import SOCKET_OPTION, ConnectError, ConnectTimeout, NetworkBackend, NetworkStream, SyncBackend

from venuefinder.errors import FetchError
from venuefinder.originals.addresses import Address, Allowed, Resolve, resolved

CONNECT_SECONDS = 10.0
"""What one address of a host gets before the next is tried."""


class Deadline(local):
    """When the calling thread's fetch must be over; a connection serves one thread after another, and asks anew."""

    def __init__(self) -> None:
        self._until = 0.0
        self._seconds = 0.0

    def start(self, seconds: float) -> None:
        """Give the fetch that begins now so many seconds."""
        self._until, self._seconds = monotonic() + seconds, seconds

    def extend(self, seconds: float) -> None:
        """Give the fetch under way some more."""
        self._until += seconds

    def left(self) -> float:
        """Return the seconds left, more than 0; raises FetchError once there are none."""
        left = self._until - monotonic()
        if left <= 0:
            raise self.passed()
        return left

    def passed(self) -> FetchError:
        """Return the error of a fetch that took too long."""
        return FetchError(
            f"not here within {self._seconds:g} seconds; raise VENUEFINDER_FETCH_TIMEOUT if its server is that slow"
        )


class CheckedBackend(NetworkBackend):
    """Resolves a host once, checks every address, and connects to one of those very addresses.

    Between the check and the connection no name is resolved again, so an answer that changes (DNS rebinding) finds
    nothing to change. The name stays what TLS verifies and what the Host header says.
    """

    def __init__(self, allowed: Allowed, deadline: Deadline, resolve: Resolve) -> None:
        self._allowed = allowed
        self._deadline = deadline
        self._resolve = resolve
        self._sockets = SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is the limit
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> NetworkStream:
        """Connect to the first address that answers; raises RefusedImageError before any is asked."""
        addresses = self._addresses(host, port)
        self._allowed.check(host, addresses)
        problem: Exception | None = None
        for address in addresses:
            limit = min(self._deadline.left(), CONNECT_SECONDS)
            try:
                stream = self._sockets.connect_tcp(str(address), port, limit, local_address, socket_options)
            except (ConnectError, ConnectTimeout) as error:
                problem = error
            else:
                return _TimedStream(stream, self._deadline)
        raise problem or FetchError(f"host {host[:100]} was not found")

    def _addresses(self, host: str, port: int) -> list[Address]:
        """Resolve in a thread of its own: the system's resolver takes no time limit, and a stranger's DNS its time."""
        answers: SimpleQueue[list[Address] | Exception] = SimpleQueue()

        def ask() -> None:
            try:
                answers.put(resolved(host, port, self._resolve))
            except Exception as error:
                answers.put(error)

        Thread(target=ask, name="resolve", daemon=True).start()
        try:
            answer = answers.get(timeout=self._deadline.left())
        except Empty:
            raise self._deadline.passed() from None
        if isinstance(answer, Exception):
            raise answer
        return answer


class _TimedStream(NetworkStream):
    """A stream whose every wait ends with the deadline of the thread that waits."""

    def __init__(self, stream: NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline is the limit
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the deadline is the limit
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is the limit
    ) -> NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
