"""The page's logic, by Vitest; and the TypeScript client's types, which are made from the OpenAPI document."""

import re
from pathlib import Path

import pytest

from web.build import run
from web.generate import TYPES, generate

pytestmark = pytest.mark.usefixtures("node_packages")


def test_the_logic_of_the_page() -> None:
    said = run("test", {"NO_COLOR": "1"})

    assert int(re.search(r"Tests +(\d+) passed", said)[1]) > 40


def test_the_clients_types_are_those_of_the_api(tmp_path: Path) -> None:
    made = tmp_path / "schema.d.ts"

    generate(made)

    assert made.read_text() == TYPES.read_text(), "stale; run `make client`"
