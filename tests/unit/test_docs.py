"""The documents point to what is there."""

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from venuefinder.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
TOP = ("venuefinder", "ingest", "migrations", "samples", "benchmarks", "tests", "docs")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
NAMED_PATH = re.compile(rf"`((?:{'|'.join(TOP)})/[\w./*-]*)`")


def documents() -> Iterator[Path]:
    yield from ROOT.glob("*.md")
    for folder, _, names in os.walk(ROOT / "docs"):
        yield from (Path(folder) / name for name in names if name.endswith(".md"))


every_document = pytest.mark.parametrize("path", sorted(documents()), ids=lambda path: str(path.relative_to(ROOT)))


@every_document
def test_relative_links_lead_somewhere(path):
    links = [link for link in LINK.findall(path.read_text()) if "://" not in link and not link.startswith("mailto:")]

    assert [link for link in links if not (path.parent / link).exists()] == []


@every_document
def test_paths_named_are_there(path):
    named = set(NAMED_PATH.findall(path.read_text()))

    assert [name for name in sorted(named) if not list(ROOT.glob(name.rstrip("/")))] == []


@every_document
def test_settings_named_are_settings(path):
    named = set(re.findall(rf"\b{PREFIX}([A-Z_]*[A-Z])\b", path.read_text()))

    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_every_page_is_linked_from_another():
    linked = {
        (path.parent / link).resolve()
        for path in documents()
        for link in LINK.findall(path.read_text())
        if "://" not in link
    }

    assert {path for path in documents() if path.is_relative_to(ROOT / "docs")} <= linked


def test_the_layers_shown_are_those_that_are_checked():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    shown = "\n".join(layers).replace("venuefinder.", "")

    assert f"```\n{shown}\n```" in (ROOT / "docs" / "architecture.md").read_text()


def test_every_decision_is_in_the_list():
    folder = ROOT / "docs" / "decisions"
    records = sorted(path.name for path in folder.glob("[0-9]*.md"))
    listed = re.findall(r"^\| \[\d{4}\]\((.+?)\)", (folder / "README.md").read_text(), re.M)

    assert listed == records
    assert len({name[:4] for name in records}) == len(records)
