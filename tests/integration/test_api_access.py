"""Who may call: the key, host names, pages of other sites; and where the service dares to listen."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from tests.serving import photo, problem_of, served
from venuefinder.api.serving import bind, serve
from venuefinder.bootstrap import Services
from venuefinder.errors import ConfigurationError, RefusedToServeError
from venuefinder.settings import Settings
from venuefinder.testing import FakeEncoder

KEY = "a long kéy"


@pytest.fixture(scope="module")
def guarded(api_services: Services) -> Iterator[httpx2.Client]:
    """A client of the API with a key."""
    settings = api_services.settings.model_copy(update={"api_key": Settings(_env_file=None, api_key=KEY).api_key})
    services = Services(settings, encoder=FakeEncoder(), database=api_services.database)
    with served(services) as client:
        yield client


PATHS = ["/v1/search", "/v1/uploads", "/v1/venues/a", "/v1/venues/a/photos", "/v1/photos/1/image", "/v1/nothing", "/v1"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer"},
        {"authorization": "Basic " + KEY},
        {"x-api-key": KEY + "x"},
        {"x-api-key": ""},
        {"cookie": "x-api-key=" + KEY},
    ],
)
def test_without_the_key_nothing_under_v1(guarded: httpx2.Client, path: str, headers: dict[str, str]) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    for response in (guarded.get(path, headers=raw), guarded.delete(path, headers=raw)):
        problem_of(response, 401, "unauthorised")
        assert response.headers["www-authenticate"] == 'Bearer realm="venuefinder"'
        assert KEY not in response.text


@pytest.mark.parametrize("name", ["authorization", "x-api-key"])
def test_with_the_key(guarded: httpx2.Client, name: str) -> None:
    value = f"bearer {KEY}" if name == "authorization" else KEY
    headers = [(name.encode(), value.encode())]

    assert guarded.put("/v1/venues/keyed", json={"name": "A"}, headers=headers).status_code in {200, 201}
    assert guarded.get("/v1/venues/keyed", headers=headers).status_code == 200


def test_a_request_without_the_key_is_refused_before_its_body_is_read(guarded: httpx2.Client) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 100_000_000:
            sent += 100_000
            yield bytes(100_000)

    with contextlib.suppress(httpx2.TransportError):  # the server hangs up on a client that is still sending
        problem_of(guarded.post("/v1/venues/a/photos", content=endless()), 401, "unauthorised")
    assert sent < 50_000_000


def test_health_and_the_document_need_no_key(guarded: httpx2.Client) -> None:
    assert guarded.get("/healthz").status_code == 200
    assert guarded.get("/readyz").status_code in {200, 503}
    assert guarded.get("/openapi.json").status_code == 200


def test_pictures_behind_a_key_stay_out_of_shared_caches(guarded: httpx2.Client) -> None:
    headers = [(b"x-api-key", KEY.encode())]
    guarded.put("/v1/venues/pictures", json={"name": "A"}, headers=headers)
    files = [("files", ("a.jpg", photo()))]
    url = guarded.post("/v1/venues/pictures/photos", files=files, headers=headers).json()["photos"][0]["url"]

    assert guarded.get(url, headers=headers).headers["cache-control"] == "private, max-age=31536000, immutable"


def test_with_a_key_any_host_name_will_do(guarded: httpx2.Client) -> None:
    headers = [(b"x-api-key", KEY.encode()), (b"host", b"venues.example"), (b"origin", b"https://venues.example")]

    assert guarded.put("/v1/venues/named", json={"name": "A"}, headers=headers).status_code == 201


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "[::1]:8000"])
def test_loopback_names(api: httpx2.Client, host: str) -> None:
    assert api.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "127.0.0.1.evil.example", "localhost.", "127.0.0.2", "[::1", "", "a@localhost.evil"),
        *("evil.example@localhost", "localhost/evil.example", "localhost?evil", "localhost#evil", "localhost:evil"),
    ],
)
def test_a_name_that_somebody_made_resolve_to_loopback(api: httpx2.Client, host: str) -> None:
    """DNS rebinding: to a browser the attacker's page and this service then have one origin."""
    problem_of(api.get("/v1/venues/a", headers={"host": host}), 421, "foreign-host")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://localhost:3000"},
    ],
)
def test_pages_of_other_sites_change_nothing(api: httpx2.Client, headers: dict[str, str]) -> None:
    api.put("/v1/venues/kept", json={"name": "A"})
    files = [("files", ("a.jpg", photo()))]

    problem_of(api.post("/v1/venues/kept/photos", files=files, headers=headers), 403, "foreign-origin")
    problem_of(api.delete("/v1/venues/kept", headers=headers), 403, "foreign-origin")
    problem_of(api.get("/v1/venues/kept/description", headers=headers), 403, "foreign-origin")
    problem_of(api.post("/v1/venues/kept/ask", json={"question": "a bar?"}, headers=headers), 403, "foreign-origin")
    assert api.get("/v1/venues/kept", headers=headers).json()["photos"] == []


def test_its_own_pages_and_what_is_no_page_may(api: httpx2.Client) -> None:
    own = str(api.base_url).rstrip("/")

    for headers in (
        {},
        {"origin": own},
        {"sec-fetch-site": "same-origin", "origin": "http://localhost:5173"},
        {"sec-fetch-site": "none"},
    ):
        assert api.put("/v1/venues/own", json={"name": "A"}, headers=headers).status_code in {200, 201}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "::ffff:192.0.2.1"])  # noqa: S104 - to be refused
def test_no_other_address_without_a_key(host: str) -> None:
    with pytest.raises(RefusedToServeError, match="set VENUEFINDER_API_KEY, or serve on"):
        bind(host, 0, has_key=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1.2.3"])
def test_loopback_without_a_key(host: str) -> None:
    with bind(host, 0, has_key=False) as listening:
        assert listening.getsockname()[0] in {"127.0.0.1", "127.1.2.3", "::1"}


def test_answers_do_not_wait_for_the_callers_acknowledgement() -> None:
    """Each answer on a kept connection once came 40 ms late."""
    with bind("127.0.0.1", 0, has_key=False) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_any_address_with_a_key() -> None:
    with bind("0.0.0.0", 0, has_key=True) as listening:  # noqa: S104 - what a container serves on
        assert listening.getsockname()[0] == "0.0.0.0"  # noqa: S104 - what a container serves on


def test_an_empty_key_is_none(api_services: Services) -> None:
    """It once counted as a key when the address was judged, and as none when callers were."""
    settings = api_services.settings.model_copy(update={"api_key": SecretStr("")})
    services = Services(settings, encoder=FakeEncoder(), database=api_services.database)

    with pytest.raises(RefusedToServeError, match="no API key"):
        serve(services, "0.0.0.0", 0)  # noqa: S104 - to be refused


@pytest.mark.parametrize("key", ["   ", " key", "key\n", "a\x00key"])
def test_a_key_that_nobody_could_send_is_refused(api_services: Services, key: str) -> None:
    settings = api_services.settings.model_copy(update={"api_key": SecretStr(key)})
    services = Services(settings, encoder=FakeEncoder(), database=api_services.database)

    with pytest.raises(ConfigurationError, match=r"VENUEFINDER_API_KEY: .*remove them") as refused:
        serve(services, "127.0.0.1", 0)
    assert "key" not in str(refused.value).replace("API_KEY", "")


def test_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=rf"127\.0\.0\.1 port {port}: .*in use.*--port"):
            bind("127.0.0.1", port, has_key=False)


@pytest.mark.parametrize("host", ["a..b", "256.256.256.256"])
def test_no_such_address(host: str) -> None:
    with pytest.raises(ConfigurationError, match=f"host '{re.escape(host)}' port 80: no such address"):
        bind(host, 80, has_key=False)


@pytest.mark.parametrize("port", [70_000, -1])
def test_no_such_port(port: int) -> None:
    with pytest.raises(ConfigurationError, match=f"port: found {port}, expected 0 to 65535"):
        bind("127.0.0.1", port, has_key=False)


SERVE = """
import sys
from pathlib import Path
from venuefinder.api.serving import serve
from venuefinder.bootstrap import Services
from venuefinder.settings import Settings
from venuefinder.testing import FakeEncoder

settings = Settings(_env_file=None, data_dir=Path(sys.argv[1]), database_url=sys.argv[2])
with Services(settings, encoder=FakeEncoder()) as services:
    serve(services, "127.0.0.1", 0)
print("closed")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_everything_is_closed(database_url: str, tmp_path: Path, number: signal.Signals) -> None:
    """Uvicorn raises the signal again when it has stopped, which once killed us before the database was let go of."""
    command = [sys.executable, "-c", SERVE, str(tmp_path), database_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        url = next(found[0] for line in process.stderr if (found := re.search(r"http://[\d.]+:\d+", line)))
        assert httpx2.get(f"{url}/healthz", timeout=30).json() == {"status": "alive"}
        os.kill(process.pid, number)
        out, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert out.splitlines()[-1] == "closed"
