"""A worker in a process of its own, to be killed: `python -m tests.job_worker DATABASE_URL FOLDER SOURCES BATCHES`."""

import json
import logging
import signal
import sys
from pathlib import Path

from ingest.worker import IngestionWorker
from tests.slow_encoder import HeldEncoder
from tests.workers import HASTE
from venuefinder.bootstrap import Services
from venuefinder.settings import Settings
from venuefinder.store.database import open_database


def main(url: str, folder: str, sources: str, batches: str) -> None:
    """Work until SIGTERM, for so many batches at most."""
    logging.basicConfig(level=logging.INFO)
    settings = Settings(_env_file=None, data_dir=Path(folder), batch_size=5, sources=json.loads(sources))
    with (
        open_database(url, Path(folder)) as database,
        Services(settings, encoder=HeldEncoder(int(batches)), database=database) as services,
    ):
        worker = IngestionWorker(services, pace=HASTE)
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        worker.work()


if __name__ == "__main__":
    main(*sys.argv[1:])
