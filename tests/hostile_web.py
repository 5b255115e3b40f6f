"""A web server on loopback that misbehaves as told, byte by byte."""

import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread


class Client:
    """Who asked, for a handler to answer or to let down."""

    def __init__(self, connection: socket.socket, ending: Event, number: int, head: str = "") -> None:
        self._connection = connection
        self._ending = ending
        self.head = head
        """What it said, but for a body."""
        self.number = number
        """How often this path has been asked for, this time included."""

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def hold(self, seconds: float = 60) -> None:
        """Wait, until the server ends at the latest."""
        if self._ending.wait(seconds):
            raise ConnectionAbortedError

    def drip(self, data: bytes) -> None:
        for byte in data:
            self.send(bytes((byte,)))
            self.hold(0.05)

    def close(self) -> None:
        """End the connection as if all had been said: FIN."""
        self._connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError

    def reset(self) -> None:
        """Break the connection as a crash does: RST, not FIN."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._connection.close()
        raise ConnectionAbortedError


Handler = Callable[[Client], None]


def answer(body: bytes = b"", *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """Write a response; `length` is what Content-Length claims."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def gives(body: bytes, *headers: str, status: str = "200 OK") -> Handler:
    return lambda client: client.send(answer(body, *headers, status=status))


def redirects(target: str) -> Handler:
    return gives(b"", f"Location: {target}", status="302 Found")


def hangs(client: "Client") -> None:
    """Answer nothing, and keep the connection."""
    client.hold()


NOT_FOUND = gives(b"", status="404 Not Found")


@dataclass
class HostileServer:
    """Serves handlers by path; counts what came."""

    handlers: dict[str, Handler]
    tls: ssl.SSLContext | None = None
    connections: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    requests: list[str] = field(default_factory=list)
    """Their heads, in the order they came."""
    _ending: Event = field(default_factory=Event)
    _open: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._threads = [Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def close(self) -> None:
        self._ending.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:  # clients keep theirs for the next photo
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while not self._ending.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            self._open.append(connection)
            connection.settimeout(10)
            if self.tls is None:
                self._answer_all(connection)
                return
            with self.tls.wrap_socket(connection, server_side=True) as encrypted:
                self._answer_all(encrypted)

    def _answer_all(self, connection: socket.socket) -> None:
        while head := _head(connection):
            path = head.split(" ")[1].partition("?")[0]
            self.asked[path] += 1
            self.requests.append(head)
            handler = self.handlers.get(path, NOT_FOUND)
            handler(Client(connection, self._ending, self.asked[path], head))


def _head(connection: socket.socket) -> str:
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        part = connection.recv(4096)
        if not part:
            return ""
        data += part
    return data.decode("latin-1")


@contextmanager
def serving(handlers: dict[str, Handler], *, tls: ssl.SSLContext | None = None) -> Iterator[HostileServer]:
    server = HostileServer(handlers, tls)
    try:
        yield server
    finally:
        server.close()


def certificate(host: str, folder: Path) -> Path:
    """Write a certificate for a host, signed by itself, and its key, into one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    signed = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{host}.pem"
    path.write_bytes(signed + secret)
    return path
