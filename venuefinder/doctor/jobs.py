"""Ingestion jobs of the API: whether somebody works on them."""

from venuefinder.bootstrap import Services
from venuefinder.doctor.check import Step, Verdict, ok, warning

WORK = "run: venuefinder worker"


def steps(services: Services) -> list[Step]:
    """Return what to look at."""
    return [Step("ingestion jobs", lambda: _jobs(services), WORK, needs=("database", "pgvector", "schema"))]


def _jobs(services: Services) -> Verdict:
    unfinished, workers = services.ingestions.unfinished(), services.ingestions.workers()
    alive = f"{workers} worker{' is' if workers == 1 else 's are'} alive"
    if not unfinished:
        return ok(f"none waits; {alive}")
    queued = sum(job.state == "queued" for job in unfinished)
    found = f"{queued} queued and {len(unfinished) - queued} running, the oldest since "
    found += f"{unfinished[0].created_at:%Y-%m-%d %H:%M}; {alive}"
    return ok(found) if workers else warning(found, WORK)
