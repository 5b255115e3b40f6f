"""Workers for tests: in a thread of this process, paced for tests."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

from ingest.worker import IngestionWorker
from venuefinder.bootstrap import Services
from venuefinder.queue.worker import Pace

HASTE = Pace(heartbeat=0.2, stalled=1.0, poll=0.05, again=0.1, backoff=0.1, longest=0.5)
PATIENCE_SECONDS = 60
LOOKING_SECONDS = 0.02


@contextmanager
def working(services: Services, *, concurrency: int = 1) -> Iterator[IngestionWorker]:
    """Work on the jobs of these services for the length of the block."""
    worker = IngestionWorker(services, concurrency=concurrency, pace=HASTE)
    thread = threading.Thread(target=worker.work)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join()


def eventually(look: Callable[[], Any]) -> Any:
    """Return what `look` returns once that is true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(LOOKING_SECONDS)
    return found


def job(api: httpx2.Client, job_id: str) -> dict[str, Any]:
    """Return a job as the API tells it."""
    response = api.get(f"/v1/ingestions/{job_id}")
    assert response.status_code == 200, response.text
    return dict(response.json())


def in_state(api: httpx2.Client, job_id: str, *states: str) -> dict[str, Any]:
    """Wait until a job has one of these states, and return it."""
    return dict(eventually(lambda: (found := job(api, job_id))["state"] in states and found))


def started(api: httpx2.Client, **body: Any) -> str:
    """Start the ingestion of a source by name, and return the job's id."""
    response = api.post("/v1/ingestions", json=body)
    assert response.status_code == 202, response.text
    return str(response.json()["id"])
