"""Filters on a real Postgres: they mean what plain Python says they mean, and use the indexes."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import create_database, drop_database
from tests.filtering import FIELDS, filters, listed, passes, store
from venuefinder.domain import LAYOUTS, Venue
from venuefinder.request import VenueFilter
from venuefinder.store.cursors import reading, rows
from venuefinder.store.database import Database, open_database
from venuefinder.store.embedded import EmbeddedPostgres
from venuefinder.store.filters import condition

VENUES = listed(400, seed=7)
thorough = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@pytest.fixture(scope="module")
def catalogue(module_database: Database) -> Database:
    """A database of 400 random venues, for all tests here."""
    store(module_database, VENUES)
    return module_database


def found(database: Database, where: VenueFilter) -> set[str]:
    asked = condition(where)
    with reading(database) as cursor:
        statement = f"SELECT v.external_id FROM venues v WHERE {asked.sql()}"  # noqa: S608 - values are bound
        return {row[0] for row in rows(cursor, statement, asked.parameters)}


@thorough
@given(where=filters())
def test_the_database_and_plain_python_agree(catalogue: Database, where: VenueFilter) -> None:
    assert found(catalogue, where) == {venue.external_id for venue in VENUES if passes(venue, where)}


@settings(thorough, max_examples=80)
@given(where=filters(), data=st.data())
def test_one_filter_more_never_adds_a_venue(catalogue: Database, where: VenueFilter, data: Any) -> None:
    """But for the guests of a price a head: the more they are, the less each pays of a minimum spend."""
    absent = {"kind", "city", "country", "near", "box"} & {name for name in FIELDS if getattr(where, name) is None}
    name = data.draw(st.sampled_from(sorted({*absent, "attributes", "amenities"})))
    more = data.draw(FIELDS[name])
    narrowed = VenueFilter.model_validate(where.model_dump() | {name: _added(where, name, more)})
    assert found(catalogue, narrowed) <= found(catalogue, where)


def _added(where: VenueFilter, name: str, more: Any) -> Any:
    if name == "attributes":
        return more | where.model_dump()["attributes"]
    if name == "amenities":
        kept = where.amenities.all + tuple(term for term in more["all"] if term not in where.amenities.none)
        return where.amenities.model_dump() | {"all": kept}
    return more


def plan(database: Database, **fields: Any) -> str:
    asked = condition(VenueFilter.model_validate(fields))
    with reading(database) as cursor:
        lines = rows(cursor, f"EXPLAIN SELECT v.id FROM venues v WHERE {asked.sql()}", asked.parameters)  # noqa: S608
    return "\n".join(line[0] for line in lines)


@pytest.fixture(scope="module")
def crowd(
    embedded_server: EmbeddedPostgres, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """20,000 venues far apart, which differ in everything."""
    name = "filters_crowd"
    create_database(embedded_server, name, template_database)
    with open_database(embedded_server.url(name), tmp_path_factory.mktemp("crowd")) as database:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(
                "INSERT INTO venues (external_id, name, kind, city, latitude, longitude, amenities, attributes, "
                "capacity_seated, price_amount, price_currency, price_unit) "
                "SELECT 'v' || n, 'V' || n, 'kind ' || mod(n, 1000), 'City ' || mod(n, 1000), -80 + n * 0.008, "
                "-180 + n * 0.018, ARRAY['amenity ' || mod(n, 1000)], jsonb_build_object('ref', n), mod(n, 300) + 1, "
                "n, 'GBP', 'event' FROM generate_series(1, 20000) n"
            )
            connection.exec_driver_sql("VACUUM ANALYZE")
        yield database
    drop_database(embedded_server, name)


@pytest.mark.parametrize(
    ("fields", "index"),
    [
        ({"kind": "kind 7"}, "venues_kind_idx"),
        ({"city": "CITY 7"}, "venues_city_idx"),
        ({"near": {"latitude": 10, "longitude": 22.5, "radius_km": 5}}, "venues_place_idx"),
        ({"near": {"latitude": 10, "longitude": 22.5, "radius_km": 5, "place": "city 7"}}, "venues_place_idx"),
        ({"box": {"south": 10, "west": 22, "north": 10.1, "east": 23}}, "venues_place_idx"),
        ({"amenities": {"all": ["amenity 7"]}}, "venues_amenities_idx"),
        ({"attributes": {"ref": 7}}, "venues_attributes_idx"),
        ({"attributes": {"ref": [7, 8]}}, "venues_attributes_idx"),
        ({"guests": 120, "price": {"max": 5000}}, "venues_facts_idx"),
        ({"guests": 120, "price": {"max": 5000}, "city": "City 7"}, "venues_city_idx"),
    ],
)
def test_filters_use_their_index(crowd: Database, fields: dict[str, Any], index: str) -> None:
    shown = plan(crowd, **fields)
    assert index in shown
    assert "Seq Scan on venues" not in shown


@pytest.mark.parametrize(
    ("place", "radius", "names"),
    [
        ((90.0, 0.0), 200, {"north"}),
        ((-90.0, 77.0), 300, {"south"}),
        ((89.5, -100.0), 400, {"north"}),
        ((-17.0, 179.9), 60, {"east", "west"}),
        ((-17.0, -179.9), 60, {"east", "west"}),
        ((-17.0, 0.0), 20_038, {"north", "south", "east", "west", "equator"}),
        ((0.0, 0.0), 0.001, {"equator"}),
    ],
)
def test_near_is_right_at_the_poles_and_the_180th_meridian(
    database: Database, place: tuple[float, float], radius: float, names: set[str]
) -> None:
    where = {"north": (89.0, 80.0), "south": (-88.0, -10.0), "east": (-17.0, 179.6), "west": (-17.0, -179.6)}
    listing = [
        Venue(external_id=name, name=name, latitude=latitude, longitude=longitude)
        for name, (latitude, longitude) in (where | {"equator": (0.0, 1e-310)}).items()
    ]
    store(database, listing)
    near = {"latitude": place[0], "longitude": place[1], "radius_km": radius}
    assert found(database, VenueFilter.model_validate({"near": near})) == names


def test_a_box_across_the_180th_meridian(catalogue: Database) -> None:
    across = {"south": -20, "north": -10, "west": 177, "east": -179}
    halves = ({**across, "east": 180}, {**across, "west": -180})
    either = [found(catalogue, VenueFilter.model_validate({"box": half})) for half in halves]
    assert all(either)
    assert found(catalogue, VenueFilter.model_validate({"box": across})) == either[0] | either[1]


def test_the_longest_listing_still_fits_the_indexes(database: Database) -> None:
    chance = random.Random(1)  # noqa: S311 - characters that do not compress
    long = "".join(chr(chance.randrange(0x20000, 0x2A6D7)) for _ in range(500))
    store(database, [Venue(external_id="x" * 200, name=long, city=long[::-1], kind=long[:100], country="GB")])
    assert found(database, VenueFilter(kind=long[:100])) == {"x" * 200}


def test_what_rooms_come_to_stands_with_their_venue(catalogue: Database) -> None:
    """Filters read it instead of the rooms; it must be what the rooms say."""
    largest = ", ".join(f"max(r.capacity_{layout})" for layout in (*LAYOUTS, "largest"))
    stored = ", ".join(f"v.rooms_{layout}" for layout in (*LAYOUTS, "largest"))
    currency = "CASE count(DISTINCT r.price_currency) WHEN 0 THEN NULL WHEN 1 THEN min(r.price_currency) ELSE '*' END"
    statement = (
        f"SELECT row({stored}, v.rooms_currency) IS NOT DISTINCT FROM row({largest}, {currency}) AS agrees, count(r) "  # noqa: S608
        "FROM venues v LEFT JOIN rooms r ON r.venue_id = v.id GROUP BY v.id"
    )
    with reading(catalogue) as cursor:
        told = rows(cursor, statement, {})
    assert len(told) == len(VENUES)
    assert all(agrees for agrees, _ in told)
    assert sum(count for _, count in told) == sum(len(venue.rooms) for venue in VENUES)
