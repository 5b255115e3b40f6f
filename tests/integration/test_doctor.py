"""Everything the doctor can find, found, with its remedy; on a real Postgres."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from typer.testing import CliRunner

from tests.catalogues import run, write_folder
from venuefinder import cli
from venuefinder.bootstrap import Services
from venuefinder.doctor import Check, check_models, diagnose
from venuefinder.doctor.check import Step, carried_out, ok
from venuefinder.doctor.machine import enough
from venuefinder.jobs import JobOptions
from venuefinder.settings import Settings
from venuefinder.store.database import Database, open_database
from venuefinder.testing import FakeEncoder

VERIFIED = Path(__file__).parents[2] / "docs" / "models" / "verified.jsonl"
IN_DATABASE = ("pgvector", "schema", "embeddings", "ingestion runs", "originals", "serving space", "ingestion jobs")


def make(tmp_path: Path, database: Database | None = None, **settings: Any) -> Services:
    chosen = Settings(data_dir=tmp_path / "data", **settings)
    return Services(chosen, encoder=None if "encoder" in settings else FakeEncoder(), database=database)


def examined(services: Services) -> dict[str, Check]:
    return {check.name: check for check in diagnose(services)}


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Services:
    made = make(tmp_path, database)
    run(made, write_folder(tmp_path / "venues"))
    return made


def test_a_working_installation_has_nothing_to_remedy(services):
    checks = examined(services)

    assert {name: (check.found, check.remedy) for name, check in checks.items() if check.state == "failed"} == {}
    assert "7 of 7 photos (4 venues) in fake@" in checks["embeddings"].found
    assert checks["originals"].found == "all 7 are there"
    assert checks["ingestion runs"].found == "none was left unfinished"
    assert checks["pgvector"].found.startswith("0.")
    assert "AVIF, HEIF" in checks["image formats"].found
    assert [check.name for check in checks.values() if check.remedy and check.state == "ok"] == []


def test_variables_that_are_no_settings_are_named(services, monkeypatch):
    monkeypatch.setenv("VENUEFINDER_PORT", "tcp://10.0.0.1:80")

    settings = examined(services)["settings"]

    assert settings.state == "warning"
    assert settings.found.endswith("no settings, passed over: VENUEFINDER_PORT")


def test_no_database(tmp_path):
    services = make(tmp_path, database_url=SecretStr("postgresql://me:hunter2@127.0.0.1:9/venues"))

    checks = examined(services)

    assert checks["database"].state == "failed"
    assert "127.0.0.1" in checks["database"].found
    assert "start the server, or correct DATABASE_URL" in str(checks["database"].remedy)
    assert {checks[name].state for name in IN_DATABASE} == {"warning"}
    assert all("not done: needs database" in checks[name].found for name in IN_DATABASE)
    assert "hunter2" not in str(checks)


def test_a_database_without_pgvector(bare_database_url, tmp_path):
    with open_database(bare_database_url, tmp_path) as database:
        checks = examined(make(tmp_path, database))

    assert (checks["database"].state, checks["pgvector"].state) == ("ok", "failed")
    assert "venuefinder init" in str(checks["pgvector"].remedy)
    assert checks["schema"].found == "not done: needs pgvector"


def test_no_migrations(bare_database_url, tmp_path):
    with open_database(bare_database_url, tmp_path) as database:
        with database.begin() as connection:
            connection.execute(text("CREATE EXTENSION vector"))
        checks = examined(make(tmp_path, database))

    assert (checks["pgvector"].state, checks["schema"].state) == ("ok", "failed")
    assert "no tables of VenueFinder" in checks["schema"].found
    assert checks["schema"].remedy == "run: venuefinder init"
    assert "not done" in checks["originals"].found


def test_a_schema_of_another_version(database, tmp_path):
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '2199_01_01_future'"))

    check = examined(make(tmp_path, database))["schema"]

    assert check.state == "failed"
    assert "2199_01_01_future" in check.found
    assert "upgrade VenueFinder" in str(check.remedy)


def test_nothing_ingested_yet(database, tmp_path):
    check = examined(make(tmp_path, database))["embeddings"]

    assert (check.state, check.found, check.remedy) == (
        "warning",
        "0 venues, no photos",
        "run: venuefinder ingest PATH",
    )


def test_jobs_that_nobody_works_on(database, tmp_path):
    services = make(tmp_path, database, sources={"crm": str(tmp_path)})
    assert examined(services)["ingestion jobs"].found == "none waits; 0 workers are alive"
    services.ingestions.start("crm", JobOptions())

    check = examined(services)["ingestion jobs"]

    assert (check.state, check.remedy) == ("warning", "run: venuefinder worker")
    assert check.found.startswith("1 queued and 0 running, the oldest since 20")
    assert check.found.endswith("; 0 workers are alive")


def test_a_space_that_is_not_full(services):
    assert examined(services)["other spaces"].found == "none"
    services.switching.create(FakeEncoder(weights="new", spec="new").space)

    check = examined(services)["other spaces"]

    assert check.state == "warning"
    assert "new@" in check.found
    assert "(7 photos and 2 descriptions)" in check.found
    assert "venuefinder spaces backfill new@" in str(check.remedy)


def test_an_encoder_that_is_pinned_beside_the_space_that_serves(services, database, tmp_path):
    new = FakeEncoder(weights="new", spec="new")
    services.switching.create(new.space)
    services.switching.activate("new", incomplete=True)

    check = examined(services)["serving space"]

    assert check.state == "warning"
    assert "serves elsewhere" in check.found
    assert "empty VENUEFINDER_ENCODER" in str(check.remedy)

    follower = Services(Settings(data_dir=tmp_path / "data"), load=lambda _, __: new, database=database)
    check = examined(follower)["serving space"]
    assert "7 photos and 2 descriptions have no embeddings in it" in check.found
    assert check.remedy == f"run: venuefinder spaces backfill {new.space.name}"


def test_embeddings_of_another_encoder(services, database, tmp_path):
    other = Services(Settings(data_dir=tmp_path / "data"), encoder=FakeEncoder(weights="other"), database=database)

    check = examined(other)["embeddings"]

    assert check.state == "failed"
    assert check.found.startswith("0 of 7 photos")
    assert "also 7 in fake@" in check.found
    assert "VENUEFINDER_ENCODER" in str(check.remedy)


def test_some_photos_without_embeddings(services, database):
    with database.begin() as connection:
        connection.execute(text("DELETE FROM photo_embeddings WHERE photo_id = (SELECT min(id) FROM photos)"))

    check = examined(services)["embeddings"]

    assert (check.state, "6 of 7 photos" in check.found) == ("warning", True)
    assert "venuefinder ingest PATH" in str(check.remedy)


def test_missing_originals_are_counted_and_named(services, tmp_path):
    for name in ("red-barn/front.jpg", "white-loft/loft.jpg"):
        (tmp_path / "venues" / name).unlink()

    check = examined(services)["originals"]

    assert check.state == "failed"
    assert check.found.startswith("2 of 7 are missing")
    assert "red-barn/front.jpg" in check.found
    assert "--prune" in str(check.remedy)


def test_missing_uploads_are_found_too(services, database):
    upload = f"upload:{'ab' * 32}"
    with database.begin() as connection:
        connection.execute(text("UPDATE photos SET location = :there WHERE uri = 'loft.jpg'"), {"there": upload})

    assert "1 of 7 are missing or not readable: white-loft/loft.jpg" in examined(services)["originals"].found


def test_an_interrupted_run_is_told_and_a_running_one_is_not(services, database):
    space = services.catalogue.space
    services.runs.start("/photos/of summer", space)
    with services.runs.exclusively("/photos/of spring"):
        services.runs.start("/photos/of spring", space)

        check = examined(services)["ingestion runs"]

    assert check.state == "warning"
    assert "1 sources" in check.found
    assert "/photos/of summer (interrupted" in check.found
    assert "venuefinder ingest '/photos/of summer'" in str(check.remedy)

    assert "2 sources" in examined(services)["ingestion runs"].found


def test_a_run_that_was_repeated_well_is_not_told(services):
    run_id = services.runs.start("/photos", services.catalogue.space)
    again = services.runs.start("/photos", services.catalogue.space)
    services.runs.finish(again, "done", {})

    assert run_id < again
    assert examined(services)["ingestion runs"].state == "ok"


def test_an_encoder_that_cannot_be_loaded(database, tmp_path):
    services = make(tmp_path, database, encoder=f"open_clip:local-dir:{tmp_path / 'nowhere'}")

    checks = examined(services)

    assert checks["encoder"].state == "failed"
    assert "does not exist" in checks["encoder"].found
    assert checks["encoder"].remedy
    assert checks["encoder quality"].found == checks["embeddings"].found == "not done: needs encoder"
    assert checks["schema"].state == "ok"


def test_the_starter_is_never_sold_as_clip(database, tmp_path):
    encoder = FakeEncoder()
    object.__setattr__(encoder.space, "encoder", "starter")
    services = Services(Settings(data_dir=tmp_path), encoder=encoder, database=database)

    check = examined(services)["encoder quality"]

    assert check.state == "warning"
    assert "not CLIP" in check.found
    assert "VENUEFINDER_ENCODER=open_clip:" in str(check.remedy)


def test_a_data_folder_that_is_no_folder(database, tmp_path):
    (tmp_path / "file").write_text("")
    services = Services(Settings(data_dir=tmp_path / "file"), encoder=FakeEncoder(), database=database)

    check = examined(services)["data folder"]

    assert check.state == "failed"
    assert "VENUEFINDER_DATA_DIR" in str(check.remedy)


def test_a_short_key_and_a_dotenv_open_to_others(database, tmp_path):
    dotenv = tmp_path / ".env"  # every test runs in its own tmp_path
    dotenv.write_text("")
    dotenv.chmod(0o644)
    short = examined(make(tmp_path, database, api_key=SecretStr("secret")))["secrets"]
    open_to_others = examined(make(tmp_path, database, api_key=SecretStr("long-enough-to-be-a-key")))["secrets"]
    dotenv.chmod(0o600)
    closed = examined(make(tmp_path, database, api_key=SecretStr("long-enough-to-be-a-key")))["secrets"]

    assert (short.state, "6 characters" in short.found, "token_urlsafe" in str(short.remedy)) == ("warning", True, True)
    assert (open_to_others.state, open_to_others.remedy) == ("warning", "run: chmod 600 .env")
    assert closed.state == "ok"


def test_a_gpu_that_torch_cannot_use(database, tmp_path, monkeypatch):
    """On a machine where torch can use one, there is nothing wrong to be found."""
    import torch

    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)

    check = examined(make(tmp_path, database))["GPU"]

    assert check.state == "warning"
    assert "driver is installed" in check.found
    assert "VENUEFINDER_DEVICE=cpu" in str(check.remedy)


@pytest.mark.parametrize(("available", "state"), [(99, "failed"), (100, "warning"), (999, "warning"), (1000, "ok")])
def test_what_is_scarce(available, state):
    verdict = enough(available, f"{available} bytes", "free some", least=100, better=1000)

    assert verdict.state == state
    assert verdict.remedy == (None if state == "ok" else "free some")


def test_an_unforeseen_error_is_a_failed_check_and_ends_nothing():
    def breaks():
        raise RuntimeError("the disk is on fire\nand more")

    steps = [
        Step("first", breaks, "call the fire brigade"),
        Step("second", lambda: ok("fine"), "", needs=("first",)),
        Step("third", lambda: ok("fine"), "", needs=("second",)),
        Step("fourth", lambda: ok("fine"), ""),
    ]

    checks = list(carried_out(steps))

    assert checks[0] == Check("first", "failed", "RuntimeError: the disk is on fire", "call the fire brigade")
    assert [check.found for check in checks[1:]] == ["not done: needs first", "not done: needs second", "fine"]


def test_models_appends_a_record_without_a_path_of_this_machine(tmp_path):
    encoder = FakeEncoder()
    object.__setattr__(encoder.space, "encoder", f"open_clip:local-dir:{tmp_path}/weights/tiny")
    services = Services(Settings(data_dir=tmp_path), encoder=encoder)
    record = tmp_path / "verified.jsonl"

    checks = list(check_models(services, record))
    list(check_models(services, record))

    first, second = map(json.loads, record.read_text().splitlines())
    assert first == second | {"figures": first["figures"], "date": first["date"]}
    assert first["encoder"] == "open_clip:local-dir:tiny"
    assert str(tmp_path) not in record.read_text()
    assert first["passed"] is False  # it knows colours alone
    assert first["figures"]["photos"] == 12
    assert {"right text first", "unit norm", "record"} <= {check.name for check in checks}


def test_models_tells_of_an_encoder_that_cannot_be_loaded(tmp_path):
    services = make(tmp_path, encoder="open_clip:no-such-model/at-all")
    record = tmp_path / "verified.jsonl"

    checks = list(check_models(services, record))

    assert [(check.name, check.state) for check in checks] == [("known photos", "ok"), ("encoder", "failed")]
    assert checks[1].remedy
    assert not record.exists()


def test_a_record_that_cannot_be_written_is_a_failed_check(tmp_path):
    services = Services(Settings(data_dir=tmp_path), encoder=FakeEncoder())

    checks = {check.name: check for check in check_models(services, tmp_path)}

    assert checks["record"].state == "failed"


def test_a_run_on_drawn_pictures_is_never_recorded_as_passed(tmp_path, monkeypatch):
    monkeypatch.setattr("venuefinder.doctor.known_photos.find_spec", {}.get)
    record = tmp_path / "verified.jsonl"

    checks = list(check_models(Services(Settings(data_dir=tmp_path), encoder=FakeEncoder()), record))

    assert [check.name for check in checks if check.state == "failed"] == []
    assert (checks[0].state, "say little" in checks[0].found) == ("warning", True)
    assert "make demo" in str(checks[0].remedy)
    assert json.loads(record.read_text())["passed"] is False


def test_the_command_prints_every_remedy_and_fails(bare_database_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", bare_database_url)
    monkeypatch.setenv("VENUEFINDER_ENCODER", "clip")

    done = CliRunner().invoke(cli.app, ["doctor"])

    assert done.exit_code == 1
    assert "encoder: encoder 'clip' is unknown" in done.stdout
    assert "set VENUEFINDER_ENCODER" in done.stdout
    assert "run: venuefinder init" in done.stdout


def test_the_starter_passes_and_is_the_one_on_record():
    """After a new fit: make demo, then venuefinder doctor --models --record docs/models/verified.jsonl."""
    records = map(json.loads, VERIFIED.read_text().splitlines())

    done = CliRunner().invoke(cli.app, ["doctor", "--models"])

    assert done.exit_code == 0, done.stdout
    assert "12 photographs of scikit-image" in done.stdout
    shipped = re.search(r"starter@[0-9a-f]{8}", done.stdout)
    assert shipped
    assert shipped[0] in {f"starter@{record['space'][:8]}" for record in records if record["encoder"] == "starter"}
