"""The house rules that a linter does not know. Import directions are in pyproject.toml (import-linter)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = [path for name in ("venuefinder", "ingest") for path in sorted((ROOT / name).rglob("*.py"))]
ENTRY_POINTS = ("venuefinder/cli", "ingest/cli")
MODULE_LINES = 350
FUNCTION_LINES = 40
MADE_BY_ENTRY_POINTS = {
    "FastAPI",
    "Session",
    "Settings",
    "create_engine",
    "load_encoder",
    "load_settings",
    "open_database",
    "sessionmaker",
}
SPEAKS_OR_EXITS = {"breakpoint", "exit", "input", "print", "quit", "sys.exit", "os._exit"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def is_entry_point(path: Path) -> bool:
    return name_of(path).startswith(ENTRY_POINTS) or path.name == "__main__.py"


LIBRARY = [path for path in SHIPPED if not is_entry_point(path)]
every_module = pytest.mark.parametrize("path", SHIPPED, ids=name_of)


def called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def at_import(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls that run when the module is imported, class bodies included."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            yield node
        waiting += ast.iter_child_nodes(node)


@every_module
def test_modules_and_functions_stay_small(path):
    tree = ast.parse(path.read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES]

    assert len(path.read_text().splitlines()) <= MODULE_LINES
    assert long == []


@pytest.mark.parametrize("path", LIBRARY, ids=name_of)
def test_library_code_neither_prints_nor_exits(path):
    tree = ast.parse(path.read_text())
    exits = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "SystemExit"]

    assert [f"line {node.lineno}: {called(node)}" for node in calls(tree) if called(node) in SPEAKS_OR_EXITS] == []
    assert exits == []


@every_module
def test_importing_a_module_makes_no_engine_session_settings_or_model(path):
    made = [called(node) for node in at_import(ast.parse(path.read_text()))]

    assert [name for name in made if name.split(".")[-1] in MADE_BY_ENTRY_POINTS] == []


def test_the_rules_find_what_they_look_for():
    tree = ast.parse("engine = create_engine(1)\nclass A:\n    s = Settings()\ndef f():\n    print(1); load_encoder()")

    assert {called(node) for node in at_import(tree)} == {"create_engine", "Settings"}
    assert {called(node) for node in calls(tree)} & SPEAKS_OR_EXITS == {"print"}
