"""The task library's own tables, in a schema of theirs, and how they follow the library from version to version."""

from pathlib import Path
from typing import Any

from procrastinate.schema import SchemaManager

SCHEMA = "procrastinate"
_NOTE = "made by VenueFinder, with the migrations of the task library up to: "
"""Begins the comment of the schema; the name of the library's newest migration ends it."""


def create(connection: Any) -> None:
    """Make the schema and its tables as the installed library has them. `connection` is SQLAlchemy's."""
    connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    run(connection, SchemaManager.get_schema())
    _note(connection, newest())


def keep_up(connection: Any) -> None:
    """Apply the library's migrations that came since its tables were made; nothing where there are no tables."""
    applied = level(connection)
    if applied is None:
        return
    for path in sorted(_folder().glob("*.sql")):
        if path.stem > applied:
            run(connection, path.read_text(encoding="utf-8"))
            _note(connection, path.stem)


def run(connection: Any, script: str) -> None:
    """Run statements that name the tables without their schema, as the library's functions and triggers do."""
    connection.exec_driver_sql(f"SET LOCAL search_path TO {SCHEMA}")
    connection.exec_driver_sql(script.replace("%", "%%"))
    connection.exec_driver_sql("SET LOCAL search_path TO DEFAULT")


def level(connection: Any) -> str | None:
    """Return the newest of the library's migrations that the database has; None where it has no tables of it."""
    found = connection.exec_driver_sql(
        f"SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = '{SCHEMA}'"  # noqa: S608 - ours
    ).scalar()
    return str(found).removeprefix(_NOTE) if found and str(found).startswith(_NOTE) else None


def newest() -> str:
    """Return the name of the newest migration that the installed library brings."""
    return max(path.stem for path in _folder().glob("*.sql"))


def _folder() -> Path:
    return Path(SchemaManager.get_migrations_path())


def _note(connection: Any, name: str) -> None:
    connection.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '{_NOTE}{name}'")
