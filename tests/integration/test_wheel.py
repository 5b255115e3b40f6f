"""The wheel: what it carries, and that it works alone with what it requires.

Alone means no checkout, no extra, no development package: a fresh environment gets the wheel and, linked from this
one, the distributions that its own metadata ask for and nothing else. What the wheel forgets to carry or to require
is missing there.
"""

import importlib.metadata
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
ENCODERS = ("torch", "transformers", "open_clip")


def closure(requirements: list[str]) -> dict[str, importlib.metadata.Distribution]:
    """Return every distribution that the requirements need on this machine, by name."""
    found: dict[str, importlib.metadata.Distribution] = {}
    waiting = [(Requirement(line), "") for line in requirements]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement, asked_as = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": asked_as}):
            continue
        distribution = importlib.metadata.distribution(requirement.name)
        found[requirement.name.lower()] = distribution
        for extra in {"", *requirement.extras}:
            if (requirement.name, extra) not in seen:
                seen.add((requirement.name, extra))
                waiting += [(Requirement(line), extra) for line in distribution.requires or []]
    return found


def link(distribution: importlib.metadata.Distribution, packages: Path) -> None:
    tops = {file.parts[0] for file in distribution.files or [] if file.parts[0] not in ("..", "__pycache__")}
    for top in tops:
        target = packages / top
        if not target.exists():
            target.symlink_to(Path(str(distribution.locate_file(top))))


@pytest.fixture(scope="module")
def wheel_path(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--offline", "--no-build-isolation"]
    subprocess.run([*build, "--python", sys.executable, "--out-dir", folder, ROOT], check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def carried(wheel_path) -> set[str]:
    with zipfile.ZipFile(wheel_path) as wheel:
        return set(wheel.namelist())


@pytest.fixture(scope="module")
def installed(wheel_path, tmp_path_factory) -> Path:
    """A fresh environment's folder of commands, with the wheel and its base requirements."""
    environment = tmp_path_factory.mktemp("alone") / "environment"
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    python = environment / "bin" / "python"
    install = [*uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel_path]
    subprocess.run(install, check=True)
    packages = next((environment / "lib").glob("python*/site-packages"))
    wheel_metadata = next(packages.glob("venuefinder-*.dist-info"))
    requires = importlib.metadata.Distribution.at(wheel_metadata).requires or []
    for distribution in closure(requires).values():
        link(distribution, packages)
    return python.parent


def run(installed: Path, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONSAFEPATH": "1"}
    return subprocess.run(
        [installed / command[0], *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def files(package: str) -> set[str]:
    found = (path for path in (ROOT / package).rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(path.relative_to(ROOT)) for path in found}


def test_carries_code_data_migrations_and_licence_and_nothing_else(carried):
    code_and_data = files("venuefinder") | files("ingest")
    migrations = {f"venuefinder/{name}" for name in files("migrations")}
    about = {name for name in carried if name.startswith(f"venuefinder-{VERSION}.dist-info/")}

    assert carried == code_and_data | migrations | about
    assert len([name for name in migrations if "/versions/" in name]) >= 1
    assert {"venuefinder/py.typed", "ingest/py.typed"} <= carried
    assert f"venuefinder-{VERSION}.dist-info/licenses/LICENSE" in carried


def test_is_what_runs_and_has_no_encoder(installed, tmp_path):
    script = (
        "import importlib.util as u, venuefinder, ingest;"
        f"print(venuefinder.__file__, ingest.__file__, [n for n in {ENCODERS} if u.find_spec(n)])"
    )
    venuefinder, ingest, encoders = run(installed, tmp_path, "python", "-c", script).stdout.split(maxsplit=2)

    assert Path(venuefinder).is_relative_to(installed.parent)
    assert Path(ingest).is_relative_to(installed.parent)
    assert encoders.strip() == "[]"


def test_every_module_imports_but_those_of_an_extra(installed, tmp_path):
    script = """
import importlib, pkgutil, venuefinder, ingest
LEFT_OUT = ("venuefinder.encoders.", "ingest.ray_source", "venuefinder.migrations")
for package in (venuefinder, ingest):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.startswith(LEFT_OUT):
            importlib.import_module(module.name)
            print(module.name)
"""
    done = run(installed, tmp_path, "python", "-W", "error", "-c", script)

    assert done.returncode == 0, done.stderr
    assert "venuefinder.store.schema" in done.stdout


def test_init_makes_a_database_and_again_changes_nothing(installed, tmp_path):
    first = run(installed, tmp_path, "venuefinder", "init")
    again = run(installed, tmp_path, "venuefinder", "init")

    assert first.returncode == 0, first.stderr
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "venuefinder-data" / "postgres").is_dir()
