"""psycopg's own connection under SQLAlchemy's: for COPY, and because binding text costs SQLAlchemy 0.3 ms a use."""

from typing import Any

from sqlalchemy import Connection


def driver_of(connection: Connection) -> Any:
    """Return psycopg's own connection."""
    return connection.connection.driver_connection
