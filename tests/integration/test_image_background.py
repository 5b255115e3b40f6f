"""What photos asked with compare with: measured with the other backgrounds, or at the next look where it is missing."""

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.catalogues import run, write_folder
from venuefinder.bootstrap import Services
from venuefinder.calibrating.background import ensure_background
from venuefinder.calibrating.calibration import Calibrator
from venuefinder.records import StoredSpace
from venuefinder.settings import Settings
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder

ONE_VENUE = {"barn": {"name": "Barn", "photos": {"a.jpg": "red", "b.jpg": "green"}}}


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Services:
    return Services(Settings(data_dir=tmp_path / "data"), encoder=FakeEncoder(), database=database)


def stored(services: Services) -> StoredSpace:
    return services.spaces.require(services.encoder.space)


def test_ingestion_measures_photos_of_different_venues(services: Services, tmp_path: Path) -> None:
    run(services, write_folder(tmp_path / "venues"))

    background = stored(services).image_background

    assert background is not None
    assert background.pairs == 7 * 7 - (2 * 2 + 2 * 2 + 2 * 2 + 1)  # but for those of the same venue
    assert background.quantiles[-1] == pytest.approx(1, abs=1e-3)  # red barn, red roses


def test_a_space_of_before_is_measured_at_the_next_look(services: Services, tmp_path: Path) -> None:
    """Nothing else changes with it: scores of worded queries, and so their calibrator, stay."""
    run(services, write_folder(tmp_path / "venues"))
    measured = stored(services)
    services.spaces.remember_calibrator(measured, Calibrator(2.0, -1.0, measured.space.key, 24))
    before = stored(services)
    with services.database.begin() as connection:
        columns = ("quantiles", "mean", "std", "pairs")
        connection.execute(text(f"UPDATE embedding_spaces SET {', '.join(f'image_{name} = NULL' for name in columns)}"))  # noqa: S608 - our names
    assert stored(services).image_background is None

    looked = ensure_background(services.spaces, services.encoder, stored(services))

    assert stored(services) == before
    assert looked.image_background is not None
    assert looked.calibrator == before.calibrator is not None


def test_it_waits_for_a_second_venue(services: Services, tmp_path: Path) -> None:
    run(services, write_folder(tmp_path / "one", ONE_VENUE))
    assert stored(services).photo_background is not None
    assert stored(services).image_background is None

    run(services, write_folder(tmp_path / "two", {"tent": {"name": "Tent", "photos": {"a.jpg": "blue"}}}))

    background = stored(services).image_background
    assert background is not None
    assert background.pairs == 4
