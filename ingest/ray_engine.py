"""The engine that has the workers of a Ray cluster decode and encode.

Ray Data streams: the driver puts venues, some hundred photos at a time, into a queue beside it; a source reads them
from there; a pool of actors runs on each what the local engine runs, `Pipeline`, and what it made streams back. The
encoder is loaded once an actor. The driver plans and writes as ever, so rows do not depend on the engine.

How much is under way is bounded here, whatever memory the cluster has. What a lost node had in hand is done again by
another: actors and their tasks are retried without end, and everything that they are made from lies with the driver.
"""

import pickle
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any

from ingest.pipeline import EncodedVenue
from ingest.planner import VenueWork
from ingest.ray_cluster import Share, joined, share_of_cluster
from ingest.ray_worker import Done, RayWorker, Recipe
from ingest.stages import Stages
from venuefinder.bootstrap import Services
from venuefinder.errors import VenueFinderError

CHUNK_BATCHES = 16
"""Batches that an actor is given at once: the encoder waits for decoded photos at the beginning of each chunk only."""
CHUNKS_PER_ACTOR = 4
"""Under way for each actor: two that it has, one on the way there, one on the way back."""


class RayEngine:
    """The `Engine` of a cluster, for one run.

    address: of a running cluster, `auto` or host:port; None: RAY_ADDRESS, or else a cluster of this machine alone.
    """

    def __init__(self, services: Services, stages: Stages, *, address: str | None) -> None:
        self._services = services
        self._stages = stages
        self._address = address
        self._under_way: dict[int, VenueWork] = {}
        self._numbered = 0

    def run(self, works: Iterable[VenueWork]) -> Generator[EncodedVenue]:
        """Yield each venue when its photos are encoded. Close the generator to let go of the cluster early."""
        with ExitStack() as stack:
            stack.enter_context(joined(self._address))
            share = share_of_cluster()
            queue, results = self._stream(share)
            stack.enter_context(closing(results))  # while there is a cluster that can be told
            stack.callback(queue.shutdown, force=True)
            chunk_photos = CHUNK_BATCHES * self._services.settings.batch_size
            most = CHUNKS_PER_ACTOR * share.actors
            chunks = 0
            for chunk in _chunked(works, chunk_photos):
                queue.put(self._sent(chunk))
                chunks += 1
                while chunks >= most:
                    yield from self._received(results)
                    chunks -= 1
            queue.put(None)
            for _ in range(chunks):
                yield from self._received(results)

    def _sent(self, chunk: list[VenueWork]) -> bytes:
        """Number and pack venues, without what decoding and encoding has no use for; keep them without their bytes."""
        numbered = []
        for work in chunk:
            self._numbered += 1
            self._under_way[self._numbered] = replace(work, tasks=tuple(replace(t, data=None) for t in work.tasks))
            unused = {"found": None, "stored": None, "kept": (), "failures": (), "vanished": ()}
            numbered.append((self._numbered, replace(work, **unused)))  # type: ignore[arg-type]  # tasks are what counts
        return pickle.dumps(numbered)

    def _received(self, results: Iterator[Mapping[str, Any]]) -> Iterator[EncodedVenue]:
        """Yield the venues of the next chunk that is done. The wait counts for what the actor waited for longest."""
        started = time.perf_counter()
        row = next(results)
        done: Done | VenueFinderError = pickle.loads(bytes(row["done"][0]))  # noqa: S301 - from our own actors
        if isinstance(done, VenueFinderError):
            raise done
        self._stages.waited["decode" if done.waited["decode"] > done.waited["encode"] else "encode"] += (
            time.perf_counter() - started
        )
        for number, read, failures in done.venues:
            yield EncodedVenue(self._under_way.pop(number), read, failures)

    def _stream(self, share: Share) -> tuple[Any, Generator[Mapping[str, Any]]]:
        """Return the queue that feeds the actors, and what they make, a chunk each."""
        import ray
        from ray.data import ActorPoolStrategy
        from ray.util.queue import Queue
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        from ingest.ray_source import QueueSource

        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        beside_the_driver = {"scheduling_strategy": here}
        queue = Queue(actor_options={"num_cpus": 0, **beside_the_driver})
        source = ray.data.read_datasource(
            QueueSource(queue), override_num_blocks=1, num_cpus=0, ray_remote_args=beside_the_driver
        )
        made = source.map_batches(
            RayWorker,
            fn_constructor_args=(self._recipe(share),),
            batch_size=None,
            compute=ActorPoolStrategy(size=share.actors),
            num_cpus=share.cpus,
            num_gpus=share.gpus,
            scheduling_strategy="SPREAD",
        )
        return queue, iter(made.iter_batches(batch_size=None, prefetch_batches=0))

    def _recipe(self, share: Share) -> Recipe:
        """Return what actors make their encoder of; keys and passwords that they have no use for stay here."""
        settings = self._services.settings
        threads = settings.decode_threads or max(1, int(share.cpus))
        here_alone: dict[str, Any] = {"database_url": None, "api_key": None, "vlm_api_key": None, "sources": {}}
        shared = {"data_dir": settings.data_dir.resolve(), "decode_threads": threads}
        alone = settings.model_copy(update=here_alone | shared)
        return Recipe(alone, self._services.catalogue.space, self._services.loader)


def _chunked(works: Iterable[VenueWork], photos: int) -> Iterator[list[VenueWork]]:
    chunk: list[VenueWork] = []
    count = 0
    for work in works:
        chunk.append(work)
        count += len(work.tasks)
        if count >= photos:
            yield chunk
            chunk, count = [], 0
    if chunk:
        yield chunk
