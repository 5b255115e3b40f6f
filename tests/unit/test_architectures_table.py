"""The guide lists the architectures that the tests try, each as what becomes of it."""

import re
from pathlib import Path

from tests.architectures import EVERY_TIME, ON_REQUEST, REFUSED

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "vision-models.md"
ROW = re.compile(r"^\| ([^|]+?)(?: \([^|]*\))? \| (yes|refused)\b[^|]* \| `make ([\w-]+)` \|$", re.MULTILINE)


def test_the_guide_lists_what_is_tried():
    section = GUIDE.read_text().split("### Architectures\n")[1].split("\n## ")[0]

    assert ROW.findall(section) == [
        *((name, "yes", "test") for name in EVERY_TIME),
        *((name, "yes", "test-models") for name in ON_REQUEST),
        *((name, "refused", "test-models") for name in REFUSED),
    ]


def test_every_row_is_understood():
    table = [line for line in GUIDE.read_text().split("### Architectures\n")[1].splitlines() if "`make test" in line]

    assert [line for line in table if not ROW.match(line)] == []
