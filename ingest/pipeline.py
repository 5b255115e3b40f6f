"""Read and decode in threads, encode in batches, hand on each venue once all its photos are done.

The threads decode while the encoder, on a thread of its own, works on one batch and has the next one waiting. However
slow the encoder, about four batches of photos are decoded and not yet encoded, so memory does not grow with the
catalogue. Venues come out as they complete; a batch may hold photos of several venues, and a venue may fill several
batches.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from ingest.decode import ReadPhoto
from ingest.planner import PhotoTask, VenueWork
from ingest.reading import Reading
from ingest.stages import Stages
from venuefinder.protocols import Embeddings
from venuefinder.records import Failure, PhotoDraft

Encode = Callable[[Sequence[ReadPhoto]], Sequence[Embeddings]]
"""Returns embeddings `float32 [V, D]` of photos that were read: `encode_once.EncodeOnce`."""
BATCHES_ENCODING = 2
"""One that the encoder works on, and one that it finds ready when it is done."""


class Decode(Protocol):
    """Reads photos and prepares them: `decode.Decoder`."""

    def read(self, task: PhotoTask) -> bytes | Failure:
        """Return a photo's bytes."""

    def prepare(self, task: PhotoTask, data: bytes | Failure) -> ReadPhoto | Failure:
        """Decode them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Photos a batch, and threads: those that decode, those that wait for other machines."""

    batch: int
    decoders: int
    fetchers: int = 1


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


Batch = list[tuple[EncodedVenue, ReadPhoto]]


class Pipeline:
    """The `Engine` of this process, for one run. `stages` learns what is waited for."""

    def __init__(self, encode: Encode, decode: Decode, stages: Stages, sizes: Sizes) -> None:
        self._encode_batch = encode
        self._decode = decode
        self._stages = stages
        self._batch_size = sizes.batch
        self._reading = Reading[EncodedVenue, ReadPhoto | Failure](
            decoders=sizes.decoders, fetchers=sizes.fetchers, ahead=sizes.batch + sizes.decoders
        )
        self._encoding_thread = ThreadPoolExecutor(1, thread_name_prefix="encode")
        self._batch: Batch = []
        self._encoding: deque[tuple[Batch, Future[Sequence[Embeddings]]]] = deque()

    def run(self, works: Iterable[VenueWork]) -> Generator[EncodedVenue]:
        """Yield each venue when its photos are encoded. Close the generator to stop its threads early."""
        try:
            for work in works:
                venue = EncodedVenue(work)
                if venue.complete:
                    yield venue
                for task in work.tasks:
                    read, prepare = partial(self._decode.read, task), partial(self._decode.prepare, task)
                    self._reading.put(venue, read, prepare, remote=task.remote)
                    while self._reading.full:
                        yield from self._take()
            while self._reading:
                yield from self._take()
            yield from self._encode(most=0)
        finally:
            self._reading.close()
            self._encoding_thread.shutdown(wait=True, cancel_futures=True)

    def _take(self) -> Iterator[EncodedVenue]:
        with self._stages.waiting_for("decode"):
            venue, decoding = self._reading.take()
            result = decoding.result()
        if isinstance(result, Failure):
            venue.failures.append(result)
        elif result.prepared is None:
            venue.read.append(result.draft)
        else:
            self._batch.append((venue, result))
            if len(self._batch) == self._batch_size:
                yield from self._encode(most=BATCHES_ENCODING)
            return
        if venue.complete:
            yield venue

    def _encode(self, *, most: int) -> Iterator[EncodedVenue]:
        """Hand the batch to the encoder, and wait until at most `most` batches are with it."""
        batch, self._batch = self._batch, []
        if batch:
            photos = [photo for _, photo in batch]
            self._encoding.append((batch, self._encoding_thread.submit(self._encode_batch, photos)))
        while len(self._encoding) > most or (self._encoding and self._encoding[0][1].done()):
            yield from self._encoded(*self._encoding.popleft())

    def _encoded(self, batch: Batch, encoding: Future[Sequence[Embeddings]]) -> Iterator[EncodedVenue]:
        with self._stages.waiting_for("encode"):
            vectors = encoding.result()
        for (venue, photo), vector in zip(batch, vectors, strict=True):
            venue.read.append(replace(photo.draft, embeddings=vector))
            if venue.complete:
                yield venue
