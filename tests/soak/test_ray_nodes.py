"""Two Ray nodes on one machine store the rows that the local engine does, also where one of them is killed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.catalogues import run
from tests.conftest import create_database, drop_database
from tests.stored import stored, write_venues
from venuefinder.bootstrap import Services
from venuefinder.settings import Settings
from venuefinder.store.database import Database, open_database
from venuefinder.store.embedded import EmbeddedPostgres
from venuefinder.testing import FakeEncoder

pytestmark = pytest.mark.soak
ROOT = Path(__file__).parents[2]
VENUES = 160
"""More than are written at once, and several times what an actor is given at once."""


def by_nodes(url: str, source: Path, *what: str) -> dict[str, Any]:
    """Ingest by two nodes; return what they tell."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.ray_nodes", url, str(source), *what]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stderr[-4000:]
    told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return told


@pytest.mark.parametrize("killed", [False, True], ids=["undisturbed", "one killed"])
def test_two_nodes_store_what_one_process_does(
    database: Database, embedded_server: EmbeddedPostgres, template_database: str, tmp_path: Path, killed: bool
) -> None:
    source = write_venues(tmp_path / "venues", venues=VENUES)
    (source / "v0001" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    services = Services(Settings(data_dir=tmp_path / "data"), encoder=FakeEncoder(), database=database)
    local = run(services, source).as_json()
    create_database(embedded_server, "by_nodes", template_database)
    told = by_nodes(embedded_server.url("by_nodes"), source, *(["kill"] if killed else []))
    with open_database(embedded_server.url("by_nodes"), tmp_path) as by_two:
        rows = stored(by_two)
    drop_database(embedded_server, "by_nodes")
    assert rows == stored(database)
    report = told["report"]
    assert (report["venues"], report["photos"], report["kinds"]) == (local["venues"], local["photos"], {"truncated": 1})
    assert told["encoding"] >= 2
    assert told["nodes"] == (1 if killed else 2)
