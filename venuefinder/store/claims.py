"""One source held by one run, whichever machine it is on."""

from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import psycopg
from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import DBAPIError

from venuefinder.errors import SourceInUseError
from venuefinder.store.database import Database

TAKE = text("SELECT pg_try_advisory_lock(hashtextextended(:source, 0))")
STILL_HELD = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted")
GIVE_BACK = text("SELECT pg_advisory_unlock(hashtextextended(:source, 0))")


class Claim:
    """A hold on a source, for the length of a block. Entering it raises SourceInUseError while another has it.

    The lock is a connection's: it goes with the process, however that ends. It goes with the server too, which other
    connections may not notice: `renew` before each write.
    """

    def __init__(self, database: Database, source: str) -> None:
        self._database = database
        self._source = source
        self._connection: Connection | None = None
        self._stack = ExitStack()

    def renew(self) -> None:
        """Take the source again, if it was lost. Raises SourceInUseError where another has it by now."""
        if not self._answer(STILL_HELD):
            self._let_go()
            self._take()

    def __enter__(self) -> Self:
        self._take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._answer(GIVE_BACK, source=self._source)
        self._let_go()

    def _take(self) -> None:
        with ExitStack() as stack:
            connection = stack.enter_context(self._database.connect())
            connection.execution_options(isolation_level="AUTOCOMMIT")  # no transaction stays open for the whole run
            if not connection.scalar(TAKE, {"source": self._source}):
                raise SourceInUseError(f"{self._source}: is being ingested by another process; wait for it, or stop it")
            self._connection, self._stack = connection, stack.pop_all()

    def _answer(self, statement: TextClause, **values: str) -> Any:
        """Return what the connection that has the lock answers; None where it is gone."""
        if self._connection is None:
            return None
        try:
            return self._connection.scalar(statement, values)
        except (DBAPIError, psycopg.Error):
            self._connection.invalidate()  # a session that is still there must not keep the lock
            return None

    def _let_go(self) -> None:
        self._connection = None
        self._stack.close()
