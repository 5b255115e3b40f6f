"""Migrations: up, down, agreeing with the tables, and constraints that the database itself keeps."""

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from venuefinder.errors import SchemaError, SpaceGoneError
from venuefinder.queue.schema import run
from venuefinder.store import event_tables, fusion_tables, look_tables, original_tables, run_tables, vision_tables
from venuefinder.store.database import Database, open_database
from venuefinder.store.schema import current, downgrade, head, require_current, upgrade
from venuefinder.store.spaces import SpaceRepository
from venuefinder.store.tables import metadata, photos, rooms, venues
from venuefinder.testing import FakeEncoder

MODULES = (event_tables, fusion_tables, look_tables, original_tables, run_tables, vision_tables)
TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")


def tables(database: Database) -> list[str]:
    with database.connect() as connection:
        return list(connection.scalars(TABLES))


def test_down_and_up_again(database: Database) -> None:
    before = tables(database)
    SpaceRepository(database).ensure(FakeEncoder().space)
    downgrade(database)
    assert tables(database) == ["alembic_version"]
    upgrade(database)
    assert tables(database) == before
    assert current(database) == head()


def test_upgrade_again_changes_nothing(database: Database) -> None:
    before = tables(database)
    upgrade(database)
    assert tables(database) == before


def test_migrations_and_tables_agree(database: Database) -> None:
    SpaceRepository(database).ensure(FakeEncoder().space)
    assert all(module.metadata is metadata for module in MODULES)

    def ours(_object: object, name: str | None, kind: str, *_: object) -> bool:
        leaf = kind == "table" and name is not None and name.rsplit("_", 1)[-1].isdigit()
        return not leaf and name != "alembic_version"

    options = {"include_object": ours, "compare_type": True, "compare_server_default": True}
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, metadata)
    assert differences == []


def test_checks_have_the_names_of_the_tables(database: Database) -> None:
    with database.connect() as connection:
        made = set(connection.scalars(text("SELECT conname FROM pg_constraint WHERE contype = 'c'")))
    assert {constraint for table in metadata.tables.values() for constraint in _checks(table)} <= made


def _checks(table: Any) -> set[str]:
    return {str(constraint.name) for constraint in table.constraints if constraint.__visit_name__ == "check_constraint"}


def test_a_database_before_init_is_explained(database: Database) -> None:
    downgrade(database)
    with pytest.raises(SchemaError, match=r"found no tables of VenueFinder, expected '.*'; run: venuefinder init"):
        require_current(database)


def test_a_newer_schema_is_explained(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '2099_01_01'"))
    with pytest.raises(SchemaError, match=r"'2099_01_01', newer than .*; upgrade VenueFinder"):
        require_current(database)
    with pytest.raises(SchemaError, match="upgrade VenueFinder"):
        upgrade(database)


def test_tables_of_something_else_are_left_alone(bare_database_url: str, tmp_path: Path) -> None:
    with open_database(bare_database_url, tmp_path) as database:
        with database.begin() as connection:
            connection.execute(text("CREATE TABLE venues (theirs int)"))
        with pytest.raises(SchemaError, match=r"not VenueFinder's .*\"venues\" already exists.*database of its own"):
            upgrade(database)
        with database.connect() as connection:
            assert (
                connection.scalar(text("SELECT count(*) FROM information_schema.tables WHERE table_name = 'photos'"))
                == 0
            )
            assert connection.scalar(text("SELECT count(theirs) FROM venues")) == 0


VENUE = {"external_id": "a", "name": "A"}


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"external_id": "a b"}, "venues_external_id_check"),
        ({"name": ""}, "venues_name_check"),
        ({"latitude": float("nan"), "longitude": 0}, "venues_latitude_check"),
        ({"latitude": 1}, "venues_coordinates_whole_check"),
        ({"capacity_seated": 0}, "venues_capacity_seated_check"),
        ({"price_amount": 5}, "venues_price_whole_check"),
        ({"price_amount": -5, "price_currency": "GBP", "price_unit": "event"}, "venues_price_amount_check"),
        ({"price_amount": 5, "price_currency": "GBP", "price_unit": "week"}, "venues_price_unit_check"),
        ({"country": "gb"}, "venues_country_check"),
        ({"attributes": [1]}, "venues_attributes_check"),
    ],
)
def test_the_database_refuses_bad_venues(database: Database, change: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), database.begin() as connection:
        connection.execute(insert(venues).values(VENUE | change))


def test_embeddings_fit_their_space_and_their_photo(database: Database) -> None:
    space = SpaceRepository(database).ensure(FakeEncoder().space)
    add = text(
        "INSERT INTO photo_embeddings (space_id, photo_id, view, venue_id, embedding) "
        "VALUES (:space, :photo, 0, :venue, CAST(:vector AS halfvec))"
    )
    with database.begin() as connection:
        one, other = (
            connection.execute(insert(venues).values(VENUE | {"external_id": name}).returning(venues.c.id)).scalar_one()
            for name in ("a", "b")
        )
        values = {
            "venue_id": one, "position": 0, "uri": "x", "location": "/x", "content_hash": bytes(32),
            "file_bytes": 1, "width": 1, "height": 1, "format": "JPEG",
        }  # fmt: skip
        photo = connection.execute(insert(photos).values(values).returning(photos.c.id)).scalar_one()
    good = {"space": space.id, "photo": photo, "venue": one, "vector": str([0.25] * 16)}
    for change, constraint in (
        ({"vector": "[1,2,3]"}, "dimension"),
        ({"venue": other}, "photo_embeddings.*fkey"),
        ({"space": 99}, "the embedding space it is about was dropped"),
    ):
        with pytest.raises((IntegrityError, SpaceGoneError), match=constraint), database.begin() as connection:
            connection.execute(add, good | change)
    with database.begin() as connection:
        connection.execute(add, good)
        connection.execute(venues.delete())
        assert connection.scalar(text("SELECT count(*) FROM photo_embeddings")) == 0


def test_rooms_of_a_venue_have_different_names(database: Database) -> None:
    with database.begin() as connection:
        venue = connection.execute(insert(venues).values(VENUE).returning(venues.c.id)).scalar_one()
    attics = [{"venue_id": venue, "position": position, "name": "Attic"} for position in range(2)]
    with pytest.raises(IntegrityError, match="rooms_venue_id_name_key"), database.begin() as connection:
        connection.execute(insert(rooms), attics)


def test_a_space_is_made_once(database: Database) -> None:
    spaces = SpaceRepository(database)
    assert spaces.ensure(FakeEncoder().space).id == spaces.ensure(FakeEncoder().space).id
    assert spaces.ensure(FakeEncoder(weights="other").space).id != spaces.ensure(FakeEncoder().space).id
    assert spaces.all()[0].space == FakeEncoder().space


def test_of_two_tasks_of_a_job_the_one_with_a_worker_is_kept(database: Database) -> None:
    downgrade(database, "2026_11_30_city_key")
    with database.begin() as connection:
        run(
            connection,
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, status)"
            " VALUES ('x', 'x', 'one', 'doing'), ('x', 'x', 'one', 'todo'), ('x', 'x', 'other', 'todo')",
        )
    upgrade(database)
    with database.connect() as connection:
        left = connection.execute(
            text("SELECT queueing_lock, status::text FROM procrastinate.procrastinate_jobs ORDER BY 1")
        ).all()
    assert [tuple(row) for row in left] == [("one", "doing"), ("other", "todo")]
