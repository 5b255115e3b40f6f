"""Decode in threads, encode in batches, hand on each venue once all its photos are done.

At most `ahead` photos are decoded and not yet encoded, so memory does not grow with the catalogue. Venues come out
as they complete; a batch may hold photos of several venues, and a venue may fill several batches.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from ingest.decode import ReadPhoto
from ingest.planner import PhotoTask, VenueWork
from venuefinder.protocols import ImageEncoder
from venuefinder.records import Failure, PhotoDraft

Decode = Callable[[PhotoTask], ReadPhoto | Failure]


@dataclass(slots=True)
class EncodedVenue:
    """A venue and its photos as they come back from reading and encoding."""

    work: VenueWork
    read: list[PhotoDraft] = field(default_factory=list)
    """With content and embeddings, or with neither where the bytes were embedded already."""
    failures: list[Failure] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every photo is there or has failed."""
        return len(self.read) + len(self.failures) == len(self.work.tasks)


class Pipeline:
    """The overlapping part of ingestion, over one encoder."""

    def __init__(self, encoder: ImageEncoder, decode: Decode, *, batch_size: int, threads: int) -> None:
        self._encoder = encoder
        self._decode = decode
        self._batch_size = batch_size
        self._threads = threads
        self._ahead = 2 * batch_size + threads
        self._batch: list[tuple[EncodedVenue, ReadPhoto]] = []

    def run(self, works: Iterable[VenueWork]) -> Generator[EncodedVenue]:
        """Yield each venue when its photos are encoded. Close the generator to stop its threads early."""
        waiting: deque[tuple[EncodedVenue, Future[ReadPhoto | Failure]]] = deque()
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="decode")
        try:
            for work in works:
                venue = EncodedVenue(work)
                if venue.complete:
                    yield venue
                for task in work.tasks:
                    waiting.append((venue, pool.submit(self._decode, task)))
                    if len(waiting) > self._ahead:
                        yield from self._take(*waiting.popleft())
            while waiting:
                yield from self._take(*waiting.popleft())
            yield from self._encode()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _take(self, venue: EncodedVenue, future: Future[ReadPhoto | Failure]) -> Iterator[EncodedVenue]:
        result = future.result()
        if isinstance(result, Failure):
            venue.failures.append(result)
        elif result.prepared is None:
            venue.read.append(result.draft)
        else:
            self._batch.append((venue, result))
            if len(self._batch) == self._batch_size:
                yield from self._encode()
            return
        if venue.complete:
            yield venue

    def _encode(self) -> Iterator[EncodedVenue]:
        batch, self._batch = self._batch, []
        if not batch:
            return
        vectors = self._encoder.encode_prepared([photo.prepared for _, photo in batch if photo.prepared is not None])
        for (venue, photo), vector in zip(batch, vectors, strict=True):
            venue.read.append(replace(photo.draft, embeddings=vector))
            if venue.complete:
                yield venue
