"""What is handed out beside the wheel: the lock, and the files of the repository."""

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()
NOT_OURS = {"__pycache__", "build", "dist", "node_modules", "page", "venuefinder-data"}


def ours() -> Iterator[Path]:
    """Every file that a commit could hold: hidden folders other than .ci are caches and history."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and (not name.startswith(".") or name == ".ci")]
        yield from (Path(folder) / name for name in names if name != ".env")


def matches(pattern: str) -> list[str]:
    expression = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in ours()
        if path != Path(__file__) and (found := expression.search(path.read_text(encoding="latin-1")))
    ]


def locked_versions(name: str) -> list[str]:
    """More than one where Python versions or platforms need different ones."""
    return re.findall(rf"^{re.escape(name)}==([^\s;]+)", LOCK, re.M)


def wanted() -> list[Requirement]:
    project = PROJECT["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values(), PROJECT["dependency-groups"]["dev"]]
    return [Requirement(line) for group in groups for line in group]


def test_base_install_has_no_torch():
    assert not [line for line in PROJECT["project"]["dependencies"] if re.match("torch|open.clip|transformers", line)]


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_lock_answers_every_requirement(requirement):
    name = re.sub(r"[-_.]+", "-", requirement.name).lower()

    assert locked_versions(name)
    assert all(requirement.specifier.contains(version) for version in locked_versions(name))


def test_lock_has_a_hash_for_everything_and_no_address():
    entries = re.split(r"\n(?=\S)", LOCK.strip())

    assert len(entries) > 100
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert not re.search(r"://|^--?[a-z]", LOCK, re.M)


def test_no_file_names_a_package_index():
    assert matches(r"\b(pypi|pythonhosted|npmjs|yarnpkg)\.(org|com|io)\b") == []
    assert matches(r"index[-_]url|\"resolved\"\s*:") == []


def test_no_file_names_a_path_of_one_machine():
    assert matches(r"(?<![\w.$}-])/(work|root|home/[a-z]+)/") == []
