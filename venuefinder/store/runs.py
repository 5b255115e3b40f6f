"""Ingestion runs and their failures. One run a source at a time."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, insert, text, update

from venuefinder.records import Failure, RunState, StoredSpace, UnfinishedRun
from venuefinder.store.claims import Claim
from venuefinder.store.database import Database
from venuefinder.store.run_tables import ingestion_failures, ingestion_runs

UNFINISHED = """
SELECT source, started_at, CASE state WHEN 'running' THEN 'interrupted' ELSE state END AS state
FROM (SELECT DISTINCT ON (source) * FROM ingestion_runs ORDER BY source, id DESC) latest
WHERE state NOT IN ('done', 'cancelled') AND NOT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32 | objid::bigint) = hashtextextended(source, 0))
ORDER BY started_at DESC
"""
"""The latest run of each source, unless it ended well or was cancelled, or its lock (`exclusively`) says that it is
still going on."""


class RunRepository:
    """The ingestion runs of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def exclusively(self, source: str) -> Claim:
        """Hold the source for one run: a block, which raises SourceInUseError while another run holds it."""
        return Claim(self._database, source)

    def start(self, source: str, space: StoredSpace) -> int:
        """Open a run and return its id. Runs of this source still open were killed: they become `interrupted`."""
        dead = (ingestion_runs.c.source == source) & (ingestion_runs.c.state == "running")
        with self._database.begin() as connection:
            connection.execute(update(ingestion_runs).where(dead).values(state="interrupted", finished_at=func.now()))
            opened = insert(ingestion_runs).values(source=source, space_id=space.id, state="running")
            return int(connection.execute(opened.returning(ingestion_runs.c.id)).scalar_one())

    def record_failures(self, run_id: int, failures: Sequence[Failure]) -> None:
        """Keep failures of a run."""
        if failures:
            rows = [{"run_id": run_id} | asdict(failure) for failure in failures]
            with self._database.begin() as connection:
                connection.execute(insert(ingestion_failures), rows)

    def finish(self, run_id: int, state: RunState, report: dict[str, Any]) -> None:
        """Close a run with its report."""
        values = {"state": state, "finished_at": func.now(), "report": json.loads(json.dumps(report))}
        with self._database.begin() as connection:
            connection.execute(update(ingestion_runs).where(ingestion_runs.c.id == run_id).values(values))

    def unfinished(self) -> list[UnfinishedRun]:
        """Return the sources whose latest run did not come to its end, the latest first; runs going on left out."""
        with self._database.connect() as connection:
            return [
                UnfinishedRun(source=row.source, started_at=row.started_at, state=row.state)
                for row in connection.execute(text(UNFINISHED))
            ]
