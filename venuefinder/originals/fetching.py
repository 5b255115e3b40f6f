"""Photos and shards from the web: whatever the address, the server or its DNS wants, within time, size and bounds."""

import io
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from threading import Event
from typing import BinaryIO

import httpcore2
from httpx2 import URL, create_ssl_context

from venuefinder import __version__
from venuefinder.errors import FetchError, ImageSizeError, MissingImageError, VenueFinderError
from venuefinder.originals.addresses import Allowed, Resolve, system_resolve
from venuefinder.originals.connecting import CheckedBackend, Deadline
from venuefinder.originals.urls import redirected, web_url

MAX_REDIRECTS = 5
PAUSES = (0.2, 1.0)
"""Seconds before each further try after a failure that may pass."""
MAX_PAUSE = 10.0
"""Seconds of a server's Retry-After that are waited out, at most."""
IDLE_CONNECTIONS = 64
"""Connections kept for the next photo of their host."""
IDLE_SECONDS = 20.0
"""How long, which is less than most servers do: a connection closed by them costs a try."""
SLOWEST = 100_000
"""Bytes a second that a download must keep up, once its first seconds are over."""
_SPARE = 65_536
"""Bytes of an answer without a photo that are read for the connection's sake."""
_NO_PARTS = "its server does not send parts of files; serve the shard from one that does, or copy its photos"
_NO_END = "its server does not say where the file ends; have it send Content-Length, or copy the file here"
_MISSING = frozenset((404, 410))
_PASSING = frozenset((429, 502, 503, 504))
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_ERRNO = re.compile(r"^\[Errno -?\d+\] ")
_HEADERS = (
    ("User-Agent", f"VenueFinder/{__version__}"),
    ("Accept", "image/*,*/*;q=0.5"),
    ("Accept-Encoding", "identity"),
)


class Fetcher:
    """Fetches over http and https, many at once, on connections that are kept. Thread-safe.

    Connects to public addresses alone, and to the hosts and networks of `allow`; see `addresses.py`. Takes nothing from
    the environment but which authorities TLS trusts: no proxy, no password file. Keeps no cookie. What it raises names
    no address but one redirected to, and that without its query.
    """

    def __init__(
        self, *, max_bytes: int, timeout: float, allow: Sequence[str], resolve: Resolve = system_resolve
    ) -> None:
        """Fetch photos of at most `max_bytes`, each within `timeout` seconds, redirects and further tries included.

        Raises ConfigurationError for an entry of `allow` that is neither host nor network.
        """
        self._max_bytes = max_bytes
        self._timeout = timeout
        self._deadline = Deadline()
        self._closed = Event()
        self._pool = httpcore2.ConnectionPool(
            ssl_context=create_ssl_context(),
            max_connections=None,
            max_keepalive_connections=IDLE_CONNECTIONS,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=CheckedBackend(Allowed.of(allow), self._deadline, resolve),
        )

    def read(self, url: str, *, span: tuple[int, int] | None = None) -> bytes:
        """Return the bytes at an address, whatever they are; with `span`, (offset, size), that part of them.

        Raises RefusedImageError for an address that may not be fetched, MissingImageError where there is nothing,
        ImageSizeError for too many bytes, FetchError for whatever else a network or its server does.
        """
        file = io.BytesIO()
        self._fetch(url, _Target(file, self._max_bytes, span=span))
        return file.getvalue()

    def download(self, url: str, path: Path, *, max_bytes: int) -> None:
        """Write the bytes at an address to a file, all or nothing; raises as `read` does, OSError where it is full.

        May take the time of `read`, and ten seconds more for each megabyte that has come. A server that does not say
        where the file ends is refused: of a manifest cut short, what is missing would seem to be listed no more.
        """
        with _whole_file(path) as file:
            self._fetch(url, _Target(file, max_bytes, seconds_a_byte=1 / SLOWEST))

    def close(self) -> None:
        """Close the connections; what is still being fetched fails, by its deadline at the latest."""
        self._closed.set()
        self._pool.close()

    def _fetch(self, url: str, target: "_Target") -> None:
        """Try up to three times, all within one deadline."""
        begin = web_url(url)
        self._deadline.start(self._timeout)
        for pause in (*PAUSES, None):
            target.begin()
            try:
                self._follow(begin, target)
            except _PassingError as problem:
                if pause is None or not self._waited(problem.pause or pause):
                    raise problem.told from problem
            else:
                break

    def _waited(self, pause: float) -> bool:
        """Wait, if that is still worth it: there is time, and nobody has closed this."""
        return pause < self._deadline.left() and not self._closed.wait(pause)

    def _follow(self, url: URL, target: "_Target") -> None:
        for _ in range(MAX_REDIRECTS + 1):
            request = _request(url, target.span)
            with _told(self._deadline), closing(self._pool.handle_request(request)) as response:
                answer = _Answer(response)
                if answer.redirect is None:
                    self._store(answer, target)
                    return
                answer.spare()
            url = redirected(url, answer.redirect)
        raise FetchError(f"more than {MAX_REDIRECTS} redirects")

    def _store(self, answer: "_Answer", target: "_Target") -> None:
        answer.check(target.max_bytes, target.span)
        if target.seconds_a_byte and not answer.tells_its_end:
            raise FetchError(_NO_END)
        for part in answer.parts():
            target.write(part)
            self._deadline.extend(len(part) * target.seconds_a_byte)
            self._deadline.left()


@dataclass(slots=True)
class _Target:
    """Where a body goes, and what it may cost."""

    file: BinaryIO
    max_bytes: int
    seconds_a_byte: float = 0.0
    """Time that each byte earns."""
    size: int = 0
    span: tuple[int, int] | None = None
    """The part that is asked for: offset and size."""

    def begin(self) -> None:
        self.file.seek(0)
        self.file.truncate()
        self.size = 0

    def write(self, part: bytes) -> None:
        self.size += len(part)
        if self.size > self.max_bytes:
            raise ImageSizeError(f"more than the {self.max_bytes:,} bytes allowed")
        self.file.write(part)


class _PassingError(Exception):
    """A failure that may be over in a moment."""

    def __init__(self, told: VenueFinderError, pause: float | None = None) -> None:
        super().__init__(str(told))
        self.told = told
        self.pause = pause


class _Answer:
    """A server's answer, its body not yet read."""

    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response
        self._headers = {name.lower(): value.decode("latin-1").strip() for name, value in response.headers}
        self.status = response.status

    @property
    def redirect(self) -> str | None:
        return self._headers.get(b"location") if self.status in _REDIRECTS else None

    def check(self, max_bytes: int, span: tuple[int, int] | None) -> None:
        """Raise unless this is a body as it is, of at most so many bytes, and just the part that was asked for."""
        if self.status != (206 if span else 200):
            self.spare()
            raise FetchError(_NO_PARTS) if span and self.status == 200 else self._refusal()
        if span and not self._headers.get(b"content-range", "").startswith(f"bytes {span[0]}-{sum(span) - 1}/"):
            raise FetchError("the server sent another part than was asked for")
        encoding = self._headers.get(b"content-encoding", "identity").lower()
        if encoding not in ("identity", ""):
            raise FetchError(f"sent compressed ({encoding[:20]!r}), expected the file as it is")
        length = self._length
        if length is not None and length > max_bytes:
            raise ImageSizeError(f"{length:,} bytes, at most {max_bytes:,} allowed")

    @property
    def tells_its_end(self) -> bool:
        """Whether a body that is cut short is noticed; else it ends with the connection (RFC 9112, 6.3 and 8)."""
        return self._length is not None or "chunked" in self._headers.get(b"transfer-encoding", "").lower()

    def parts(self) -> Iterator[bytes]:
        return self._response.iter_stream()

    def spare(self) -> None:
        """Read a short body to its end, so that the connection can be used again; else it is closed."""
        if self._length is not None and self._length <= _SPARE:
            with suppress(httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException, FetchError):
                for _ in self.parts():
                    pass

    @property
    def _length(self) -> int | None:
        text = self._headers.get(b"content-length", "")
        return int(text) if text.isascii() and text.isdecimal() else None

    def _refusal(self) -> Exception:
        said = f"the server answered {_named(self.status)}"
        if self.status in _MISSING:
            return MissingImageError(said)
        if self.status in _PASSING:
            return _PassingError(FetchError(said), self._pause)
        return FetchError(said)

    @property
    def _pause(self) -> float | None:
        text = self._headers.get(b"retry-after", "")
        return min(float(text), MAX_PAUSE) if text.isascii() and text.isdecimal() else None


@contextmanager
def _told(deadline: Deadline) -> Iterator[None]:
    """Turn what the network does into what a person understands."""
    try:
        yield
    except httpcore2.TimeoutException as error:
        deadline.left()
        raise FetchError("its server does not answer") from error
    except httpcore2.ConnectError as error:
        raise FetchError(f"no connection to its server: {_reason(error)}") from error
    except (httpcore2.ReadError, httpcore2.WriteError) as error:
        raise _PassingError(FetchError(f"the connection broke: {_reason(error)}")) from error
    except httpcore2.RemoteProtocolError as error:
        raise _PassingError(FetchError(f"the server's answer is broken: {_reason(error)}")) from error
    except (httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
        raise FetchError(f"cannot be asked for: {_reason(error)}") from error


def _request(url: URL, span: tuple[int, int] | None) -> httpcore2.Request:
    address = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    part = [("Range", f"bytes={span[0]}-{sum(span) - 1}")] if span else []
    return httpcore2.Request("GET", address, headers=[("Host", url.netloc.decode("ascii")), *_HEADERS, *part])


def _reason(error: Exception) -> str:
    return _ERRNO.sub("", " ".join(str(error).split()))[:200] or type(error).__name__


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


@contextmanager
def _whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes its place only once it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
