"""The reranks that this process knows: begun by a search, or by the address of one that another process answered."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic

from venuefinder.errors import BusyError
from venuefinder.reranking.job import RerankJob
from venuefinder.reranking.task import RerankTask
from venuefinder.reranking.token import Tokens

KEPT_SECONDS = 300.0
"""After its deadline a job is kept so long for those who read it again."""
MOST_KEPT = 256
"""About 20 kB each with descriptions. One that is forgotten is run again when its address is read again."""


class RerankJobs:
    """Jobs by what their tokens say. Thread-safe."""

    def __init__(self, submit: Callable[[RerankJob], None], tokens: Tokens) -> None:
        self._submit = submit
        self._tokens = tokens
        self._jobs: OrderedDict[bytes, RerankJob] = OrderedDict()
        self._lock = Lock()

    def address(self, task: RerankTask) -> str:
        """Return a token for a task without beginning it."""
        return self._tokens.sign(task)

    def begin(self, token: str) -> RerankJob:
        """Return the job of a token, put in line where it is not known here.

        Raises NotFoundError for a token that is none or too old, BusyError where the line is full.
        """
        signed = self._tokens.read(token)
        with self._lock:
            job = self._jobs.get(signed.key)
            if job is None:
                job = RerankJob(signed.task)
                self._submit(job)
                self._keep(signed.key, job)
        return job

    def follow(self, token: str) -> RerankJob:
        """Return the job of a token for somebody who reads all of it, descriptions included. Raises as `begin`."""
        job = self.begin(token)
        if job.want_descriptions():
            try:
                self._submit(job)
            except BusyError:
                job.end()  # the order is known; descriptions can be asked for by themselves
        return job

    def cancel(self, token: str) -> None:
        """End a job in this process, and keep it from being begun here; raises NotFoundError as `begin`."""
        signed = self._tokens.read(token)
        with self._lock:
            job = self._jobs.get(signed.key) or RerankJob(signed.task)
            self._keep(signed.key, job)
        job.cancel()

    def _keep(self, key: bytes, job: RerankJob) -> None:
        self._jobs[key] = job
        oldest = [known for known, job in self._jobs.items() if monotonic() > job.deadline + KEPT_SECONDS]
        for known in oldest:
            del self._jobs[known]
        while len(self._jobs) > MOST_KEPT:
            self._jobs.popitem(last=False)
