"""What the database refuses of a caller's data is the caller's error, not a broken database."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError

from venuefinder.errors import ListingError

REFUSALS = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded)
"""A value that does not fit its type, a constraint that does not hold, a value too long for an index."""


@contextmanager
def refusals_explained(what: str) -> Iterator[None]:
    """Raise ListingError, naming `what`, where the database refuses values within the block."""
    try:
        yield
    except (DBAPIError, *REFUSALS) as error:  # COPY goes past SQLAlchemy, so its errors come bare
        reason = error.orig if isinstance(error, DBAPIError) else error
        if not isinstance(reason, REFUSALS):
            raise
        said = reason.diag.message_primary or str(reason)
        raise ListingError(f"{what}: refused by the database ({said}); correct the listing") from error
