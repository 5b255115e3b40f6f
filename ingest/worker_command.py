"""`venuefinder worker`."""

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

ENDING = (signal.SIGTERM, signal.SIGINT)


def worker_command(
    *,
    concurrency: Annotated[int, typer.Option(min=1, max=16, help="Jobs at once; they share one encoder.")] = 1,
) -> None:
    """Run the ingestion jobs of the API until stopped. Any number of workers, on any machines, share the work.

    SIGTERM or Ctrl-C gives the job under way back, after its batch in hand; another worker goes on with it.
    """
    from ingest.worker import IngestionWorker, connections_for
    from venuefinder.bootstrap import Services
    from venuefinder.settings import load_settings
    from venuefinder.store.database import open_database

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for library in ("procrastinate", "alembic"):
        logging.getLogger(library).setLevel(logging.WARNING)
    settings = load_settings()
    url = settings.database_url.get_secret_value() if settings.database_url else None
    with (
        open_database(url, settings.data_dir, pool_size=connections_for(concurrency)) as database,
        Services(settings, database=database) as services,
    ):
        worker = IngestionWorker(services, concurrency=concurrency)
        logging.getLogger(__name__).info("working on jobs of %s", services.database.where)
        with _ended_by_signals(worker.stop):
            worker.work()


@contextmanager
def _ended_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    before = {number: signal.signal(number, lambda *_: stop()) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
