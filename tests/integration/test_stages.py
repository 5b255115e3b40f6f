"""What limits a run is told: the stage that was made slow, whichever it is."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.options import RunOptions
from ingest.progress import Quiet
from ingest.runner import ingest
from ingest.sources import Found, open_source
from tests.catalogues import write_many
from tests.slow_encoder import SlowEncoder
from venuefinder.bootstrap import Services
from venuefinder.testing import FakeEncoder

VENUES = 150
"""More than are written at once."""
SLOW_SECONDS = 5.0
"""That a slow stage takes for all of them: far above what the others take, also on a busy machine."""
A_VENUE = SLOW_SECONDS / VENUES


class SlowDecoder(FakeEncoder):
    """Takes its time to prepare a photo."""

    def prepare(self, image: Any) -> Any:
        time.sleep(2 * A_VENUE)  # two decoders
        return super().prepare(image)


class SlowSource:
    """Takes its time to list a venue."""

    def __init__(self, path: Path) -> None:
        self._source = open_source(path)
        self.identity = self._source.identity

    def count(self) -> int | None:
        return self._source.count()

    def __iter__(self) -> Iterator[Found]:
        for found in self._source:
            time.sleep(A_VENUE)
            yield found


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_many(tmp_path_factory.mktemp("many") / "venues.jsonl", venues=VENUES)


def limited_by(services: Services, many: Path, **replaced: Any) -> str | None:
    made = Services(services.settings, encoder=replaced.get("encoder", FakeEncoder()), database=services.database)
    source = SlowSource(many) if replaced.get("slow_source") else open_source(many)
    if replaced.get("slow_writer"):
        write = made.venues.write

        def slowly(*arguments: Any) -> Any:
            time.sleep(SLOW_SECONDS / 2)  # two groups
            return write(*arguments)

        made.venues.write = slowly  # type: ignore[method-assign]
    report = ingest(source, made, Quiet(), RunOptions())
    assert report.venues.new == VENUES
    told = json.loads(json.dumps(report.as_json()))
    assert told["stages"][told["limited_by"]] == max(told["stages"].values()) > 0
    return str(told["limited_by"])


def test_a_slow_encoder_limits(services: Services, many: Path) -> None:
    assert limited_by(services, many, encoder=SlowEncoder(3 * A_VENUE)) == "encode"  # batches of three


def test_slow_decoding_limits(services: Services, many: Path) -> None:
    assert limited_by(services, many, encoder=SlowDecoder()) == "decode"


def test_a_slow_database_limits(services: Services, many: Path) -> None:
    assert limited_by(services, many, slow_writer=True) == "write"


def test_a_slow_source_limits(services: Services, many: Path) -> None:
    assert limited_by(services, many, slow_source=True) == "list"
