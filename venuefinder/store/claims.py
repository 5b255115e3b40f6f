"""One source held by one run, whichever machine it is on."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

import psycopg
from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import DBAPIError

from venuefinder.errors import SourceInUseError
from venuefinder.store.database import Database

TAKE = text("SELECT pg_try_advisory_lock(hashtextextended(:source, 0))")
STILL_THERE = text("SELECT 1 WHERE :source IS NOT NULL")
GIVE_BACK = text("SELECT pg_advisory_unlock(hashtextextended(:source, 0))")


class Claim:
    """A hold on a source, for the length of a block. Entering it raises SourceInUseError while another has it.

    The lock is a connection's: it goes with the process, however that ends. It goes with the server too: a run that
    waited for a server to come back must `renew` before it writes.
    """

    def __init__(self, database: Database, source: str) -> None:
        self._database = database
        self._source = source
        self._connection: Connection | None = None
        self._stack = ExitStack()

    def renew(self) -> None:
        """Take the source again, if it was lost. Raises SourceInUseError where another has it by now."""
        if not self._answers(STILL_THERE):
            self._let_go()
            self._take()

    def __enter__(self) -> Self:
        self._take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._answers(GIVE_BACK)
        self._let_go()

    def _take(self) -> None:
        with ExitStack() as stack:
            connection = stack.enter_context(self._database.connect())
            connection.execution_options(isolation_level="AUTOCOMMIT")  # no transaction stays open for the whole run
            if not connection.scalar(TAKE, {"source": self._source}):
                raise SourceInUseError(f"{self._source}: is being ingested by another process; wait for it, or stop it")
            self._connection, self._stack = connection, stack.pop_all()

    def _answers(self, statement: TextClause) -> bool:
        """Return whether the connection that has the lock is still there."""
        if self._connection is None:
            return False
        try:
            self._connection.execute(statement, {"source": self._source})
        except (DBAPIError, psycopg.Error):
            return False
        return True

    def _let_go(self) -> None:
        self._connection = None
        self._stack.close()
