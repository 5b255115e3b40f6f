"""What sources are read from: the web, and a bucket as moto serves it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.buckets import serving_s3
from tests.catalogues import paint
from tests.fetched import MAX_BYTES, SECONDS, Make, Serve
from tests.hostile_web import Handler, HostileServer, gives, serving
from tests.sourced import COLOURS, services_of
from venuefinder.bootstrap import Services
from venuefinder.originals import fetching
from venuefinder.originals.buckets import Buckets
from venuefinder.originals.fetching import Fetcher
from venuefinder.store.database import Database


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PAUSES", (0.01, 0.01))


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A photo of each colour."""
    folder = tmp_path_factory.mktemp("painted")
    for colour in COLOURS:
        paint(folder / f"{colour}.jpg", colour)
    return {colour: (folder / f"{colour}.jpg").read_bytes() for colour in COLOURS}


@pytest.fixture(scope="module")
def s3() -> Iterator[Buckets]:
    """A bucket, for all tests of this module."""
    with pytest.MonkeyPatch.context() as patched, serving_s3(patched) as buckets:
        yield buckets


@pytest.fixture
def web(painted: dict[str, bytes]) -> Iterator[HostileServer]:
    """A server with a photo of each colour; tests give it more."""
    handlers: dict[str, Handler] = {f"/{colour}.jpg": gives(data) for colour, data in painted.items()}
    with serving(handlers) as server:
        yield server


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Iterator[Services]:
    with services_of(database, tmp_path, fetch_allow="127.0.0.1") as services:
        yield services


@pytest.fixture
def serve() -> Iterator[Serve]:
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
