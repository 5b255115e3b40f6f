"""The catalogue's own words on a real Postgres."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.filtering import store
from venuefinder.domain import Venue
from venuefinder.store.cursors import reading, rows
from venuefinder.store.database import Database
from venuefinder.store.vocabulary import PLACES, PROBES_ONLY, REMEMBERED_SECONDS, CatalogueVocabulary

BATH = ((51.38, -2.36), (51.39, -2.35), (51.40, -2.40))


def venue(name: str, **fields: Any) -> Venue:
    return Venue.model_validate({"external_id": name, "name": name} | fields)


class Clock:
    """Time that stands still until told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def catalogue(database: Database) -> Database:
    places = enumerate(BATH)
    store(database, [
        *(venue(f"bath-{n}", city="Bath", country="GB", latitude=lat, longitude=lon) for n, (lat, lon) in places),
        venue("bath-us", city="BATH", country="US", latitude=43.9, longitude=-69.8, kind="barn"),
        venue("bath-nowhere", city="bath", amenities=["hot tub"]),
        venue("bath-without", city="bath", latitude=51.38, longitude=-2.36),
        venue("astray", city="Bath", country="DE", latitude=10, longitude=10),
        venue("astray-2", city="Bath", country="DE", latitude=50, longitude=10),
        venue("fiji-west", city="Taveuni", latitude=-16.8, longitude=-179.98),
        venue("fiji-east", city="Taveuni", latitude=-16.8, longitude=179.98),
        venue("tiny", city="Null Island", latitude=5e-324, longitude=-1e-310),
        venue("unplaced", city="Leeds", kind="pub"),
    ])  # fmt: skip
    return database


def test_kinds_and_amenities_are_told_apart(catalogue: Database) -> None:
    known = CatalogueVocabulary(catalogue).known(["barn", "hot tub", "hot", "Barn", "pub", "100 %s"], [])
    assert known.kinds == {"barn", "pub"}
    assert known.amenities == {"hot tub"}
    assert known.places == {}


def test_a_city_lies_amid_its_venues_one_place_a_country(catalogue: Database) -> None:
    known = CatalogueVocabulary(catalogue).known([], ["bath", "leeds", "paris"])
    assert known.places is not None
    assert set(known.places) == {"bath"}
    britain, *others = known.places["bath"]
    assert (britain.name, britain.country, britain.weight) == ("Bath", "GB", 3)
    assert (britain.latitude, britain.longitude) == pytest.approx((51.39, -2.37), abs=1e-4)
    assert britain.radius_km == 5
    assert {place.country for place in others} == {"US", "DE"}
    assert next(place.radius_km for place in others if place.country == "DE") == 50


def test_a_city_on_the_180th_meridian_lies_there(catalogue: Database) -> None:
    places = CatalogueVocabulary(catalogue).known([], ["taveuni", "null island"]).places
    assert places is not None
    (taveuni,) = places["taveuni"]
    assert abs(taveuni.longitude) == pytest.approx(180)
    assert taveuni.latitude == pytest.approx(-16.8, abs=1e-3)
    assert places["null island"][0].latitude == 0


def test_words_are_remembered_for_a_minute(catalogue: Database) -> None:
    clock = Clock()
    vocabulary = CatalogueVocabulary(catalogue, clock)
    assert vocabulary.known(["mill"], ["york"]).kinds == frozenset()
    store(catalogue, [venue("mill", kind="mill", city="York", latitude=54, longitude=-1)])
    clock.now += REMEMBERED_SECONDS - 1
    assert vocabulary.known(["mill"], ["york"]).places == {}
    clock.now += 1
    known = vocabulary.known(["mill", "barn"], ["york"])
    assert known.kinds == {"mill", "barn"}
    assert set(known.places or ()) == {"york"}


def test_many_threads_ask_at_once(catalogue: Database) -> None:
    vocabulary = CatalogueVocabulary(catalogue)
    asked = [["barn", f"word {n % 7}"] for n in range(60)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda terms: vocabulary.known(terms, ["bath"]), asked))
    assert {known.kinds for known in found} == {frozenset({"barn"})}
    assert {len((known.places or {})["bath"]) for known in found} == {3}


def test_a_word_that_is_no_city_reads_no_venues(database: Database) -> None:
    crowd = """
        INSERT INTO venues (external_id, name, description, city, latitude, longitude, amenities, attributes)
        SELECT 'v' || n, 'Venue', '', CASE n % 2 WHEN 0 THEN 'Bath' ELSE 'York' END, 51, n % 90, '{}', '{}'
        FROM generate_series(1, 5000) n
    """
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(crowd.replace("%", "%%"))
        connection.exec_driver_sql("VACUUM ANALYZE venues")
    with reading(database, PROBES_ONLY) as cursor:
        lines = rows(cursor, f"EXPLAIN ANALYZE {PLACES}", {"names": [f"word {n}" for n in range(20)]})
    plan = "\n".join(line for (line,) in lines)
    assert "venues_city_idx" in plan
    assert sum(map(int, re.findall(r"Rows Removed by \w+: (\d+)", plan))) == 20  # the words themselves
