"""Services over a fresh database for a test; the API on a real socket, one a module, whose tests use own ids."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from tests.catalogues import write_folder
from tests.conftest import create_database, drop_database
from tests.serving import served
from venuefinder.bootstrap import Services
from venuefinder.protocols import Encoder
from venuefinder.settings import Settings
from venuefinder.store.database import Database, open_database
from venuefinder.store.embedded import EmbeddedPostgres
from venuefinder.testing import FakeEncoder

MAX_PHOTO_BYTES = 1_000_000


@pytest.fixture(scope="module")
def module_database(
    embedded_server: EmbeddedPostgres, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A migrated database for all tests of a module, empty at first."""
    name = f"module_{uuid4().hex[:8]}"
    create_database(embedded_server, name, template_database)
    with open_database(embedded_server.url(name), tmp_path_factory.mktemp(name)) as database:
        yield database
    drop_database(embedded_server, name)


@pytest.fixture(scope="module")
def api_services(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services with the fake encoder, and a database that is this module's."""
    folder = tmp_path_factory.mktemp("api")
    settings = Settings(_env_file=None, data_dir=folder / "data", max_photo_bytes=MAX_PHOTO_BYTES, max_pixels=2_000_000)
    with Services(settings, encoder=FakeEncoder(), database=module_database) as services:
        yield services


@pytest.fixture(scope="module")
def api(api_services: Services) -> Iterator[httpx2.Client]:
    """A client of the API."""
    with served(api_services) as client:
        yield client


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Services:
    """Services with the fake encoder and small batches, over a database that is this test's."""
    settings = Settings(data_dir=tmp_path / "data", batch_size=3, decode_threads=2)
    return Services(settings, encoder=FakeEncoder(), database=database)


@pytest.fixture
def other_services(other_database: Database, tmp_path: Path) -> Iterator[Services]:
    """Services over another database, which have no encoder: whoever asks for one fails."""

    def load(spec: str, views: int) -> Encoder:
        raise AssertionError(f"asked to load {spec!r}")

    settings = Settings(data_dir=tmp_path / "other-data")
    with Services(settings, database=other_database, load=load) as services:
        yield services


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of four venues with seven photos."""
    return write_folder(tmp_path / "venues")
