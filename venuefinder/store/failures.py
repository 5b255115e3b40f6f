"""What runs could not ingest: of the latest run of each source, or of one run."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from venuefinder.errors import FailureKind, NotFoundError
from venuefinder.records import Failure, Outstanding, StoredRun
from venuefinder.store.database import Database
from venuefinder.store.run_tables import ingestion_failures, ingestion_runs

READ_AT_ONCE = 1000
RUN = (ingestion_runs.c.id, ingestion_runs.c.source, ingestion_runs.c.state, ingestion_runs.c.started_at)


class FailureRepository:
    """The failures of one database's ingestion runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest_runs(self) -> list[StoredRun]:
        """Return the latest run of each source, by the source's name."""
        latest = select(func.max(ingestion_runs.c.id)).group_by(ingestion_runs.c.source)
        return self._runs(select(*RUN).where(ingestion_runs.c.id.in_(latest)).order_by(ingestion_runs.c.source))

    def run(self, run_id: int) -> StoredRun:
        """Return one run; raises NotFoundError."""
        if found := self._runs(select(*RUN).where(ingestion_runs.c.id == run_id)):
            return found[0]
        raise NotFoundError(f"run {run_id}: there is none by that number; venuefinder failures shows the latest")

    def of(self, run: StoredRun, kind: FailureKind | None = None) -> Iterator[Failure]:
        """Yield the failures of a run in the order they were met, those of one kind alone where that is given."""
        columns = ingestion_failures.c
        query = select(columns.uri, columns.reason, columns.kind, columns.external_id).where(columns.run_id == run.id)
        if kind is not None:
            query = query.where(columns.kind == kind)
        with self._database.connect() as connection:
            reading = connection.execution_options(yield_per=READ_AT_ONCE)
            for row in reading.execute(query.order_by(columns.id)):
                yield Failure(row.uri, row.reason, row.kind, row.external_id)

    def outstanding(self, source: str) -> Outstanding:
        """Return what failed in the source's latest run that came to its end, and in those since, which did not."""
        runs = ingestion_runs.c
        ended = select(func.max(runs.id)).where(runs.source == source, runs.state == "done").scalar_subquery()
        query = (
            select(ingestion_failures.c.external_id, ingestion_failures.c.uri)
            .join(ingestion_runs, runs.id == ingestion_failures.c.run_id)
            .where(runs.source == source, runs.id >= func.coalesce(ended, 0))
        )
        with self._database.connect() as connection:
            failed = connection.execute(query).all()
        return Outstanding(
            external_ids=frozenset(row.external_id for row in failed if row.external_id is not None),
            places=frozenset(row.uri for row in failed if row.external_id is None),
        )

    def _runs(self, query: Select[*tuple[Any, ...]]) -> list[StoredRun]:
        with self._database.connect() as connection:
            rows: Sequence[Any] = connection.execute(query).all()
        return [StoredRun(id=row.id, source=row.source, state=row.state, started_at=row.started_at) for row in rows]
