"""The page in a real Chromium, against real services: the stories of `web/stories`, on a desktop and on a phone."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from rich.console import Console

from samples.build import CACHE, build
from tests.conftest import create_database, drop_database
from tests.e2e.sites import sites
from venuefinder.store.database import Database, open_database
from venuefinder.store.embedded import EmbeddedPostgres
from web.build import run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def databases(
    embedded_server: EmbeddedPostgres, template_database: str, tmp_path: Path
) -> Iterator[tuple[Database, Database]]:
    """Two fresh databases."""
    names = [f"story_{uuid4().hex[:8]}" for _ in range(2)]
    for name in names:
        create_database(embedded_server, name, template_database)
    with ExitStack() as stack:
        first, second = (stack.enter_context(open_database(embedded_server.url(name), tmp_path)) for name in names)
        yield first, second
    for name in names:
        drop_database(embedded_server, name)


def test_the_stories(node_packages: None, browser: str, databases: tuple[Database, Database], tmp_path: Path) -> None:
    """With TRACE=1, one that fails leaves a trace in web/test-results: `npx playwright show-trace`."""
    samples = tmp_path / "samples"
    assert build(samples, cache=ROOT / CACHE, console=Console(stderr=True)) == "venues"
    run("build")
    with sites(*databases, samples, tmp_path / "data") as places:
        said = run("stories", {**places, "CHROMIUM": browser, "NO_COLOR": "1"})

    assert int(re.search(r"(\d+) passed", said)[1]) > 40
