"""Bring a database to the schema of this version, and tell when it is not there."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from venuefinder.errors import ExtensionError, SchemaError
from venuefinder.store.database import Database

IN_THE_WAY = (psycopg.errors.DuplicateTable, psycopg.errors.DuplicateObject, psycopg.errors.DuplicateSchema)
UPGRADE_LOCK = 0x76656E7565  # "venue": one upgrade at a time, whoever starts it


def migrations_folder() -> Path:
    """Return the migrations: inside the installed package, or at the top of a checkout."""
    packaged = Path(__file__).parent.parent / "migrations"
    return packaged if packaged.is_dir() else packaged.parent.parent / "migrations"


def head() -> str:
    """Return the newest revision this version knows."""
    return str(ScriptDirectory(str(migrations_folder())).get_current_head())


def current(database: Database) -> str | None:
    """Return the revision the database is at, None before `init`."""
    with database.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, revision: str = "head") -> None:
    """Create the extension where it is missing, then apply the migrations up to `revision`.

    Raises ExtensionError where pgvector cannot be had, SchemaError when a newer VenueFinder made the schema or
    tables of something else are in the way.
    """
    with database.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        _create_extension(connection)
    database.check()
    require_known(database)
    before = current(database)
    with database.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        try:
            command.upgrade(_config(connection), revision)
        except DBAPIError as error:
            if not isinstance(error.orig, IN_THE_WAY):
                raise
            raise SchemaError(
                f"{database.where}: found something that is not VenueFinder's where its tables belong "
                f"({error.orig.diag.message_primary}), expected none; use a database of its own"
            ) from error
    if before is not None and before != current(database):
        _vacuum(database)


def downgrade(database: Database, revision: str = "base") -> None:
    """Undo the migrations down to `revision`. `base` drops every table and what is in them."""
    with database.begin() as connection:
        command.downgrade(_config(connection), revision)


def require_known(database: Database) -> None:
    """Raise SchemaError when the database is at a revision this version does not know."""
    found = current(database)
    known = {script.revision for script in ScriptDirectory(str(migrations_folder())).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaError(
            f"{database.where}: found schema revision {found!r}, newer than {head()!r} which this VenueFinder "
            "knows; upgrade VenueFinder, or use another database"
        )


def require_current(database: Database) -> None:
    """Raise SchemaError unless the database is at the newest revision."""
    found = current(database)
    if found == head():
        return
    require_known(database)
    state = "no tables of VenueFinder" if found is None else f"schema revision {found!r}"
    raise SchemaError(f"{database.where}: found {state}, expected {head()!r}; run: venuefinder init")


def _create_extension(connection: Connection) -> None:
    installed = connection.scalar(text("SELECT 1 FROM pg_extension WHERE extname = 'vector'"))
    if installed:
        return
    try:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        raise ExtensionError(
            f"pgvector: could not be created ({reason}); install pgvector 0.8.4 or newer on the server and run, "
            "as a superuser of this database: CREATE EXTENSION vector"
        ) from None


def _vacuum(database: Database) -> None:
    """Let a table that a migration wrote anew be read from its indexes alone again, and tell the planner of it."""
    with database.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM (ANALYZE) venues")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
