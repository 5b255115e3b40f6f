"""Benchmarks run end to end on small inputs: real databases and models, without any peer installed."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import peers, rerank_answer, vlm
from benchmarks.catalogues import FILTERS
from benchmarks.peer import WHERE
from benchmarks.peer_ours import Nearest
from tests.serving import photo, served
from venuefinder.bootstrap import Services
from venuefinder.domain import Venue
from venuefinder.records import VenueDraft
from venuefinder.testing import FakeEncoder, FakeVisionLanguageModel
from venuefinder.uploads import Upload

PHOTOS = 2_000
ROOT = Path(__file__).parents[2]


def measured_by(module: str, tmp_path: Path, *options: str) -> Any:
    """Start a benchmark as its users do, and return what it writes."""
    written = tmp_path / "figures.json"
    command = [sys.executable, "-m", f"benchmarks.{module}", "--photos", str(PHOTOS), "--json", str(written)]
    ended = subprocess.run([*command, *options], check=False, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return json.loads(written.read_text())


def test_searching_is_measured(tmp_path: Path) -> None:
    found = measured_by("search", tmp_path, "--queries", "6", "--data", str(tmp_path / "data"))
    assert set(found["filters"]) == set(FILTERS)
    for measured in found["filters"].values():
        for leg in ("photos", "search"):
            assert measured[leg]["full"]
            assert measured[leg]["recall"] >= 0.95
    assert found["ratios"]["bare"]["recall"] >= 0.95
    assert (found["clients"]["requests"], found["clients"]["errors"]) == (12, 0)
    assert found["kinds"]["exact"]["filters"]["none"]["recall"] == 1
    assert found["kinds"]["binary"]["index_bytes"] > 0
    assert all(step["recall"] >= 0.95 for step in found["upkeep"]["steps"].values())
    assert found["upkeep"]["shares"] == {"deleted": 0.1, "updated": 0.1}


def test_venuefinder_is_measured_among_its_peers(tmp_path: Path) -> None:
    data = tmp_path / "data"
    peers.one(Nearest, PHOTOS, 6, data)
    filled = (data / "filled.json").stat().st_mtime_ns
    asked = ("--queries", "6", "--data", str(data), "--only", Nearest.name)
    found = measured_by("peers", tmp_path, *asked)["peers"][Nearest.name]
    assert (data / "filled.json").stat().st_mtime_ns == filled  # and used as it was
    assert found["build_seconds"] > 0
    assert set(found["filters"]) == set(WHERE)
    assert all(one["reached"] and one["full"] for one in found["filters"].values())


def test_a_vision_language_model_is_measured() -> None:
    found = json.loads(json.dumps(vlm.run("tiny", "cpu", "float32", photos=1, candidates=1, rounds=1)))
    assert found["comparison"]["difference"] < 1e-3
    assert min(found["comparison"][way] for way in ("loop", "cold", "warm")) > 0
    assert found["rerank"]["tokens_a_second"] > 0


def test_what_a_rerank_costs_the_first_answer_is_measured(api_services: Services) -> None:
    api_services.catalogue.upsert([VenueDraft(venue=Venue(external_id="barn", name="Barn"), source=None)])
    api_services.uploads.add("barn", [Upload(name="a", size=1, read=partial(photo, "red"))])
    model = FakeVisionLanguageModel()
    with (
        Services(
            api_services.settings, encoder=FakeEncoder(), database=api_services.database, vision=model
        ) as services,
        served(services) as api,
    ):
        found = rerank_answer.run(api, requests=2, limit=5)

    assert {rerank: len(seconds) for rerank, seconds in found.items()} == {False: 2, True: 2}
    assert model.asked
