"""The command line, as a user runs it: real starter encoder, real embedded Postgres, real processes."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.catalogues import write_folder
from venuefinder import cli

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def venuefinder(tmp_path: Path) -> Run:
    """Run `venuefinder` in a process, in an empty folder."""

    def run(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        command = [str(Path(sys.executable).parent / "venuefinder"), *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=os.environ | settings, capture_output=True, text=True, timeout=120
        )

    return run


def photographs(root: Path) -> Path:
    """A lawn under a sky, a brick wall, and a night with lights: pictures even a modest encoder tells apart."""
    random = np.random.default_rng(0)
    for name, top, bottom in (
        ("meadow", (120, 180, 255), (60, 160, 40)),
        ("brickworks", (150, 70, 50), (140, 60, 45)),
        ("night-club", (5, 5, 20), (30, 5, 40)),
    ):
        picture = np.zeros((240, 320, 3), dtype=np.int16)
        picture[:120], picture[120:] = top, bottom
        picture += random.integers(-25, 25, picture.shape, dtype=np.int16)
        (root / name).mkdir(parents=True)
        Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(root / name / "view.jpg")
    return root


def test_the_main_job(venuefinder: Run, tmp_path: Path) -> None:
    """init, ingest, search: as the README says."""
    photographs(tmp_path / "venues")
    (tmp_path / "venues" / "meadow" / "notes.txt").write_text("no photo")
    assert "is in place" in venuefinder("init").stdout

    ingested = venuefinder("ingest", "venues", "--json")
    assert ingested.returncode == 6, ingested.stderr
    report = json.loads(ingested.stdout)
    assert set(report) == {"venues", "photos", "kinds", "limited_by", "stages", "failures"}
    assert report["venues"] == {"read": 3, "new": 3, "updated": 0, "unchanged": 0, "failed": 0, "removed": 0}
    assert report["photos"] == {"read": 4, "new": 3, "updated": 0, "unchanged": 0, "failed": 1, "removed": 0}
    assert report["failures"][0]["uri"].endswith("notes.txt")

    found = venuefinder("search", "a green lawn under a blue sky", "--json", "--limit", "2")
    assert found.returncode == 0, found.stderr
    answer = json.loads(found.stdout)
    assert len(answer["results"]) == 2
    best = answer["results"][0]
    assert best["venue"]["external_id"] == "meadow"
    assert set(best) >= {"rank", "venue", "score", "probability", "percentile", "photo"}
    assert set(best["photo"]) >= {"id", "uri", "url"}
    assert best["probability"] is None

    shown = venuefinder("search", "a green lawn", "--image", "venues/meadow/view.jpg=2")
    assert shown.returncode == 0, shown.stderr
    assert "“a green lawn” · 1 picture" in shown.stdout
    assert " 1  Meadow" in shown.stdout
    assert "view.jpg" in shown.stdout
    assert not (tmp_path / "venuefinder-data" / "postgres" / "postmaster.pid").exists()


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process, for paths that never reach an encoder."""
    monkeypatch.setattr(sys, "argv", ["venuefinder", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", ""], 'query: found ""; expected words that describe a venue'),
        (["search", "   "], "expected words that describe a venue"),
        (["search", "x" * 10_000], "at most 2000 characters are allowed"),
        (["search", "barn", "--limit", "0"], "limit: found 0"),
        (["search", "barn", "--limit", "1000000000"], "limit: found 1000000000"),
        (["search", "barn", "--guests", "-3"], "filters.guests: found -3"),
        (["search", "barn", "--layout", "seated"], "give guests too"),
        (["search", "barn", "--guests", "3", "--layout", "sofa"], "filters.guests.layout|filters.layout"),
        (["search", "barn", "--currency", "EUR"], "found no --max-price with it"),
        (["search", "barn", "--max-price", "nan"], "filters.price.max"),
        (["search", "barn", "--max-price", "5", "--currency", "pounds"], "filters.price.currency"),
        (["search", "barn", "--near", "Bath", "--radius-km", "0"], "filters.near.radius_km: found 0"),
        (["search", "--image", "missing.jpg"], "--image: found no file 'missing.jpg'; expected a picture's path"),
        (["search", "--image", "photo:1=-1"], "every weight is negative"),
        (["ingest", "nowhere"], "no such file or folder"),
    ],
)
def test_bad_input_is_explained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert call(monkeypatch, *arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert any(part in error for part in message.split("|")), error
    assert "Traceback" not in error


def test_before_init_the_remedy_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], bare_database_url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", bare_database_url)
    assert call(monkeypatch, "search", "barn") == 4
    assert "pgvector" in capsys.readouterr().err


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("VENUEFINDER_BATCH_SIZE", "many")
    assert call(monkeypatch, "init") == 3
    assert "VENUEFINDER_BATCH_SIZE" in capsys.readouterr().err


def test_a_misspelt_setting_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("VENUEFINDER_ENCODR=starter\n")
    assert call(monkeypatch, "init") == 3
    assert "there is no VENUEFINDER_ENCODR; is VENUEFINDER_ENCODER meant?" in capsys.readouterr().err
    (tmp_path / ".env").write_bytes(b"\xff\xfe\0")
    assert call(monkeypatch, "init") == 3
    assert f"{tmp_path / '.env'} cannot be read" in capsys.readouterr().err


def test_an_interruption_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", interrupted)
    assert call(monkeypatch) == 130
    assert capsys.readouterr().err == "error: interrupted; what was finished stays\n"


def test_a_full_disk_behind_stdout_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/full/disk")

    monkeypatch.setattr(cli, "app", full)
    assert call(monkeypatch) == 1
    assert (
        capsys.readouterr().err
        == "error: No space left on device: /full/disk; free some space, then run the command again\n"
    )


def test_an_unknown_encoder_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("VENUEFINDER_ENCODER", "word2vec")
    assert call(monkeypatch, "ingest", str(write_folder(tmp_path / "venues"))) == 3
    assert "encoder 'word2vec' is unknown" in capsys.readouterr().err


def test_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "--version") == 0
    assert capsys.readouterr().out.startswith("venuefinder ")


KILLED = """
import sys, time
from pathlib import Path
from ingest import writer
from tests.catalogues import run
from venuefinder.bootstrap import Services
from venuefinder.settings import Settings
from venuefinder.testing import FakeEncoder

writer.GROUP_VENUES = 3

class Slow(FakeEncoder):
    def encode_prepared(self, prepared):
        print("batch", flush=True)
        time.sleep(0.02)
        return super().encode_prepared(prepared)

with Services(Settings(batch_size=2, decode_threads=1), encoder=Slow()) as services:
    run(services, Path(sys.argv[1]))
print("done", flush=True)
"""


def contents(url: str) -> list[Any]:
    from sqlalchemy import text

    from tests.integration.test_ingest import CONTENT
    from venuefinder.store.database import open_database

    with open_database(url, Path("unused")) as database, database.connect() as connection:
        return [tuple(row) for row in connection.execute(text(CONTENT))]


def test_killed_and_run_again_ends_as_if_undisturbed(database_url: str, tmp_path: Path) -> None:
    """kill -9 in the middle of a batch, five times, each time a little further; then once undisturbed."""
    from venuefinder.store.database import open_database
    from venuefinder.store.venues import VenueRepository

    venues = {f"venue-{n:02}": {"name": f"Venue {n}", "photos": {"a.jpg": "red", "b.jpg": "blue"}} for n in range(30)}
    folder = write_folder(tmp_path / "venues", venues)
    environment = os.environ | {"DATABASE_URL": database_url, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", KILLED, str(folder)]
    for batches in (1, 4, 8, 12, 20):
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in range(batches):
                process.stdout.readline()
            process.kill()
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)
    resumed = contents(database_url)
    assert len(resumed) == 30
    with open_database(database_url, tmp_path) as database:
        assert VenueRepository(database).remove(venues) == 30
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)
    assert contents(database_url) == resumed
